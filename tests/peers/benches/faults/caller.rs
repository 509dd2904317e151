//! The measured process: calls, one after the other, and the time of each.

use std::hint::{black_box, spin_loop};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use llmobs_bench::{pin, serve as answer};
use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Storage};
use llmobs_runtime::backend::otlp::Otlp;
use llmobs_runtime::{LlmRequest, LlmResponse, Telemetry, instrument_llm};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics, SumDataPoint,
};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// Calls of a turn.
pub(super) const CALLS: usize = 2_000;
/// From the beginning of a call to that of the next.
const PACE: Duration = Duration::from_micros(50);

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
    #[llm(nested)]
    usage: Tokens,
}

#[derive(Clone, Copy, LlmResponse)]
struct Tokens {
    #[llm(usage.input_tokens)]
    input: u64,
    #[llm(usage.output_tokens)]
    output: u64,
}

#[inline(never)]
#[expect(clippy::unnecessary_wraps, reason = "a call to a model may fail")]
fn bare(ask: &Ask) -> Result<Answer, io::Error> {
    Ok(Answer {
        id: "chatcmpl-9J3uIL87gldCFtiIbyaOvTeYBRA3l".into(),
        model: black_box(&ask.model).clone(),
        finish_reason: "stop",
        usage: black_box(Tokens { input: 1_000, output: 200 }),
    })
}

#[instrument_llm(provider = "openai", request = ask, server = ("api.openai.com", 443_u16))]
fn annotated(ask: &Ask) -> Result<Answer, io::Error> {
    bare(ask)
}

/// Reads off how many spans found no room.
#[derive(Clone, Debug, Default)]
struct Lost(Arc<AtomicU64>);

impl PushMetricExporter for Lost {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        for metric in metrics.scope_metrics().flat_map(ScopeMetrics::metrics) {
            if metric.name() == "otel.sdk.processor.span.processed"
                && let AggregatedMetrics::U64(MetricData::Sum(sum)) = metric.data()
            {
                let full = |point: &&SumDataPoint<u64>| {
                    point.attributes().any(|it| it.value.as_str() == "queue_full")
                };
                let lost = sum.data_points().filter(full).map(SumDataPoint::value).sum();
                self.0.store(lost, Ordering::Relaxed);
            }
        }
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

/// A pipeline to a backend at this address.
fn start(backend: &str, address: &str, lost: &Lost) -> Option<Telemetry> {
    let builder = llmobs_runtime::builder().shutdown_deadline(Duration::from_millis(500));
    let builder = match backend {
        "otlp" => builder.otlp(Otlp::at(format!("http://{address}"))),
        "azure" => {
            let connection = format!(
                "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://{address}/"
            );
            let azure = AzureMonitor::new().connection_string(connection).storage(Storage::off());
            builder.azure_monitor(azure)
        }
        _ => return None,
    };
    Some(builder.metric_exporter(lost.clone()).install().expect("a pipeline"))
}

pub(super) fn serve(backend: &str, address: &str) {
    // Threads of the pipeline stay where it was started.
    pin(1);
    let lost = Lost::default();
    let telemetry = start(backend, address, &lost);
    pin(0);
    let function = if backend == "bare" { bare } else { annotated };
    let ask = Ask { model: "gpt-4o-mini".into(), max_tokens: 256, temperature: 0.5 };
    answer(|question| {
        if question == "lost" {
            // It fails where the backend is in trouble.
            let _ = telemetry.as_ref().map(Telemetry::force_flush);
            #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
            return vec![lost.0.load(Ordering::Relaxed) as f64];
        }
        let mut times = Vec::with_capacity(CALLS);
        let mut next = Instant::now();
        for _ in 0..CALLS {
            while Instant::now() < next {
                spin_loop();
            }
            next += PACE;
            let began = Instant::now();
            let _ = black_box(function(black_box(&ask)));
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let at = |share: usize| {
            times.get(CALLS * share / 1_000).map_or(f64::NAN, |time| time.as_secs_f64() * 1e9)
        };
        vec![at(500), at(990), at(999)]
    });
    drop(telemetry);
}
