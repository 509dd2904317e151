//! An envelope, written from its start to its end: tags, then time, then fields, then properties.
//!
//! ```text
//! let mut envelope = Envelope::new(mapper, ItemKind::Message, properties.size());
//! envelope.tag(tags::SESSION_ID, "s-1");
//! let mut data = envelope.data(time, None);
//! data.text("message", "hello", limits::MESSAGE);
//! out.push(data.finish(mapper, &measurements, properties));
//! ```

use std::time::SystemTime;

use opentelemetry::trace::{SpanId, TraceId};

use super::super::item::{Item, ItemKind};
use super::measurements::Measurements;
use super::properties::Properties;
use super::tags::{self, Tag};
use super::{Mapper, Resource, json, limits, time};

/// The first part of an envelope: its tags.
#[derive(Debug)]
pub(super) struct Envelope {
    kind: ItemKind,
    bytes: Vec<u8>,
}

/// The second part of an envelope: the fields of what it tells.
#[derive(Debug)]
pub(super) struct Data {
    kind: ItemKind,
    bytes: Vec<u8>,
}

/// The name that ends the envelope's, and its type.
fn names(kind: ItemKind) -> (&'static str, &'static str) {
    match kind {
        ItemKind::Request => ("Request", "RequestData"),
        ItemKind::Dependency => ("RemoteDependency", "RemoteDependencyData"),
        ItemKind::Message => ("Message", "MessageData"),
        ItemKind::Exception => ("Exception", "ExceptionData"),
        ItemKind::Event => ("Event", "EventData"),
        ItemKind::Availability => ("Availability", "AvailabilityData"),
        ItemKind::Metric => ("Metric", "MetricData"),
    }
}

impl Envelope {
    /// Begins one with the key and the tags of the resource; `size` is about how many bytes it will have beside.
    pub(super) fn new(mapper: &Mapper, kind: ItemKind, size: usize) -> Self {
        let common = mapper.common();
        // Names of fields, times and identifiers take about half a kilobyte, and escapes a tenth of content.
        let room = common.len().saturating_add(size).saturating_add(size / 8).saturating_add(640);
        let mut bytes = Vec::with_capacity(room);
        bytes.extend_from_slice(b"{\"name\":\"Microsoft.ApplicationInsights.");
        bytes.extend_from_slice(names(kind).0.as_bytes());
        bytes.extend_from_slice(common);
        Self { kind, bytes }
    }

    /// A tag that the resource does not give, cut to what the service takes.
    pub(super) fn tag(&mut self, tag: Tag, value: &str) {
        let out = self.tag_named(tag);
        json::string(out, limits::cut(value, tag.longest));
    }

    /// The trace, and the span within it that is the parent, if there is one.
    pub(super) fn operation(&mut self, trace: TraceId, parent: Option<SpanId>) {
        hex_string(self.tag_named(tags::OPERATION_ID), &trace.to_bytes());
        if let Some(parent) = parent {
            hex_string(self.tag_named(tags::OPERATION_PARENT), &parent.to_bytes());
        }
    }

    /// Where the value of a tag goes, which is a JSON string; the resource has always given one before.
    pub(super) fn tag_named(&mut self, tag: Tag) -> &mut Vec<u8> {
        self.bytes.extend_from_slice(b",\"");
        self.bytes.extend_from_slice(tag.name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        &mut self.bytes
    }

    /// Ends the tags. `sample_rate` is a percentage, where it is known.
    pub(super) fn data(mut self, time: SystemTime, sample_rate: Option<f64>) -> Data {
        self.bytes.extend_from_slice(b"},\"time\":\"");
        time::point(&mut self.bytes, time);
        self.bytes.push(b'"');
        let mut data = Data { kind: self.kind, bytes: self.bytes };
        if let Some(rate) = sample_rate {
            data.number("sampleRate", rate);
        }
        data.bytes.extend_from_slice(b",\"data\":{\"baseData\":{\"ver\":2");
        data
    }
}

impl Data {
    /// Where the value of a field goes, as JSON.
    pub(super) fn field(&mut self, name: &str) -> &mut Vec<u8> {
        self.bytes.extend_from_slice(b",\"");
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        &mut self.bytes
    }

    /// A text of no more than `longest` characters.
    pub(super) fn text(&mut self, name: &str, value: &str, longest: usize) {
        json::string(self.field(name), limits::cut(value, longest));
    }

    /// An identifier in hexadecimal.
    pub(super) fn hex(&mut self, name: &str, bytes: &[u8]) {
        hex_string(self.field(name), bytes);
    }

    pub(super) fn flag(&mut self, name: &str, value: bool) {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.field(name).extend_from_slice(text);
    }

    pub(super) fn integer(&mut self, name: &str, value: i64) {
        json::integer(self.field(name), value);
    }

    /// A number; none where JSON has none for it.
    pub(super) fn number(&mut self, name: &str, value: f64) {
        let before = self.bytes.len();
        if !json::number(self.field(name), value) {
            self.bytes.truncate(before);
        }
    }

    /// The item, with its measurements and properties last.
    pub(super) fn finish(
        mut self,
        mapper: &Mapper,
        measurements: &Measurements<'_>,
        properties: Properties<'_>,
    ) -> Item {
        measurements.write(self.field("measurements"));
        self.finish_with(mapper.resource(), properties)
    }

    /// The same of a metric, which has no measurements.
    pub(super) fn finish_metric(self, mapper: &Mapper, properties: Properties<'_>) -> Item {
        self.finish_with(mapper.resource(), properties)
    }

    fn finish_with(mut self, resource: &Resource, properties: Properties<'_>) -> Item {
        properties.write(self.field("properties"), resource);
        self.finish_bare()
    }

    /// The item with nothing more, where the properties are already written.
    pub(super) fn finish_bare(mut self) -> Item {
        self.bytes.extend_from_slice(b"},\"baseType\":\"");
        self.bytes.extend_from_slice(names(self.kind).1.as_bytes());
        self.bytes.extend_from_slice(b"\"}}");
        Item { kind: self.kind, json: self.bytes }
    }
}

fn hex_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    json::hex(out, bytes);
    out.push(b'"');
}
