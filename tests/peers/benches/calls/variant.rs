//! What is measured: who records, where to, and how it ends.

use std::io;
use std::str::FromStr;

use llmobs_runtime::Telemetry;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{InstrumentationScope, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{BatchSpanProcessor, Sampler, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;

use super::sink::{Backend, Sink};
use super::workload::{
    Ask, Outcome, annotated, annotated_sync, annotated_wide, ask, bare, bare_sync, block_on,
    called, called_sync,
};
use super::{by_hand, fast, traced};

/// Who records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Bare,
    ByHand,
    Traced,
    Fast,
    /// The attribute in a pipeline that we configured.
    Own,
    /// The attribute in a pipeline of the user's own.
    Users,
    /// Our calls by hand, in a pipeline that we configured.
    Called,
}

/// Whether it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Sampled,
    SampledOut,
    Nobody,
    Off,
}

/// A variant, as it is named in the arguments of a process: `own:sampled:async:takes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) who: Who,
    pub(crate) how: How,
    pub(crate) shape: Shape,
    pub(crate) backend: Backend,
}

/// What function it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Async,
    Sync,
    /// Asynchronous, and with 30 attributes instead of 12.
    Wide,
}

impl FromStr for Variant {
    type Err = io::Error;

    fn from_str(name: &str) -> Result<Self, io::Error> {
        let unknown = || io::Error::other(format!("no variant {name}"));
        let mut words = name.split(':');
        let mut next = || words.next().ok_or_else(unknown);
        let who = match next()? {
            "bare" => Who::Bare,
            "by-hand" => Who::ByHand,
            "traced" => Who::Traced,
            "fastrace" => Who::Fast,
            "own" => Who::Own,
            "users" => Who::Users,
            "called" => Who::Called,
            _ => return Err(unknown()),
        };
        let how = match next()? {
            "sampled" => How::Sampled,
            "sampled-out" => How::SampledOut,
            "nobody" => How::Nobody,
            "off" => How::Off,
            _ => return Err(unknown()),
        };
        let shape = match next()? {
            "async" => Shape::Async,
            "sync" => Shape::Sync,
            "wide" => Shape::Wide,
            _ => return Err(unknown()),
        };
        let backend = match next()? {
            "takes" => Backend::Takes,
            "slow" => Backend::Slow,
            "fails" => Backend::Fails,
            "dead" => Backend::Dead,
            "absent" => Backend::Absent,
            _ => return Err(unknown()),
        };
        Ok(Self { who, how, shape, backend })
    }
}

impl Variant {
    fn function(self) -> fn(&Ask) -> Outcome {
        match (self.who, self.shape) {
            (Who::Bare, Shape::Sync) => bare_sync,
            (Who::Bare, _) => |ask| block_on(bare(ask)),
            (Who::ByHand, Shape::Sync) => by_hand::by_hand_sync,
            (Who::ByHand, _) => |ask| block_on(by_hand::by_hand(ask)),
            (Who::Traced, Shape::Sync) => traced::traced_sync,
            (Who::Traced, _) => |ask| block_on(traced::traced(ask)),
            (Who::Fast, Shape::Sync) => fast::fast_sync,
            (Who::Fast, _) => |ask| block_on(fast::fast(ask)),
            (Who::Called, Shape::Sync) => called_sync,
            (Who::Called, _) => |ask| block_on(called(ask)),
            (Who::Own | Who::Users, Shape::Sync) => annotated_sync,
            (Who::Own | Who::Users, Shape::Wide) => |ask| block_on(annotated_wide(ask)),
            (Who::Own | Who::Users, Shape::Async) => |ask| block_on(annotated(ask)),
        }
    }

    /// What a call brings to the sink: spans, attributes, values of histograms.
    pub(crate) fn per_call(self) -> [u64; 3] {
        let attributes = match (self.who, self.shape) {
            (_, Shape::Wide) => 30,
            // Its layer adds 8.
            (Who::Traced, _) => 20,
            _ => 12,
        };
        match (self.who, self.how) {
            (Who::Bare, _) | (_, How::Nobody | How::Off) | (Who::Fast, How::SampledOut) => {
                [0, 0, 0]
            }
            (Who::Fast, How::Sampled) => [1, attributes, 0],
            (_, How::Sampled) if self.backend != Backend::Absent => [1, attributes, 3],
            (_, How::Sampled | How::SampledOut) => [0, 0, 3],
        }
    }
}

