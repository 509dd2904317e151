//! Setting up where telemetry goes, once per process.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use opentelemetry::logs::LoggerProvider;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{Tracer, TracerProvider};

#[cfg(feature = "sdk")]
use super::environment::Said;
use super::environment::{Environment, Scope, Variables};
use super::error::ConfigureError;
use super::events::AnyLogger;
use super::telemetry::Telemetry;
use super::{CONFIGURED, GLOBAL, OFF, Pipeline, STATE, dialect_from_env};
use crate::content::{
    ContentCapture, ContentLimits, Kind, Policy, Redactable, RedactionError, Redactor,
};
use crate::conventions::Dialect;
use crate::environment::names;

/// How long flushing and shutting down may take unless the builder says otherwise.
const DEADLINE: Duration = Duration::from_secs(5);

/// Configures telemetry from what is compiled in and from the environment; see [`Builder`].
///
/// Each signal goes to the backends that `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER` or `OTEL_LOGS_EXPORTER` names,
/// several at once if several are named; else to all that are compiled in and that the environment describes, as
/// `OTEL_EXPORTER_OTLP_ENDPOINT` describes OTLP and `APPLICATIONINSIGHTS_CONNECTION_STRING` Azure Monitor; else to
/// standard error, with the feature `console`. All variables and the rules are in [`environment`](crate::environment).
///
/// ```
/// # fn main() -> Result<(), llmobs_runtime::ConfigureError> {
/// # #[cfg(feature = "console")] {
/// let _telemetry = llmobs_runtime::configure()?;
/// # }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`ConfigureError::AlreadyConfigured`] the second time; [`ConfigureError::Environment`] with all variables that
/// cannot be read; [`ConfigureError::NoBackend`] where there is nothing that could take telemetry; what a backend fails
/// with when it starts, as where another program has the port of the page for Prometheus. Nothing is left running then.
pub fn configure() -> Result<Telemetry, ConfigureError> {
    builder().install()
}

/// Fails: the feature `azure-monitor` is not compiled in.
///
/// # Errors
///
/// [`ConfigureError::NoAzureMonitor`].
#[cfg(not(feature = "azure-monitor"))]
pub fn configure_azure_monitor() -> Result<Telemetry, ConfigureError> {
    Err(ConfigureError::NoAzureMonitor)
}

/// A pipeline to be set up piece by piece.
pub fn builder() -> Builder {
    Builder::default()
}

/// Sets up a pipeline: what is not said comes from the environment, then from defaults.
///
/// The variables are those of [`environment`](crate::environment). Where code gives a backend, a processor or a reader,
/// the environment adds none, and says everything else that code does not; with
/// `backends_from_env` its backends come beside those of code.
///
/// # What a call costs
///
/// Where all processors are ours (backends, [`span_exporter`](Self::span_exporter), the
/// [batch processors](crate::processor)), a call only notes what it knows, and hands that over when it ends: to a ring
/// of its thread, without a lock or a wait. A thread of ours puts the span, the metric points and the event together,
/// ten times a second while there are calls, sooner when there are many. Flushing, shutting down and collecting metrics
/// do it at once, so that nothing that is over is missing then; a process that is killed loses no more than the last
/// second of it, beside what the batch processors hold.
///
/// With a processor or a log processor of the application's, which may look at what happens where it happens, and in
/// providers of its own, calls are spans of the SDK as any others. What is recorded is the same.
#[derive(Debug, Default)]
#[must_use = "nothing is configured before `install()`"]
pub struct Builder {
    disabled: bool,
    dialect: Option<Dialect>,
    deadline: Option<Duration>,
    providers: Option<Given>,
    /// One for each dialect, as with the providers.
    loggers: Option<[AnyLogger; 2]>,
    content: Wanted,
    #[cfg(feature = "sdk")]
    pub(super) sdk: super::sdk::Parts,
}

/// What has been said of content.
#[derive(Debug, Default)]
struct Wanted {
    capture: Option<ContentCapture>,
    limits: ContentLimits,
    inline_blobs: bool,
    redactors: Vec<Redactor>,
    #[cfg(feature = "token-estimates")]
    estimates: bool,
}

impl Wanted {
    fn policy(self, environment: &Environment) -> Policy {
        let Self { capture, limits, inline_blobs, redactors, .. } = self;
        let env = |name: &str| environment.get(name).map(str::to_owned);
        let policy = Policy::new(capture, limits, inline_blobs, redactors, env);
        #[cfg(feature = "token-estimates")]
        let policy = policy.with_estimates(self.estimates);
        policy
    }
}

