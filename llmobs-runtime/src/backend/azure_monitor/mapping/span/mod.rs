//! Spans: each a request or a dependency, and each of its events a message or an exception.

mod attributes;
mod database;
mod dependency;
mod event;
mod genai;
mod http;
mod links;
mod messaging;
mod peer;
mod request;
mod rpc;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use super::super::item::{Item, ItemKind};
use super::super::sampling;
use super::envelope::{Data, Envelope};
use super::fields::Field;
use super::measurements::Measurements;
use super::properties::Properties;
use super::value::Val;
use super::{Mapper, caller, limits, tags, time};
use attributes::Attributes;

/// What OpenTelemetry calls these where an exporter has no field for them.
const STATUS_DESCRIPTION: &str = "otel.status_description";
const DROPPED_ATTRIBUTES: &str = "otel.dropped_attributes_count";
const DROPPED_EVENTS: &str = "otel.dropped_events_count";

/// Appends a span and then its events.
pub(super) fn span(mapper: &Mapper, span: &SpanData, out: &mut Vec<Item>) {
    let mut properties = Properties::with_room(span.attributes.len().saturating_add(8));
    let attributes = Attributes::read(&span.attributes, &mut properties);
    // A span has room for 128 attributes, and the sampler's come last.
    let sample_rate =
        attributes.sample_rate().or_else(|| sampling::rate_of(span.span_context.trace_state()));
    let session = attributes.text(Field::SessionId);

    let mut measurements = Measurements::default();
    if let Some(value) = attributes.value(Field::Measurements) {
        measurements.add_all(Val::from(value));
    }
    genai::complete(&attributes, &mut properties);
    if let Status::Error { description } = &span.status
        && !description.is_empty()
    {
        properties.add(STATUS_DESCRIPTION, description.as_ref());
    }
    let links = links::text(&span.links);
    if let Some((text, left_out)) = &links {
        properties.add(links::LINKS, text.as_str());
        count(&mut properties, links::DROPPED, *left_out);
    }
    count(&mut properties, DROPPED_ATTRIBUTES, span.dropped_attributes_count);
    count(&mut properties, DROPPED_EVENTS, span.events.dropped_count);

    let one = Span { recorded: span, attributes: &attributes, is_error: is_error(span) };
    let item = match span.span_kind {
        SpanKind::Server | SpanKind::Consumer => {
            one.request(mapper, sample_rate, session.as_deref(), measurements, properties)
        }
        SpanKind::Client | SpanKind::Producer | SpanKind::Internal => {
            one.dependency(mapper, sample_rate, session.as_deref(), &measurements, properties)
        }
    };
    out.push(item);
    for event in span.events.iter() {
        out.push(event::item(mapper, span, event, sample_rate, session.as_deref()));
    }
}

fn is_error(span: &SpanData) -> bool {
    matches!(span.status, Status::Error { .. })
}

/// Adds what was lost before it came here, unless that is nothing.
fn count(properties: &mut Properties<'_>, name: &'static str, number: u32) {
    if number > 0 {
        properties.add(name, Val::Integer(i64::from(number)));
    }
}

/// A span while it is encoded.
#[derive(Clone, Copy, Debug)]
struct Span<'a> {
    recorded: &'a SpanData,
    attributes: &'a Attributes<'a>,
    is_error: bool,
}

impl<'a> Span<'a> {
    fn request(
        self,
        mapper: &Mapper,
        sample_rate: Option<f64>,
        session: Option<&str>,
        mut measurements: Measurements<'a>,
        properties: Properties<'a>,
    ) -> Item {
        let told = request::tell(self.attributes, self.is_error);
        if self.attributes.has(Field::AzNamespace)
            && let Some(millis) = links::since_enqueued(self.recorded)
        {
            measurements.add(links::SINCE_ENQUEUED, millis);
        }
        let name = told.name.as_deref().unwrap_or(&self.recorded.name);
        let mut envelope = self.tags(mapper, ItemKind::Request, name, session, properties.size());
        if let Some(ip) = request::location(self.attributes) {
            envelope.tag(tags::LOCATION_IP, &ip);
        }
        if let Some(agent) = &told.user_agent {
            envelope.tag(tags::USER_AGENT, agent);
        }
        let mut data = self.data(envelope, sample_rate, name);
        data.text("responseCode", self.code(told.code.as_deref()).as_ref(), limits::NAME);
        data.flag("success", told.success);
        if let Some(url) = &told.url {
            data.text("url", url, limits::URL);
        }
        if let Some(source) = &told.source {
            data.text("source", source, limits::NAME);
        }
        data.finish(mapper, &measurements, properties)
    }

