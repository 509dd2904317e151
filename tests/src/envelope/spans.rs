//! Spans.

use std::time::SystemTime;

use opentelemetry::trace::{Event, Link, SpanContext, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, SpanId};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::field::Field;
use super::{Problem, Way, attributes, resource};

/// An input with one span.
pub(super) fn one(input: &Field<'_>, way: &mut Way) -> Result<(), Problem> {
    let span = span(&input.at("span")?, scope(&input.at("scope")?)?)?;
    way.spans(&resource(input)?, vec![span])
}

/// An input with spans that are exported at once, each with its scope, all with one resource.
pub(super) fn several(input: &Field<'_>, way: &mut Way) -> Result<(), Problem> {
    let mut spans = Vec::new();
    let mut first: Option<Field<'_>> = None;
    for item in input.at("spans")?.items()? {
        let given = item.at("resource")?;
        match &first {
            None => first = Some(item.clone()),
            Some(first) if first.at("resource")?.given() == given.given() => {}
            Some(_) => return Err(given.wrong("not the resource of the first span")),
        }
        spans.push(span(&item.at("span")?, scope(&item.at("scope")?)?)?);
    }
    let Some(first) = first else { return Err(input.at("spans")?.wrong("no span")) };
    way.spans(&resource(&first)?, spans)
}

/// What recorded it.
pub(super) fn scope(field: &Field<'_>) -> Result<InstrumentationScope, Problem> {
    let name = field.at("name")?.text_if_given()?.unwrap_or("").to_owned();
    let builder = InstrumentationScope::builder(name);
    Ok(match field.at("version")?.text_if_given()? {
        Some(version) => builder.with_version(version.to_owned()).build(),
        None => builder.build(),
    })
}

/// Whether a span is a client's, a server's …
pub(super) fn kind(field: &Field<'_>) -> Result<SpanKind, Problem> {
    Ok(match field.text()? {
        "CLIENT" => SpanKind::Client,
        "SERVER" => SpanKind::Server,
        "PRODUCER" => SpanKind::Producer,
        "CONSUMER" => SpanKind::Consumer,
        "INTERNAL" => SpanKind::Internal,
        other => {
            return Err(field.wrong(&format!(
                "`{other}` is none of `CLIENT`, `SERVER`, `PRODUCER`, `CONSUMER`, `INTERNAL`"
            )));
        }
    })
}

fn span(field: &Field<'_>, scope: InstrumentationScope) -> Result<SpanData, Problem> {
    if !field.is_given() {
        return Err(field.wrong("missing; expected is a span"));
    }
    let parent = field.at("parentSpanId")?;
    let remote = field.at("parentIsRemote")?;
    let mut events = SpanEvents::default();
    events.events = field.at("events")?.items()?.iter().map(event).collect::<Result<_, _>>()?;
    let mut links = SpanLinks::default();
    links.links = field.at("links")?.items()?.iter().map(link).collect::<Result<_, _>>()?;
    let start_time = field.at("startTimeUnixNano")?.time()?;
    Ok(SpanData {
        span_context: context(field, false)?,
        parent_span_id: if parent.is_given() { parent.span_id()? } else { SpanId::INVALID },
        parent_span_is_remote: remote.is_given() && remote.flag()?,
        span_kind: kind(&field.at("kind")?)?,
        name: field.at("name")?.text()?.to_owned().into(),
        start_time,
        end_time: field.at("endTimeUnixNano")?.time()?,
        attributes: attributes::of_spans(&field.at("attributes")?)?,
        dropped_attributes_count: 0,
        events,
        links,
        status: status(&field.at("status")?)?,
        instrumentation_scope: scope,
    })
}

fn context(field: &Field<'_>, remote: bool) -> Result<SpanContext, Problem> {
    Ok(SpanContext::new(
        field.at("traceId")?.trace_id()?,
        field.at("spanId")?.span_id()?,
        TraceFlags::SAMPLED,
        remote,
        TraceState::NONE,
    ))
}

fn event(field: &Field<'_>) -> Result<Event, Problem> {
    let time: SystemTime = field.at("timeUnixNano")?.time()?;
    let name = field.at("name")?.text()?.to_owned();
    Ok(Event::new(name, time, attributes::of_spans(&field.at("attributes")?)?, 0))
}

fn link(field: &Field<'_>) -> Result<Link, Problem> {
    let attributes = attributes::of_spans(&field.at("attributes")?)?;
    Ok(Link::new(context(field, true)?, attributes, 0))
}

fn status(field: &Field<'_>) -> Result<Status, Problem> {
    let description = field.at("description")?.text_if_given()?.unwrap_or("").to_owned();
    let code = field.at("code")?;
    Ok(match code.text_if_given()? {
        None | Some("UNSET") => Status::Unset,
        Some("OK") => Status::Ok,
        Some("ERROR") => Status::error(description),
        Some(other) => {
            return Err(code.wrong(&format!("`{other}` is none of `UNSET`, `OK`, `ERROR`")));
        }
    })
}
