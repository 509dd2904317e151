//! Every way in which the stream is passed on.

use std::time::Duration;

use futures::Stream;
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{Telemetry, call, instrument_llm};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, Temporality};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

use super::peers::{Clocked, Entered, Instrumented, span};
use super::pieces::{Item, pieces};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    Bare,
    Context,
    Floor,
    Attribute,
    Call,
    Lean,
    Default,
}

impl Variant {
    pub(crate) const ALL: [Self; 7] = [
        Self::Bare,
        Self::Context,
        Self::Floor,
        Self::Attribute,
        Self::Call,
        Self::Lean,
        Self::Default,
    ];

    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Context => "context, by hand",
            Self::Floor => "context and clock, by hand (the floor)",
            Self::Attribute => "#[instrument_llm]",
            Self::Call => "call(…).stream(…)",
            Self::Lean => "tracing-opentelemetry, lean",
            Self::Default => "tracing-opentelemetry, default",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|variant| format!("{variant:?}") == name);
        found.expect("a variant")
    }

    /// Does something with what makes a stream in this way.
    pub(crate) fn with<U: Use>(self, setup: &Setup, chunks: u32, how: &mut U) -> U::Out {
        let traced = || Instrumented::new(pieces(chunks));
        let mut tracing =
            |to: &Dispatch| tracing::dispatcher::with_default(to, || how.make(traced));
        match self {
            Self::Bare => how.make(|| pieces(chunks)),
            Self::Context => how.make(|| Entered::new(pieces(chunks), span(&setup.tracer))),
            Self::Floor => how.make(|| Clocked::new(pieces(chunks), span(&setup.tracer))),
            Self::Attribute => how.make(|| annotated(chunks)),
            Self::Call => how.make(|| {
                call(&operation::CHAT).provider("openai").model("m").stream(pieces(chunks))
            }),
            Self::Lean => tracing(&setup.lean),
            Self::Default => tracing(&setup.default),
        }
    }
}

/// What is done with the streams of a variant.
pub(crate) trait Use {
    type Out;
    fn make<S>(&mut self, make: impl Fn() -> S) -> Self::Out
    where
        S: Stream<Item = Item> + Send + 'static;
}

#[instrument_llm(provider = "openai", model = "m")]
fn annotated(chunks: u32) -> impl Stream<Item = Item> + Send + 'static {
    pieces(chunks)
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

/// The pipelines of all variants.
pub(crate) struct Setup {
    tracer: SdkTracer,
    lean: Dispatch,
    default: Dispatch,
    tracers: SdkTracerProvider,
    _telemetry: Telemetry,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let batches = || BatchSpanProcessor::builder(Nowhere).build();
        let reader = PeriodicReader::builder(Nowhere).build();
        let telemetry = llmobs_runtime::builder()
            .span_exporter(Nowhere)
            .meters(|meters| meters.with_reader(reader))
            .install()
            .expect("no other pipeline");
        let tracers = SdkTracerProvider::builder().with_span_processor(batches()).build();
        let tracer = tracers.tracer("bench");
        let registry = tracing_subscriber::registry;
        let layer = tracing_opentelemetry::layer().with_tracer(tracer.clone());
        let default = Dispatch::new(registry().with(layer));
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_level(false);
        let lean = Dispatch::new(registry().with(layer));
        Self { tracer, lean, default, tracers, _telemetry: telemetry }
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        self.tracers.shutdown().expect("an exporter that takes everything");
    }
}
