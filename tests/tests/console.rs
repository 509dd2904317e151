//! The console backend, driven by spans of the real SDK with fixed ids and times.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use insta::assert_snapshot;
use llmobs_runtime::backend::console::{ColorChoice, Console};
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_tests::written::{Captured, Gate};
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer, TracerProvider,
};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{
    IdGenerator, Sampler, SamplingDecision, SamplingResult, SdkTracer, SdkTracerProvider,
    ShouldSample, SpanProcessor,
};

const DIALECT: Dialect = Dialect::Released;

/// A pipe whose other end is closed.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

/// Counts up. The first half of a trace id is what the console shows.
#[derive(Debug, Default)]
struct Ids(AtomicU64);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from((0x0af7_6519_u128 << 96) + (u128::from(self.next()) << 96))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(self.next())
    }
}

impl Ids {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A provider with nothing but the console.
fn provider(console: Console) -> (SdkTracerProvider, SdkTracer) {
    let provider = SdkTracerProvider::builder()
        .with_span_processor(console)
        .with_id_generator(Ids::default())
        .build();
    let tracer = provider.tracer("test");
    (provider, tracer)
}

/// The same, and what it prints.
fn captured() -> (SdkTracerProvider, SdkTracer, Captured) {
    let output = Captured::default();
    let (provider, tracer) = provider(Console::builder().writer(Box::new(output.clone())).build());
    (provider, tracer, output)
}

/// So many microseconds after 09:30 on 9 October 2025.
fn at(micros: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_mins(29_333_370) + Duration::from_micros(micros)
}

/// Starts a span; it is open until [`end`].
fn start(
    tracer: &SdkTracer,
    parent: &Context,
    name: &'static str,
    micros: u64,
    attributes: Vec<KeyValue>,
) -> Context {
    let builder = tracer
        .span_builder(name)
        .with_kind(if attributes.is_empty() { SpanKind::Internal } else { SpanKind::Client })
        .with_start_time(at(micros))
        .with_attributes(attributes);
    parent.with_span(tracer.build_with_context(builder, parent))
}

fn end(span: &Context, micros: u64) {
    span.span().end_with_timestamp(at(micros));
}

fn root() -> Context {
    Context::new()
}

fn operation(name: &'static str) -> Vec<KeyValue> {
    vec![KeyValue::new(attr::GEN_AI_OPERATION_NAME.key(DIALECT), name)]
}

/// A chat with its provider, the model asked for, and more.
fn chat(provider: &'static str, model: &'static str, more: Vec<KeyValue>) -> Vec<KeyValue> {
    let mut attributes = operation(operation::CHAT.name);
    attributes.push(KeyValue::new(attr::GEN_AI_PROVIDER_NAME.key(DIALECT), provider));
    attributes.push(KeyValue::new(attr::GEN_AI_REQUEST_MODEL.key(DIALECT), model));
    attributes.extend(more);
    attributes
}

fn answered(model: &'static str, finish: &'static str) -> Vec<KeyValue> {
    let reasons = Value::Array(Array::String(vec![StringValue::from(finish)]));
    vec![
        KeyValue::new(attr::GEN_AI_RESPONSE_MODEL.key(DIALECT), model),
        KeyValue::new(attr::GEN_AI_RESPONSE_FINISH_REASONS.key(DIALECT), reasons),
    ]
}

fn tokens(input: i64, cached: i64, output: i64) -> Vec<KeyValue> {
    vec![
        KeyValue::new(attr::GEN_AI_USAGE_INPUT_TOKENS.key(DIALECT), input),
        KeyValue::new(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS.key(DIALECT), cached),
        KeyValue::new(attr::GEN_AI_USAGE_OUTPUT_TOKENS.key(DIALECT), output),
    ]
}

fn failed(error: &'static str) -> Vec<KeyValue> {
    vec![KeyValue::new(attr::ERROR_TYPE.key(DIALECT), error)]
}

/// An agent that asks a model, uses a tool, is refused once, and asks again.
fn agent(tracer: &SdkTracer) {
    let model = "gpt-4o-2024-08-06";
    let agent = operation(operation::INVOKE_AGENT.name);
    let agent = start(tracer, &root(), "invoke_agent weather", 0, agent);

    let more = [answered(model, "tool_calls"), tokens(1_204, 1_024, 96)].concat();
    let ask = start(tracer, &agent, "chat gpt-4o", 1_000, chat("openai", "gpt-4o", more));
    end(&ask, 1_241_000);

    let tool = operation(operation::EXECUTE_TOOL.name);
    let tool = start(tracer, &agent, "execute_tool forecast", 1_250_000, tool);
    let get = start(tracer, &tool, "GET", 1_250_200, Vec::new());
    end(&get, 1_262_000);
    end(&tool, 1_262_300);

    let more = failed("rate_limit_exceeded");
    let refused = start(tracer, &agent, "chat gpt-4o", 1_300_000, chat("openai", "gpt-4o", more));
    refused.span().set_status(Status::error("quota of key sk-secret used up"));
    end(&refused, 1_610_000);

    let more = [answered(model, "stop"), tokens(1_310, 1_024, 64)].concat();
    let again = start(tracer, &agent, "chat gpt-4o", 1_700_000, chat("openai", "gpt-4o", more));
    end(&again, 4_200_000);
    end(&agent, 4_210_000);
}

#[test]
fn agent_with_a_tool_and_three_chats() {
    let (provider, tracer, output) = captured();
    agent(&tracer);
    provider.shutdown().expect("in time");
    assert!(!output.text().contains("sk-secret"));
    assert_snapshot!(output.text());
}

#[test]
fn colours() {
    let output = Captured::default();
    let console =
        Console::builder().writer(Box::new(output.clone())).color(ColorChoice::Always).build();
    let (provider, tracer) = provider(console);
    agent(&tracer);
    provider.shutdown().expect("in time");
    assert_snapshot!(output.text().replace('\u{1b}', "␛"));
}

#[test]
fn narrow_lines() {
    let output = Captured::default();
    let (provider, tracer) =
        provider(Console::builder().writer(Box::new(output.clone())).width(80).build());
    agent(&tracer);
    provider.shutdown().expect("in time");
    assert!(output.text().lines().all(|line| line.chars().count() <= 80));
    assert_snapshot!(output.text());
}

#[test]
fn what_was_not_reported_is_blank() {
    let (provider, tracer, output) = captured();
    let request = start(&tracer, &root(), "POST /ask", 0, Vec::new());
    // A stream without usage, then one that reports zero.
    let stream = chat("mistral_ai", "mistral-large", Vec::new());
    let stream = start(&tracer, &request, "chat mistral-large", 100, stream);
    end(&stream, 920);
    let empty = chat("openai", "gpt-4o", tokens(7, 0, 0));
    let empty = start(&tracer, &request, "chat gpt-4o", 1_000, empty);
    end(&empty, 13_300);
    end(&request, 123_000_000);
    provider.shutdown().expect("in time");
    assert_snapshot!(output.text());
}

#[test]
fn two_traces_at_the_same_time() {
    let (provider, tracer, output) = captured();
    let first = start(&tracer, &root(), "first", 0, Vec::new());
    let second = start(&tracer, &root(), "second", 10, Vec::new());
    let of_first = start(&tracer, &first, "of first", 20, Vec::new());
    let of_second = start(&tracer, &second, "of second", 30, Vec::new());
    end(&of_second, 40);
    end(&of_first, 50);
    end(&second, 60);
    provider.force_flush().expect("in time");
    assert!(output.text().contains("of second"));
    assert!(!output.text().contains("of first"), "it is still open");
    end(&first, 70);
    provider.shutdown().expect("in time");
    assert_snapshot!(output.text());
}

#[test]
fn unfinished_at_shutdown() {
    let (provider, tracer, output) = captured();
    let agent = operation(operation::INVOKE_AGENT.name);
    let agent = start(&tracer, &root(), "invoke_agent weather", 0, agent);
    let asked = chat("openai", "gpt-4o", tokens(12, 0, 5));
    let asked = start(&tracer, &agent, "chat gpt-4o", 1_000, asked);
    end(&asked, 2_000);
    let _open = start(&tracer, &root(), "alone", 3_000, Vec::new());
    provider.shutdown().expect("in time");
    drop(agent);
    assert_snapshot!(output.text());
}

#[test]
fn nobody_writes_to_the_terminal_through_a_name() {
    let (provider, tracer, output) = captured();
    let mut attributes = chat("open\u{9b}2Jai", "gpt\u{202e}o4\n-", failed("a\r\u{1b}[2Jb"));
    attributes.extend(answered("line\u{2028}two", "st\u{7}op"));
    let name = "chat \u{1b}]0;title\u{7}\nforged line";
    let span = start(&tracer, &root(), name, 0, attributes);
    end(&span, 1_000);
    provider.shutdown().expect("in time");
    assert!(output.text().chars().all(|c| c == '\n' || !c.is_control()));
    assert_snapshot!(output.text());
}

#[test]
fn remote_parents_are_not_waited_for() {
    let (provider, tracer, output) = captured();
    let (trace, span) = (TraceId::from(0xabcd_ef01 << 96), SpanId::from(77));
    let flags = TraceFlags::SAMPLED;
    let remote = SpanContext::new(trace, span, flags, true, TraceState::default());
    let caller = root().with_remote_span_context(remote);
    let served = start(&tracer, &caller, "served", 0, Vec::new());
    end(&served, 500);
    provider.force_flush().expect("in time");
    assert_snapshot!(output.text());
}

#[test]
fn a_full_channel_drops_and_counts() {
    let (gate, entered, release, output) = Gate::new();
    let (provider, tracer) = provider(Console::builder().writer(Box::new(gate)).build());
    let alone = |name, micros| {
        let span = start(&tracer, &root(), name, micros, Vec::new());
        end(&span, micros + 1);
    };
    alone("stops the output", 0);
    entered.recv().expect("the output has begun");
    // Nothing is read any more: 8,192 messages fit, every call here returns at once.
    let parent = start(&tracer, &root(), "parent", 10, Vec::new());
    let child = start(&tracer, &parent, "child", 11, Vec::new());
    end(&child, 12);
    for _ in 0..4_094 {
        alone("fits", 20);
    }
    let last = start(&tracer, &root(), "starts as the last that fits", 30, Vec::new());
    end(&last, 31);
    end(&parent, 40);
    for _ in 0..10 {
        alone("does not fit", 50);
    }
    drop(release);
    provider.shutdown().expect("in time");
    let text = output.text();
    assert_eq!(text.lines().filter(|line| line.starts_with("fits ")).count(), 4_094);
    // Neither the parent nor the last keep their traces open, though their ends were lost.
    let rest: Vec<&str> =
        text.split_inclusive("\n\n").filter(|block| !block.contains("\nfits ")).collect();
    assert_snapshot!(rest.concat());
}

#[test]
fn a_stopped_output_times_out() {
    let (gate, entered, release, _) = Gate::new();
    let (provider, tracer) = provider(Console::builder().writer(Box::new(gate)).build());
    end(&start(&tracer, &root(), "one", 0, Vec::new()), 1_000);
    entered.recv().expect("the output has begun");
    let error = provider.shutdown_with_timeout(Duration::from_millis(30)).expect_err("too late");
    assert!(error.to_string().contains("Timeout(30ms)"), "{error}");
    drop(release);
}

#[test]
fn a_closed_pipe_is_nobodys_error() {
    let (provider, tracer) = provider(Console::builder().writer(Box::new(Broken)).build());
    for _ in 0..3 {
        agent(&tracer);
        provider.force_flush().expect("nothing to complain of");
    }
    provider.shutdown().expect("nothing to complain of");
}

#[test]
fn later_shutdowns_do_nothing() {
    let output = Captured::default();
    let console = Console::builder().writer(Box::new(output.clone())).build();
    for _ in 0..3 {
        assert!(matches!(console.shutdown(), Ok(())));
        assert!(matches!(console.force_flush(), Ok(())));
    }
    assert_eq!(output.text(), "");
}

/// Records spans and does not sample them.
#[derive(Clone, Debug)]
struct RecordOnly;

impl ShouldSample for RecordOnly {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        SamplingResult {
            decision: SamplingDecision::RecordOnly,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

#[test]
fn what_is_not_sampled_is_not_shown() {
    let samplers: [Box<dyn ShouldSample>; 2] = [Box::new(Sampler::AlwaysOff), Box::new(RecordOnly)];
    for sampler in samplers {
        let output = Captured::default();
        let console = Console::builder().writer(Box::new(output.clone())).build();
        let provider =
            SdkTracerProvider::builder().with_span_processor(console).with_sampler(sampler).build();
        agent(&provider.tracer("test"));
        provider.shutdown().expect("in time");
        assert_eq!(output.text(), "");
    }
}
