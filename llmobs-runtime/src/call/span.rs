//! From what is known of a call to its span.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::{SpanBuilder, SpanKind as OtelKind, Status, TraceContextExt};
use opentelemetry::{Array, KeyValue, StringValue, Value as OtelValue};

use super::{Draft, Live, content};
use crate::content::Finished;
use crate::conventions::{
    AttributeId, AttributeRow, Dialect, Operation, SpanKind, ValueType, attr,
};
use crate::intern::{few_valued, interned, interned_pair};
use crate::payload::{Fields, Group, Known, Own, Seen, Str, Value};

/// The span to start: name, kind, and every attribute known so far, for the sampler to see.
pub(super) fn builder(draft: &Draft, at: SystemTime) -> SpanBuilder {
    SpanBuilder::from_name(name(draft))
        .with_kind(kind(draft))
        .with_start_time(at)
        .with_attributes(at_start(draft))
}

/// Ends the span with all that was learnt since it started.
pub(super) fn end(draft: &Draft, live: &Live, ended_at: SystemTime, captured: Option<&Finished>) {
    let span = live.context.span();
    if span.is_recording() {
        learnt(draft, captured, &mut |attribute| span.set_attribute(attribute));
        if let Some(status) = status(draft) {
            span.set_status(status);
        }
    }
    span.end_with_timestamp(ended_at);
}

/// The attributes that a span starts with, with room for those that come later.
pub(super) fn at_start(draft: &Draft) -> Vec<KeyValue> {
    let room = draft.fields.settled_len().saturating_add(1 + LEARNT);
    let mut attributes = Vec::with_capacity(room.max(ROOM));
    let operation = attr::GEN_AI_OPERATION_NAME.key(draft.pipeline.dialect());
    attributes.push(KeyValue::new(operation, draft.operation.name));
    each(draft, Part::Start, &mut |attribute| attributes.push(attribute));
    attributes
}

/// Tells the attributes that were learnt while the call ran, and the content that spans have.
#[inline]
pub(super) fn learnt(draft: &Draft, captured: Option<&Finished>, tell: &mut impl FnMut(KeyValue)) {
    each(draft, Part::Rest, tell);
    if let Some(captured) = captured.filter(|_| draft.pipeline.content().mode().on_spans()) {
        content::on_span(captured, draft.pipeline.dialect()).for_each(tell);
    }
}

/// Failed, where the call has.
pub(super) fn status(draft: &Draft) -> Option<Status> {
    let error = draft.fields.text(attr::ERROR_TYPE)?;
    // Not the error's message: that may quote the prompt.
    Some(Status::error(error.as_str().to_owned()))
}

/// The kind as OpenTelemetry has it.
pub(super) fn kind(draft: &Draft) -> OtelKind {
    match draft.kind {
        SpanKind::Client => OtelKind::Client,
        SpanKind::Internal => OtelKind::Internal,
        SpanKind::Server => OtelKind::Server,
    }
}

/// Attributes that a span is given room for at once, so that those of the response cause no second allocation. One
/// more, and allocators such as glibc's take a slower way.
const ROOM: usize = 1_024 / size_of::<KeyValue>();

/// Attributes that a response mostly has.
const LEARNT: usize = 8;

/// `{operation} {model, tool, agent, …}`, or the name that the caller chose.
pub(super) fn name(draft: &Draft) -> Cow<'static, str> {
    if let Some(name) = &draft.name {
        return name.as_str().to_owned().into();
    }
    let Operation { name, span } = draft.operation;
    let (mut known, _) = draft.fields.settled();
    let target = known.find(|(id, _)| Some(*id) == span.target);
    let Some((id, text)) = target.and_then(|(id, value)| Some((id, value.into_text()?))) else {
        return Cow::Borrowed(name);
    };
    let kept = few_valued(id).then(|| interned_pair(name, text.as_str())).flatten();
    kept.map_or_else(|| format!("{name} {}", text.as_str()).into(), Cow::Borrowed)
}

/// What of a call is known when.
#[derive(Clone, Copy)]
enum Part {
    /// When it starts.
    Start,
    /// Only later.
    Rest,
}

/// Tells the attributes of one part: those that the operation has in the dialect, and the user's own. No key is given
/// twice: where both name one, the first to be known stays, and of two that are known together the convention's.
#[inline]
fn each(draft: &Draft, part: Part, tell: &mut impl FnMut(KeyValue)) {
    let Draft { fields, pipeline, operation, .. } = draft;
    let (first, own) = fields.settled();
    let (mut known, custom, before) = match part {
        Part::Start => (first, own, None),
        Part::Rest => {
            let (known, custom) = fields.since_settled();
            let may_collide = !own.is_empty() || !custom.is_empty();
            (known, custom, may_collide.then_some((first, own)))
        }
    };
    let dialect = pipeline.dialect();
    let on_span = on_span(operation, fields, dialect);
    let all = Attributes { on_span, dialect, known: known.clone(), before };
    let may_be_taken = all.before.is_some();
    while let Some((id, value)) = known.see() {
        if on_span & id.bit() != 0 && !(may_be_taken && all.is_taken(id)) {
            tell(key_value(id, value, dialect));
        }
    }
    if !custom.is_empty() {
        all.own(custom).for_each(tell);
    }
}

