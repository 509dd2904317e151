//! From what is known of a call to its span.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::{SpanBuilder, SpanKind as OtelKind, Status, TraceContextExt};
use opentelemetry::{Array, KeyValue, StringValue, Value as OtelValue};

use super::{Draft, Live, content};
use crate::content::Finished;
use crate::conventions::{AttributeId, Dialect, Operation, SpanKind, ValueType, attr};
use crate::payload::{Text, Value};

/// The span to start: name, kind, and every attribute known so far, for the sampler to see.
pub(super) fn builder(draft: &mut Draft, at: SystemTime) -> SpanBuilder {
    let operation = KeyValue::new(
        attr::GEN_AI_OPERATION_NAME.key(draft.pipeline.dialect()),
        draft.operation.name,
    );
    let mut attributes = Vec::with_capacity(ROOM);
    attributes.push(operation);
    attributes.extend(fresh(draft));
    let name = name(draft);
    draft.fields.settle();
    SpanBuilder::from_name(name)
        .with_kind(match draft.kind {
            SpanKind::Client => OtelKind::Client,
            SpanKind::Internal => OtelKind::Internal,
            SpanKind::Server => OtelKind::Server,
        })
        .with_start_time(at)
        .with_attributes(attributes)
}

/// Ends the span with all that was learnt since it started.
pub(super) fn end(
    draft: &Draft,
    live: &Live,
    ended_at: SystemTime,
    error: Option<&Text>,
    captured: Option<&Finished>,
) {
    let span = live.context.span();
    if span.is_recording() {
        span.set_attributes(fresh(draft));
        if let Some(captured) = captured
            && draft.pipeline.content().mode().on_spans()
        {
            span.set_attributes(content::on_span(captured, draft.pipeline.dialect()));
        }
        if let Some(error) = error {
            // Not the error's message: that may quote the prompt.
            span.set_status(Status::error(error.as_str().to_owned()));
        }
    }
    span.end_with_timestamp(ended_at);
}

/// Attributes that a span is given room for at once, so that those of the response cause no second allocation.
const ROOM: usize = 24;

/// `{operation} {model, tool, agent, …}`, or the name that the caller chose.
fn name(draft: &Draft) -> Cow<'static, str> {
    if let Some(name) = &draft.name {
        return name.as_str().to_owned().into();
    }
    let Operation { name, span } = draft.operation;
    match span.target.and_then(|target| draft.fields.find(target)).and_then(Value::as_text) {
        Some(target) => format!("{name} {}", target.as_str()).into(),
        None => Cow::Borrowed(name),
    }
}

/// The attributes that the span does not have yet: those that the operation has in the dialect, and the
/// user's own. No key is given twice: where both name one, the first to reach the span stays, and of two that
/// reach it together the convention's.
fn fresh(draft: &Draft) -> impl Iterator<Item = KeyValue> + '_ {
    let Draft { fields, pipeline, .. } = draft;
    let dialect = pipeline.dialect();
    let (known, custom) = fields.since_settled();
    let known = known
        .iter()
        .filter(move |(id, _)| recorded(draft, *id))
        .filter(move |(id, _)| !fields.settled_attribute(id.key(dialect)))
        .map(move |(id, value)| key_value(*id, value, dialect));
    let custom = custom
        .iter()
        .filter(move |(key, _)| {
            *key != attr::GEN_AI_OPERATION_NAME.key(dialect)
                && !fields.iter().any(|(id, _)| id.key(dialect) == key && recorded(draft, id))
        })
        .map(|(key, value)| KeyValue::new(key.clone(), convert(value)));
    known.chain(custom)
}

/// Whether an attribute of the conventions that is set belongs on the span.
pub(super) fn recorded(draft: &Draft, id: AttributeId) -> bool {
    draft.operation.span.has(id, draft.pipeline.dialect())
        && id != attr::GEN_AI_OPERATION_NAME.id()
        // A port without its host says nothing.
        && (id != attr::SERVER_PORT.id() || draft.fields.get(attr::SERVER_ADDRESS).is_some())
}

/// One attribute as OpenTelemetry takes it, in the name and the type that the dialect gives it.
pub(super) fn key_value(id: AttributeId, value: &Value, dialect: Dialect) -> KeyValue {
    let row = id.row();
    let value = match (value, row.released_ty) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the only such attribute is top_k, a small number"
        )]
        (Value::Int(int), Some(ValueType::Double)) if dialect == Dialect::Released => {
            OtelValue::F64(*int as f64)
        }
        _ => convert(value),
    };
    KeyValue::new(id.key(dialect), value)
}

/// A value as OpenTelemetry takes it.
pub(super) fn convert(value: &Value) -> OtelValue {
    match value {
        Value::Text(text) => OtelValue::String(string(text)),
        Value::Int(int) => OtelValue::I64(*int),
        Value::Double(double) => OtelValue::F64(*double),
        Value::Flag(flag) => OtelValue::Bool(*flag),
        Value::Texts(texts) => OtelValue::Array(Array::String(texts.iter().map(string).collect())),
    }
}

fn string(text: &Text) -> StringValue {
    match text {
        Text::Static(text) => StringValue::from(*text),
        Text::Shared(text) => StringValue::from(Arc::clone(text)),
    }
}
