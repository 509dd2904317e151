//! Attributes: OTLP's JSON, as OpenTelemetry's values.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, Key, KeyValue, StringValue, Value};

use super::Problem;
use super::field::Field;

/// The attributes of a span, an event, a resource or a metric point.
///
/// What Rust's `OpenTelemetry` has no such attribute for, bytes and what has no value, is left out.
pub(super) fn of_spans(list: &Field<'_>) -> Result<Vec<KeyValue>, Problem> {
    let mut attributes = Vec::new();
    for item in list.items()? {
        if let Some(value) = plain(&item.at("value")?)? {
            attributes.push(KeyValue::new(item.at("key")?.text()?.to_owned(), value));
        }
    }
    Ok(attributes)
}

/// The attributes of a log record; what has no value is left out.
pub(super) fn of_logs(list: &Field<'_>) -> Result<Vec<(Key, AnyValue)>, Problem> {
    let mut attributes = Vec::new();
    for item in list.items()? {
        if let Some(value) = any(&item.at("value")?)? {
            attributes.push((Key::from(item.at("key")?.text()?.to_owned()), value));
        }
    }
    Ok(attributes)
}

/// The only member of an `AnyValue`: its name and what it holds.
fn kind<'a>(value: &Field<'a>) -> Result<Option<(&'a str, Field<'a>)>, Problem> {
    let mut members = value.members()?;
    if members.len() > 1 {
        return Err(value.wrong("more than one value"));
    }
    Ok(members.pop())
}

fn unknown(value: &Field<'_>, kind: &str) -> Problem {
    value.wrong(&format!(
        "`{kind}` is none of `stringValue`, `boolValue`, `intValue`, `doubleValue`, `bytesValue`, `arrayValue`, \
         `kvlistValue`"
    ))
}

fn plain(value: &Field<'_>) -> Result<Option<Value>, Problem> {
    let Some((kind, inner)) = kind(value)? else { return Ok(None) };
    Ok(Some(match kind {
        "stringValue" => Value::String(inner.text()?.to_owned().into()),
        "boolValue" => Value::Bool(inner.flag()?),
        "intValue" => Value::I64(inner.int()?),
        "doubleValue" => Value::F64(inner.double()?),
        "arrayValue" => Value::Array(array(&inner.at("values")?)?),
        "bytesValue" => {
            bytes(&inner)?;
            return Ok(None);
        }
        "kvlistValue" => return Err(inner.wrong("only log records hold maps")),
        other => return Err(unknown(value, other)),
    }))
}

/// An array is of the kind of its first element.
fn array(list: &Field<'_>) -> Result<Array, Problem> {
    fn all<T>(
        values: Vec<Value>,
        list: &Field<'_>,
        pick: impl Fn(Value) -> Option<T>,
    ) -> Result<Vec<T>, Problem> {
        let picked: Option<Vec<T>> = values.into_iter().map(pick).collect();
        picked.ok_or_else(|| list.wrong("the elements of an attribute's list are of one kind"))
    }
    let mut values = Vec::new();
    for item in list.items()? {
        values.extend(plain(&item)?);
    }
    let flag = |value| if let Value::Bool(flag) = value { Some(flag) } else { None };
    let int = |value| if let Value::I64(int) = value { Some(int) } else { None };
    let double = |value| if let Value::F64(double) = value { Some(double) } else { None };
    let text = |value| if let Value::String(text) = value { Some(text) } else { None };
    Ok(match values.first() {
        Some(Value::Bool(_)) => Array::Bool(all(values, list, flag)?),
        Some(Value::I64(_)) => Array::I64(all(values, list, int)?),
        Some(Value::F64(_)) => Array::F64(all(values, list, double)?),
        Some(_) => Array::String(all::<StringValue>(values, list, text)?),
        None => Array::String(Vec::new()),
    })
}

/// A body or an attribute of a log record.
pub(super) fn any(value: &Field<'_>) -> Result<Option<AnyValue>, Problem> {
    let Some((kind, inner)) = kind(value)? else { return Ok(None) };
    Ok(Some(match kind {
        "stringValue" => AnyValue::String(inner.text()?.to_owned().into()),
        "boolValue" => AnyValue::Boolean(inner.flag()?),
        "intValue" => AnyValue::Int(inner.int()?),
        "doubleValue" => AnyValue::Double(inner.double()?),
        "bytesValue" => AnyValue::Bytes(Box::new(bytes(&inner)?)),
        "arrayValue" => {
            let mut values = Vec::new();
            for item in inner.at("values")?.items()? {
                values.extend(any(&item)?);
            }
            AnyValue::ListAny(Box::new(values))
        }
        "kvlistValue" => {
            AnyValue::Map(Box::new(of_logs(&inner.at("values")?)?.into_iter().collect()))
        }
        other => return Err(unknown(value, other)),
    }))
}

/// Base 64.
fn bytes(field: &Field<'_>) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for character in field.text()?.trim_end_matches('=').bytes() {
        let six = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return Err(field.wrong("not base 64")),
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., byte] = (bits >> held).to_be_bytes();
            bytes.push(byte);
            bits &= (1 << held) - 1;
        }
    }
    Ok(bytes)
}
