//! Values as the text of a property: arrays as JSON, `true`, `false`, numbers, strings as they are.

use std::collections::HashMap;

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, Key, Value};

use super::{json, limits};

/// A value, borrowed from where it was recorded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Val<'a> {
    /// An attribute of a span, a metric or a resource.
    Otel(&'a Value),
    /// An attribute or the body of a log record.
    Any(&'a AnyValue),
    Text(&'a str),
    Integer(i64),
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Otel(value)
    }
}

impl<'a> From<&'a AnyValue> for Val<'a> {
    fn from(value: &'a AnyValue) -> Self {
        Self::Any(value)
    }
}

impl<'a> From<&'a str> for Val<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> Val<'a> {
    /// The text, where it is one.
    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Otel(Value::String(text)) | Self::Any(AnyValue::String(text)) => {
                Some(text.as_str())
            }
            _ => None,
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Otel(Value::Array(_)) | Self::Any(AnyValue::Map(_) | AnyValue::ListAny(_)) => 128,
            value => value.text().map_or(24, str::len),
        }
    }

    /// Appends it as a JSON string of no more than `longest` characters. What `scratch` holds is overwritten.
    pub(super) fn write(self, out: &mut Vec<u8>, scratch: &mut Vec<u8>, longest: usize) {
        if let Some(text) = self.text() {
            return json::string(out, limits::cut(text, longest));
        }
        scratch.clear();
        self.display(scratch, longest);
        // What was written to it is text and was cut between characters.
        json::string(out, std::str::from_utf8(scratch).unwrap_or_default());
    }

    /// Appends it as text of no more than `longest` characters. A list and a map become JSON, whole even when cut:
    /// it ends with the last element that had room.
    pub(super) fn display(self, out: &mut Vec<u8>, longest: usize) {
        match self {
            Self::Text(text) => text_cut(out, text, longest),
            Self::Integer(value) => json::integer(out, value),
            Self::Otel(value) => match value {
                Value::Bool(value) => flag(out, *value),
                Value::I64(value) => json::integer(out, *value),
                Value::F64(value) => json::float_text(out, *value),
                Value::String(text) => text_cut(out, text.as_str(), longest),
                Value::Array(values) => {
                    array(out, values, longest);
                }
                _ => {}
            },
            Self::Any(value) => match value {
                AnyValue::Int(value) => json::integer(out, *value),
                AnyValue::Double(value) => json::float_text(out, *value),
                AnyValue::Boolean(value) => flag(out, *value),
                AnyValue::String(text) => text_cut(out, text.as_str(), longest),
                AnyValue::Bytes(bytes) => {
                    base64(out, bytes, longest);
                }
                nested => {
                    any(out, nested, longest, 0);
                }
            },
        }
    }
}

/// The values of an attribute as JSON; whether these are all.
fn array(out: &mut Vec<u8>, array: &Array, longest: usize) -> bool {
    match array {
        Array::Bool(values) => list(out, values, longest, |out, value, _| {
            flag(out, *value);
            true
        }),
        Array::I64(values) => list(out, values, longest, |out, value, _| {
            json::integer(out, *value);
            true
        }),
        Array::F64(values) => list(out, values, longest, |out, value, _| {
            float(out, *value);
            true
        }),
        Array::String(values) => {
            list(out, values, longest, |out, value, room| string_cut(out, value.as_str(), room))
        }
        _ => false,
    }
}

/// Lists and maps within one another, at most: deeper ones are `null`.
const DEEPEST: usize = 32;

/// Any value as JSON, texts, lists and maps in no more than `longest` characters; whether it is whole.
fn any(out: &mut Vec<u8>, value: &AnyValue, longest: usize, depth: usize) -> bool {
    if depth >= DEEPEST {
        out.extend_from_slice(b"null");
        return true;
    }
    let deeper = depth.saturating_add(1);
    match value {
        AnyValue::Int(value) => json::integer(out, *value),
        AnyValue::Double(value) => float(out, *value),
        AnyValue::Boolean(value) => flag(out, *value),
        AnyValue::String(text) => return string_cut(out, text.as_str(), longest),
        AnyValue::Bytes(bytes) => {
            out.push(b'"');
            let is_whole = base64(out, bytes, longest.saturating_sub(2));
            out.push(b'"');
            return is_whole;
        }
        AnyValue::ListAny(values) => {
            return list(out, values, longest, |out, value, room| any(out, value, room, deeper));
        }
        AnyValue::Map(members) => return map(out, members, longest, deeper),
        _ => out.extend_from_slice(b"null"),
    }
    true
}

