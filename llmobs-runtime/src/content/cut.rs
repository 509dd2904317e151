//! Content cut to size: still valid JSON, still valid by its schema.
//!
//! What does not fit is cut inside a string, which then ends with `…`, or left out from the end. What a schema
//! requires of a message or a part, and every identifier, is kept whole, or the message or part is left out.

use super::Json;
use super::room::DEPTH;

/// What a value stands for; it decides what may be cut.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// A list of messages.
    Messages,
    Message,
    /// A list of parts.
    Parts,
    Part,
    /// A list of definitions of tools.
    Tools,
    Tool,
    /// Any value.
    Any,
}

/// What may be done to a member of an object.
enum Rule {
    /// Kept whole, or the object is left out.
    Whole,
    /// Cut; the object is left out where nothing of it fits.
    Cut(Shape),
    /// Cut, or left out.
    Free,
    /// Left out unless all of it fits.
    AllOrNone,
}

/// `value` in at most `bytes` bytes of JSON text; `None` where nothing of it fits.
pub(super) fn fit(value: Json, shape: Shape, bytes: usize) -> Option<Json> {
    if size(&value) <= bytes {
        return Some(value);
    }
    match value {
        Json::Text(text) => shorten(&text, bytes).map(Json::Text),
        Json::List(items) => list(items, shape.of_items(), bytes),
        Json::Object(members) => object(members, shape, bytes),
        Json::Null | Json::Flag(_) | Json::Int(_) | Json::Double(_) => None,
    }
}

/// The elements that fit, the last of them cut; none is nothing.
fn list(items: Vec<Json>, shape: Shape, bytes: usize) -> Option<Json> {
    let mut left = bytes.checked_sub(2)?;
    let mut kept = Vec::new();
    for item in items {
        let Some(room) = left.checked_sub(usize::from(!kept.is_empty())) else { break };
        let whole = size(&item);
        if let Some(rest) = room.checked_sub(whole) {
            kept.push(item);
            left = rest;
        } else {
            kept.extend(fit(item, shape, room));
            break;
        }
    }
    (!kept.is_empty()).then_some(Json::List(kept))
}

fn object(members: Vec<(String, Json)>, shape: Shape, bytes: usize) -> Option<Json> {
    let kind = kind(&members).to_owned();
    let rule = |key: &str| shape.rule(&kind, key);
    // A key with its quotes and colon, and a comma: one more than there are, as one brace less is counted.
    let around = |key: &str| text_size(key).saturating_add(2);
    let fixed = members.iter().map(|(key, value)| match rule(key) {
        Rule::Whole => around(key).saturating_add(size(value)),
        Rule::Cut(_) => around(key),
        Rule::Free | Rule::AllOrNone => 0,
    });
    let mut left = bytes.checked_sub(fixed.fold(1, usize::saturating_add))?;
    let mut kept = Vec::new();
    let mut full = false;
    for (key, value) in members {
        let value = match rule(&key) {
            Rule::Whole => value,
            Rule::Cut(shape) => {
                let value = fit(value, shape, left)?;
                left = left.saturating_sub(size(&value));
                value
            }
            Rule::Free | Rule::AllOrNone if full => continue,
            free => {
                let whole = size(&value);
                let fitting = left.checked_sub(around(&key)).and_then(|room| match free {
                    Rule::AllOrNone => (whole <= room).then_some(value),
                    _ => fit(value, Shape::Any, room),
                });
                let Some(value) = fitting else {
                    full = true;
                    continue;
                };
                let taken = size(&value);
                full = taken < whole;
                left = left.saturating_sub(around(&key).saturating_add(taken));
                value
            }
        };
        kept.push((key, value));
    }
    (!kept.is_empty()).then_some(Json::Object(kept))
}

impl Shape {
    fn of_items(self) -> Self {
        match self {
            Self::Messages => Self::Message,
            Self::Parts => Self::Part,
            Self::Tools => Self::Tool,
            Self::Message | Self::Part | Self::Tool | Self::Any => Self::Any,
        }
    }