/// Those of one part; see [`each`].
struct Attributes<'a> {
    /// The bits of those that belong on the span.
    on_span: u128,
    dialect: Dialect,
    known: Known<'a>,
    /// What the span has already, where that could have the key of another.
    before: Option<(Known<'a>, Own<'a>)>,
}

impl<'a> Attributes<'a> {
    /// Whether the user's own of the part before has the key of this one.
    fn is_taken(&self, id: AttributeId) -> bool {
        let Some((_, own)) = &self.before else { return false };
        let key = id.key(self.dialect);
        own.clone().any(|(there, _)| there == key)
    }

    /// Whether an attribute of the conventions has this key.
    fn is_conventional(&self, key: &str) -> bool {
        let named = |mut known: Known<'_>| {
            known.any(|(id, _)| self.on_span & id.bit() != 0 && id.key(self.dialect) == key)
        };
        key == attr::GEN_AI_OPERATION_NAME.key(self.dialect)
            || named(self.known.clone())
            || self.before.clone().is_some_and(|(known, _)| named(known))
    }

    /// The user's own that say something new.
    fn own(&self, custom: Own<'a>) -> impl Iterator<Item = KeyValue> {
        let new = custom.filter(|(key, _)| !self.is_conventional(key));
        new.map(|(key, value)| KeyValue::new(key.clone(), convert(&value)))
    }
}

/// The bits of the attributes of the conventions that belong on the span where they are set.
#[inline]
fn on_span(operation: &Operation, fields: &Fields, dialect: Dialect) -> u128 {
    // A port without its host says nothing.
    let port = if fields.has(attr::SERVER_ADDRESS.id()) { 0 } else { attr::SERVER_PORT.id().bit() };
    operation.span.mask(dialect) & !attr::GEN_AI_OPERATION_NAME.id().bit() & !port
}

/// Whether an attribute of the conventions that is set belongs on the span.
pub(super) fn recorded(draft: &Draft, id: AttributeId) -> bool {
    on_span(draft.operation, &draft.fields, draft.pipeline.dialect()) & id.bit() != 0
}

/// One attribute as OpenTelemetry takes it, in the name and the type that the dialect gives it.
#[inline]
pub(super) fn key_value(id: AttributeId, value: Seen<'_>, dialect: Dialect) -> KeyValue {
    let row = id.row();
    let value = match value {
        Seen::Static(text) => OtelValue::String(text.into()),
        Seen::Text(text) => {
            OtelValue::String(if few_valued(id) { kept(text) } else { copied(text) })
        }
        Seen::Int(int) if is_double(row, dialect) =>
        {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the only such attribute is top_k, a small number"
            )]
            OtelValue::F64(int as f64)
        }
        Seen::Int(int) => OtelValue::I64(int),
        Seen::Double(double) => OtelValue::F64(double),
        Seen::Flag(flag) => OtelValue::Bool(flag),
        Seen::List(list) => listed(list, few_valued(id)),
    };
    KeyValue::new(row.key(dialect), value)
}

/// Whether the dialect has a whole number as a float.
#[inline]
fn is_double(row: &AttributeRow, dialect: Dialect) -> bool {
    dialect == Dialect::Released && row.released_ty == Some(ValueType::Double)
}

#[inline(never)]
fn listed(list: Group<'_>, few: bool) -> OtelValue {
    let mut texts = Vec::with_capacity(list.len());
    for text in list.iter() {
        texts.push(match text {
            Str::Static(text) => text.into(),
            text if few => kept(text.as_str()),
            text => copied(text.as_str()),
        });
    }
    OtelValue::Array(Array::String(texts))
}

/// A text of which there are few.
#[inline]
fn kept(text: &str) -> StringValue {
    interned(text).map_or_else(|| copied(text), StringValue::from)
}

fn copied(text: &str) -> StringValue {
    text.to_owned().into()
}

/// A value as OpenTelemetry takes it.
#[inline]
pub(crate) fn convert(value: &Value<'_>) -> OtelValue {
    match value {
        Value::Text(text) => OtelValue::String(string(text)),
        Value::Int(int) => OtelValue::I64(*int),
        Value::Double(double) => OtelValue::F64(*double),
        Value::Flag(flag) => OtelValue::Bool(*flag),
        Value::Texts(texts) => {
            OtelValue::Array(Array::String(texts.iter().map(|text| string(&text)).collect()))
        }
    }
}

/// What is known while compiling is not copied.
#[inline]
fn string(text: &Str<'_>) -> StringValue {
    match text {
        Str::Static(text) => StringValue::from(*text),
        other => StringValue::from(other.as_str().to_owned()),
    }
}
