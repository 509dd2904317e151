//! The OpenTelemetry SDK as we set it up.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LoggerProviderBuilder, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, TracerProviderBuilder};

use super::providers::Globals;
use super::{ConfigureError, resource};

/// What the builder has been told.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) tracers: TracerProviderBuilder,
    pub(super) meters: MeterProviderBuilder,
    pub(super) loggers: LoggerProviderBuilder,
    /// Whether a log processor was given: without one there is no provider of loggers.
    pub(super) logs: bool,
    pub(super) resource: Option<Resource>,
    pub(super) service_name: Option<String>,
    /// Whether any processor or reader was given.
    pub(super) given: bool,
    /// Whether a sampler was given.
    #[cfg(feature = "azure-monitor")]
    pub(super) sampled: bool,
    #[cfg(feature = "azure-monitor")]
    pub(super) azure: Option<crate::backend::azure_monitor::AzureMonitor>,
    #[cfg(feature = "azure-monitor")]
    pub(super) watched: Option<super::azure::Watched>,
}

/// The providers of a pipeline of our own.
#[derive(Debug)]
pub(super) struct Providers {
    pub(super) tracers: SdkTracerProvider,
    pub(super) meters: SdkMeterProvider,
    pub(super) loggers: Option<SdkLoggerProvider>,
    globals: Globals,
    #[cfg(feature = "azure-monitor")]
    pub(super) watched: Option<super::azure::Watched>,
}

impl Parts {
    /// Builds the providers.
    pub(super) fn build(mut self) -> Result<Providers, ConfigureError> {
        #[cfg(feature = "azure-monitor")]
        let on_azure = self.add_azure()?;
        #[cfg(not(feature = "azure-monitor"))]
        let on_azure = false;
        if !self.given {
            self.tracers = with_console(self.tracers).ok_or(ConfigureError::NoBackend)?;
        }
        let resource = resource::described(self.resource, self.service_name, on_azure);
        let tracers = self.tracers.with_resource(resource.clone()).build();
        let meters = self.meters.with_resource(resource.clone()).build();
        let loggers = self.logs.then(|| self.loggers.with_resource(resource).build());
        let globals = Globals::set(tracers.clone(), meters.clone());
        Ok(Providers {
            tracers,
            meters,
            loggers,
            globals,
            #[cfg(feature = "azure-monitor")]
            watched: self.watched,
        })
    }
}

/// Adds the backend that needs nothing to be said.
#[cfg(feature = "console")]
#[expect(clippy::unnecessary_wraps, reason = "without a backend there is none")]
fn with_console(tracers: TracerProviderBuilder) -> Option<TracerProviderBuilder> {
    Some(tracers.with_span_processor(crate::backend::console::Console::new()))
}

#[cfg(not(feature = "console"))]
fn with_console(_: TracerProviderBuilder) -> Option<TracerProviderBuilder> {
    None
}

/// Something that a provider can be asked for, and that may take its time.
type Work = Box<dyn FnOnce() -> OTelSdkResult + Send>;

impl Providers {
    /// Delivers everything recorded so far.
    pub(super) fn flush(&self, deadline: Duration) -> Result<(), (&'static str, String)> {
        #[cfg(feature = "azure-monitor")]
        let began = Instant::now();
        let (tracers, meters) = (self.tracers.clone(), self.meters.clone());
        let mut work: Vec<(&'static str, Work)> = vec![
            ("traces", Box::new(move || tracers.force_flush())),
            ("metrics", Box::new(move || meters.force_flush())),
        ];
        if let Some(loggers) = self.loggers.clone() {
            work.push(("logs", Box::new(move || loggers.force_flush())));
        }
        let outcome = within(deadline, work);
        #[cfg(feature = "azure-monitor")]
        if let Some(watched) = &self.watched {
            let last = watched.flush(deadline.saturating_sub(began.elapsed()));
            return outcome.and(last.map_err(|error| ("logs", error.to_string())));
        }
        outcome
    }

    /// Delivers what is left and ends all providers.
    pub(super) fn shut_down(self, deadline: Duration) -> Result<(), (&'static str, String)> {
        let Self { tracers, meters, loggers, globals, .. } = self;
        globals.unset();
        let mut work: Vec<(&'static str, Work)> = vec![
            ("traces", Box::new(move || tracers.shutdown_with_timeout(deadline))),
            ("metrics", Box::new(move || meters.shutdown_with_timeout(deadline))),
        ];
        if let Some(loggers) = loggers {
            work.push(("logs", Box::new(move || loggers.shutdown_with_timeout(deadline))));
        }
        within(deadline, work)
    }
}

/// Does all of it at the same time, and waits no longer than the deadline: span processors and exporters may
/// ignore theirs. What is late goes on in a thread of its own.
fn within(
    deadline: Duration,
    work: Vec<(&'static str, Work)>,
) -> Result<(), (&'static str, String)> {
    let began = Instant::now();
    let (done, results) = mpsc::channel();
    let mut missing = Vec::with_capacity(work.len());
    let mut outcome = Ok(());
    for (signal, work) in work {
        let done = done.clone();
        let name = format!("llmobs {signal}");
        let run = move || {
            // Whoever waited may be gone.
            let _ = done.send((signal, work()));
        };
        match thread::Builder::new().name(name).spawn(run) {
            Ok(_) => missing.push(signal),
            Err(error) => outcome = outcome.and(Err((signal, error.to_string()))),
        }
    }
    drop(done);
    while let Some(first) = missing.first() {
        match results.recv_timeout(deadline.saturating_sub(began.elapsed())) {
            Ok((signal, result)) => {
                missing.retain(|other| *other != signal);
                outcome = outcome.and(result.map_err(|error| (signal, error.to_string())));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return outcome.and(Err((*first, format!("not done within {deadline:?}"))));
            }
            // A thread that panicked sends nothing.
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return outcome.and(Err((*first, "panicked".to_owned())));
            }
        }
    }
    outcome
}
