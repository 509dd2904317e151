//! An agent with tools, a sub-agent, a failing call and a streamed one, and an agent elsewhere.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use llmobs_runtime::backend::azure_monitor::sampling::FixedPercentageSampler;
use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Exporters, MainAgent, Storage};
use llmobs_runtime::conventions::Dialect;
use llmobs_runtime::{LlmChunk, LlmError, LlmResponse, instrument_llm};
use llmobs_tests::ingestion::Ingestion;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider};
use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, Sampler, SamplingDecision, SdkTracerProvider, ShouldSample,
    SimpleSpanProcessor,
};
use serde_json::Value;

pub(crate) const GUIDE: &str = "Travel Guide";
pub(crate) const PACKER: &str = "Packing List";
pub(crate) const REMOTE: &str = "Booking";

/// A process has one pipeline.
static TURN: Mutex<()> = Mutex::new(());

#[derive(Debug)]
struct Failure(&'static str);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failure {}

impl LlmError for Failure {
    fn error_type(&self) -> Option<Cow<'static, str>> {
        Some(self.0.into())
    }
}

#[derive(LlmResponse)]
struct Answer {
    #[llm(response.id)]
    id: &'static str,
    #[llm(response.finish_reasons)]
    reasons: Vec<&'static str>,
    #[llm(usage.input_tokens)]
    input: u64,
    #[llm(usage.output_tokens)]
    output: u64,
}

#[derive(Clone, LlmChunk)]
struct Piece {
    #[llm(response.id)]
    id: &'static str,
    #[llm(response.finish_reasons)]
    reason: Option<&'static str>,
    #[llm(usage.input_tokens)]
    input: Option<u64>,
    #[llm(usage.output_tokens)]
    output: Option<u64>,
}

#[instrument_llm(provider = "openai", model = model)]
async fn chat(model: &str, id: &'static str, [input, output]: [u64; 2]) -> Result<Answer, Failure> {
    tokio::task::yield_now().await;
    if id.is_empty() {
        return Err(Failure("rate_limit_exceeded"));
    }
    Ok(Answer { id, reasons: vec!["stop"], input, output })
}

#[instrument_llm(provider = "openai", model = "gpt-4o")]
fn chat_streamed() -> impl Stream<Item = Result<Piece, Failure>> {
    let piece = Piece { id: "r-4", reason: None, input: None, output: None };
    let last = Piece { reason: Some("stop"), input: Some(60), output: Some(12), ..piece.clone() };
    stream::iter([Ok(piece), Ok(last)])
}

#[instrument_llm(operation = execute_tool, tool(description = "The weather in a city"))]
async fn get_weather(city: &str) -> usize {
    tokio::time::sleep(Duration::from_millis(2)).await;
    city.len()
}

#[instrument_llm(operation = execute_tool)]
async fn book_flight() -> Result<(), Failure> {
    tokio::time::sleep(Duration::from_millis(2)).await;
    Err(Failure("sold_out"))
}

#[instrument_llm(
    operation = invoke_agent,
    provider = "langchain",
    agent(name = PACKER, id = "agent-2"),
    response = none
)]
async fn pack() -> Result<(), Failure> {
    chat("gpt-4o-mini", "r-3", [30, 7]).await?;
    get_weather("Lisbon").await;
    Ok(())
}

/// Says of itself what its models have said.
#[instrument_llm(
    operation = invoke_agent,
    provider = "microsoft.agent_framework",
    agent(name = GUIDE, id = "agent-1", version = "3"),
    conversation_id = "conversation-1"
)]
async fn guide(loggers: &SdkLogger) -> Result<Answer, Failure> {
    chat("gpt-4o", "r-1", [100, 20]).await?;
    get_weather("Lisbon").await;
    book_flight().await.expect_err("there are no seats");
    pack().await?;
    chat("gpt-4o", "", [0, 0]).await.map(drop).expect_err("too many at once");
    let answer = chat("gpt-4o", "r-2", [150, 30]).await?;
    assert_eq!(chat_streamed().count().await, 2);
    evaluate(loggers, answer.id);
    Ok(Answer { id: "r-5", reasons: Vec::new(), input: 1_000, output: 500 })
}

