//! What is known of one call: attributes of the conventions and of the user's own.

mod shown;
#[cfg(feature = "enable")]
mod written;

use std::borrow::Cow;
use std::mem::ManuallyDrop;

use super::attribute_value::{Any, AttributeValue};
#[cfg(feature = "enable")]
use super::record::Seen;
use super::record::{self, Kind, Pool, Record};
use super::value::{List, Str, Texts, Value};
use super::{LlmUsage, Modality, Usage};
#[cfg(feature = "enable")]
use crate::conventions;
use crate::conventions::{ATTRIBUTES, Attribute, AttributeId, attr};
#[cfg(feature = "enable")]
pub(crate) use shown::{Known, Own};

/// No call carries more attributes of the user's own than this; further ones are left out.
const CUSTOM_LIMIT: u8 = 64;

/// The attributes of one call, as requests, responses and the caller name them.
///
/// What people wrote and models answered is never one of them: see [`crate::content`]. A scalar that is set twice
/// ends as it was set last; a list grows. What is absent or makes no sense (a
/// negative count, a port of 70,000) is not set. What was set when the call started stays as it was then: the
/// sampler has seen it, and a span attribute cannot be taken back.
///
/// Text is copied into one buffer, except what is known while compiling.
#[derive(Clone, Default)]
pub struct Fields {
    known: Record,
    /// Which of them take no first value any more.
    closed: Closed,
    /// The keys of the user's own attributes; their values name their place here.
    keys: Vec<Cow<'static, str>>,
    custom: Record,
    /// Those of them that metrics have too, with the value that they have there.
    metric: Record,
    pool: Pool,
    settled: Settled,
}

/// How much of each stood when the call started.
#[derive(Clone, Copy, Debug, Default)]
struct Settled {
    known: usize,
    keys: usize,
    #[cfg(feature = "enable")]
    custom: usize,
}

/// Attributes that are set; and those that hold content, which takes its own way, past policy and redaction.
#[derive(Clone, Copy)]
struct Closed([u64; 2]);

impl Default for Closed {
    fn default() -> Self {
        CONTENT
    }
}

impl Closed {
    fn word(index: u8) -> usize {
        usize::from(index >> 6) & 1
    }

    fn has(self, index: u8) -> bool {
        self.0[Self::word(index)] >> (index & 63) & 1 != 0
    }

    /// Closes an attribute, and says whether it was open.
    #[inline]
    fn add(&mut self, index: u8) -> bool {
        let (word, bit) = (&mut self.0[Self::word(index)], 1 << (index & 63));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Opens one that does not hold content.
    #[cfg(feature = "enable")]
    fn remove(&mut self, index: u8) {
        self.0[Self::word(index)] &= !(1 << (index & 63));
    }
}

impl Fields {
    /// Sets an attribute of the conventions; see [`crate::conventions::attr`] for their names.
    #[inline]
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

    #[expect(clippy::needless_pass_by_value, reason = "dropped here, and not in every caller")]
    pub(crate) fn put_attribute(&mut self, key: Cow<'static, str>, value: Value<'_>) {
        self.keep_attribute(key, &value);
    }

    /// Keeps an attribute of the user's own, and says under which number, if it did.
    fn keep_attribute(&mut self, key: Cow<'static, str>, value: &Value<'_>) -> Option<u8> {
        if key.is_empty() || key.len() > KEY_LIMIT || is_content(&key) || is_nothing(value) {
            return None;
        }
        if let Some(number) = self.number(&key) {
            if usize::from(number) >= self.settled.keys
                && let Some(at) = self.custom.position(number)
            {
                self.custom.replace(at, value, &mut self.pool);
                self.sweep();
            }
            return Some(number);
        }
        let number = u8::try_from(self.keys.len()).ok().filter(|number| *number < CUSTOM_LIMIT)?;
        self.keys.push(key);
        self.custom.add(number, value, &mut self.pool);
        Some(number)
    }