    fn dependency(
        self,
        mapper: &Mapper,
        sample_rate: Option<f64>,
        session: Option<&str>,
        measurements: &Measurements<'a>,
        properties: Properties<'a>,
    ) -> Item {
        let told = dependency::tell(&self.recorded.span_kind, self.attributes);
        let name = told.name.as_deref().unwrap_or(&self.recorded.name);
        let kind = ItemKind::Dependency;
        let mut envelope = self.tags(mapper, kind, name, session, properties.size());
        if let Some(agent) = &told.user_agent {
            envelope.tag(tags::USER_AGENT, agent);
        }
        let mut data = self.data(envelope, sample_rate, name);
        data.text("resultCode", self.code(told.code.as_deref()).as_ref(), limits::NAME);
        // The status decides: an instrumentation that knows of an error sets it. Where it is not set, a server that
        // failed is one.
        let failed = match self.recorded.status {
            Status::Unset => http::is_server_error(self.attributes),
            Status::Ok => false,
            Status::Error { .. } => true,
        };
        data.flag("success", !failed);
        data.text("type", &told.ty, limits::NAME);
        if let Some(target) = &told.target {
            data.text("target", target, limits::NAME);
        }
        if let Some(text) = &told.data {
            data.text("data", text, limits::DATA);
        }
        data.finish(mapper, measurements, properties)
    }

    fn tags(
        self,
        mapper: &Mapper,
        kind: ItemKind,
        name: &str,
        session: Option<&str>,
        size: usize,
    ) -> Envelope {
        let mut envelope = Envelope::new(mapper, kind, size);
        let parent = self.recorded.parent_span_id;
        let parent = (parent != SpanId::INVALID).then_some(parent);
        envelope.operation(self.recorded.span_context.trace_id(), parent);
        envelope.tag(tags::OPERATION_NAME, name);
        for (field, tag) in
            [(Field::EndUserId, tags::USER_ACCOUNT), (Field::EndUserPseudoId, tags::USER_ID)]
        {
            if let Some(user) = self.attributes.text(field) {
                envelope.tag(tag, &user);
            }
        }
        if let Some(session) = session {
            envelope.tag(tags::SESSION_ID, session);
        }
        if is_synthetic(self.attributes) {
            envelope.tag(tags::SYNTHETIC_SOURCE, "True");
        }
        envelope
    }

    /// The fields that requests and dependencies have in common.
    fn data(self, envelope: Envelope, sample_rate: Option<f64>, name: &str) -> Data {
        let mut data = envelope.data(self.recorded.start_time, sample_rate);
        data.text("name", name, limits::NAME);
        data.hex("id", &self.recorded.span_context.span_id().to_bytes());
        let duration = self.recorded.end_time.duration_since(self.recorded.start_time);
        let out = data.field("duration");
        out.push(b'"');
        time::duration(out, duration.unwrap_or_default());
        out.push(b'"');
        data
    }

    /// The status code of the protocol, else what kind of error it was, else `0`.
    fn code(self, told: Option<&'a str>) -> Cow<'a, str> {
        let error = || self.attributes.text(Field::ErrorType).filter(|_| self.is_error);
        told.map(Cow::Borrowed)
            .or_else(|| rpc::code(self.attributes))
            .or_else(error)
            .unwrap_or(Cow::Borrowed("0"))
    }
}

fn is_synthetic(attributes: &Attributes<'_>) -> bool {
    let kind = attributes.text(Field::UserAgentSynthetic);
    let agent = http::user_agent(attributes);
    caller::is_synthetic(kind.as_deref(), agent.into_iter())
}

/// Nanoseconds since 1970 as the reference counts them.
fn nanoseconds(time: std::time::SystemTime) -> f64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "the result is a measurement in milliseconds")]
    let nanoseconds = since.as_nanos() as f64;
    nanoseconds
}
