//! Labels of a series, as they stand between its braces.

use std::collections::BTreeMap;
use std::fmt::Write;

use opentelemetry::KeyValue;

use super::names;

/// Attributes by the label that they have.
#[derive(Debug, Default)]
pub(super) struct Labels<'a>(BTreeMap<String, Vec<(&'a str, String)>>);

impl<'a> Labels<'a> {
    pub(super) fn of(attributes: impl Iterator<Item = &'a KeyValue>) -> Self {
        let mut labels = Self::default();
        for KeyValue { key, value, .. } in attributes {
            labels.add(names::label(key.as_str()), key.as_str(), value.as_str().into_owned());
        }
        labels
    }

    /// Adds a value; several of one label are told apart by the key that each had.
    pub(super) fn add(&mut self, label: String, key: &'a str, value: String) {
        self.0.entry(label).or_default().push((key, value));
    }

    /// As text, by name: `a="1",b="2"`.
    pub(super) fn text(&mut self) -> String {
        let mut text = String::new();
        for (label, values) in &mut self.0 {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(label);
            text.push_str("=\"");
            values.sort_by_key(|(key, _)| *key);
            for (at, (_, value)) in values.iter().enumerate() {
                if at > 0 {
                    text.push(';');
                }
                escape(value, true, &mut text);
            }
            text.push('"');
        }
        text
    }
}

/// Writes text on one line, and within quotes where it stands in them.
pub(super) fn escape(text: &str, quoted: bool, into: &mut String) {
    for char in text.chars() {
        match char {
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '"' if quoted => into.push_str("\\\""),
            _ => into.push(char),
        }
    }
}

/// Writes a number as Prometheus reads it.
pub(super) fn float(value: f64, into: &mut String) {
    // Writing to a string does not fail.
    let _ = match value {
        f64::INFINITY => into.write_str("+Inf"),
        f64::NEG_INFINITY => into.write_str("-Inf"),
        _ => write!(into, "{value}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(attributes: &[KeyValue]) -> String {
        Labels::of(attributes.iter()).text()
    }

    #[test]
    fn labels_are_in_order_and_escaped() {
        let attributes = [
            KeyValue::new("z", true),
            KeyValue::new("gen_ai.model", "a\"b\\c\nd"),
            KeyValue::new("n", 3),
            KeyValue::new("f", 0.5),
        ];
        assert_eq!(text(&attributes), r#"f="0.5",gen_ai_model="a\"b\\c\nd",n="3",z="true""#);
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn attributes_of_one_label_are_joined_in_the_order_of_their_keys() {
        let attributes =
            [KeyValue::new("a_b", "2"), KeyValue::new("a.b", "1"), KeyValue::new("c", 3)];
        assert_eq!(text(&attributes), r#"a_b="1;2",c="3""#);
    }

    #[test]
    fn numbers_that_are_none_have_a_name() {
        let written = |value| {
            let mut text = String::new();
            float(value, &mut text);
            text
        };
        assert_eq!(written(f64::INFINITY), "+Inf");
        assert_eq!(written(f64::NEG_INFINITY), "-Inf");
        assert_eq!(written(f64::NAN), "NaN");
        assert_eq!(written(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(written(64.0), "64");
    }
}
