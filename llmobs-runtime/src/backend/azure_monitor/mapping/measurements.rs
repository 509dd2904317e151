//! The measurements of an item: numbers under names.

use std::borrow::Cow;

use opentelemetry::logs::AnyValue;

use super::value::Val;
use super::{json, limits};

/// Finite numbers, each name once.
#[derive(Debug, Default)]
pub(super) struct Measurements<'a> {
    entries: Vec<(Cow<'a, str>, f64)>,
}

impl<'a> Measurements<'a> {
    /// Adds one; what has no name or is no finite number is left out, and a name that is cut to one that is
    /// already there.
    pub(super) fn add(&mut self, name: impl Into<Cow<'a, str>>, value: f64) {
        let name = match name.into() {
            Cow::Borrowed(name) => Cow::Borrowed(limits::cut(name, limits::MEASUREMENT_KEY)),
            Cow::Owned(mut name) => {
                name.truncate(limits::cut(&name, limits::MEASUREMENT_KEY).len());
                Cow::Owned(name)
            }
        };
        if !name.is_empty() && value.is_finite() && self.entries.iter().all(|(old, _)| *old != name)
        {
            self.entries.push((name, value));
        }
    }

    /// Adds what the attribute `microsoft.custom_measurements` holds: an object, or one as JSON text. Its members
    /// that are no numbers are left out.
    pub(super) fn add_all(&mut self, value: Val<'a>) {
        if let Val::Any(AnyValue::Map(members)) = value {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| key.as_str());
            for (key, value) in members {
                match value {
                    AnyValue::Int(value) => self.add(key.as_str(), float(*value)),
                    AnyValue::Double(value) => self.add(key.as_str(), *value),
                    _ => {}
                }
            }
        } else if let Some(text) = value.text()
            && let Ok(serde_json::Value::Object(members)) = serde_json::from_str(text)
        {
            for (key, value) in members {
                if let Some(value) = value.as_f64() {
                    self.add(key, value);
                }
            }
        }
    }

    /// Appends the object.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (at, (name, value)) in self.entries.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            json::string(out, name);
            out.push(b':');
            if !json::number(out, *value) {
                out.extend_from_slice(b"0.0");
            }
        }
        out.push(b'}');
    }
}

#[expect(clippy::cast_precision_loss, reason = "the service keeps measurements as floats")]
fn float(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(measurements: &Measurements<'_>) -> String {
        let mut out = Vec::new();
        measurements.write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn only_finite_numbers_under_names() {
        let long = "k".repeat(160);
        let json = format!(
            r#"{{"tokens":12,"cost":0.5,"bad":"x","flag":true,"":1,"nan":null,"{long}":2}}"#
        );
        let mut measurements = Measurements::default();
        measurements.add("infinite", f64::INFINITY);
        measurements.add_all(Val::Text(&json));
        let json: serde_json::Value = serde_json::from_str(&written(&measurements)).expect("JSON");
        let cut = "k".repeat(150);
        assert_eq!(json, serde_json::json!({"tokens": 12.0, "cost": 0.5, cut: 2.0}));
    }

    #[test]
    fn a_map_too_and_nothing_of_what_is_none() {
        let map = AnyValue::Map(Box::new(
            [
                ("b".into(), AnyValue::Int(2)),
                ("a".into(), AnyValue::Double(0.5)),
                ("t".into(), AnyValue::Boolean(true)),
            ]
            .into(),
        ));
        let mut measurements = Measurements::default();
        measurements.add_all(Val::Any(&map));
        measurements.add("a", 9.0);
        assert_eq!(written(&measurements), r#"{"a":0.5,"b":2.0}"#);
        for nothing in ["", "no", "[1]", "{", "7"] {
            let mut measurements = Measurements::default();
            measurements.add_all(Val::Text(nothing));
            assert_eq!(written(&measurements), "{}");
        }
    }
}
