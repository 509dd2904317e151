//! About how many bytes an item holds: good enough to bound memory, cheap enough to ask of every item.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

/// Values of log records within values: what lies deeper is not counted.
const DEEPEST: usize = 32;

/// A span with its events and links. Text that is shared with others is counted as its own.
pub(crate) fn of_span(span: &SpanData) -> usize {
    let events = span.events.iter().map(|event| {
        let attributes = of_attributes(&event.attributes);
        size_of_val(event).saturating_add(event.name.len()).saturating_add(attributes)
    });
    let links = span
        .links
        .iter()
        .map(|link| size_of_val(link).saturating_add(of_attributes(&link.attributes)));
    events
        .chain(links)
        .fold(size_of::<SpanData>(), usize::saturating_add)
        .saturating_add(span.name.len())
        .saturating_add(of_attributes(&span.attributes))
}

/// A record with the scope that it is kept with.
pub(super) fn of_record(record: &SdkLogRecord) -> usize {
    let fixed = size_of::<SdkLogRecord>().saturating_add(size_of::<InstrumentationScope>());
    let attributes = record
        .attributes_iter()
        .map(|(key, value)| key.as_str().len().saturating_add(of_any(value, DEEPEST)));
    attributes
        .fold(fixed, usize::saturating_add)
        .saturating_add(record.body().map_or(0, |body| of_any(body, DEEPEST)))
}

/// Attributes with their keys and values.
pub(crate) fn of_attributes(attributes: &[KeyValue]) -> usize {
    attributes.iter().fold(0, |sum, KeyValue { key, value, .. }| {
        let length = key.as_str().len().saturating_add(of_value(value));
        sum.saturating_add(size_of::<KeyValue>()).saturating_add(length)
    })
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::Bool(list)) => list.len(),
        Value::Array(Array::I64(list)) => size_of_val(list.as_slice()),
        Value::Array(Array::F64(list)) => size_of_val(list.as_slice()),
        Value::Array(Array::String(list)) => list.iter().fold(0, |sum, text| {
            sum.saturating_add(size_of_val(text)).saturating_add(text.as_str().len())
        }),
        _ => 0,
    }
}

fn of_any(value: &AnyValue, deepest: usize) -> usize {
    let Some(deeper) = deepest.checked_sub(1) else { return 0 };
    let beyond = match value {
        AnyValue::String(text) => text.as_str().len(),
        AnyValue::Bytes(bytes) => bytes.len(),
        AnyValue::ListAny(list) => {
            list.iter().fold(0_usize, |sum, value| sum.saturating_add(of_any(value, deeper)))
        }
        AnyValue::Map(map) => map.iter().fold(0_usize, |sum, (key, value)| {
            let length = size_of_val(key).saturating_add(key.as_str().len());
            sum.saturating_add(length).saturating_add(of_any(value, deeper))
        }),
        _ => 0,
    };
    size_of::<AnyValue>().saturating_add(beyond)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use opentelemetry::Key;

    use super::*;

    #[test]
    fn text_counts_with_its_length_wherever_it_lies() {
        let long = "x".repeat(1_000);
        let texts = Value::Array(Array::String(vec![long.clone().into(), long.clone().into()]));
        assert!((2_000..2_100).contains(&of_value(&texts)));
        assert_eq!(of_value(&Value::Array(Array::I64(vec![1, 2, 3]))), 24);
        assert_eq!(of_value(&Value::I64(1)), 0);
        let mut value = AnyValue::from(long.clone());
        for _ in 0..5 {
            let inside = HashMap::from([(Key::new("k"), value.clone()), (Key::new("l"), value)]);
            value = AnyValue::ListAny(Box::new(vec![AnyValue::Map(Box::new(inside))]));
        }
        let counted = of_any(&value, DEEPEST);
        assert!((32_000..40_000).contains(&counted), "{counted}");
        let bytes = AnyValue::Bytes(Box::new(vec![0; 50]));
        assert_eq!(of_any(&bytes, DEEPEST), 50 + size_of::<AnyValue>());
    }

    #[test]
    fn depth_has_an_end() {
        let mut value = AnyValue::from("x".repeat(1_000));
        for _ in 0..DEEPEST {
            value = AnyValue::ListAny(Box::new(vec![value]));
        }
        assert_eq!(of_any(&value, DEEPEST), DEEPEST * size_of::<AnyValue>());
    }
}
