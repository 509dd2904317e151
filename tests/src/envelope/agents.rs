//! An agent's run: spans below one another, and a log record in the innermost, through real providers with the
//! processor that puts the topmost agent on everything below it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use llmobs_runtime::backend::azure_monitor::MainAgent;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{
    SpanContext, TraceContextExt, TraceFlags, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Context, InstrumentationScope, SpanId, TraceId};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider, SimpleLogProcessor};
use opentelemetry_sdk::trace::{
    IdGenerator, InMemorySpanExporter, Sampler, SdkTracerProvider, SimpleSpanProcessor,
};

use super::field::Field;
use super::{Problem, Way, attributes, resource, spans};

/// The trace of every file that does not name one.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// The ids that were recorded, in the order in which the spans start.
#[derive(Debug)]
struct Replay {
    trace: TraceId,
    spans: Mutex<VecDeque<SpanId>>,
}

impl IdGenerator for Replay {
    fn new_trace_id(&self) -> TraceId {
        self.trace
    }

    fn new_span_id(&self) -> SpanId {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.pop_front().unwrap_or(SpanId::INVALID)
    }
}

/// Whether the spans of an input are given by the attributes that they were started with.
pub(super) fn is_one(input: &Field<'_>) -> Result<bool, Problem> {
    let spans = input.at("spans")?.items()?;
    spans.first().map_or(Ok(false), |span| Ok(span.at("attributesAsSet")?.is_given()))
}

/// An input whose spans are listed in the order in which they end, with the attributes that they were given. The
/// record inside the first, if there is one, has the body that says so: the input does not list it.
pub(super) fn run(input: &Field<'_>, way: &mut Way, with_log: bool) -> Result<(), Problem> {
    let resource = resource(input)?;
    let ending = input.at("spans")?.items()?;
    let mut starting = Vec::new();
    for span in &ending {
        starting.push((span.at("startTimeUnixNano")?.time()?, span));
    }
    starting.sort_by_key(|(time, _)| *time);
    let ids: Result<VecDeque<SpanId>, Problem> =
        starting.iter().map(|(_, span)| span.at("spanId")?.span_id()).collect();
    let trace = TraceId::from_hex(TRACE).unwrap_or(TraceId::INVALID);

    let (ended, logged) = (InMemorySpanExporter::default(), InMemoryLogExporter::default());
    let agents = MainAgent::new();
    let tracers = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOn)
        .with_id_generator(Replay { trace, spans: Mutex::new(ids?) })
        .with_span_processor(agents.around(SimpleSpanProcessor::new(ended.clone())))
        .build();
    let loggers = SdkLoggerProvider::builder()
        .with_log_processor(agents)
        .with_log_processor(SimpleLogProcessor::new(logged.clone()))
        .build();

    let tracer = tracers.tracer("llmobs-golden");
    let mut running: HashMap<SpanId, Context> = HashMap::new();
    for (time, span) in &starting {
        let parent = span.at("parentSpanId")?;
        let parent = if parent.is_given() { Some(parent.span_id()?) } else { None };
        let parent = match parent {
            None => Context::new(),
            Some(id) => running.get(&id).cloned().unwrap_or_else(|| {
                let flags = TraceFlags::SAMPLED;
                let remote = SpanContext::new(trace, id, flags, true, TraceState::NONE);
                Context::new().with_remote_span_context(remote)
            }),
        };
        let started = tracer
            .span_builder(span.at("name")?.text()?.to_owned())
            .with_kind(spans::kind(&span.at("kind")?)?)
            .with_start_time(*time)
            .with_attributes(attributes::of_spans(&span.at("attributesAsSet")?)?)
            .start_with_context(&tracer, &parent);
        running.insert(span.at("spanId")?.span_id()?, parent.with_span(started));
    }
    for (index, span) in ending.iter().enumerate() {
        let Some(context) = running.get(&span.at("spanId")?.span_id()?) else { continue };
        if index == 0 && with_log {
            let _inside = context.clone().attach();
            log_inside(&loggers, span)?;
        }
        context.span().end_with_timestamp(span.at("endTimeUnixNano")?.time()?);
    }

    let unusable = |error| Problem::new("", format!("the exporter in memory: {error}"));
    way.spans(&resource, ended.get_finished_spans().map_err(unusable)?)?;
    let logged = logged.get_emitted_logs().map_err(unusable)?;
    let logs: Vec<_> = logged.iter().map(|log| (&log.record, &log.instrumentation)).collect();
    way.logs(&resource, &logs)
}

fn log_inside(loggers: &SdkLoggerProvider, span: &Field<'_>) -> Result<(), Problem> {
    let name = span.at("name")?.text()?;
    let operation = name.split_once(' ').map_or(name, |(operation, _)| operation);
    let logger = loggers.logger_with_scope(InstrumentationScope::builder("app").build());
    let mut record = logger.create_log_record();
    record.set_timestamp(span.at("startTimeUnixNano")?.time()?);
    record.set_severity_number(Severity::Info);
    record.set_body(AnyValue::from(format!("inside {operation}")));
    logger.emit(record);
    Ok(())
}
