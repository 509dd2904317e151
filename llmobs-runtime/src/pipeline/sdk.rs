//! The OpenTelemetry SDK as we set it up.

use std::any::Any;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, LoggerProviderBuilder, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanProcessor, TracerProviderBuilder};

use super::about::{self, About};
use super::chosen::Choice;
use super::environment::{Environment, set_propagators, wanted};
use super::outlets::{LogProcessors, RecordProcessor};
use super::own::{self, CallProcessor, Own, Processors, Sampling};
use super::providers::{Globals, scope};
use super::{ConfigureError, resource};
use crate::conventions::Dialect;
use crate::processor::{BatchLogProcessor, BatchSpanProcessor, Hurry, Watched};

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
    /// What is to be known for the environment to choose backends.
    pub(super) choice: Choice,
    pub(super) sampling: Option<Sampling>,
    /// The processors of spans that are ours.
    pub(super) processors: Processors,
    /// The processors of log records that are ours.
    pub(super) log_processors: Vec<Box<dyn RecordProcessor>>,
    /// How many exporters of metrics are ours, and what they have in common.
    pub(super) metric_exporters: u32,
    pub(super) hurry: Arc<Hurry>,
    /// Whether a processor is the application's, which may look at spans and records where they are made.
    pub(super) foreign: bool,
    /// What becomes of all that goes through those that are ours.
    pub(super) watched: Vec<Watched>,
    /// Whether the pipeline tells of itself.
    pub(super) about: About,
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    pub(super) otlp: Vec<crate::backend::otlp::Otlp>,
    /// What a product's variables say of the service: attributes of the resource, unless others hold.
    pub(super) described: Vec<(String, String)>,
    #[cfg(feature = "prometheus")]
    pub(super) prometheus: Option<crate::backend::prometheus::Prometheus>,
    #[cfg(feature = "prometheus")]
    pub(super) exemplars: Option<Arc<crate::backend::prometheus::Exemplars>>,
    #[cfg(feature = "azure-monitor")]
    pub(super) azure: Option<crate::backend::azure_monitor::AzureMonitor>,
    #[cfg(feature = "azure-monitor")]
    pub(super) on_azure: Option<super::azure::Watched>,
}

/// The providers of a pipeline of our own.
#[derive(Debug)]
pub(super) struct Providers {
    pub(super) tracers: SdkTracerProvider,
    pub(super) meters: SdkMeterProvider,
    pub(super) loggers: Option<SdkLoggerProvider>,
    /// The tracer of calls, where all processors are ours.
    pub(super) tracing: Option<Arc<Own>>,
    metric_exporters: u32,
    hurry: Arc<Hurry>,
    /// Where calls are noted as exemplars of their metrics.
    #[cfg(feature = "prometheus")]
    pub(super) exemplars: Option<Arc<crate::backend::prometheus::Exemplars>>,
    globals: Globals,
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    io: Option<Arc<crate::backend::otlp::Io>>,
    #[cfg(feature = "azure-monitor")]
    pub(super) on_azure: Option<super::azure::Watched>,
}

/// What is known of the backends when they have been started.
struct Started {
    on_azure: bool,
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    io: Option<Arc<crate::backend::otlp::Io>>,
}

impl Parts {
    /// Builds the providers; flushing may take so long where whoever asks cannot say.
    pub(super) fn build(
        mut self,
        dialect: Dialect,
        patience: Duration,
        environment: &mut Environment,
    ) -> Result<Providers, ConfigureError> {
        let started = match self.start(environment) {
            Ok(started) => started,
            Err(error) => {
                // The thread of a reader holds on to the reader: it does not end by being dropped.
                let _ = self.meters.build().shutdown();
                return Err(error);
            }
        };
        let environment = &*environment;
        let variable = |name: &str| environment.get(name).map(str::to_owned);
        let sampling = self.sampling.unwrap_or_else(|| Sampling::from_env(variable));
        let limits = own::limits_from_env(variable);
        self.processors.wait_for(patience);
        if !self.processors.is_empty() {
            self.tracers = self.tracers.with_span_processor(self.processors.clone());
        }
        let tracing =
            (!self.foreign).then(|| Own::new(sampling.clone(), limits, self.processors, dialect));
        let resource = resource::described(
            self.resource,
            self.service_name,
            self.described,
            started.on_azure,
            environment,
        );
        let tracers = self.tracers.with_sampler(sampling).with_span_limits(limits);
        let tracers = tracers.with_resource(resource.clone()).build();
        let meters = self.meters.with_view(about::of_the_sdk);
        let meters = meters.with_resource(resource.clone()).build();
        if self.about == About::Told {
            about::tell(&meters.meter_with_scope(scope(dialect)), &self.watched);
            #[cfg(feature = "azure-monitor")]
            if let Some(on_azure) = &self.on_azure {
                on_azure.tell(&meters.meter_with_scope(scope(dialect)));
            }
        }
        if !self.log_processors.is_empty() {
            let all = LogProcessors { all: self.log_processors, patience };
            self.loggers = self.loggers.with_log_processor(all);
        }
        let loggers = self.logs.then(|| self.loggers.with_resource(resource).build());
        let globals = Globals::set(tracers.clone(), meters.clone());
        set_propagators(environment);
        Ok(Providers {
            tracers,
            meters,
            loggers,
            tracing: tracing.map(Arc::new),
            metric_exporters: self.metric_exporters,
            hurry: self.hurry,
            #[cfg(feature = "prometheus")]
            exemplars: self.exemplars,
            globals,
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            io: started.io,
            #[cfg(feature = "azure-monitor")]
            on_azure: self.on_azure,
        })
    }