/// Providers that are the application's.
#[derive(Debug)]
enum Given {
    /// One for each dialect, since which one is wanted may be said later.
    Handed {
        released: Box<Pipeline>,
        latest: Box<Pipeline>,
    },
    Global,
}

impl Given {
    fn pipeline(self, dialect: Dialect) -> Pipeline {
        match (self, dialect) {
            (Self::Handed { released, .. }, Dialect::Released) => *released,
            (Self::Handed { latest, .. }, Dialect::Latest) => *latest,
            (Self::Global, _) => Pipeline::of_globals(dialect),
        }
    }
}

impl Builder {
    /// Switches all recording off where this is `true`, as `OTEL_SDK_DISABLED=true` in the environment does, whatever
    /// this says: no backend is started, and [`install`](Self::install) succeeds until the guard is dropped.
    ///
    /// An annotated call then costs about a nanosecond; to have nothing of it at all, compile it out.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// The version of the conventions to record, instead of what [`dialect_from_env`](super::dialect_from_env)
    /// says.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// How long [`Telemetry::force_flush`], [`Telemetry::shutdown`] and dropping the guard may take; 5 s unless
    /// said.
    pub fn shutdown_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Records into providers that the application has set up itself; it stays theirs to shut them down.
    pub fn providers<T>(mut self, tracers: &T, meters: &dyn MeterProvider) -> Self
    where
        T: TracerProvider,
        T::Tracer: Send + Sync + 'static,
        <T::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        let of = |dialect| Box::new(Pipeline::of_providers(tracers, meters, dialect));
        self.providers =
            Some(Given::Handed { released: of(Dialect::Released), latest: of(Dialect::Latest) });
        self
    }

    /// Records into OpenTelemetry's global providers as they are when [`install`](Self::install) is called.
    ///
    /// Without any configuration they are found as soon as there is a tracer provider; this also finds a meter
    /// provider that stands alone.
    pub fn global_providers(mut self) -> Self {
        self.providers = Some(Given::Global);
        self
    }

    /// Sends events to a provider of loggers that the application has set up itself, beside its other
    /// [`providers`](Self::providers); OpenTelemetry has no global one.
    pub fn loggers<L>(mut self, loggers: &L) -> Self
    where
        L: LoggerProvider,
        L::Logger: Send + Sync + 'static,
    {
        let of = |dialect| AnyLogger::of_provider(loggers, dialect);
        self.loggers = Some([of(Dialect::Released), of(Dialect::Latest)]);
        self
    }

    /// Where prompts and answers may go: nowhere, unless this or the environment says so. Where both do, the
    /// strictest of the two holds.
    ///
    /// The variable is `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`; see [`ContentCapture`].
    pub fn capture_content(mut self, capture: ContentCapture) -> Self {
        self.content.capture = Some(capture);
        self
    }

    /// How long captured content may be.
    pub fn content_limits(mut self, limits: ContentLimits) -> Self {
        self.content.limits = limits;
        self
    }

    /// Keeps images and the like in captured content, as base64 text; without this only their kind is recorded.
    pub fn inline_blobs(mut self, inline: bool) -> Self {
        self.content.inline_blobs = inline;
        self
    }

    /// Estimates the tokens of a call where its provider reports none, from the text of its request and its answer.
    ///
    /// An estimate is marked: the attribute `llmobs.usage.estimated` names what was estimated, and is `true` on the
    /// metric points of such tokens. What was not handed over as text is not in it; see [`crate::estimate`]. The
    /// vocabulary of the newer models begins to load at once, on a thread of its own.
    #[cfg(feature = "token-estimates")]
    pub fn estimate_tokens(mut self, estimate: bool) -> Self {
        if estimate {
            crate::estimate::Encoding::O200k.warm_up();
        }
        self.content.estimates = estimate;
        self
    }

    /// The same with a closure, of which the compiler then knows what it is given; see [`Redactor::new`].
    ///
    /// ```
    /// use llmobs_runtime::content::Kind;
    ///
    /// let builder = llmobs_runtime::builder().redact_with(|kind, mut content| {
    ///     if kind == Kind::Result {
    ///         return Err("results stay here".into());
    ///     }
    ///     content.texts_mut(|text| *text = text.replace("Theodor Storm", "[NAME]"));
    ///     Ok(())
    /// });
    /// # drop(builder);
    /// ```
    pub fn redact_with(
        self,
        hook: impl Fn(Kind, Redactable<'_>) -> Result<(), RedactionError> + Send + Sync + 'static,
    ) -> Self {
        self.redact(Redactor::new(hook))
    }

    /// Looks at all captured content before it leaves the process, and changes it where it must; several such
    /// hooks run one after the other.
    ///
    /// A hook that panics or fails costs that piece of content, and nothing else: what could not be redacted is
    /// not recorded. It runs when the call is over, mostly on a thread of ours.
    pub fn redact(mut self, redactor: impl Into<Redactor>) -> Self {
        self.content.redactors.push(redactor.into());
        self
    }

    /// Makes this the pipeline of the process until the returned guard is dropped.
    ///
    /// # Errors
    ///
    /// As [`configure`].
    pub fn install(self) -> Result<Telemetry, ConfigureError> {
        let deadline = self.deadline.unwrap_or(DEADLINE);
        let claim = Claim::stake()?;
        let mut environment = Environment::read(&Variables::of_process(), self.scope());
        #[cfg_attr(
            not(feature = "sdk"),
            expect(unused_mut, reason = "only the SDK's providers are added")
        )]
        let mut telemetry = Telemetry::new(deadline);
        if self.disabled || environment.is_true(names::SDK_DISABLED) {
            #[cfg(feature = "sdk")]
            if self.providers.is_none() {
                super::environment::set_propagators(&environment);
            }
            claim.keep(OFF);
            return Ok(telemetry);
        }
        let dialect = self.dialect.unwrap_or_else(dialect_from_env);
        let logger = self.loggers.map(|[released, latest]| match dialect {
            Dialect::Released => released,
            Dialect::Latest => latest,
        });
        let content = self.content.policy(&environment);
        #[cfg(feature = "sdk")]
        let sdk = super::sdk::Parts {
            // Whoever asks a logger of the application's for what it has finds the event of every call that is over.
            foreign: self.sdk.foreign || (logger.is_some() && content.mode().in_events()),
            ..self.sdk
        };
        let pipeline = match self.providers {
            Some(given) => {
                environment.fail()?;
                environment.warn();
                given.pipeline(dialect)
            }
            #[cfg(feature = "sdk")]
            None => {
                let sdk = sdk.build(dialect, deadline, &mut environment)?;
                let pipeline = Pipeline::of_providers(&sdk.tracers, &sdk.meters, dialect);
                let mut pipeline = pipeline.that_binds();
                if let Some(loggers) = &sdk.loggers {
                    pipeline = pipeline.with_logger(AnyLogger::of_provider(loggers, dialect));
                }
                #[cfg(feature = "prometheus")]
                if let Some(exemplars) = &sdk.exemplars {
                    pipeline = pipeline.with_exemplars(Arc::clone(exemplars));
                }
                if let Some(tracing) = &sdk.tracing {
                    pipeline = pipeline.with_own(Arc::clone(tracing));
                }
                telemetry.owns(sdk);
                pipeline
            }
            #[cfg(not(feature = "sdk"))]
            None => {
                environment.fail()?;
                environment.warn();
                Pipeline::of_globals(dialect)
            }
        };
        let pipeline = match logger {
            Some(logger) => pipeline.with_logger(logger),
            None => pipeline,
        };
        let pipeline = pipeline.with_content(content);
        if pipeline.content().mode().in_events() && !pipeline.has_logger() {
            tracing::warn!(
                target: "llmobs",
                "content is to go into events, and there is nothing that takes them: give the builder \
                 `loggers(…)` or a `log_processor(…)`"
            );
        }
        super::set(Some(Arc::new(pipeline)));
        claim.keep(CONFIGURED);
        Ok(telemetry)
    }

    /// Which variables of the environment matter.
    #[cfg(feature = "sdk")]
    fn scope(&self) -> Scope {
        if self.providers.is_some() {
            return Scope::Calls;
        }
        Scope::Pipeline(Said {
            backends: self.sdk.chooses(),
            sampler: !self.sdk.says_sampler(),
            resource: self.sdk.resource.is_none(),
        })
    }

    #[cfg(not(feature = "sdk"))]
    #[expect(clippy::unused_self, reason = "as with a pipeline of our own")]
    fn scope(&self) -> Scope {
        Scope::Calls
    }
}

