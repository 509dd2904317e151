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
                Value::Array(array) => match array {
                    Array::Bool(values) => list(out, values, longest, |out, value, _| {
                        flag(out, *value);
                    }),
                    Array::I64(values) => list(out, values, longest, |out, value, _| {
                        json::integer(out, *value);
                    }),
                    Array::F64(values) => list(out, values, longest, |out, value, _| {
                        float(out, *value);
                    }),
                    Array::String(values) => list(out, values, longest, |out, value, room| {
                        json::string(out, limits::cut(value.as_str(), room));
                    }),
                    _ => {}
                },
                _ => {}
            },
            Self::Any(value) => match value {
                AnyValue::Int(value) => json::integer(out, *value),
                AnyValue::Double(value) => json::float_text(out, *value),
                AnyValue::Boolean(value) => flag(out, *value),
                AnyValue::String(text) => text_cut(out, text.as_str(), longest),
                AnyValue::Bytes(bytes) => base64(out, bytes, longest),
                nested => any(out, nested, longest, 0),
            },
        }
    }
}

/// Lists and maps within one another, at most: deeper ones are `null`.
const DEEPEST: usize = 32;

/// Any value as JSON.
fn any(out: &mut Vec<u8>, value: &AnyValue, longest: usize, depth: usize) {
    if depth >= DEEPEST {
        return out.extend_from_slice(b"null");
    }
    let deeper = depth.saturating_add(1);
    match value {
        AnyValue::Int(value) => json::integer(out, *value),
        AnyValue::Double(value) => float(out, *value),
        AnyValue::Boolean(value) => flag(out, *value),
        AnyValue::String(text) => json::string(out, limits::cut(text.as_str(), longest)),
        AnyValue::Bytes(bytes) => {
            out.push(b'"');
            base64(out, bytes, longest);
            out.push(b'"');
        }
        AnyValue::ListAny(values) => {
            list(out, values, longest, |out, value, room| any(out, value, room, deeper));
        }
        AnyValue::Map(members) => map(out, members, longest, deeper),
        _ => out.extend_from_slice(b"null"),
    }
}

/// In the order of the keys, since a map has none: the same value is the same text.
fn map(out: &mut Vec<u8>, members: &HashMap<Key, AnyValue>, longest: usize, depth: usize) {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(key, _)| key.as_str());
    elements(out, (b'{', b'}'), &members, longest, |out, (key, value), room| {
        json::string(out, key.as_str());
        out.push(b':');
        any(out, value, room, depth);
    });
}

fn list<T>(
    out: &mut Vec<u8>,
    values: &[T],
    longest: usize,
    write: impl Fn(&mut Vec<u8>, &T, usize),
) {
    elements(out, (b'[', b']'), values, longest, write);
}

/// As many elements as fit into `longest` characters with the brackets. The first is told how much of a text it may
/// write so that it fits however much of it is escaped, if it does not as it is.
fn elements<T>(
    out: &mut Vec<u8>,
    (open, close): (u8, u8),
    values: &[T],
    longest: usize,
    write: impl Fn(&mut Vec<u8>, &T, usize),
) {
    // With the closing bracket.
    let mut room = longest.saturating_sub(2);
    out.push(open);
    for (at, value) in values.iter().enumerate() {
        let before = out.len();
        let written = |out: &[u8]| characters(out.get(before..).unwrap_or_default());
        if at > 0 {
            out.push(b',');
        }
        write(out, value, longest);
        if written(out) > room {
            out.truncate(before);
            if at == 0 {
                write(out, value, longest.saturating_sub(4) / 6);
                if written(out) > room {
                    out.truncate(before);
                }
            }
            break;
        }
        room = room.saturating_sub(written(out));
    }
    out.push(close);
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

/// Whole groups of four characters.
fn base64(out: &mut Vec<u8>, bytes: &[u8], longest: usize) {
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
            }
        }
        let one = Array::String(vec!["x".repeat(100).into()]);
        assert_eq!(text(Val::Otel(&Value::Array(one)), 64), format!("[\"{}\"]", "x".repeat(10)));
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
}
