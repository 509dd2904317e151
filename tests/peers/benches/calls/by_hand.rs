//! What one writes who knows OpenTelemetry: tracer and instruments are made once.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::metrics::Histogram;
use opentelemetry::trace::{FutureExt, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};

use super::workload::{Answer, Ask, Outcome, bare, bare_sync};

const SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

fn tracer() -> &'static BoxedTracer {
    static TRACER: OnceLock<BoxedTracer> = OnceLock::new();
    TRACER.get_or_init(|| global::tracer("by-hand"))
}

struct Instruments {
    duration: Histogram<f64>,
    tokens: Histogram<u64>,
}

fn instruments() -> &'static Instruments {
    static INSTRUMENTS: OnceLock<Instruments> = OnceLock::new();
    INSTRUMENTS.get_or_init(|| {
        let meter = global::meter("by-hand");
        Instruments {
            duration: meter
                .f64_histogram("gen_ai.client.operation.duration")
                .with_unit("s")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_unit("{token}")
                .with_boundaries(TOKENS.to_vec())
                .build(),
        }
    })
}

fn start(ask: &Ask) -> Context {
    let tracer = tracer();
    let span = tracer
        .span_builder(format!("chat {}", ask.model))
        .with_kind(SpanKind::Client)
        .with_start_time(SystemTime::now())
        .with_attributes([
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("gen_ai.request.model", ask.model.clone()),
            KeyValue::new("gen_ai.request.max_tokens", i64::from(ask.max_tokens)),
            KeyValue::new("gen_ai.request.temperature", ask.temperature),
            KeyValue::new("server.address", "api.openai.com"),
            KeyValue::new("server.port", 443),
        ])
        .start(tracer);
    Context::current_with_span(span)
}

fn answered(context: &Context, answer: &Answer) {
    let span = context.span();
    let (input, output) = (answer.usage.input.cast_signed(), answer.usage.output.cast_signed());
    let reasons = vec![StringValue::from(answer.finish_reason)];
    span.set_attribute(KeyValue::new("gen_ai.response.id", answer.id.clone()));
    span.set_attribute(KeyValue::new("gen_ai.response.model", answer.model.clone()));
    span.set_attribute(KeyValue::new(
        "gen_ai.response.finish_reasons",
        Value::Array(Array::String(reasons)),
    ));
    span.set_attribute(KeyValue::new("gen_ai.usage.input_tokens", input));
    span.set_attribute(KeyValue::new("gen_ai.usage.output_tokens", output));
}

/// The metrics of a call.
pub(crate) fn record(began: Instant, ask: &Ask, answer: &Answer) {
    let parts = instruments();
    let common = |extra: Option<KeyValue>| {
        let mut attributes = vec![
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("gen_ai.request.model", ask.model.clone()),
            KeyValue::new("gen_ai.response.model", answer.model.clone()),
            KeyValue::new("server.address", "api.openai.com"),
            KeyValue::new("server.port", 443),
        ];
        attributes.extend(extra);
        attributes
    };
    let of_type = |kind: &'static str| common(Some(KeyValue::new("gen_ai.token.type", kind)));
    parts.tokens.record(answer.usage.input, &of_type("input"));
    parts.tokens.record(answer.usage.output, &of_type("output"));
    parts.duration.record(began.elapsed().as_secs_f64(), &common(None));
}

/// The measured function.
pub(crate) async fn by_hand(ask: &Ask) -> Outcome {
    let began = Instant::now();
    let context = start(ask);
    let outcome = bare(ask).with_context(context.clone()).await;
    if let Ok(answer) = &outcome {
        answered(&context, answer);
        record(began, ask, answer);
    }
    context.span().end();
    outcome
}

/// The same, not a future.
pub(crate) fn by_hand_sync(ask: &Ask) -> Outcome {
    let began = Instant::now();
    let context = start(ask);
    let entered = context.clone().attach();
    let outcome = bare_sync(ask);
    drop(entered);
    if let Ok(answer) = &outcome {
        answered(&context, answer);
        record(began, ask, answer);
    }
    context.span().end();
    outcome
}
