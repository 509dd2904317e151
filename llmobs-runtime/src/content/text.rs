//! JSON values to and from text, and into the values of log records.

use opentelemetry::Key;
use opentelemetry::logs::AnyValue;
use serde_json::Value;

use super::copy::{each, members};
use super::{Json, Room};

impl Json {
    /// The value as JSON text.
    pub(crate) fn to_text(&self) -> String {
        let mut text = Vec::with_capacity(super::cut::size(self));
        self.write(&mut text);
        // Nothing but UTF-8 is written.
        String::from_utf8(text).unwrap_or_default()
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Flag(flag) => out.extend(if *flag { "true" } else { "false" }.as_bytes()),
            Self::Int(int) => out.extend(int.to_string().as_bytes()),
            Self::Double(double) => out.extend(number(*double).as_bytes()),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (place, (key, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    write_text(key, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    /// The value as log records have it. They know no `null`: a member that is `null` is left out, in a list it is
    /// the text `null`.
    pub(crate) fn to_any_value(&self) -> AnyValue {
        match self {
            Self::Flag(flag) => AnyValue::Boolean(*flag),
            Self::Int(int) => AnyValue::Int(*int),
            Self::Double(double) if double.is_finite() => AnyValue::Double(*double),
            Self::Null | Self::Double(_) => AnyValue::String("null".into()),
            Self::Text(text) => AnyValue::String(text.clone().into()),
            Self::List(items) => {
                AnyValue::ListAny(Box::new(items.iter().map(Self::to_any_value).collect()))
            }
            Self::Object(members) => {
                let said = members.iter().filter(|(_, value)| !matches!(value, Self::Null));
                let entry =
                    |(key, value): &(String, Self)| (Key::from(key.clone()), value.to_any_value());
                AnyValue::Map(Box::new(said.map(entry).collect()))
            }
        }
    }
}

/// The text of a double; what is not finite has none in JSON.
pub(super) fn number(double: f64) -> String {
    serde_json::Number::from_f64(double)
        .map_or_else(|| "null".to_owned(), |number| number.to_string())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    let before = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing to memory does not fail.
        out.truncate(before);
        out.extend(b"\"\"");
    }
}

/// The value that a text is the JSON of, where that is an object or an array; else the text. Bytes that stand in it
/// are left out, or inlined.
pub(super) fn structured(text: String, inline_blobs: bool) -> Json {
    if !text.trim_start().starts_with(['{', '[']) {
        return Json::Text(text);
    }
    let Ok(value) = serde_json::from_str::<Value>(&text) else { return Json::Text(text) };
    // The text went through a room; its value has no more in it.
    let mut room = Room::new(usize::MAX, inline_blobs);
    copied(&value, &mut room)
}

/// A copy of what there is room for.
pub(super) fn copied(value: &Value, room: &mut Room) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Flag(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Json::Int(int),
            (None, Some(double)) if double.is_finite() && !number.is_u64() => Json::Double(double),
            // An integer keeps its digits.
            _ => Json::Text(room.text(&number.to_string())),
        },
        Value::String(text) => room.json_text(text),
        Value::Array(items) => {
            let items = room.nested(|room| each(items, room, copied));
            items.map_or(Json::Null, Json::List)
        }
        Value::Object(map) => {
            let map = room.nested(|room| members(map, room, copied));
            map.map_or(Json::Null, Json::Object)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Json {
        copied(value, &mut Room::new(1_000_000, false))
    }

    #[test]
    fn text_is_what_serde_json_would_write() {
        let value = json!({"a": [1, -2.5, 1e300, null, true], "\"\\\n\u{1}\u{7f}é😀": {"b": "\u{8}\u{c}\r\t/"}, "c": [], "d": {}});
        assert_eq!(of(&value).to_text(), value.to_string());
        assert_eq!(Json::Double(f64::NAN).to_text(), "null");
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(of(&json!(u64::MAX)), Json::Text(u64::MAX.to_string()));
        assert_eq!(of(&json!(i64::MIN)), Json::Int(i64::MIN));
        assert_eq!(of(&json!(0.1)), Json::Double(0.1));
    }

    #[test]
    fn only_objects_and_arrays_are_read_from_text() {
        for text in ["plain", "3", "\"x\"", "{", "[1] and more", ""] {
            assert_eq!(structured(text.to_owned(), false), Json::Text(text.to_owned()));
        }
        assert_eq!(structured(" [1]".to_owned(), false), Json::List(vec![Json::Int(1)]));
    }

    #[test]
    fn log_records_hold_the_same_tree() {
        let AnyValue::Map(map) =
            of(&json!({"a": [1, "x", null, 0.5], "b": null, "c": true})).to_any_value()
        else {
            panic!("an object is a map")
        };
        assert_eq!(map.len(), 2);
        let list = vec![
            AnyValue::Int(1),
            AnyValue::String("x".into()),
            AnyValue::String("null".into()),
            AnyValue::Double(0.5),
        ];
        assert_eq!(map.get(&Key::from("a")), Some(&AnyValue::ListAny(Box::new(list))));
        assert_eq!(map.get(&Key::from("c")), Some(&AnyValue::Boolean(true)));
    }

    #[test]
    fn bytes_in_a_value_are_left_out() {
        let value = json!({"image_url": "data:image/png;base64,AAAA", "data": "A".repeat(5_000), "text": "kept"});
        assert_eq!(
            of(&value).to_text(),
            r#"{"data":"…","image_url":"data:image/png;base64,…","text":"kept"}"#
        );
        let mut room = Room::new(1_000_000, true);
        assert_eq!(copied(&value, &mut room).to_text(), value.to_string());
    }
}