/// The place of the process's only pipeline, free again unless it is kept.
struct Claim;

impl Claim {
    fn stake() -> Result<Self, ConfigureError> {
        STATE
            .compare_exchange(GLOBAL, CONFIGURED, Ordering::AcqRel, Ordering::Acquire)
            .map(|_| Self)
            .map_err(|_| ConfigureError::AlreadyConfigured)
    }

    fn keep(self, state: u8) {
        std::mem::forget(self);
        STATE.store(state, Ordering::Release);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        STATE.store(GLOBAL, Ordering::Release);
    }
}

#[cfg(not(feature = "sdk"))]
impl Builder {
    /// Does nothing: the name is that of a pipeline of our own, which feature `sdk` brings.
    pub fn service_name(self, _: impl Into<String>) -> Self {
        self
    }
}

#[cfg(feature = "sdk")]
impl Builder {
    /// The service's name (`service.name`), instead of `OTEL_SERVICE_NAME`.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.sdk.service_name = Some(name.into());
        self
    }

    /// The resource, instead of the one that the environment describes; a
    /// [`service_name`](Self::service_name) that is also given is added to it.
    pub fn resource(mut self, resource: opentelemetry_sdk::Resource) -> Self {
        self.sdk.resource = Some(resource);
        self
    }

    /// The sampler, instead of the one that the environment names.
    pub fn sampler(
        mut self,
        sampler: impl opentelemetry_sdk::trace::ShouldSample + 'static,
    ) -> Self {
        self.sdk.sampling = Some(super::own::Sampling::of(sampler));
        self
    }

    /// Adds the backends that the environment names or describes, as [`configure`] does, beside those given in code:
    /// without this it adds none where code gives one.
    pub fn backends_from_env(mut self) -> Self {
        self.sdk.choice.asked = true;
        self
    }

    /// A processor of spans: a backend of the user's own.
    ///
    /// It may look at a span when it starts, so that every call is a span of the SDK then, at several times the cost.
    /// An exporter has no need of that: see [`span_exporter`](Self::span_exporter).
    pub fn span_processor(
        mut self,
        processor: impl opentelemetry_sdk::trace::SpanProcessor + 'static,
    ) -> Self {
        self.sdk.add_any_processor(processor);
        self
    }

    /// An exporter of spans: a backend of the user's own, behind a [`BatchSpanProcessor`] of ours.
    ///
    /// [`BatchSpanProcessor`]: crate::processor::BatchSpanProcessor
    pub fn span_exporter(
        self,
        exporter: impl opentelemetry_sdk::trace::SpanExporter + 'static,
    ) -> Self {
        self.span_processor(crate::processor::BatchSpanProcessor::new(exporter))
    }

    /// An exporter of metrics: a backend of the user's own, called at the interval of
    /// `OTEL_METRIC_EXPORT_INTERVAL` (60,000 ms unless said) and at the end.
    pub fn metric_exporter(
        mut self,
        exporter: impl opentelemetry_sdk::metrics::exporter::PushMetricExporter,
    ) -> Self {
        self.sdk.add_metric_exporter(exporter);
        self
    }

    /// A processor of log records, which receives the events: a backend of the user's own.
    pub fn log_processor(
        mut self,
        processor: impl opentelemetry_sdk::logs::LogProcessor + 'static,
    ) -> Self {
        self.sdk.add_any_log_processor(processor);
        self
    }

    /// Whether the pipeline tells of itself in metrics, which it does unless this is `false`: OpenTelemetry's of an SDK.
    ///
    /// | metric | of each processor or exporter that is ours |
    /// |---|---|
    /// | `otel.sdk.processor.span.processed` | spans given to the exporter; with `error.type`: dropped, for `queue_full` or `already_shutdown` |
    /// | `otel.sdk.processor.span.queue.size`, `….queue.capacity` | spans held, and how many may be |
    /// | `otel.sdk.exporter.span.exported` | spans that were exported; with `error.type`: that were not |
    /// | `otel.sdk.processor.log.…`, `otel.sdk.exporter.log.exported` | the same of log records |
    /// | `otel.sdk.exporter.metric_data_point.exported` | metric points |
    ///
    /// `otel.component.type` and `otel.component.name` say whose they are: `batching_span_processor/0`, an exporter by
    /// its type. They are read off when metrics are collected; nothing is measured for them.
    pub fn self_metrics(mut self, told: bool) -> Self {
        use super::about::About;
        self.sdk.about = if told { About::Told } else { About::Silent };
        self
    }

    /// Whatever else the SDK's builder of meter providers takes: readers, views.
    pub fn meters(
        mut self,
        more: impl FnOnce(
            opentelemetry_sdk::metrics::MeterProviderBuilder,
        ) -> opentelemetry_sdk::metrics::MeterProviderBuilder,
    ) -> Self {
        self.sdk.meters = more(self.sdk.meters);
        self.sdk.given = true;
        self
    }
}

#[cfg(all(test, feature = "sdk", not(feature = "console")))]
mod tests {
    use super::*;

    #[test]
    fn without_a_backend_nothing_is_configured_and_nothing_stands_in_the_way() {
        for _ in 0..2 {
            assert!(matches!(configure(), Err(ConfigureError::NoBackend)));
        }
        let meters = builder().meters(|meters| meters).install();
        assert!(meters.is_ok());
    }
}