    /// The number of a key of the user's own.
    fn number(&self, key: &str) -> Option<u8> {
        self.keys.iter().position(|known| known == key).and_then(|at| u8::try_from(at).ok())
    }

    /// Sets the token counts that `usage` names.
    pub fn usage<U: LlmUsage + ?Sized>(&mut self, usage: &U) {
        self.put_usage(&usage.usage());
    }

    fn put_usage(&mut self, usage: &Usage) {
        let Usage { input, output, cache_read, cache_write, reasoning, text, image, audio } = usage;
        self.set(attr::GEN_AI_USAGE_INPUT_TOKENS, input);
        self.set(attr::GEN_AI_USAGE_OUTPUT_TOKENS, output);
        self.set(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, cache_read);
        self.set(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, cache_write);
        self.set(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, reasoning);
        let Modality { input, output, cache_read } = text;
        self.set(attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS, input);
        self.set(attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS, output);
        self.set(attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS, cache_read);
        let Modality { input, output, cache_read } = image;
        self.set(attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS, input);
        self.set(attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS, output);
        self.set(attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, cache_read);
        let Modality { input, output, cache_read } = audio;
        self.set(attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS, input);
        self.set(attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS, output);
        self.set(attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, cache_read);
    }

    /// What an attribute of the conventions is set to.
    pub fn get<T>(&self, attribute: Attribute<T>) -> Option<Value<'_>> {
        self.find(attribute.id())
    }

    /// What an attribute of the user's own is set to.
    pub fn get_attribute(&self, key: &str) -> Option<Value<'_>> {
        self.custom.find(self.number(key)?, &self.pool)
    }

    /// The attributes of the conventions that are set, in the order in which they were set first.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeId, Value<'_>)> {
        self.known(0..self.known.len())
    }

    /// Whether setting an attribute of the conventions is of no use, unless it is to change: it is set, or holds
    /// content.
    pub(crate) fn has(&self, id: AttributeId) -> bool {
        self.closed.has(id.index())
    }

    pub(crate) fn find(&self, id: AttributeId) -> Option<Value<'_>> {
        if !self.has(id) {
            return None;
        }
        self.known.find(id.index(), &self.pool)
    }

    /// Sets an attribute of the conventions.
    ///
    /// Its first lines are compiled into the caller, which mostly knows what kind of value it gives.
    #[expect(clippy::inline_always, reason = "a jump that is known while compiling")]
    #[inline(always)]
    pub(crate) fn put(&mut self, id: AttributeId, value: Value<'_>) {
        // Only what is handed on needs to be dropped.
        let value = ManuallyDrop::new(value);
        match &*value {
            Value::Int(int) => self.put_int(id, *int),
            Value::Double(double) => self.put_scalar(id, Kind::Double, double.to_bits()),
            Value::Flag(flag) => self.put_scalar(id, Kind::Flag, u64::from(*flag)),
            Value::Text(Str::Static(text)) => self.put_static(id, Kind::Text, text),
            Value::Text(Str::Borrowed(text)) => self.put_text(id, Kind::Text, text),
            Value::Texts(Texts(List::One(Str::Static(text)))) => {
                self.put_static(id, Kind::First, text);
            }
            Value::Texts(Texts(List::One(Str::Borrowed(text)))) => {
                self.put_text(id, Kind::First, text);
            }
            Value::Text(Str::Owned(_)) | Value::Texts(_) => {
                self.put_any(id, ManuallyDrop::into_inner(value));
            }
        }
    }

    fn put_int(&mut self, id: AttributeId, int: i64) {
        if plausible(id, int) {
            self.put_scalar(id, Kind::Int, int.cast_unsigned());
        }
    }

    fn put_scalar(&mut self, id: AttributeId, kind: Kind, bits: u64) {
        if self.known.has_room() && self.closed.add(id.index()) {
            self.known.add_scalar(id.index(), kind, bits);
        } else {
            self.put_any(id, record::scalar(kind, bits));
        }
    }

    fn put_static(&mut self, id: AttributeId, kind: Kind, text: &'static str) {
        if self.known.has_room() && self.closed.add(id.index()) {
            self.known.add_static(id.index(), kind, text);
        } else {
            self.put_any(id, record::texts(kind, Str::Static(text)));
        }
    }

    fn put_text(&mut self, id: AttributeId, kind: Kind, text: &str) {
        if self.known.has_room() && self.pool.has_room(text) && self.closed.add(id.index()) {
            self.known.add_text(id.index(), kind, text, &mut self.pool);
        } else {
            self.put_any(id, record::texts(kind, Str::Borrowed(text)));
        }
    }

    /// The same of any value, whether or not there is one and there is room.
    #[cold]
    #[expect(clippy::needless_pass_by_value, reason = "dropped here, and not in every caller")]
    fn put_any(&mut self, id: AttributeId, value: Value<'_>) {
        if is_nothing(&value) {
            return;
        }
        if self.closed.add(id.index()) {
            self.known.add(id.index(), &value, &mut self.pool);
            return;
        }
        let Some(at) = self.known.position(id.index()).filter(|at| *at >= self.settled.known)
        else {
            return;
        };
        if let Value::Texts(more) = &value
            && self.known.grow(at, more, &mut self.pool)
        {
            return;
        }
        self.known.replace(at, &value, &mut self.pool);
        self.sweep();
    }

    /// Forgets everything, and keeps the room for as much again; of what was unusually long no more than 8 KiB.
    pub fn clear(&mut self) {
        self.known.clear(KEPT_VALUES);
        self.closed = Closed::default();
        self.keys.clear();
        self.keys.shrink_to(KEPT_VALUES);
        self.custom.clear(KEPT_VALUES);
        self.metric.clear(KEPT_VALUES);
        self.pool.clear(KEPT_TEXT);
        self.settled = Settled::default();
    }

    fn sweep(&mut self) {
        self.pool.sweep([&mut self.known, &mut self.custom, &mut self.metric]);
    }
}

