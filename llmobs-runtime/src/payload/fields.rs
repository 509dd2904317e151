//! What is known of one call: attributes of the conventions and of the user's own.

use std::borrow::Cow;

use super::value::{Any, AttributeValue, LIST_LIMIT, Value};
use super::{LlmUsage, Modality, Usage};
use crate::conventions::{ATTRIBUTES, Attribute, AttributeId, attr};

/// No call carries more attributes of the user's own than this; further ones are left out.
const CUSTOM_LIMIT: usize = 64;

/// The attributes of one call, as requests, responses and the caller name them.
///
/// What people wrote and models answered is never one of them: see [`crate::content`]. A scalar that is set twice
/// ends as it was set last; a list grows. What is absent or makes no sense (a
/// negative count, a port of 70,000) is not set. What was set when the call started stays as it was then: the
/// sampler has seen it, and a span attribute cannot be taken back.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    known: Vec<(AttributeId, Value)>,
    /// The bits of those, for a quick look.
    present: u128,
    custom: Vec<(Cow<'static, str>, Value)>,
    /// How many of each stood when the call started.
    settled: (usize, usize),
}

impl Fields {
    /// Sets an attribute of the conventions; see [`crate::conventions::attr`] for their names.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(&mut self, attribute: Attribute<T>, value: &V) {
        if let Some(value) = value.attribute_value() {
            self.put(attribute.id(), value);
        }
    }

    /// Sets an attribute of the user's own; none with an empty key, or one of more than 256 bytes.
    ///
    /// Keys should be namespaced (`shop.tenant`); see
    /// <https://opentelemetry.io/docs/specs/semconv/general/naming/>.
    pub fn attribute<V: AttributeValue<Any> + ?Sized>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: &V,
    ) {
        if let Some(value) = value.attribute_value() {
            self.put_attribute(key.into(), value);
        }
    }

    pub(crate) fn put_attribute(&mut self, key: Cow<'static, str>, value: Value) {
        if key.is_empty() || key.len() > KEY_LIMIT || is_content(&key) {
            return;
        }
        if let Some(at) = self.custom.iter().position(|(known, _)| *known == key) {
            if at >= self.settled.1 {
                self.custom[at].1 = value;
            }
        } else if self.custom.len() < CUSTOM_LIMIT {
            self.custom.push((key, value));
        }
    }

    /// Sets the token counts that `usage` names.
    pub fn usage<U: LlmUsage + ?Sized>(&mut self, usage: &U) {
        let Usage { input, output, cache_read, cache_write, reasoning, text, image, audio } =
            usage.usage();
        self.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &input);
        self.set(attr::GEN_AI_USAGE_OUTPUT_TOKENS, &output);
        self.set(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, &cache_read);
        self.set(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, &cache_write);
        self.set(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, &reasoning);
        let Modality { input, output, cache_read } = text;
        self.set(attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS, &input);
        self.set(attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS, &output);
        self.set(attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS, &cache_read);
        let Modality { input, output, cache_read } = image;
        self.set(attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS, &input);
        self.set(attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS, &output);
        self.set(attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, &cache_read);
        let Modality { input, output, cache_read } = audio;
        self.set(attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS, &input);
        self.set(attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS, &output);
        self.set(attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, &cache_read);
    }

    /// What an attribute of the conventions is set to.
    pub fn get<T>(&self, attribute: Attribute<T>) -> Option<&Value> {
        self.find(attribute.id())
    }

    /// What an attribute of the user's own is set to.
    pub fn get_attribute(&self, key: &str) -> Option<&Value> {
        self.custom.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The attributes of the conventions that are set, in the order in which they were set first.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeId, &Value)> {
        self.known.iter().map(|(id, value)| (*id, value))
    }

    /// Whether an attribute of the conventions is set.
    pub(crate) fn has(&self, id: AttributeId) -> bool {
        self.present & id.bit() != 0
    }

    pub(crate) fn find(&self, id: AttributeId) -> Option<&Value> {
        self.known.iter().find(|(known, _)| *known == id).map(|(_, value)| value)
    }

    pub(crate) fn put(&mut self, id: AttributeId, value: Value) {
        // Content takes its own way, past policy and redaction.
        if id.row().content || !plausible(id, &value) {
            return;
        }
        let Some(at) = self.known.iter().position(|(known, _)| *known == id) else {
            self.known.push((id, value));
            self.present |= id.bit();
            return;
        };
        if at < self.settled.0 {
            return;
        }
        match (&mut self.known[at].1, value) {
            (Value::Texts(list), Value::Texts(more)) => {
                let room = LIST_LIMIT.saturating_sub(list.len());
                list.extend(more.into_iter().take(room));
            }
            (slot, value) => *slot = value,
        }
    }
}

/// A longer key is a mistake: it would be kept by every backend as the name of a column.
const KEY_LIMIT: usize = 256;

