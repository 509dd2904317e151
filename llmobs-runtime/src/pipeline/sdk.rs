//! The OpenTelemetry SDK as we set it up.

use opentelemetry::global;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, TracerProviderBuilder};

/// What the builder has been told.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) tracers: TracerProviderBuilder,
    pub(super) meters: MeterProviderBuilder,
    pub(super) resource: Option<Resource>,
    pub(super) service_name: Option<String>,
    /// Whether any processor or reader was given.
    pub(super) given: bool,
}

/// The providers of a pipeline of our own.
#[derive(Debug)]
pub(super) struct Providers {
    pub(super) tracers: SdkTracerProvider,
    pub(super) meters: SdkMeterProvider,
}

impl Parts {
    /// Builds the providers; `None` where nothing would take what they make.
    pub(super) fn build(self) -> Option<Providers> {
        let mut tracers = self.tracers;
        if !self.given {
            tracers = with_compiled_in(tracers)?;
        }
        let resource = self.resource.unwrap_or_else(|| {
            let builder = Resource::builder();
            match self.service_name {
                Some(name) => builder.with_service_name(name).build(),
                None => builder.build(),
            }
        });
        Some(Providers {
            tracers: tracers.with_resource(resource.clone()).build(),
            meters: self.meters.with_resource(resource).build(),
        })
    }
}

/// Adds the backend that is compiled in.
#[cfg(feature = "console")]
#[expect(clippy::unnecessary_wraps, reason = "without a backend there is none")]
fn with_compiled_in(tracers: TracerProviderBuilder) -> Option<TracerProviderBuilder> {
    Some(tracers.with_span_processor(crate::backend::console::Console::new()))
}

#[cfg(not(feature = "console"))]
fn with_compiled_in(_: TracerProviderBuilder) -> Option<TracerProviderBuilder> {
    None
}

impl Providers {
    /// Lets spans and metrics that the application records itself take the same way.
    pub(super) fn make_global(&self) {
        global::set_tracer_provider(self.tracers.clone());
        global::set_meter_provider(self.meters.clone());
    }
}
