//! What a server says that it has, in one form for all servers.

use std::collections::BTreeMap;

use serde_json::Value;

/// A span as a server returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeenSpan {
    /// Its name.
    pub name: String,
    /// Trace id, as hexadecimal digits.
    pub trace: String,
    /// Span id, as the server writes it.
    pub id: String,
    /// The span id of its parent, if it has one.
    pub parent: Option<String>,
    /// `client`, `internal`, … where the server keeps it.
    pub kind: Option<String>,
    /// Whether its status is an error, where the server keeps it.
    pub failed: Option<bool>,
    /// Its attributes.
    pub attributes: BTreeMap<String, Value>,
}

/// A metric point as a server returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeenPoint {
    /// The metric's name, as OpenTelemetry has it.
    pub metric: String,
    /// The point's attributes, by OpenTelemetry's names.
    pub attributes: BTreeMap<String, String>,
    /// How many values there were.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
}

/// A log record as a server returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeenLog {
    /// Its text.
    pub body: String,
    /// Trace id, as hexadecimal digits.
    pub trace: String,
    /// Span id, as the server writes it.
    pub span: String,
}

impl SeenSpan {
    /// An attribute's text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).and_then(Value::as_str)
    }

    /// An attribute's number, also where the server writes it as text.
    pub fn number(&self, key: &str) -> Option<u64> {
        let value = self.attributes.get(key)?;
        value
            .as_u64()
            .or_else(|| value.as_f64().and_then(whole))
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    }
}

/// A number of tokens, where a server keeps all numbers as floating point.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only whole numbers from 0 on, below a limit"
)]
fn whole(number: f64) -> Option<u64> {
    ((0.0..1e15).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_one_however_it_is_written() {
        let attributes = [("a", json!(7)), ("b", json!(7.0)), ("c", json!("7")), ("d", json!(7.5))];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value)).into();
        let span = SeenSpan { attributes, ..SeenSpan::default() };
        assert_eq!(["a", "b", "c"].map(|key| span.number(key)), [Some(7); 3]);
        assert_eq!((span.number("d"), span.number("e")), (None, None));
    }
}
