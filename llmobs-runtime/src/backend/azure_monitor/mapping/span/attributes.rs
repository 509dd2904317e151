//! The attributes of a span or of an event: those that the mapping reads at hand, the others among the properties.

use std::borrow::Cow;

use opentelemetry::{KeyValue, Value};

use super::super::fields::{self, FIELDS, Field};
use super::super::properties::Properties;
use super::super::value::Val;

/// What the mapping reads, by field.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    known: [Option<&'a Value>; FIELDS],
}

impl<'a> Attributes<'a> {
    /// Goes through `list` once. Of a key that comes twice the last value counts.
    pub(super) fn read(list: &'a [KeyValue], properties: &mut Properties<'a>) -> Self {
        let mut known = [None; FIELDS];
        for attribute in list {
            let key = attribute.key.as_str();
            let about = fields::about(key);
            if let Some(slot) = about.field.and_then(|field| known.get_mut(field as usize)) {
                *slot = Some(&attribute.value);
            }
            if !about.is_told_elsewhere {
                properties.add_known(key, Val::from(&attribute.value), &about);
            }
        }
        Self { known }
    }

    pub(super) fn value(&self, field: Field) -> Option<&'a Value> {
        self.known.get(field as usize).copied().flatten()
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.value(field).is_some()
    }

    /// The value as text, unless that is empty.
    pub(super) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        self.value(field).map(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The first of several that has a text.
    pub(super) fn first<const N: usize>(&self, fields: [Field; N]) -> Option<Cow<'a, str>> {
        fields.into_iter().find_map(|field| self.text(field))
    }

    /// The first of several that has a whole number, or a text that is one.
    pub(super) fn integer<const N: usize>(&self, fields: [Field; N]) -> Option<i64> {
        fields.into_iter().find_map(|field| match self.value(field)? {
            Value::I64(value) => Some(*value),
            Value::String(text) => text.as_str().trim().parse().ok(),
            _ => None,
        })
    }

    /// The share of all spans that this one stands for, in percent.
    pub(super) fn sample_rate(&self) -> Option<f64> {
        let rate = match self.value(Field::SampleRate)? {
            Value::F64(rate) => *rate,
            Value::I64(rate) => f64::from(i32::try_from(*rate).ok()?),
            Value::String(text) => text.as_str().trim().parse().ok()?,
            _ => return None,
        };
        (rate > 0.0 && rate <= 100.0).then_some(rate)
    }
}
