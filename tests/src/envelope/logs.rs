//! Log records.

use opentelemetry::TraceFlags;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLoggerProvider};

use super::field::Field;
use super::{Problem, Way, attributes, resource, spans};

/// An input with one record.
pub(super) fn one(input: &Field<'_>, way: &mut Way) -> Result<(), Problem> {
    let scope = spans::scope(&input.at("scope")?)?;
    let logger = SdkLoggerProvider::builder().build().logger_with_scope(scope.clone());
    let mut made = logger.create_log_record();
    fill(&mut made, &input.at("logRecord")?)?;
    way.logs(&resource(input)?, &[(&made, &scope)])
}

fn fill(made: &mut SdkLogRecord, field: &Field<'_>) -> Result<(), Problem> {
    if !field.is_given() {
        return Err(field.wrong("missing; expected is a log record"));
    }
    let time = field.at("timeUnixNano")?;
    if time.is_given() {
        made.set_timestamp(time.time()?);
    }
    let observed = field.at("observedTimeUnixNano")?;
    if observed.is_given() {
        made.set_observed_timestamp(observed.time()?);
    }
    let severity = field.at("severityNumber")?;
    if severity.is_given()
        && let Some(severity) = self::severity(&severity)?
    {
        made.set_severity_number(severity);
    }
    if let Some(text) = field.at("severityText")?.text_if_given()? {
        made.set_severity_text(for_ever(text));
    }
    if let Some(name) = field.at("eventName")?.text_if_given()? {
        made.set_event_name(for_ever(name));
    }
    if let Some(body) = attributes::any(&field.at("body")?)? {
        made.set_body(body);
    }
    made.add_attributes(attributes::of_logs(&field.at("attributes")?)?);
    let trace = field.at("traceId")?;
    if trace.is_given() {
        let span = field.at("spanId")?.span_id()?;
        made.set_trace_context(trace.trace_id()?, span, Some(TraceFlags::SAMPLED));
    }
    Ok(())
}

/// `OpenTelemetry` takes such texts only as constants; a file has two at most.
fn for_ever(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn severity(field: &Field<'_>) -> Result<Option<Severity>, Problem> {
    use Severity::{
        Debug, Debug2, Debug3, Debug4, Error, Error2, Error3, Error4, Fatal, Fatal2, Fatal3,
        Fatal4, Info, Info2, Info3, Info4, Trace, Trace2, Trace3, Trace4, Warn, Warn2, Warn3,
        Warn4,
    };
    const ALL: [Severity; 24] = [
        Trace, Trace2, Trace3, Trace4, Debug, Debug2, Debug3, Debug4, Info, Info2, Info3, Info4,
        Warn, Warn2, Warn3, Warn4, Error, Error2, Error3, Error4, Fatal, Fatal2, Fatal3, Fatal4,
    ];
    let number = field.int()?;
    if number == 0 {
        return Ok(None);
    }
    ALL.into_iter()
        .find(|severity| i64::from(*severity as i32) == number)
        .map(Some)
        .ok_or_else(|| field.wrong(&format!("{number} is no severity: they are 0 to 24")))
}
