//! What is known of the agent of a run.

use std::sync::Arc;

use opentelemetry::logs::{AnyValue, LogRecord};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::logs::SdkLogRecord;

use super::super::{main_agent_names as main, names};

/// Name, id, version and conversation, in the order of the attributes' names.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Values([Option<Value>; 4]);

impl Values {
    /// What the first span of a run says, and whether it is to have that as attributes of the main agent.
    pub(super) fn of_first(attributes: &[KeyValue]) -> Option<(Self, bool)> {
        let Read { main, own, invokes } = Read::of(attributes);
        if main.iter().any(Option::is_some) {
            return Some((Self(main.map(|value| value.map(shared))), false));
        }
        let [name, id, version, conversation] = own;
        let names_one = name.is_some() || id.is_some() || version.is_some();
        // A conversation alone makes no run: the agent may be the next one below.
        let begins = names_one || (invokes && conversation.is_some());
        begins.then(|| (Self(own.map(|value| value.map(shared))), invokes))
    }

    /// At the end of a span that invokes an agent: what it says, unless it has attributes of a main agent.
    pub(super) fn add_late(attributes: &mut Vec<KeyValue>) {
        if let Some((values, true)) = Self::of_first(attributes) {
            attributes.extend(values.attributes());
        }
    }

    /// As attributes of the main agent.
    pub(super) fn attributes(&self) -> impl Iterator<Item = KeyValue> {
        let known = main::ALL.into_iter().zip(&self.0);
        known.filter_map(|(name, value)| Some(KeyValue::new(name, value.clone()?)))
    }

    /// Gives a record those of the attributes that it does not have.
    pub(super) fn complete(&self, record: &mut SdkLogRecord) {
        for KeyValue { key, value, .. } in self.attributes() {
            if !record.attributes_iter().any(|(known, _)| *known == key) {
                record.add_attribute(key, any(value));
            }
        }
    }
}

/// What the attributes of a span say of agents; of a key that stands twice the last.
#[derive(Default)]
struct Read<'a> {
    /// Of the main one.
    main: [Option<&'a Value>; 4],
    /// Of its own.
    own: [Option<&'a Value>; 4],
    invokes: bool,
}

impl<'a> Read<'a> {
    fn of(attributes: &'a [KeyValue]) -> Self {
        let own = [
            names::agent_name(),
            names::agent_id(),
            names::agent_version(),
            names::conversation_id(),
        ];
        let mut read = Self::default();
        for KeyValue { key, value, .. } in attributes {
            let key = key.as_str();
            let place = |names: &[&str; 4]| names.iter().position(|name| *name == key);
            if key == names::operation_name() {
                read.invokes =
                    matches!(value, Value::String(text) if text.as_str() == names::invoke_agent());
            } else if let Some(found) = place(&own).and_then(|place| read.own.get_mut(place)) {
                *found = Some(value);
            } else if let Some(found) = place(&main::ALL).and_then(|place| read.main.get_mut(place))
            {
                *found = Some(value);
            }
        }
        read
    }
}

/// The value with its text shared: many spans will have it.
fn shared(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(Arc::<str>::from(text.as_str()).into()),
        other => other.clone(),
    }
}

fn any(value: Value) -> AnyValue {
    match value {
        Value::String(text) => AnyValue::String(text),
        Value::I64(int) => AnyValue::Int(int),
        Value::F64(double) => AnyValue::Double(double),
        Value::Bool(flag) => AnyValue::Boolean(flag),
        other => AnyValue::from(other.as_str().into_owned()),
    }
}