    fn rule(self, kind: &str, key: &str) -> Rule {
        match (self, kind, key) {
            (Self::Message, _, "parts") => Rule::Cut(Self::Parts),
            (Self::Part, "text" | "reasoning", "content")
            | (Self::Part, "tool_call_response", "response") => Rule::Cut(Self::Any),
            (Self::Part, "blob", "content") => Rule::AllOrNone,
            (Self::Message, _, _)
            | (Self::Part | Self::Tool, _, "type")
            | (Self::Tool, _, "name")
            | (Self::Part, "tool_call", "id" | "name")
            | (Self::Part, "tool_call_response", "id")
            | (Self::Part, "blob" | "file" | "uri", _) => Rule::Whole,
            _ => Rule::Free,
        }
    }
}

/// The `type` of an object.
fn kind(members: &[(String, Json)]) -> &str {
    let kind = members.iter().find_map(|(key, value)| match value {
        Json::Text(text) if key == "type" => Some(text.as_str()),
        _ => None,
    });
    kind.unwrap_or_default()
}

/// The mark of a text that was cut.
const MARK: &str = "…";

/// As much of `text` as `bytes` bytes of JSON text hold, with the mark.
fn shorten(text: &str, bytes: usize) -> Option<String> {
    let mut left = bytes.checked_sub(2 + MARK.len())?;
    let mut kept = 0;
    for (place, character) in text.char_indices() {
        let Some(rest) = left.checked_sub(escaped(character)) else { break };
        left = rest;
        kept = place + character.len_utf8();
    }
    let mut short = String::with_capacity(kept + MARK.len());
    short.push_str(text.get(..kept).unwrap_or_default());
    short.push_str(MARK);
    Some(short)
}

/// The bytes of the JSON text of a value.
pub(super) fn size(value: &Json) -> usize {
    match value {
        Json::Null => 4,
        Json::Flag(flag) => 5 - usize::from(*flag),
        Json::Int(int) => {
            let digits = int.unsigned_abs().checked_ilog10().unwrap_or_default() as usize + 1;
            digits + usize::from(*int < 0)
        }
        Json::Double(double) => super::text::number(*double).len(),
        Json::Text(text) => text_size(text),
        Json::List(items) => enclosed(items.iter().map(size)),
        Json::Object(members) => {
            let member = |(key, value): &(String, Json)| {
                text_size(key).saturating_add(1).saturating_add(size(value))
            };
            enclosed(members.iter().map(member))
        }
    }
}

/// Two brackets, and a comma between each two.
fn enclosed(sizes: impl ExactSizeIterator<Item = usize>) -> usize {
    let commas = sizes.len().saturating_sub(1);
    sizes.fold(commas.saturating_add(2), usize::saturating_add)
}

fn text_size(text: &str) -> usize {
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0x00..0x20 => 5,
        _ => 0,
    };
    text.bytes().map(more).fold(text.len().saturating_add(2), usize::saturating_add)
}

fn escaped(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..'\u{20}' => 6,
        _ => character.len_utf8(),
    }
}

/// Replaces by `null` what nests too deep: hooks may have nested it. Whether there was any.
pub(super) fn prune(value: &mut Json) -> bool {
    // What a message adds around a value of a part.
    prune_below(value, DEPTH + 4)
}

