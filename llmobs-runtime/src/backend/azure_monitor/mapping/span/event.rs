//! Events of a span: exceptions, and messages with the event's name.

use std::borrow::Cow;

use opentelemetry::trace::Event;
use opentelemetry_sdk::trace::SpanData;

use super::super::super::item::{Item, ItemKind};
use super::super::envelope::Envelope;
use super::super::exception::Exception;
use super::super::fields::Field;
use super::super::limits::NO_MESSAGE;
use super::super::measurements::Measurements;
use super::super::properties::Properties;
use super::super::value::Val;
use super::super::{Mapper, limits, tags};
use super::attributes::Attributes;

/// What conventions call the event that is an exception.
const EXCEPTION: &str = "exception";

/// One event. What it does not say of its session and sample it has from its span.
pub(super) fn item(
    mapper: &Mapper,
    span: &SpanData,
    event: &Event,
    sample_rate: Option<f64>,
    session: Option<&str>,
) -> Item {
    let is_exception = event.name == EXCEPTION;
    let kind = if is_exception { ItemKind::Exception } else { ItemKind::Message };
    let mut properties = Properties::with_room(event.attributes.len());
    let attributes = Attributes::read(&event.attributes, &mut properties);
    super::count(&mut properties, super::DROPPED_ATTRIBUTES, event.dropped_attributes_count);
    let mut measurements = Measurements::default();
    if let Some(value) = attributes.value(Field::Measurements) {
        measurements.add_all(Val::from(value));
    }
    let text = |field| attributes.text(field);
    let stack = if is_exception { text(Field::ExceptionStacktrace) } else { None };
    let size = stack.as_ref().map_or(0, |stack| stack.len()).saturating_add(properties.size());

    let mut envelope = Envelope::new(mapper, kind, size);
    let context = &span.span_context;
    envelope.operation(context.trace_id(), Some(context.span_id()));
    if let Some(session) = text(Field::SessionId).or(session.map(Cow::Borrowed)) {
        envelope.tag(tags::SESSION_ID, &session);
    }
    let mut data = envelope.data(event.timestamp, attributes.sample_rate().or(sample_rate));
    if is_exception {
        let (ty, message) = (text(Field::ExceptionType), text(Field::ExceptionMessage));
        let exception =
            Exception { ty: ty.as_deref(), message: message.as_deref(), stack: stack.as_deref() };
        exception.write(&mut data);
    } else {
        let name = if event.name.is_empty() { NO_MESSAGE } else { &event.name };
        data.text("message", name, limits::MESSAGE);
    }
    data.finish(mapper, &measurements, properties)
}
