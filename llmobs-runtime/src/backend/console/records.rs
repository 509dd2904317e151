//! Log records, each as one line.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};

use super::FLUSH;
use super::pairs::{is_genai, pair};
use super::style::{Ink, Line, clean, clock, cut};
use super::worker::{Look, Mailbox};

/// Blanks between two parts of a line.
const GAP: usize = 2;
/// What a severity takes.
const SEVERITY: usize = 5;
/// Longest name that is shown, in characters.
const NAME_LENGTH: usize = 60;
/// Most attributes that are looked at.
const ATTRIBUTES: usize = 32;
/// With this begins the name that the bridge from `tracing` gives an event which has none: a place in a file.
const NAMELESS: &str = "event ";

/// The part of a console that takes log records.
#[derive(Debug)]
pub(crate) struct Records {
    mailbox: Arc<Mailbox>,
    look: Look,
    closed: AtomicBool,
}

impl Records {
    pub(super) fn new(mailbox: Arc<Mailbox>, look: Look) -> Self {
        Self { mailbox, look, closed: AtomicBool::new(false) }
    }

    /// As `force_flush`, for so long at most.
    pub(crate) fn flush_within(&self, timeout: Duration) -> OTelSdkResult {
        if self.closed.load(Ordering::Relaxed) { Ok(()) } else { self.mailbox.flush(timeout) }
    }
}

impl LogProcessor for Records {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if !self.closed.load(Ordering::Relaxed) {
            // Drawn here: a full channel must not hold thousands of conversations.
            self.mailbox.record(draw(record, scope, self.look));
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.flush_within(FLUSH)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        if self.closed.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.mailbox.close(timeout)
    }
}

/// The line of a record, with its end.
fn draw(record: &SdkLogRecord, scope: &InstrumentationScope, look: Look) -> String {
    let mut line = Line::default();
    if let Some(at) = record.timestamp().or(record.observed_timestamp()) {
        line.text(Ink::Dim, format!("{} UTC", clock(at))).gap(GAP);
    }
    let (severity, ink) = severity(record);
    line.left(ink, &severity, SEVERITY);
    let trace = record.trace_context().map(|at| at.trace_id);
    if let Some(trace) = trace.filter(|trace| *trace != TraceId::INVALID) {
        let id: String = trace.to_string().chars().take(8).collect();
        line.gap(GAP).text(Ink::Dim, format!("trace {id}"));
    }
    line.gap(GAP).text(Ink::Model, clean(name(record, scope), NAME_LENGTH));
    // The body of an event of the conventions is what was said to a model.
    let body = record.body().filter(|_| !record.event_name().is_some_and(is_genai));
    if let Some(body) = body.and_then(text).filter(|body| !body.is_empty()) {
        line.gap(GAP).text(Ink::Plain, on_one_line(&body, look.width));
    }
    let shown = record.attributes_iter().take(ATTRIBUTES);
    for shown in shown.filter_map(|(key, value)| pair(key.as_str(), text(value))) {
        line.gap(GAP).text(Ink::Dim, shown);
    }
    let mut out = String::new();
    line.write(&mut out, look.color, look.width);
    out
}

fn severity(record: &SdkLogRecord) -> (String, Ink) {
    let number = record.severity_number();
    let name = record.severity_text().or(number.as_ref().map(Severity::name)).unwrap_or_default();
    let ink = match number {
        Some(number) if number >= Severity::Error => Ink::Error,
        Some(number) if number >= Severity::Warn => Ink::Warning,
        Some(number) if number < Severity::Info => Ink::Dim,
        _ => Ink::Plain,
    };
    (clean(name, SEVERITY), ink)
}

/// What an event is called, else where the record comes from.
fn name<'a>(record: &'a SdkLogRecord, scope: &'a InstrumentationScope) -> &'a str {
    let target = record.target().map(Cow::as_ref).filter(|target| !target.is_empty());
    let event = record.event_name().filter(|name| !name.is_empty());
    event
        .filter(|name| target.is_none() || !name.starts_with(NAMELESS))
        .or(target)
        .unwrap_or(scope.name())
}

/// A value that is text by itself; lists and maps are what content is made of.
fn text(value: &AnyValue) -> Option<Cow<'_, str>> {
    match value {
        AnyValue::String(text) => Some(text.as_str().into()),
        AnyValue::Int(number) => Some(number.to_string().into()),
        AnyValue::Double(number) => Some(super::points::float(*number).into()),
        AnyValue::Boolean(is) => Some(is.to_string().into()),
        _ => None,
    }
}

/// The beginning of a text of several lines.
fn on_one_line(text: &str, width: usize) -> String {
    clean(&cut(text.trim(), width).replace(['\n', '\r', '\t'], " "), width)
}