fn prune_below(value: &mut Json, depth: usize) -> bool {
    match (value, depth.checked_sub(1)) {
        (Json::List(items), Some(depth)) => {
            items.iter_mut().fold(false, |any, item| prune_below(item, depth) | any)
        }
        (Json::Object(members), Some(depth)) => {
            members.iter_mut().fold(false, |any, (_, value)| prune_below(value, depth) | any)
        }
        (deep @ (Json::List(_) | Json::Object(_)), None) => {
            *deep = Json::Null;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::structured;
    use super::*;

    /// As these tests read and write it: members in the order of their keys.
    fn sorted(json: &str) -> String {
        any(json).to_text()
    }

    fn any(json: &str) -> Json {
        structured(json.to_owned(), false)
    }

    fn fitted(json: &str, shape: Shape, bytes: usize) -> Option<String> {
        let text = fit(any(json), shape, bytes)?.to_text();
        assert!(text.len() <= bytes, "{text} has more than {bytes} bytes");
        Some(text)
    }

    #[test]
    fn strings_are_cut_by_the_size_of_their_escapes() {
        assert_eq!(shorten("abcdef", 8).as_deref(), Some("abc…"));
        assert_eq!(shorten("\u{1}\u{1}\u{1}", 18).as_deref(), Some("\u{1}\u{1}…"));
        assert_eq!(shorten("éé", 8).as_deref(), Some("é…"));
        assert_eq!(shorten("abcdef", 5).as_deref(), Some("…"));
        assert_eq!(shorten("abcdef", 4), None);
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_end() {
        let list = r#"["aaaaaaaaaa","bbbbbbbbbb",3,4]"#;
        assert_eq!(fitted(list, Shape::Any, 31).as_deref(), Some(list));
        assert_eq!(
            fitted(list, Shape::Any, 30).as_deref(),
            Some(r#"["aaaaaaaaaa","bbbbbbbbbb",3]"#)
        );
        assert_eq!(fitted(list, Shape::Any, 24).as_deref(), Some(r#"["aaaaaaaaaa","bbbb…"]"#));
        assert_eq!(fitted(list, Shape::Any, 10).as_deref(), Some(r#"["aaa…"]"#));
        assert_eq!(fitted(list, Shape::Any, 6), None);
    }

    #[test]
    fn a_giant_key_does_not_fit() {
        let object = format!(r#"{{"a":1,"{}":2}}"#, "k".repeat(100));
        assert_eq!(fitted(&object, Shape::Any, 50).as_deref(), Some(r#"{"a":1}"#));
        let object = format!(r#"{{"{}":2}}"#, "k".repeat(100));
        assert_eq!(fitted(&object, Shape::Any, 50), None);
    }

    #[test]
    fn what_the_schema_requires_stays_or_the_part_goes() {
        let messages = r#"[{"role":"user","parts":[{"type":"text","content":"a long question"}]},{"role":"user","parts":[{"type":"tool_call","id":"c1","name":"tide","arguments":{"at":"Husum"}},{"type":"text","content":"more"}],"finish_reason":"stop"}]"#;
        let first = r#"[{"role":"user","parts":[{"type":"text","content":"a long question"}]}]"#;
        assert_eq!(fitted(messages, Shape::Messages, first.len()), Some(sorted(first)));
        assert_eq!(fitted(messages, Shape::Messages, first.len() + 40), Some(sorted(first)));
        let short = r#"[{"role":"user","parts":[{"type":"text","content":"a lon…"}]}]"#;
        assert_eq!(fitted(messages, Shape::Messages, short.len()), Some(sorted(short)));
        let bare = r#"[{"role":"user","parts":[{"type":"text","content":"…"}]}]"#;
        assert_eq!(fitted(messages, Shape::Messages, bare.len()), Some(sorted(bare)));
        assert_eq!(fitted(messages, Shape::Messages, bare.len() - 1), None);
        for bytes in 0..messages.len() {
            if let Some(text) = fitted(messages, Shape::Messages, bytes) {
                assert!(!text.contains("tool_call") || text.contains(r#""finish_reason":"stop""#));
            }
        }
    }

    #[test]
    fn a_blob_goes_without_its_bytes() {
        let part = r#"{"type":"blob","modality":"image","content":"AAAAAAAAAAAAAAAA"}"#;
        let bare = r#"{"type":"blob","modality":"image"}"#;
        assert_eq!(fitted(part, Shape::Part, part.len() - 1), Some(sorted(bare)));
        assert_eq!(fitted(part, Shape::Part, bare.len() - 1), None);
    }

    #[test]
    fn what_nests_too_deep_becomes_null() {
        let mut deep = Json::Flag(true);
        for _ in 0..500 {
            deep = Json::List(vec![deep]);
        }
        assert!(prune(&mut deep));
        assert_eq!(
            deep.to_text(),
            format!("{}null{}", "[".repeat(DEPTH + 4), "]".repeat(DEPTH + 4))
        );
        assert!(!prune(&mut deep));
    }
}
