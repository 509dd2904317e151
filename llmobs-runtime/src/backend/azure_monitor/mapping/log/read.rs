//! A log record, read once: what the mapping knows by name, and the properties.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::logs::SdkLogRecord;

use super::super::super::item::{Item, ItemKind};
use super::super::envelope::{Data, Envelope};
use super::super::fields::{self, Field};
use super::super::measurements::Measurements;
use super::super::properties::Properties;
use super::super::value::Val;
use super::super::{Mapper, caller, limits, tags};

/// Where an event's name stood before records had a place for it.
const EVENT_NAME: &str = "event.name";
/// What `tracing` events usually call an error, `#[instrument(err)]` among them.
const ERROR: &str = "error";
const LOGGER_NAME: &str = "logger_name";
const FILE: &str = "code.file.path";
const LINE: &str = "code.line.number";
/// All of these but the two that are tags are left out, as the reference does: they name people.
const END_USER: &str = "enduser.";
/// The target of what comes from the `log` crate, whose own is in the attribute.
const LOG: &str = "log";
const LOG_TARGET: &str = "log.target";
/// The name that `tracing` gives to what comes from the `log` crate.
const LOG_EVENT: &str = "log event";

pub(super) struct Read<'a> {
    record: &'a SdkLogRecord,
    fields: Vec<(Field, Val<'a>)>,
    pub(super) name: Name<'a>,
    /// The attribute `error`, where it is a text.
    pub(super) error: Option<&'a str>,
    pub(super) properties: Properties<'a>,
}

/// What a record is called.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Name<'a> {
    /// As somebody named it.
    pub(super) event: Option<&'a str>,
    /// As `tracing` names what nobody named: `event src/main.rs:12`.
    pub(super) callsite: Option<&'a str>,
    /// Whether an attribute says it too.
    is_attribute: bool,
}

impl<'a> Read<'a> {
    pub(super) fn of(record: &'a SdkLogRecord, scope: &'a InstrumentationScope) -> Self {
        let mut read = Self {
            record,
            fields: Vec::new(),
            name: Name::default(),
            error: None,
            // Most records have few; nothing counts them without reading them.
            properties: Properties::with_room(8),
        };
        let mut log_target = None;
        for (key, value) in record.attributes_iter() {
            let (key, value) = (key.as_str(), Val::from(value));
            let about = fields::about(key);
            if let Some(field) = about.field {
                read.fields.push((field, value));
            }
            match key {
                EVENT_NAME => {
                    read.name.event = value.text().filter(|name| !name.is_empty());
                    read.name.is_attribute = true;
                }
                ERROR => read.error = value.text().filter(|text| !text.trim().is_empty()),
                LOG_TARGET => log_target = value.text(),
                _ => {}
            }
            if !is_told_elsewhere(about.field, key) {
                read.properties.add_known(key, value, &about);
            }
        }
        read.name(record.event_name());
        if read.get(Field::LoggerName).is_none() {
            let target = record.target().map(AsRef::as_ref);
            let target = if target == Some(LOG) { log_target.or(target) } else { target };
            let logger = target.filter(|target| !target.is_empty()).unwrap_or(scope.name());
            read.properties.add(LOGGER_NAME, logger);
        }
        read
    }

    /// A name is said as `event.name`; where `tracing` made it of a place in the code, the place is said.
    fn name(&mut self, name: Option<&'a str>) {
        let Some(name) = name.filter(|name| !name.is_empty() && *name != LOG_EVENT) else { return };
        let Some((file, line)) = place(name) else {
            self.name.event = Some(name);
            return;
        };
        self.name.callsite = Some(name);
        if !self.properties.has(FILE) && !self.properties.has(LINE) {
            self.properties.add(FILE, file);
            self.properties.add(LINE, line);
        }
    }

    /// Adds the event's name to the properties, for an item that says it nowhere else.
    pub(super) fn keep_name(&mut self) {
        if let Some(name) = self.name.event
            && !self.name.is_attribute
        {
            self.properties.add(EVENT_NAME, name);
        }
    }

