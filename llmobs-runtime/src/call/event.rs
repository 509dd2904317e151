//! The event that holds what is known of one inference, content included, for those who keep content out of
//! traces.

use std::time::SystemTime;

use opentelemetry::logs::AnyValue;
use opentelemetry::trace::SpanContext;
use opentelemetry::{Array, Value as OtelValue};

use super::Draft;
use super::span::key_value;
use crate::content::Finished;
use crate::conventions::{AttributeId, Operation, attr, event, operation};
use crate::pipeline::{Event, Pipeline};

/// Whether the event is emitted: content goes into events, something takes them, and the operation is one that the
/// event describes, an inference and not the agent or the tool around it.
pub(super) fn is_emitted(operation: &Operation, pipeline: &Pipeline) -> bool {
    pipeline.content().mode().in_events()
        && pipeline.has_logger()
        && std::ptr::eq(operation.span, operation::CHAT.span)
}

/// Emits the event, where content goes into events and the operation is one that the event describes.
pub(super) fn details(
    draft: &Draft,
    span: &SpanContext,
    ended_at: SystemTime,
    captured: Option<&Finished>,
) {
    let Some(captured) = captured else { return };
    let pipeline = &draft.pipeline;
    if !is_emitted(draft.operation, pipeline) {
        return;
    }
    let dialect = pipeline.dialect();
    let row = &event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS;
    let has = |id: AttributeId| {
        row.attributes.iter().any(|on| on.id == id && on.level(dialect).is_some())
    };
    let name = (attr::GEN_AI_OPERATION_NAME.key(dialect), AnyValue::from(draft.operation.name));
    let mut known = draft.fields.all();
    let known = std::iter::from_fn(|| known.see())
        .filter(|(id, _)| has(*id) && super::span::recorded(draft, *id))
        .map(|(id, value)| key_value(id, value, dialect))
        .map(|attribute| (attribute.key, any(attribute.value)));
    let contents = captured
        .values()
        .filter(|(id, _)| has(*id))
        .map(|(id, value)| (id.key(dialect).into(), value.to_any_value()));
    let truncated = captured.truncated().filter(|id| has(*id)).map(|id| id.key(dialect));
    let truncated: Vec<AnyValue> = truncated.map(AnyValue::from).collect();
    let truncated = (!truncated.is_empty())
        .then(|| (crate::content::TRUNCATED.into(), AnyValue::ListAny(Box::new(truncated))));
    pipeline.emit(Event {
        row,
        at: ended_at,
        span,
        attributes: std::iter::once((name.0.into(), name.1))
            .chain(known)
            .chain(contents)
            .chain(truncated)
            .collect(),
    });
}

/// An attribute's value as a log record takes it.
fn any(value: OtelValue) -> AnyValue {
    match value {
        OtelValue::Bool(flag) => AnyValue::Boolean(flag),
        OtelValue::I64(int) => AnyValue::Int(int),
        OtelValue::F64(double) => AnyValue::Double(double),
        OtelValue::String(text) => AnyValue::String(text),
        OtelValue::Array(Array::String(texts)) => {
            AnyValue::ListAny(Box::new(texts.into_iter().map(AnyValue::String).collect()))
        }
        // No attribute of ours is an array of anything else.
        other => AnyValue::String(other.to_string().into()),
    }
}