/// A longer key is a mistake: it would be kept by every backend as the name of a column.
const KEY_LIMIT: usize = 256;

/// No call carries more metric attributes of the user's own than this; further ones stay on the span.
#[cfg(feature = "enable")]
const METRIC_LIMIT: usize = 16;

/// A buffer that is longer is given back when the fields are to be used again.
const KEPT_TEXT: usize = 8_192;
const KEPT_VALUES: usize = 64;

/// What a running call needs of them.
#[cfg(feature = "enable")]
impl Fields {
    /// An empty set with room for an ordinary call.
    pub(crate) fn with_room() -> Self {
        Self { known: Record::with_room(16), pool: Pool::with_room(256), ..Self::default() }
    }

    /// Sets an attribute of the user's own on the span, and on the metrics: there no more than 16, each as it was
    /// given last.
    pub(crate) fn put_metric_attribute(&mut self, key: Cow<'static, str>, value: &Value<'_>) {
        // One that does not change on the span any more, or never stood there for its key, still may here.
        let Some(number) = self.keep_attribute(key, value) else { return };
        if let Some(at) = self.metric.position(number) {
            self.metric.replace(at, value, &mut self.pool);
            self.sweep();
        } else if self.metric_attributes().count() < METRIC_LIMIT {
            self.metric.add(number, value, &mut self.pool);
        }
    }