/// A variant, set up: one per process, since what is global is its own.
pub(crate) struct Session {
    pub(crate) variant: Variant,
    function: fn(&Ask) -> Outcome,
    ask: Ask,
    pub(crate) sink: Sink,
    sdk: Option<(SdkTracerProvider, SdkMeterProvider)>,
    telemetry: Option<Telemetry>,
}

impl Session {
    /// Sets everything up; `writes` to have the telemetry written down.
    pub(crate) fn start(variant: Variant, writes: bool) -> Self {
        let sink = Sink::new(variant.backend, writes);
        let out = variant.how == How::SampledOut;
        let recorded = !matches!(variant.how, How::Nobody);
        let sdk = (recorded && matches!(variant.who, Who::ByHand | Who::Traced | Who::Users))
            .then(|| providers(&sink, out));
        if let Some((tracers, meters)) = &sdk {
            global::set_tracer_provider(tracers.clone());
            global::set_meter_provider(meters.clone());
        }
        match (variant.who, &sdk) {
            (Who::Traced, Some((tracers, _))) => {
                let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("traced"));
                tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
                    .expect("the only subscriber");
            }
            (Who::Fast, _) if recorded => {
                let resource = std::borrow::Cow::Owned(Resource::builder_empty().build());
                let scope = InstrumentationScope::builder("fastrace").build();
                fastrace::set_reporter(
                    fastrace_opentelemetry::OpenTelemetryReporter::new(
                        sink.clone(),
                        resource,
                        scope,
                    ),
                    fastrace::collector::Config::default(),
                );
            }
            _ => {}
        }
        let telemetry = recorded.then(|| telemetry(variant, &sink)).flatten();
        let function = if variant.who == Who::Fast && out {
            |ask: &Ask| block_on(fast::unsampled(ask))
        } else {
            variant.function()
        };
        Self { variant, function, ask: ask(), sink, sdk, telemetry }
    }

    /// One call.
    pub(crate) fn call(&self) {
        std::hint::black_box((self.function)(&self.ask)).expect("it cannot fail");
    }

    /// Delivers what was recorded.
    pub(crate) fn flush(&self) {
        if matches!(self.variant.backend, Backend::Dead | Backend::Slow) {
            // It would be waited for in vain.
            return;
        }
        // A backend that fails says so, and there would be nothing else to do here.
        if let Some((tracers, meters)) = &self.sdk {
            let _ = (tracers.force_flush(), meters.force_flush());
        }
        if let Some(telemetry) = &self.telemetry {
            let _ = telemetry.force_flush();
        }
        if self.variant.who == Who::Fast {
            fastrace::flush();
        }
    }

    /// Checks that so many calls have brought what they had to, and returns what was written down.
    pub(crate) fn end(self, calls: u64) -> Vec<String> {
        if matches!(self.variant.backend, Backend::Dead | Backend::Slow) {
            // There is nothing to wait for.
            std::process::exit(0);
        }
        self.flush();
        let expected = self.variant.per_call().map(|each| each * calls);
        assert_eq!(self.sink.seen(), expected, "spans, attributes, values of {:?}", self.variant);
        self.sink.written()
    }
}

/// The SDK as most set it up.
fn providers(sink: &Sink, sampled_out: bool) -> (SdkTracerProvider, SdkMeterProvider) {
    let mut tracers = SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::builder(sink.clone()).build());
    if sampled_out {
        tracers = tracers.with_sampler(Sampler::AlwaysOff);
    }
    let meters = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(sink.clone()).build())
        .build();
    (tracers.build(), meters)
}

/// Our side, where it records.
fn telemetry(variant: Variant, sink: &Sink) -> Option<Telemetry> {
    let builder = llmobs_runtime::builder();
    let builder = match variant.who {
        Who::Own | Who::Called => {
            let mut builder = builder.metric_exporter(sink.clone());
            if variant.backend != Backend::Absent {
                builder = builder.span_exporter(sink.clone());
            }
            match variant.how {
                How::SampledOut => builder.sampler(Sampler::AlwaysOff),
                _ => builder,
            }
        }
        Who::Users => builder.global_providers(),
        _ => return None,
    };
    Some(builder.install().expect("the only pipeline"))
}
