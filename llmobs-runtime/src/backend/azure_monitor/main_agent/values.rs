//! What is known of the agent of a run.

use std::sync::Arc;

use opentelemetry::logs::{AnyValue, LogRecord};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::logs::SdkLogRecord;

use super::super::{main_agent_names as main, names};

/// Name, id, version and conversation, in this order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Values([Option<Value>; 4]);

const NAMES: [&str; 4] = [main::NAME, main::ID, main::VERSION, main::CONVERSATION_ID];

impl Values {
    /// What the first span of a run says, and whether it is to have that as attributes of the main agent.
    pub(super) fn of_first(attributes: &[KeyValue]) -> Option<(Self, bool)> {
        let given = Self::read(attributes, NAMES);
        if given.0.iter().any(Option::is_some) {
            return Some((given, false));
        }
        let own = Self::read(
            attributes,
            [
                names::agent_name(),
                names::agent_id(),
                names::agent_version(),
                names::conversation_id(),
            ],
        );
        let [name, id, version, conversation] = &own.0;
        let names_one = name.is_some() || id.is_some() || version.is_some();
        let invokes = invokes_agent(attributes);
        // A conversation alone makes no run: the agent may be the next one below.
        (names_one || (invokes && conversation.is_some())).then_some((own, invokes))
    }

    /// At the end of a span that invokes an agent: what it says, unless it has attributes of a main agent.
    pub(super) fn add_late(attributes: &mut Vec<KeyValue>) {
        if invokes_agent(attributes)
            && let Some((values, true)) = Self::of_first(attributes)
        {
            attributes.extend(values.attributes());
        }
    }

    /// As attributes of the main agent.
    pub(super) fn attributes(&self) -> impl Iterator<Item = KeyValue> {
        let known = NAMES.into_iter().zip(&self.0);
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

    fn read(attributes: &[KeyValue], names: [&str; 4]) -> Self {
        // Of a key that stands twice the last is what the exporters show.
        let find = |name| attributes.iter().rfind(|attribute| attribute.key.as_str() == name);
        Self(names.map(|name| find(name).map(|attribute| shared(&attribute.value))))
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

fn invokes_agent(attributes: &[KeyValue]) -> bool {
    attributes.iter().any(|KeyValue { key, value, .. }| {
        key.as_str() == names::operation_name()
            && matches!(value, Value::String(text) if text.as_str() == names::invoke_agent())
    })
}