    /// The attributes of the user's own that the metrics have too.
    pub(crate) fn metric_attributes(&self) -> Own<'_> {
        self.own(&self.metric, 0..self.metric.len())
    }

    /// The text of an attribute that is one.
    pub(crate) fn text(&self, attribute: Attribute<conventions::Text>) -> Option<Str<'_>> {
        self.get(attribute)?.into_text()
    }

    /// The number of an attribute that is one.
    pub(crate) fn int(&self, attribute: Attribute<conventions::Int>) -> Option<i64> {
        let id = attribute.id();
        if self.has(id) { self.known.int(id.index()) } else { None }
    }

    /// What an attribute of the conventions is set to, to be looked at.
    pub(crate) fn see(&self, id: AttributeId) -> Option<Seen<'_>> {
        if self.has(id) { self.known.see(id.index(), &self.pool) } else { None }
    }

    /// Takes an attribute back, unless the call has started with it.
    pub(crate) fn unset<T>(&mut self, attribute: Attribute<T>) {
        let index = attribute.id().index();
        if let Some(at) = self.known.position(index)
            && at >= self.settled.known
        {
            self.known.remove(at, &mut self.pool);
            self.closed.remove(index);
        }
    }

    /// How much text there is, where it is more than a call is usually given.
    #[cfg(feature = "sdk")]
    pub(crate) fn unusual(&self) -> usize {
        Some(self.pool.len()).filter(|bytes| *bytes > KEPT_TEXT).unwrap_or_default()
    }

    /// The call has started: what stands now no longer changes.
    pub(crate) fn settle(&mut self) {
        self.settled =
            Settled { known: self.known.len(), keys: self.keys.len(), custom: self.custom.len() };
    }

    /// How many values were set when the call started.
    pub(crate) fn settled_len(&self) -> usize {
        self.settled.known.saturating_add(self.settled.custom)
    }

    /// All attributes of the conventions that are set, in the order in which they were set first.
    pub(crate) fn all(&self) -> Known<'_> {
        self.known(0..self.known.len())
    }

    /// What was set when the call started: attributes of the conventions, and of the user's own.
    pub(crate) fn settled(&self) -> (Known<'_>, Own<'_>) {
        let Settled { known, custom, .. } = self.settled;
        (self.known(0..known), self.own(&self.custom, 0..custom))
    }

    /// What has been set since the call started.
    pub(crate) fn since_settled(&self) -> (Known<'_>, Own<'_>) {
        let Settled { known, custom, .. } = self.settled;
        let (all, own) = (self.known.len(), self.custom.len());
        (self.known(known..all), self.own(&self.custom, custom..own))
    }
}

/// The attributes that hold content.
const CONTENT: Closed = {
    let (mut content, mut index) = (Closed([0; 2]), 0);
    while index < ATTRIBUTES.len() {
        if ATTRIBUTES[index].content {
            content.0[index >> 6] |= 1 << (index & 63);
        }
        index += 1;
    }
    content
};

/// The first characters of their names, as bits.
const CONTENT_BEGINS: u128 = {
    let (mut begins, mut index) = (0, 0);
    while index < ATTRIBUTES.len() {
        if ATTRIBUTES[index].content {
            begins |= 1 << ATTRIBUTES[index].key.as_bytes()[0];
            if let Some(name) = ATTRIBUTES[index].released {
                begins |= 1 << name.as_bytes()[0];
            }
        }
        index += 1;
    }
    begins
};

/// A list without an element.
fn is_nothing(value: &Value<'_>) -> bool {
    matches!(value, Value::Texts(list) if list.is_empty())
}

/// Whether a key is that of an attribute which holds content, in either dialect.
pub(crate) fn is_content(key: &str) -> bool {
    // Keys of the user's own mostly begin otherwise, which is quick to see.
    let first = key.as_bytes().first().copied().unwrap_or_default();
    CONTENT_BEGINS.checked_shr(u32::from(first)).is_some_and(|bits| bits & 1 != 0)
        && names_content(key)
}

fn names_content(key: &str) -> bool {
    ATTRIBUTES.iter().filter(|row| row.content).any(|row| {
        [Some(row.key), row.released].into_iter().flatten().any(|name| {
            let below = key.strip_prefix(name);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    })
}

/// Whether a number can be what its attribute means: counts are not negative, ports fit 16 bits.
fn plausible(id: AttributeId, int: i64) -> bool {
    if id == attr::SERVER_PORT.id() {
        return (1..=i64::from(u16::MAX)).contains(&int);
    }
    int >= 0 || id == attr::GEN_AI_REQUEST_SEED.id() || id == attr::PROCESS_EXIT_CODE.id()
}

#[cfg(test)]
mod tests;
