//! Events: log records with a name, through whatever logger the pipeline has.

use std::fmt;
use std::time::SystemTime;

use opentelemetry::Key;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::SpanContext;

use super::providers::scope;
use crate::conventions::{Dialect, EventRow};

/// One event to be emitted.
pub(crate) struct Event<'a> {
    /// What the conventions say of it.
    pub(crate) row: &'static EventRow,
    /// When it happened.
    pub(crate) at: SystemTime,
    /// The span it belongs to.
    pub(crate) span: &'a SpanContext,
    /// All that it says.
    pub(crate) attributes: Vec<(Key, AnyValue)>,
}

/// A logger of any provider.
pub(super) struct AnyLogger(Box<dyn Emit>);

trait Emit: Send + Sync {
    fn emit(&self, event: Event<'_>);
}

impl AnyLogger {
    pub(super) fn of_provider<L>(loggers: &L, dialect: Dialect) -> Self
    where
        L: LoggerProvider,
        L::Logger: Send + Sync + 'static,
    {
        Self(Box::new(loggers.logger_with_scope(scope(dialect))))
    }

    pub(super) fn emit(&self, event: Event<'_>) {
        self.0.emit(event);
    }
}

impl fmt::Debug for AnyLogger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyLogger")
    }
}

impl<L: Logger + Send + Sync> Emit for L {
    fn emit(&self, event: Event<'_>) {
        let Event { row, at, span, attributes } = event;
        let severity = severity(row.severity);
        if !self.event_enabled(severity, "llmobs", Some(row.name)) {
            return;
        }
        let mut record = self.create_log_record();
        record.set_event_name(row.name);
        record.set_timestamp(at);
        record.set_observed_timestamp(SystemTime::now());
        record.set_severity_number(severity);
        record.set_severity_text(severity.name());
        record.add_attributes(attributes);
        record.set_trace_context(span.trace_id(), span.span_id(), Some(span.trace_flags()));
        Logger::emit(self, record);
    }
}

/// A severity number as OpenTelemetry's type; the conventions name two, and none is information.
fn severity(number: Option<u8>) -> Severity {
    match number {
        Some(5) => Severity::Debug,
        Some(13) => Severity::Warn,
        _ => Severity::Info,
    }
}
