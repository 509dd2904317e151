//! What a scope says: kept once, told to every span below.

use std::borrow::Cow;

use opentelemetry::Context;
#[cfg(feature = "sdk")]
use opentelemetry::KeyValue;
use opentelemetry::baggage::{Baggage, BaggageExt};

#[cfg(feature = "sdk")]
use crate::call::convert;
use crate::conventions::{ATTRIBUTES, attr};
use crate::payload::{Fields, Own, Str, Text, Texts, Value};

/// The same in both dialects.
pub(crate) const CONVERSATION: &str =
    ATTRIBUTES[attr::GEN_AI_CONVERSATION_ID.id().index() as usize].key;
/// <https://opentelemetry.io/docs/specs/semconv/registry/attributes/user/>
pub(crate) const USER: &str = "user.id";
/// The conventions have no name for it.
pub(crate) const TAGS: &str = "llmobs.tags";

/// No more tags than this.
const MOST_TAGS: usize = 64;

/// All that is said in one scope and those around it.
#[derive(Clone, Default)]
pub(super) struct Said {
    /// Conversation and user are among them.
    attributes: Fields,
    tags: Vec<Text>,
    in_metrics: Vec<Cow<'static, str>>,
    in_baggage: Option<bool>,
}

impl Said {
    pub(super) fn is_empty(&self) -> bool {
        let Self { tags, in_metrics, in_baggage, .. } = self;
        self.own().next().is_none()
            && tags.is_empty()
            && in_metrics.is_empty()
            && in_baggage.is_none()
    }

    /// Says an attribute, where there is a value.
    pub(super) fn put(&mut self, key: Cow<'static, str>, value: Option<Value<'_>>) {
        if let Some(value) = value {
            self.attributes.put_attribute(key, value);
        }
    }

    pub(super) fn tag(&mut self, tag: Option<Value<'_>>) {
        if let Some(tag) = tag.and_then(Value::into_text) {
            self.add_tag(&tag.to_text());
        }
    }

    fn add_tag(&mut self, tag: &Text) {
        if self.tags.len() < MOST_TAGS && !self.tags.contains(tag) {
            self.tags.push(tag.clone());
        }
    }

    pub(super) fn in_metrics(&mut self, key: Cow<'static, str>) {
        // A point has no more of the application's own.
        if self.in_metrics.len() < MOST_TAGS && !self.in_metrics.contains(&key) {
            self.in_metrics.push(key);
        }
    }

    pub(super) fn in_baggage(&mut self, baggage: bool) {
        self.in_baggage = Some(baggage);
    }

    /// The conversation that is named here.
    pub(super) fn conversation(&self) -> Option<Text> {
        Some(self.attributes.get_attribute(CONVERSATION)?.into_text()?.to_text())
    }

    /// Everything that was said but the tags.
    fn own(&self) -> Own<'_> {
        self.attributes.since_settled().1
    }

    fn tags(&self) -> Option<Value<'_>> {
        let tags = || self.tags.iter().map(Str::from).collect::<Texts<'_>>();
        (!self.tags.is_empty()).then(|| Value::Texts(tags()))
    }

    /// What this says together with what is said around it.
    pub(super) fn within(&self, outer: &Self) -> Self {
        let mut all = outer.clone();
        for (key, value) in self.own() {
            all.attributes.put_attribute(key.clone(), value);
        }
        self.tags.iter().for_each(|tag| all.add_tag(tag));
        self.in_metrics.iter().for_each(|key| all.in_metrics(key.clone()));
        all.in_baggage = self.in_baggage.or(outer.in_baggage);
        all
    }

    /// Tells a call that starts what it has not been told.
    pub(super) fn tell(&self, fields: &mut Fields, has_conversation: bool) {
        for (key, value) in self.own() {
            if key == CONVERSATION {
                if let Some(id) = value.as_text()
                    && !fields.has(attr::GEN_AI_CONVERSATION_ID.id())
                {
                    fields.set(attr::GEN_AI_CONVERSATION_ID, id);
                }
                // The operation has it not in the conventions: it is the application's own there.
                let known = fields.get(attr::GEN_AI_CONVERSATION_ID).map(Value::into_owned);
                if let Some(known) = known
                    && (!has_conversation || self.is_in_metrics(key))
                {
                    self.tell_one(fields, key.clone(), &known);
                }
                continue;
            }
            self.tell_one(fields, key.clone(), &value);
        }
        if let Some(tags) = self.tags() {
            self.tell_one(fields, Cow::Borrowed(TAGS), &tags);
        }
    }

    fn is_in_metrics(&self, key: &str) -> bool {
        self.in_metrics.iter().any(|named| named == key)
    }

    fn tell_one(&self, fields: &mut Fields, key: Cow<'static, str>, value: &Value<'_>) {
        let known = fields.get_attribute(&key).map(Value::into_owned);
        if self.is_in_metrics(&key) {
            if !fields.metric_attributes().any(|(there, _)| *there == key) {
                fields.put_metric_attribute(key, known.as_ref().unwrap_or(value));
            }
        } else if known.is_none() {
            fields.put_attribute(key, value.clone());
        }
    }

    /// All of it as attributes of a span that is not a call's.
    #[cfg(feature = "sdk")]
    pub(super) fn attributes(&self) -> Vec<KeyValue> {
        let tags = self.tags();
        let tags = tags.iter().map(|tags| KeyValue::new(TAGS, convert(tags)));
        let own = self.own().map(|(key, value)| KeyValue::new(key.clone(), convert(&value)));
        own.chain(tags).collect()
    }

    /// All of it as entries of baggage.
    fn entries(&self) -> impl Iterator<Item = (Cow<'static, str>, String)> {
        let tags = self.tags().map(|tags| (Cow::Borrowed(TAGS), text(&tags)));
        self.own().map(|(key, value)| (key.clone(), text(&value))).chain(tags)
    }

    /// The context with the baggage that this asks for.
    pub(super) fn put_into_baggage(&self, outer: Option<&Self>, context: Context) -> Context {
        let was = outer.filter(|outer| outer.in_baggage == Some(true));
        let is = Some(self).filter(|said| said.in_baggage == Some(true));
        if was.is_none() && is.is_none() {
            return context;
        }
        // Left out and not removed: what is removed goes on to count against the limit of a baggage.
        let left_out: Vec<_> =
            was.into_iter().flat_map(Self::entries).map(|(key, _)| key).collect();
        let mut baggage = Baggage::new();
        for (key, (value, metadata)) in context.baggage() {
            if !left_out.iter().any(|said| **said == *key.as_str()) {
                baggage.insert_with_metadata(key.clone(), value.clone(), metadata.clone());
            }
        }
        for (key, value) in is.into_iter().flat_map(Self::entries) {
            baggage.insert(key, value);
        }
        context.with_baggage(baggage)
    }
}

/// A value as text.
fn text(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.as_str().to_owned(),
        Value::Int(int) => int.to_string(),
        Value::Double(double) => double.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Texts(texts) => {
            let all: Vec<_> = texts.iter().map(|text| text.as_str().to_owned()).collect();
            all.join(",")
        }
    }
}