/// In the order of the keys, since a map has none: the same value is the same text.
fn map(out: &mut Vec<u8>, members: &HashMap<Key, AnyValue>, longest: usize, depth: usize) -> bool {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(key, _)| key.as_str());
    elements(out, (b'{', b'}'), &members, longest, |out, (key, value), room| {
        let before = out.len();
        json::string(out, key.as_str());
        out.push(b':');
        let key = characters(out.get(before..).unwrap_or_default());
        any(out, value, room.saturating_sub(key), depth)
    })
}

fn list<T>(
    out: &mut Vec<u8>,
    values: &[T],
    longest: usize,
    write: impl Fn(&mut Vec<u8>, &T, usize) -> bool,
) -> bool {
    elements(out, (b'[', b']'), values, longest, write)
}

/// As many elements as fit into `longest` characters with the brackets; whether these are all. `write` is told in how
/// many an element is to be cut if it can be, and tells whether it is whole: the first may be cut, another one is
/// left out. Each is written once, however deep, so that what does not fit costs no more than what does.
fn elements<T>(
    out: &mut Vec<u8>,
    (open, close): (u8, u8),
    values: &[T],
    longest: usize,
    write: impl Fn(&mut Vec<u8>, &T, usize) -> bool,
) -> bool {
    // With the closing bracket.
    let mut room = longest.saturating_sub(2);
    let mut is_whole = true;
    out.push(open);
    for (at, value) in values.iter().enumerate() {
        let before = out.len();
        if at > 0 {
            out.push(b',');
        }
        is_whole = write(out, value, room.saturating_sub(at.min(1)));
        let written = characters(out.get(before..).unwrap_or_default());
        if written > room || (at > 0 && !is_whole) {
            is_whole = false;
            out.truncate(before);
        }
        if !is_whole {
            break;
        }
        room = room.saturating_sub(written);
    }
    out.push(close);
    is_whole
}

/// A JSON string of no more than `longest` characters with its quotes, however much of it is escaped; whether it is
/// whole.
fn string_cut(out: &mut Vec<u8>, text: &str, longest: usize) -> bool {
    let mut room = longest.saturating_sub(2);
    // No character takes more than six.
    if text.len() <= room / 6 {
        json::string(out, text);
        return true;
    }
    let end = text.char_indices().find(|(_, character)| {
        let width = u8::try_from(*character).map_or(1, json::width);
        let left = room.checked_sub(width);
        room = left.unwrap_or(0);
        left.is_none()
    });
    let end = end.map_or(text.len(), |(at, _)| at);
    json::string(out, text.get(..end).unwrap_or(text));
    end >= text.len()
}

/// Of text in UTF-8.
fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn text_cut(out: &mut Vec<u8>, text: &str, longest: usize) {
    out.extend_from_slice(limits::cut(text, longest).as_bytes());
}

fn flag(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// A number; what JSON has no number for as text.
fn float(out: &mut Vec<u8>, value: f64) {
    if !json::number(out, value) {
        out.push(b'"');
        json::float_text(out, value);
        out.push(b'"');
    }
}

/// As many whole groups of four characters as there may be; whether these are all.
fn base64(out: &mut Vec<u8>, bytes: &[u8], longest: usize) -> bool {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3).take(longest / 4) {
        let bits = (0..3)
            .fold(0_u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4_usize {
            let digit = bits >> (18 - 6 * at) & 0x3f;
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'=');
            out.push(if at <= group.len() { digit } else { b'=' });
        }
    }
    bytes.len().div_ceil(3) <= longest / 4
}

#[cfg(test)]
mod tests {
    use super::super::testing::Random;
    use super::*;

    fn text(value: Val<'_>, longest: usize) -> String {
        let (mut out, mut scratch) = (Vec::new(), b"before".to_vec());
        value.write(&mut out, &mut scratch, longest);
        serde_json::from_slice(&out).expect("a JSON string")
    }

    fn of(value: impl Into<Value>) -> String {
        text(Val::Otel(&value.into()), 8_192)
    }

