//! The measured function: bare, with the attribute, and with OpenTelemetry written by hand.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use futures::executor::block_on;
use llmobs_runtime::{LlmRequest, LlmResponse, instrument_llm};
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::metrics::Histogram;
use opentelemetry::trace::{FutureExt, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter,
};

#[derive(LlmRequest)]
struct Ask {
    #[llm(request.model)]
    model: String,
    #[llm(request.max_tokens)]
    max_tokens: u32,
    #[llm(request.temperature)]
    temperature: f64,
}

#[derive(LlmResponse)]
struct Answer {
    #[llm(response.id)]
    id: String,
    #[llm(response.model)]
    model: String,
    #[llm(response.finish_reasons)]
    finish_reason: &'static str,
    #[llm(usage.input_tokens)]
    input: u64,
    #[llm(usage.output_tokens)]
    output: u64,
}

fn ask() -> Ask {
    Ask { model: "gpt-4o-mini".into(), max_tokens: 256, temperature: 0.5 }
}

async fn bare(ask: &Ask) -> Result<Answer, std::io::Error> {
    let mut pending = true;
    std::future::poll_fn(|waking| {
        if std::mem::take(&mut pending) {
            waking.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    })
    .await;
    Ok(Answer {
        id: "chatcmpl-9J3uIL87gldCFtiIbyaOvTeYBRA3l".into(),
        model: std::hint::black_box(&ask.model).clone(),
        finish_reason: "stop",
        input: 1_000,
        output: 200,
    })
}

#[instrument_llm(provider = "openai", request = ask, server = ("api.openai.com", 443_u16))]
async fn annotated(ask: &Ask) -> Result<Answer, std::io::Error> {
    bare(ask).await
}

/// What one writes who knows OpenTelemetry: tracer and instruments made once.
struct ByHand {
    tracer: BoxedTracer,
    duration: Histogram<f64>,
    tokens: Histogram<u64>,
}

fn by_hand_parts() -> &'static ByHand {
    static PARTS: OnceLock<ByHand> = OnceLock::new();
    PARTS.get_or_init(|| {
        let meter = global::meter("by-hand");
        ByHand {
            tracer: global::tracer("by-hand"),
            duration: meter
                .f64_histogram("gen_ai.client.operation.duration")
                .with_unit("s")
                .build(),
            tokens: meter.u64_histogram("gen_ai.client.token.usage").with_unit("{token}").build(),
        }
    })
}

async fn by_hand(ask: &Ask) -> Result<Answer, std::io::Error> {
    let parts = by_hand_parts();
    let began = Instant::now();
    let span = parts
        .tracer
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
        .start(&parts.tracer);
    let context = Context::current_with_span(span);
    let result = bare(ask).with_context(context.clone()).await;
    let span = context.span();
    if let Ok(answer) = &result {
        let (input, output) = (answer.input.cast_signed(), answer.output.cast_signed());
        let reasons = vec![StringValue::from(answer.finish_reason)];
        span.set_attribute(KeyValue::new("gen_ai.response.id", answer.id.clone()));
        span.set_attribute(KeyValue::new("gen_ai.response.model", answer.model.clone()));
        span.set_attribute(KeyValue::new(
            "gen_ai.response.finish_reasons",
            Value::Array(Array::String(reasons)),
        ));
        span.set_attribute(KeyValue::new("gen_ai.usage.input_tokens", input));
        span.set_attribute(KeyValue::new("gen_ai.usage.output_tokens", output));
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
        parts.tokens.record(answer.input, &of_type("input"));
        parts.tokens.record(answer.output, &of_type("output"));
        parts.duration.record(began.elapsed().as_secs_f64(), &common(None));
    }
    span.end();
    result
}

/// Drops what it is given.
#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

impl PushMetricExporter for Nowhere {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// Runs a variant so often.
pub(crate) fn run(variant: &str, calls: u64) {
    let (who, how) = match variant.split_once("-sampled-out") {
        Some((who, _)) => (who, "sampled out"),
        None => match variant.strip_suffix("-nobody") {
            Some(who) => (who, "nobody"),
            None => (variant, "sampled"),
        },
    };
    let mut providers = None;
    if who != "bare" && how != "nobody" {
        let sampler = if how == "sampled" { Sampler::AlwaysOn } else { Sampler::AlwaysOff };
        let tracers = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_span_processor(BatchSpanProcessor::builder(Nowhere).build())
            .build();
        let meters = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(Nowhere).build())
            .build();
        global::set_tracer_provider(tracers.clone());
        global::set_meter_provider(meters.clone());
        providers = Some((tracers, meters));
    }
    let telemetry = (who == "attribute" && how != "nobody").then(|| {
        llmobs_runtime::builder().global_providers().install().expect("the only pipeline")
    });
    let ask = ask();
    for _ in 0..calls {
        let answer = match who {
            "bare" => block_on(bare(&ask)),
            "by-hand" => block_on(by_hand(&ask)),
            "attribute" => block_on(annotated(&ask)),
            other => panic!("no variant {other}"),
        };
        std::hint::black_box(answer).expect("it cannot fail");
    }
    drop(telemetry);
    if let Some((tracers, meters)) = providers {
        tracers.shutdown().expect("an exporter that takes everything");
        meters.shutdown().expect("an exporter that takes everything");
    }
}