/// Attributes of the conventions, in the order in which they were set first.
#[cfg(feature = "enable")]
type Known = [(AttributeId, Value)];
/// Attributes of the user's own, likewise.
#[cfg(feature = "enable")]
type Custom = [(Cow<'static, str>, Value)];

/// What a running call needs of them.
#[cfg(feature = "enable")]
impl Fields {
    /// An empty set with room for an ordinary call.
    pub(crate) fn with_room() -> Self {
        Self { known: Vec::with_capacity(16), ..Self::default() }
    }

    /// Forgets all attributes and keeps the buffers.
    #[cfg(feature = "sdk")]
    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.present = 0;
        self.custom.clear();
        self.settled = (0, 0);
    }

    /// Takes an attribute back, unless the call has started with it.
    pub(crate) fn unset<T>(&mut self, attribute: Attribute<T>) {
        let settled = self.settled.0;
        if let Some(at) = self.known.iter().position(|(known, _)| *known == attribute.id())
            && at >= settled
        {
            self.known.remove(at);
            self.present &= !attribute.id().bit();
        }
    }

    /// The call has started: what stands now no longer changes.
    pub(crate) fn settle(&mut self) {
        self.settled = (self.known.len(), self.custom.len());
    }

    /// What was set when the call started.
    pub(crate) fn settled(&self) -> (&Known, &Custom) {
        let (known, custom) = self.settled;
        (self.known.get(..known).unwrap_or_default(), self.custom.get(..custom).unwrap_or_default())
    }

    /// What has been set since the call started.
    pub(crate) fn since_settled(&self) -> (&Known, &Custom) {
        let (known, custom) = self.settled;
        (self.known.get(known..).unwrap_or_default(), self.custom.get(custom..).unwrap_or_default())
    }
}

/// Whether a key is that of an attribute which holds content, in either dialect.
fn is_content(key: &str) -> bool {
    ATTRIBUTES.iter().filter(|row| row.content).any(|row| {
        [Some(row.key), row.released].into_iter().flatten().any(|name| {
            let below = key.strip_prefix(name);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    })
}

/// Whether a value can be what its attribute means: counts are not negative, ports fit 16 bits.
fn plausible(id: AttributeId, value: &Value) -> bool {
    let Value::Int(int) = *value else { return true };
    if id == attr::SERVER_PORT.id() {
        return (1..=i64::from(u16::MAX)).contains(&int);
    }
    int >= 0 || id == attr::GEN_AI_REQUEST_SEED.id() || id == attr::PROCESS_EXIT_CODE.id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Text;

    #[test]
    fn a_scalar_ends_as_set_last_and_a_list_grows() {
        let mut fields = Fields::default();
        fields.set(attr::GEN_AI_RESPONSE_MODEL, "a");
        fields.set(attr::GEN_AI_RESPONSE_MODEL, "b");
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "stop");
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "length");
        assert_eq!(fields.get(attr::GEN_AI_RESPONSE_MODEL), Some(&Value::Text(Text::copied("b"))));
        assert_eq!(
            fields.get(attr::GEN_AI_RESPONSE_FINISH_REASONS),
            Some(&Value::Texts(vec![Text::copied("stop"), Text::copied("length")]))
        );
    }

    #[test]
    fn what_makes_no_sense_is_not_set() {
        let mut fields = Fields::default();
        fields.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &-1_i32);
        fields.set(attr::SERVER_PORT, &70_000_u32);
        fields.set(attr::GEN_AI_REQUEST_SEED, &-1_i32);
        assert_eq!(fields.get(attr::GEN_AI_USAGE_INPUT_TOKENS), None);
        assert_eq!(fields.get(attr::SERVER_PORT), None);
        assert_eq!(fields.get(attr::GEN_AI_REQUEST_SEED), Some(&Value::Int(-1)));
    }

    #[test]
    fn usage_that_is_absent_sets_nothing() {
        let mut fields = Fields::default();
        fields.usage(&Usage::default());
        assert!(fields.iter().next().is_none());
        fields.usage(&Usage { output: Some(0), ..Usage::default() });
        assert_eq!(fields.get(attr::GEN_AI_USAGE_OUTPUT_TOKENS), Some(&Value::Int(0)));
        fields.usage(&Usage { output: Some(u64::MAX), ..Usage::default() });
        assert_eq!(fields.get(attr::GEN_AI_USAGE_OUTPUT_TOKENS), Some(&Value::Int(0)));
    }

    #[test]
    #[cfg(feature = "enable")]
    fn what_stood_at_the_start_stays() {
        let mut fields = Fields::default();
        fields.set(attr::GEN_AI_REQUEST_MODEL, "a");
        fields.attribute("app.a", &1);
        fields.settle();
        fields.set(attr::GEN_AI_REQUEST_MODEL, "b");
        fields.attribute("app.a", &2);
        fields.set(attr::GEN_AI_RESPONSE_MODEL, "c");
        fields.attribute("app.b", &3);
        assert_eq!(fields.get(attr::GEN_AI_REQUEST_MODEL), Some(&Value::Text(Text::copied("a"))));
        assert_eq!(fields.get_attribute("app.a"), Some(&Value::Int(1)));
        let (known, custom) = fields.since_settled();
        assert_eq!(known, [(attr::GEN_AI_RESPONSE_MODEL.id(), Value::Text(Text::copied("c")))]);
        assert_eq!(custom, [(Cow::Borrowed("app.b"), Value::Int(3))]);
    }

    #[test]
    fn content_is_no_attribute() {
        let mut fields = Fields::default();
        fields.set(attr::GEN_AI_RETRIEVAL_QUERY_TEXT, "a prompt");
        for key in
            ["gen_ai.input.messages", "gen_ai.prompt.variable.city", "gen_ai.tool.call.result"]
        {
            fields.attribute(key, "a prompt");
            assert_eq!(fields.get_attribute(key), None, "{key}");
        }
        assert!(fields.iter().next().is_none());
        fields.attribute("gen_ai.input.messages_of_mine", "mine");
        assert!(fields.get_attribute("gen_ai.input.messages_of_mine").is_some());
    }

    #[test]
    fn custom_attributes_are_bounded() {
        let mut fields = Fields::default();
        for n in 0..200 {
            fields.attribute(format!("app.{n}"), &n);
        }
        assert_eq!(fields.custom.len(), CUSTOM_LIMIT);
        assert_eq!(fields.get_attribute("app.3"), Some(&Value::Int(3)));
    }
}