    /// The value of an attribute that the mapping knows; of several the last.
    pub(super) fn get(&self, field: Field) -> Option<Val<'a>> {
        self.fields.iter().rev().find(|(known, _)| *known == field).map(|(_, value)| *value)
    }

    /// The same as text, unless that is empty.
    pub(super) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        self.get(field).map(text).filter(|text| !text.is_empty())
    }

    pub(super) fn body(&self) -> Option<&'a AnyValue> {
        self.record.body()
    }

    /// 0 verbose, 1 information, 2 warning, 3 error, 4 critical; without a severity 0 as in the reference.
    pub(super) fn severity(&self) -> i64 {
        let number = self.record.severity_number().map_or(0, |severity| severity as i64);
        (number.saturating_sub(1) / 4).saturating_sub(1).max(0)
    }

    /// Begins the item with all but the fields of its kind.
    pub(super) fn begin(&self, mapper: &Mapper, kind: ItemKind) -> Data {
        let body = self.body().map_or(0, |body| Val::from(body).size());
        let mut envelope = Envelope::new(mapper, kind, self.properties.size().saturating_add(body));
        // A record of no span belongs to no operation: zeros would join all such records into one.
        if let Some(context) = self.record.trace_context()
            && context.trace_id != TraceId::INVALID
        {
            let span = Some(context.span_id).filter(|span| *span != SpanId::INVALID);
            envelope.operation(context.trace_id, span);
        }
        for (tag, field) in [
            (tags::USER_ACCOUNT, Field::EndUserId),
            (tags::USER_ID, Field::EndUserPseudoId),
            (tags::SESSION_ID, Field::SessionId),
            (tags::OPERATION_NAME, Field::OperationName),
        ] {
            if let Some(value) = self.text(field) {
                envelope.tag(tag, &value);
            }
        }
        let mut addresses =
            [Field::ClientAddress, Field::HttpClientIp, Field::NetPeerIp].into_iter();
        if let Some(address) = addresses.find_map(|field| self.text(field)) {
            envelope.tag(tags::LOCATION_IP, &address);
        }
        if self.is_synthetic() {
            envelope.tag(tags::SYNTHETIC_SOURCE, "True");
        }
        let time = self.record.timestamp().or(self.record.observed_timestamp());
        let sample_rate = self.get(Field::SampleRate).and_then(percent);
        envelope.data(time.unwrap_or_else(SystemTime::now), sample_rate)
    }

    /// Ends the item with its measurements and properties.
    pub(super) fn end(self, mapper: &Mapper, data: Data) -> Item {
        let mut measurements = Measurements::default();
        if let Some(value) = self.get(Field::Measurements) {
            measurements.add_all(value);
        }
        data.finish(mapper, &measurements, self.properties)
    }

    fn is_synthetic(&self) -> bool {
        let said = self.get(Field::UserAgentSynthetic).and_then(Val::text);
        let agents = [Field::UserAgent, Field::HttpUserAgent];
        caller::is_synthetic(said, agents.into_iter().filter_map(|field| self.get(field)?.text()))
    }
}

/// What is told by a field or a tag and is no property.
fn is_told_elsewhere(field: Option<Field>, key: &str) -> bool {
    match field {
        Some(
            Field::ExceptionType
            | Field::ExceptionMessage
            | Field::ExceptionStacktrace
            | Field::ExceptionEscaped
            | Field::CustomEventName
            | Field::EventMarker
            | Field::AvailabilityId
            | Field::AvailabilityName
            | Field::AvailabilityDuration
            | Field::AvailabilitySuccess
            | Field::AvailabilityLocation
            | Field::AvailabilityMessage
            | Field::Measurements
            | Field::SampleRate
            | Field::SessionId,
        ) => true,
        _ => key.starts_with(END_USER),
    }
}

/// File and line of `event src/main.rs:12`.
fn place(name: &str) -> Option<(&str, &str)> {
    let (file, line) = name.strip_prefix("event ")?.rsplit_once(':')?;
    let is_line = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    (is_line && !file.is_empty()).then_some((file, line))
}

/// Any value as text.
pub(super) fn text(value: Val<'_>) -> Cow<'_, str> {
    if let Some(text) = value.text() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::new();
    value.display(&mut out, limits::MESSAGE);
    Cow::Owned(String::from_utf8(out).unwrap_or_default())
}

/// A share in percent.
fn percent(value: Val<'_>) -> Option<f64> {
    text(value).trim().parse().ok().filter(|percent| *percent > 0.0 && *percent <= 100.0)
}