    #[test]
    fn arrays_are_json_and_flags_are_its_words() {
        let strings = |values: &[&str]| {
            Value::Array(Array::String(
                values.iter().map(|value| (*value).to_owned().into()).collect(),
            ))
        };
        assert_eq!(of(strings(&["stop"])), r#"["stop"]"#);
        assert_eq!(of(strings(&["a\"b", "é\n"])), r#"["a\"b","é\n"]"#);
        assert_eq!(of(strings(&[])), "[]");
        assert_eq!(of(Value::Array(Array::I64(vec![1, -2]))), "[1,-2]");
        assert_eq!(of(Value::Array(Array::F64(vec![1.5, 2.0, f64::NAN]))), r#"[1.5,2.0,"nan"]"#);
        assert_eq!(of(Value::Array(Array::Bool(vec![true, false]))), "[true,false]");
        assert_eq!(
            (of(true), of(false), of(42), of(3.0)),
            ("true".into(), "false".into(), "42".into(), "3.0".into())
        );
        assert_eq!(of(f64::INFINITY), "inf");
    }

    #[test]
    fn a_cut_array_is_an_array_of_whole_elements() {
        let mut random = Random::new();
        for _ in 0..500 {
            let values: Vec<_> = (0..random.below(20)).map(|_| random.text(12)).collect();
            let longest = random.below(100) + 2;
            let array = Array::String(values.iter().map(|value| value.clone().into()).collect());
            let cut = text(Val::Otel(&Value::Array(array)), longest);
            assert!(cut.chars().count() <= longest, "{cut} {longest}");
            let cut: Vec<String> = serde_json::from_str(&cut).expect("JSON, even when cut");
            if cut.len() > 1 {
                assert_eq!(cut, values[..cut.len()]);
            } else if let Some(first) = cut.first() {
                assert!(values[0].starts_with(first.as_str()));
            } else {
                assert!(values.is_empty() || longest < 4, "{longest}");
            }
        }
        let one = Array::String(vec!["x".repeat(100).into()]);
        assert_eq!(text(Val::Otel(&Value::Array(one)), 64), format!("[\"{}\"]", "x".repeat(60)));
    }

    #[test]
    fn what_a_log_record_holds() {
        let inner = AnyValue::Map(Box::new(
            [(Key::from("b"), AnyValue::Boolean(true)), (Key::from("a"), AnyValue::Double(1.0))]
                .into(),
        ));
        let bytes = AnyValue::Bytes(Box::new(vec![0, 255, b'h', b'i']));
        let all = AnyValue::ListAny(Box::new(vec![
            AnyValue::Int(1),
            AnyValue::String("x\"".into()),
            inner,
            bytes.clone(),
        ]));
        assert_eq!(text(Val::Any(&all), 8_192), r#"[1,"x\"",{"a":1.0,"b":true},"AP9oaQ=="]"#);
        assert_eq!(text(Val::Any(&bytes), 8_192), "AP9oaQ==");
        assert_eq!(text(Val::Any(&bytes), 7), "AP9o");
        let deep =
            (0..10_000).fold(AnyValue::Int(1), |inner, _| AnyValue::ListAny(Box::new(vec![inner])));
        let written = text(Val::Any(&deep), 8_192);
        assert!(written.starts_with("[[[") && written.contains("[null]"), "{written}");
        // Dropping it level by level: the value's own drop would recurse as deep as it is.
        let mut rest = deep;
        while let AnyValue::ListAny(mut inner) = rest {
            rest = inner.pop().unwrap_or(AnyValue::Int(0));
        }
    }

    #[test]
    fn lists_in_lists_that_all_lack_room_are_each_written_once() {
        // Tried again at each level, the innermost one would be written some billion times.
        let deep = |levels: usize| {
            (0..levels).fold(AnyValue::Int(2), |inner, _| {
                let others = (0..5_000).map(|_| AnyValue::Int(1));
                AnyValue::ListAny(Box::new(std::iter::once(inner).chain(others).collect()))
            })
        };
        for longest in [8_192, 8_191, 200] {
            let written = text(Val::Any(&deep(DEEPEST)), longest);
            let length = written.chars().count();
            assert!((longest - 2 * DEEPEST..=longest).contains(&length), "{length}");
            serde_json::from_str::<serde_json::Value>(&written).expect("JSON");
        }
    }

    #[test]
    fn a_nested_text_is_cut_to_the_room_that_there_is() {
        let map = |value| AnyValue::Map(Box::new([(Key::from("k"), value)].into()));
        for (one, escaped) in [("x", 1), ("\"", 2), ("\u{1}", 6), ("語", 1)] {
            let inner = AnyValue::ListAny(Box::new(vec![AnyValue::String(one.repeat(100).into())]));
            let written = text(Val::Any(&map(inner)), 70);
            let json: serde_json::Value = serde_json::from_str(&written).expect("JSON");
            assert_eq!(json["k"][0], one.repeat((70 - 10) / escaped), "{written}");
        }
        let bytes = AnyValue::ListAny(Box::new(vec![AnyValue::Bytes(Box::new(vec![0; 100]))]));
        assert_eq!(text(Val::Any(&bytes), 12), r#"["AAAAAAAA"]"#);
    }
}
