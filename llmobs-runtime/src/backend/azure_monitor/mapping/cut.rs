//! Items that are larger than the service takes: their longest texts are cut, so that the rest arrives.

use serde_json::{Map, Value};

use super::super::item::Item;
use super::super::names;
use super::fields::{self, Place};
use super::json;

/// No text is cut below so many bytes of JSON: what is that short identifies something.
const SHORT: usize = 128;
/// Names of properties that the service itself reads; cut, they would say something else.
const READ_BY_SERVICE: &str = "_MS.";
/// How many properties an item had and has no more.
const DROPPED: &str = "otel.dropped_attributes_count";
/// The texts beside the properties that may be long.
const FIELDS: [&str; 3] = ["message", "data", "url"];
const EXCEPTION_FIELDS: [&str; 2] = ["message", "stack"];

/// The item in no more than `longest` bytes. `None` where that cannot be done, and of what is no envelope.
///
/// First the contents are cut, the longest to the length of the next and so on, then the other texts in the same
/// way, and then properties are left out from the last on; what dashboards count stays. The property
/// `llmobs.content.truncated` has the names of the properties that were cut.
pub(in super::super) fn cut(item: &Item, longest: usize) -> Option<Item> {
    if item.json.len() <= longest {
        return Some(item.clone());
    }
    let mut open = Open::read(&item.json)?;
    for texts in [Texts::Contents, Texts::Others] {
        // What was cut is named, which takes room again; names are short, so a few rounds do.
        for _ in 0..4 {
            let json = open.encode()?;
            let Some(excess) = json.len().checked_sub(longest).filter(|excess| *excess > 0) else {
                return Some(Item { kind: item.kind, json });
            };
            if !open.cut(texts, excess) {
                break;
            }
        }
    }
    loop {
        let json = open.encode()?;
        let Some(excess) = json.len().checked_sub(longest).filter(|excess| *excess > 0) else {
            return Some(Item { kind: item.kind, json });
        };
        if !open.leave_out(excess) {
            return None;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    Contents,
    Others,
}

/// An envelope taken apart.
struct Open {
    /// Without `data`.
    envelope: Map<String, Value>,
    base_type: Value,
    /// Without `properties`.
    base: Map<String, Value>,
    properties: Vec<Property>,
}

struct Property {
    key: String,
    place: Place,
    text: String,
}

impl Open {
    fn read(json: &[u8]) -> Option<Self> {
        let mut envelope = object(serde_json::from_slice(json).ok()?)?;
        let mut data = object(envelope.remove("data")?)?;
        let mut base = object(data.remove("baseData")?)?;
        let properties = base.remove("properties").and_then(object).unwrap_or_default();
        let mut properties: Vec<_> = properties
            .into_iter()
            .map(|(key, value)| Property {
                place: fields::about(&key).place,
                text: match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                },
                key,
            })
            .collect();
        // A parsed object may have lost its order.
        properties.sort_by_key(|property| property.place as u8);
        Some(Self { envelope, base_type: data.remove("baseType")?, base, properties })
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let mut out = serde_json::to_vec(&self.envelope).ok()?;
        reopen(&mut out);
        out.extend_from_slice(b"\"data\":{\"baseData\":");
        out.extend(serde_json::to_vec(&self.base).ok()?);
        reopen(&mut out);
        out.extend_from_slice(b"\"properties\":{");
        for (at, property) in self.properties.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            json::string(&mut out, &property.key);
            out.push(b':');
            json::string(&mut out, &property.text);
        }
        out.extend_from_slice(b"}},\"baseType\":");
        out.extend(serde_json::to_vec(&self.base_type).ok()?);
        out.extend_from_slice(b"}}");
        Some(out)
    }

    /// Cuts texts so that `excess` bytes fewer are encoded, as far as they reach; whether any was cut.
    fn cut(&mut self, texts: Texts, excess: usize) -> bool {
        let mut cut = Vec::new();
        {
            let (Self { base, properties, .. }, mut all) = (&mut *self, Vec::new());
            for property in properties.iter_mut() {
                if (property.place == Place::Last) == (texts == Texts::Contents)
                    && property.place != Place::First
                    && !property.key.starts_with(READ_BY_SERVICE)
                {
                    all.push((Some(property.key.as_str()), &mut property.text));
                }
            }
            if texts == Texts::Others {
                all.extend(long_fields(base).map(|text| (None, text)));
            }
            let lengths: Vec<_> = all.iter().map(|(_, text)| encoded_length(text)).collect();
            let level = level(&lengths, excess);
            for ((key, text), length) in all.into_iter().zip(lengths) {
                if length > level {
                    shorten(text, level);
                    cut.push(key.map(str::to_owned));
                }
            }
        }
        let any = !cut.is_empty();
        self.say_cut(cut.into_iter().flatten());
        any
    }

    /// Names what was cut beside what was before.
    fn say_cut(&mut self, keys: impl Iterator<Item = String>) {
        let said = self.properties.iter_mut().find(|property| property.key == names::TRUNCATED);
        let before = said.as_ref().and_then(|said| serde_json::from_str(&said.text).ok());
        let mut all: Vec<String> = before.unwrap_or_default();
        for key in keys {
            if !all.contains(&key) && key != names::TRUNCATED {
                all.push(key);
            }
        }
        if all.is_empty() {
            return;
        }
        self.say(names::TRUNCATED, Value::from(all).to_string());
    }

    fn say(&mut self, key: &str, text: String) {
        if let Some(said) = self.properties.iter_mut().find(|property| property.key == key) {
            said.text = text;
        } else {
            let property = Property { key: key.to_owned(), place: Place::First, text };
            self.properties.insert(0, property);
        }
    }

    /// Leaves out the last properties, as many as take `excess` bytes, and says how many; whether there was one.
    fn leave_out(&mut self, excess: usize) -> bool {
        let before = self.properties.iter().find(|property| property.key == DROPPED);
        let before: u64 = before.and_then(|said| said.text.parse().ok()).unwrap_or(0);
        let (mut gone, mut room) = (0_u64, 0_usize);
        while room < excess
            && self.properties.last().is_some_and(|property| property.place != Place::First)
            && let Some(property) = self.properties.pop()
        {
            let taken =
                encoded_length(&property.key).saturating_add(encoded_length(&property.text));
            room = room.saturating_add(taken);
            gone = gone.saturating_add(1);
        }
        if gone > 0 {
            self.say(DROPPED, before.saturating_add(gone).to_string());
        }
        gone > 0
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// Makes room for another member at the end of an encoded object.
fn reopen(out: &mut Vec<u8>) {
    out.pop();
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
}

fn long_fields(base: &mut Map<String, Value>) -> impl Iterator<Item = &mut String> {
    base.iter_mut().flat_map(|(key, value)| -> Vec<&mut String> {
        match value {
            Value::String(text) if FIELDS.contains(&key.as_str()) => vec![text],
            Value::Array(exceptions) if key == "exceptions" => exceptions
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .flat_map(|exception| exception.iter_mut())
                .filter(|(key, _)| EXCEPTION_FIELDS.contains(&key.as_str()))
                .filter_map(|(_, value)| match value {
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    })
}

/// The length to which all longer ones have to be cut to be `excess` less in sum; never below [`SHORT`].
fn level(lengths: &[usize], excess: usize) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    let mut sum = 0_usize;
    for (at, length) in sorted.iter().enumerate() {
        sum = sum.saturating_add(*length);
        let count = at.saturating_add(1);
        let next = sorted.get(count).copied().unwrap_or(0).max(SHORT);
        // So much is saved when all up to here are as long as the next.
        if sum.saturating_sub(next.saturating_mul(count)) >= excess {
            return (sum.saturating_sub(excess) / count).max(SHORT);
        }
    }
    SHORT
}

/// How many bytes of JSON a text takes, without the quotes.
fn encoded_length(text: &str) -> usize {
    text.bytes().fold(0_usize, |sum, byte| sum.saturating_add(width(byte)))
}

fn width(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

/// Cuts a text between two characters, to no more than `longest` bytes of JSON.
fn shorten(text: &mut String, longest: usize) {
    let mut sum = 0_usize;
    let end = text.bytes().position(|byte| {
        sum = sum.saturating_add(width(byte));
        sum > longest
    });
    if let Some(end) = end {
        text.truncate(text.floor_char_boundary(end));
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;
    use opentelemetry::trace::SpanKind;

    use super::super::testing::{self, Random};
    use super::*;

    const LONGEST: usize = 65_536;

    fn item(attributes: Vec<KeyValue>) -> Item {
        let mut out = Vec::new();
        testing::mapper(&[], &testing::options())
            .span(&testing::span(SpanKind::Client, attributes), &mut out);
        out.remove(0)
    }

    fn cut_to(item: &Item, longest: usize) -> Value {
        let cut = cut(item, longest).expect("can be cut");
        assert!(cut.json.len() <= longest, "{} > {longest}", cut.json.len());
        assert_eq!(cut.kind, item.kind);
        testing::parsed(&cut)
    }

    #[test]
    fn content_gives_way_first_and_the_longest_most() {
        let item = item(vec![
            KeyValue::new("gen_ai.usage.input_tokens", 97),
            KeyValue::new("gen_ai.request.model", "m".repeat(300)),
            KeyValue::new("gen_ai.input.messages", "\"é".repeat(100_000)),
            KeyValue::new("gen_ai.output.messages", "b".repeat(20_000)),
            KeyValue::new("own", "c".repeat(8_000)),
        ]);
        let before = testing::parsed(&item);
        let after = cut_to(&item, LONGEST);
        let properties = &after["data"]["baseData"]["properties"];
        for key in
            ["gen_ai.usage.input_tokens", "gen_ai.request.model", "gen_ai.output.messages", "own"]
        {
            assert_eq!(properties[key], before["data"]["baseData"]["properties"][key], "{key}");
        }
        let input = properties["gen_ai.input.messages"].as_str().expect("a text");
        assert!(
            "\"é".repeat(100_000).starts_with(input) && input.len() > 20_000,
            "{}",
            input.len()
        );
        assert_eq!(properties["llmobs.content.truncated"], "[\"gen_ai.input.messages\"]");
        for field in ["name", "id", "duration", "type", "success", "resultCode"] {
            assert_eq!(after["data"]["baseData"][field], before["data"]["baseData"][field]);
        }
        assert_eq!(
            (&after["tags"], &after["time"], &after["iKey"]),
            (&before["tags"], &before["time"], &before["iKey"])
        );
    }

    #[test]
    fn then_other_texts_and_then_the_last_properties() {
        let many =
            (0..200).map(|at| KeyValue::new(format!("own.{at:03}"), format!("{at}").repeat(300)));
        let counted = KeyValue::new("gen_ai.usage.input_tokens", 97);
        let item = item(many.chain([counted]).collect());
        let texts = cut_to(&item, LONGEST);
        let texts = texts["data"]["baseData"]["properties"].as_object().expect("an object");
        assert_eq!(texts.len(), 202, "all are there");
        assert_eq!(texts["own.199"].as_str().and_then(|text| text.get(..6)), Some("199199"));
        let fewer = cut_to(&item, 8_192);
        let fewer = fewer["data"]["baseData"]["properties"].as_object().expect("an object");
        assert_eq!(fewer["gen_ai.usage.input_tokens"], "97");
        let dropped: usize =
            fewer[DROPPED].as_str().and_then(|said| said.parse().ok()).expect("said");
        assert_eq!(fewer.keys().filter(|key| key.starts_with("own.")).count() + dropped, 200);
        assert!(dropped > 100 && fewer.contains_key("own.000"));
    }

    #[test]
    fn what_fits_stays_and_what_cannot_is_none() {
        let small = item(vec![KeyValue::new("own", "value")]);
        assert_eq!(cut(&small, small.json.len()).as_ref(), Some(&small));
        assert_eq!(cut(&small, 100), None);
        let broken = Item { kind: small.kind, json: b"{\"data\":[".to_vec() };
        assert_eq!(cut(&broken, 3), None);
    }

    #[test]
    fn a_stack_trace_is_cut_and_links_are_not() {
        let json = serde_json::json!({"name": "n", "time": "t", "tags": {}, "data": {"baseType": "ExceptionData", "baseData": {
            "ver": 2,
            "exceptions": [{"message": "m", "stack": "s".repeat(30_000), "typeName": "T"}],
            "properties": {"_MS.links": "l".repeat(8_000)},
        }}});
        let item = Item {
            kind: super::super::super::item::ItemKind::Exception,
            json: json.to_string().into_bytes(),
        };
        let after = cut_to(&item, 10_000);
        let base = &after["data"]["baseData"];
        assert_eq!(base["properties"]["_MS.links"].as_str().map(str::len), Some(8_000));
        assert!(base["exceptions"][0]["stack"].as_str().is_some_and(|stack| stack.len() > 1_000));
        assert_eq!(
            (&base["exceptions"][0]["message"], &base["exceptions"][0]["typeName"]),
            (&Value::from("m"), &Value::from("T"))
        );
    }

    #[test]
    fn whatever_the_texts_the_limit_holds() {
        let mut random = Random::new();
        for _ in 0..20 {
            let keys = [
                "gen_ai.input.messages",
                "gen_ai.output.messages",
                "gen_ai.tool.definitions",
                "a",
                "b",
                "c",
                "d",
            ];
            let attributes = keys.map(|key| KeyValue::new(key, random.text(6_000))).to_vec();
            let item = item(attributes);
            for longest in [2_000, 5_000, 20_000] {
                let _ = cut_to(&item, longest);
            }
        }
    }
}