/// Runs elsewhere.
#[instrument_llm(
    operation = invoke_agent,
    kind = client,
    provider = "openai",
    agent(name = REMOTE, id = "agent-9")
)]
async fn book() -> Answer {
    tokio::task::yield_now().await;
    Answer { id: "r-9", reasons: Vec::new(), input: 11, output: 3 }
}

/// Results of evaluations, in both forms in which they are emitted, and one that failed.
fn evaluate(logger: &SdkLogger, response: &'static str) {
    const EVENT: &str = "gen_ai.evaluation.result";
    let emit = |by_name: bool, attributes: Vec<(&'static str, AnyValue)>| {
        let mut record = logger.create_log_record();
        if by_name {
            record.set_event_name(EVENT);
        } else {
            record.add_attribute("microsoft.custom_event.name", EVENT);
        }
        record.add_attribute("gen_ai.agent.id", "agent-1");
        record.add_attribute("gen_ai.response.id", response);
        record.add_attributes(attributes);
        logger.emit(record);
    };
    let properties = r#"{"gen_ai.evaluation.threshold":3,"gen_ai.evaluation.min_value":1,"gen_ai.evaluation.max_value":5}"#;
    for (by_name, score, label) in [(true, 4.0, "pass"), (false, 2.0, "fail")] {
        emit(
            by_name,
            vec![
                ("gen_ai.evaluation.name", "Relevance".into()),
                ("gen_ai.evaluation.score.value", AnyValue::Double(score)),
                ("gen_ai.evaluation.score.label", label.into()),
                ("internal_properties", properties.into()),
            ],
        );
    }
    emit(true, vec![("gen_ai.evaluation.name", "Safety".into()), ("error.type", "timeout".into())]);
}

/// Which part of all traces is kept.
#[derive(Clone, Copy)]
pub(crate) enum Share {
    All,
    Half,
}

/// Traces of which half the sampler keeps all.
#[derive(Debug, Default)]
struct Kept {
    last: Mutex<u128>,
    spans: RandomIdGenerator,
}

impl IdGenerator for Kept {
    fn new_trace_id(&self) -> TraceId {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            *last += 1;
            let id = TraceId::from(*last);
            let sampler = FixedPercentageSampler::new(0.5);
            let result = sampler.should_sample(None, id, "", &SpanKind::Internal, &[], &[]);
            if result.decision == SamplingDecision::RecordAndSample {
                return id;
            }
        }
    }

    fn new_span_id(&self) -> opentelemetry::SpanId {
        self.spans.new_span_id()
    }
}

/// What arrives when all of it has run once.
pub(crate) fn everything(dialect: Dialect, share: Share) -> Vec<Value> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Ingestion::start();
    let Exporters { spans, logs, .. } = AzureMonitor::new()
        .connection_string(server.connection_string())
        .storage(Storage::off())
        .exporters()
        .expect("a connection string");
    let agents = MainAgent::new();
    let tracers = SdkTracerProvider::builder()
        .with_id_generator(Kept::default())
        .with_span_processor(agents.around(SimpleSpanProcessor::new(spans)));
    let tracers = match share {
        Share::All => tracers.with_sampler(Sampler::AlwaysOn),
        Share::Half => tracers.with_sampler(FixedPercentageSampler::new(0.5)),
    };
    let tracers = tracers.build();
    let loggers =
        SdkLoggerProvider::builder().with_log_processor(agents).with_simple_exporter(logs).build();
    let telemetry = llmobs_runtime::builder()
        .dialect(dialect)
        .providers(&tracers, &SdkMeterProvider::default())
        .loggers(&loggers)
        .install()
        .expect("no other pipeline");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        guide(&loggers.logger("evaluation")).await.expect("an answer");
        book().await;
    });
    telemetry.shutdown().expect("nothing to deliver");
    tracers.shutdown().expect("delivered");
    loggers.shutdown().expect("delivered");
    server.envelopes()
}