    /// Chooses backends, and starts all that there are: whatever can fail.
    fn start(&mut self, environment: &mut Environment) -> Result<Started, ConfigureError> {
        let wanted = if self.chooses() { wanted(environment) } else { Some(Vec::new()) };
        for wanted in wanted.iter().flatten() {
            self.choose(*wanted, environment);
        }
        #[cfg(feature = "prometheus")]
        if self.prometheus.as_ref().is_some_and(|page| !page.reads_port()) {
            environment.forgive(crate::environment::names::PROMETHEUS_PORT);
        }
        // Nothing has been started yet.
        environment.fail()?;
        if wanted.is_none() && !self.is_given() {
            return Err(ConfigureError::NoBackend);
        }
        environment.warn();
        // The likeliest to fail, as another program may have the port.
        #[cfg(feature = "prometheus")]
        self.start_prometheus()?;
        Ok(Started {
            #[cfg(feature = "azure-monitor")]
            on_azure: self.add_azure(environment)?,
            #[cfg(not(feature = "azure-monitor"))]
            on_azure: false,
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            io: self.build_otlp()?,
        })
    }
}

impl Parts {
    /// Adds a processor of spans of ours.
    pub(super) fn add_processor<P: CallProcessor + 'static>(&mut self, processor: P) {
        self.watched.extend(processor.watched());
        self.processors.add(processor);
        self.given = true;
    }

    /// Adds a processor of spans of which only its type tells whether it is one of ours.
    pub(super) fn add_any_processor(&mut self, processor: impl SpanProcessor + 'static) {
        let mut processor = Some(processor);
        if let Some(ours) = taken::<BatchSpanProcessor>(&mut processor) {
            return self.add_processor(ours);
        }
        #[cfg(feature = "console")]
        if let Some(ours) = taken::<crate::backend::console::Console>(&mut processor) {
            return self.add_console(ours);
        }
        if let Some(other) = processor {
            let other = crate::scope::Around(other);
            self.tracers = std::mem::take(&mut self.tracers).with_span_processor(other);
            self.foreign = true;
            self.given = true;
        }
    }

    /// Adds a processor of log records of which only its type tells whether it is one of ours.
    pub(super) fn add_any_log_processor(&mut self, processor: impl LogProcessor + 'static) {
        let mut processor = Some(processor);
        if let Some(ours) = taken::<BatchLogProcessor>(&mut processor) {
            return self.add_log_processor(ours);
        }
        if let Some(other) = processor {
            self.loggers = std::mem::take(&mut self.loggers).with_log_processor(other);
            self.foreign = true;
            self.logs = true;
            self.given = true;
        }
    }
}

/// Takes out what is there, if it is a `T`.
fn taken<T: 'static>(place: &mut (dyn Any + 'static)) -> Option<T> {
    place.downcast_mut::<Option<T>>().and_then(Option::take)
}

/// Something that a provider can be asked for, and that may take its time.
type Work = Box<dyn FnOnce() -> OTelSdkResult + Send>;

/// Puts together the calls that are over before a provider is asked: on its thread, since code of the application's
/// that redacts content may take its time as well.
fn after(
    tracing: Option<&Arc<Own>>,
    calls: fn(&Own),
    ask: impl FnOnce() -> OTelSdkResult + Send + 'static,
) -> Work {
    let tracing = tracing.cloned();
    Box::new(move || {
        if let Some(tracing) = tracing {
            calls(&tracing);
        }
        ask()
    })
}

impl Providers {
    /// Delivers everything recorded so far.
    pub(super) fn flush(&self, deadline: Duration) -> Result<(), (&'static str, String)> {
        #[cfg(feature = "azure-monitor")]
        let began = Instant::now();
        let (tracers, meters) = (self.tracers.clone(), self.meters.clone());
        let (hurry, exporters) = (Arc::clone(&self.hurry), self.metric_exporters);
        let metrics = move || hurry.share(deadline, exporters, || meters.force_flush());
        let tracing = self.tracing.as_ref();
        let mut work: Vec<(&'static str, Work)> = vec![
            ("traces", after(tracing, Own::drain, move || tracers.force_flush())),
            ("metrics", after(tracing, Own::drain, metrics)),
        ];
        if let Some(loggers) = self.loggers.clone() {
            work.push(("logs", after(tracing, Own::drain, move || loggers.force_flush())));
        }
        let outcome = within(deadline, work);
        #[cfg(feature = "azure-monitor")]
        if let Some(on_azure) = &self.on_azure {
            let last = on_azure.flush(deadline.saturating_sub(began.elapsed()));
            return outcome.and(last.map_err(|error| ("logs", error.to_string())));
        }
        outcome
    }

    /// Delivers what is left and ends all providers.
    pub(super) fn shut_down(self, deadline: Duration) -> Result<(), (&'static str, String)> {
        let Self { tracers, meters, loggers, globals, tracing, metric_exporters, hurry, .. } = self;
        globals.unset();
        #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
        if let Some(io) = &self.io {
            io.close(deadline);
        }
        let tracing = tracing.as_ref();
        let traces = move || tracers.shutdown_with_timeout(deadline);
        let metrics = move || {
            hurry.shut_down(deadline, metric_exporters, || meters.shutdown_with_timeout(deadline))
        };
        let mut work: Vec<(&'static str, Work)> = vec![
            ("traces", after(tracing, Own::close, traces)),
            ("metrics", after(tracing, Own::close, metrics)),
        ];
        if let Some(loggers) = loggers {
            let logs = move || loggers.shutdown_with_timeout(deadline);
            work.push(("logs", after(tracing, Own::close, logs)));
        }
        let outcome = within(deadline, work);
        #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
        if let Some(io) = &self.io {
            io.end();
        }
        outcome
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
