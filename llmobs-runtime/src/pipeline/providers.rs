//! A tracer, a set of instruments and a dialect: all that a call needs to record itself.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use opentelemetry::global;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer, TracerProvider,
};
use opentelemetry::{Context, InstrumentationScope};

use super::events::AnyLogger;
use super::{Event, Instruments, dialect_from_env};
use crate::SCOPE;
#[cfg(feature = "prometheus")]
use crate::backend::prometheus::Exemplars;
use crate::content::Policy;
use crate::conventions::Dialect;

/// What calls record into.
#[derive(Debug)]
pub(crate) struct Pipeline {
    dialect: Dialect,
    tracer: AnyTracer,
    meter: Meter,
    instruments: OnceLock<Instruments>,
    /// Whether instruments of the meter's provider can be bound; what cannot be drops values where it is tried.
    binds: bool,
    /// Events go here; the application may have no provider of loggers.
    logger: Option<AnyLogger>,
    content: Policy,
    /// The tracer of calls, where it is not the one above.
    #[cfg(feature = "sdk")]
    own: Option<Arc<super::Own>>,
    /// Where calls are noted as exemplars of their metrics, if anywhere.
    #[cfg(feature = "prometheus")]
    exemplars: Option<Arc<Exemplars>>,
    /// Made of the global providers as they were, without anybody having said so.
    found: Option<Found>,
}

/// Global providers that nobody told us of, and that may change.
#[derive(Debug)]
struct Found {
    meters: Meters,
    /// A span of theirs proved real.
    adopted: AtomicBool,
}

/// The global meter provider at some time, which tells by its address whether there is another now.
struct Meters(Arc<dyn MeterProvider + Send + Sync>);

impl Meters {
    fn now() -> Self {
        Self(global::meter_provider())
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meters")
    }
}

/// How long who collects metrics waits for calls that another thread is putting together.
#[cfg(feature = "sdk")]
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(100);

pub(super) fn scope(dialect: Dialect) -> InstrumentationScope {
    InstrumentationScope::builder(SCOPE)
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(dialect.schema_url())
        .build()
}

impl Pipeline {
    /// Records into providers of the user's.
    pub(crate) fn of_providers<T>(tracers: &T, meters: &dyn MeterProvider, dialect: Dialect) -> Self
    where
        T: TracerProvider,
        T::Tracer: Send + Sync + 'static,
        <T::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        Self {
            dialect,
            tracer: AnyTracer::of(tracers.tracer_with_scope(scope(dialect))),
            meter: meters.meter_with_scope(scope(dialect)),
            instruments: OnceLock::new(),
            binds: cfg!(feature = "bound-instruments"),
            logger: None,
            content: Policy::default(),
            #[cfg(feature = "sdk")]
            own: None,
            #[cfg(feature = "prometheus")]
            exemplars: None,
            found: None,
        }
    }

    /// Records into the global providers as they are now.
    pub(crate) fn of_globals(dialect: Dialect) -> Self {
        Self {
            dialect,
            tracer: AnyTracer::of(global::tracer_with_scope(scope(dialect))),
            meter: global::meter_with_scope(scope(dialect)),
            instruments: OnceLock::new(),
            binds: cfg!(feature = "bound-instruments"),
            logger: None,
            content: Policy::default(),
            #[cfg(feature = "sdk")]
            own: None,
            #[cfg(feature = "prometheus")]
            exemplars: None,
            found: None,
        }
    }

    /// Records nothing: what stands in for a pipeline where none must be held.
    pub(crate) fn nowhere() -> Arc<Self> {
        static NOWHERE: OnceLock<Arc<Pipeline>> = OnceLock::new();
        let make = || {
            let tracers = opentelemetry::trace::noop::NoopTracerProvider::new();
            let meters = opentelemetry::metrics::NoopMeterProvider::new();
            Arc::new(Self::of_providers(&tracers, &meters, Dialect::Released))
        };
        Arc::clone(NOWHERE.get_or_init(make))
    }

    /// The global providers, to be tried for one call; `None` while the application has set none.
    pub(crate) fn tentative() -> Option<Self> {
        static DIALECT: OnceLock<Dialect> = OnceLock::new();
        if !tracers_are_set() {
            return None;
        }
        // Before the meter is taken, so that one set in between is noticed later.
        let found = Found { meters: Meters::now(), adopted: AtomicBool::new(false) };
        let pipeline = Self::of_globals(*DIALECT.get_or_init(dialect_from_env));
        Some(Self { found: Some(found), content: Policy::from_env(), ..pipeline })
    }

    /// Whether the application has set other global providers since these were found.
    ///
    /// A tracer provider that is set alone, while the one before still works, is not noticed: as with any tracer
    /// that an instrumentation holds.
    pub(crate) fn is_outdated(&self) -> bool {
        self.found.as_ref().is_some_and(|found| !found.meters.is(&Meters::now()))
    }

    /// The same pipeline, of which the meter provider is the SDK's.
    #[cfg(feature = "sdk")]
    pub(super) fn that_binds(self) -> Self {
        Self { binds: true, ..self }
    }

    /// The same pipeline with a tracer of its own for calls.
    #[cfg(feature = "sdk")]
    pub(super) fn with_own(mut self, own: Arc<super::Own>) -> Self {
        // Whoever collects metrics collects those of all calls that are over. He holds a lock of the SDK's, for which
        // code of the application's may wait that runs while calls are put together: so he does not wait for long.
        let watched = Arc::downgrade(&own);
        let drain = move || {
            if let Some(own) = watched.upgrade() {
                own.drain_within(PATIENCE);
            }
        };
        let _ =
            self.meter.u64_observable_gauge("llmobs.calls").with_callback(move |_| drain()).build();
        // Made now: what is put together while metrics are collected finds them then, when none can be made. And after
        // the above: the points of a stream that this drains wait for what the instruments are asked next.
        self.instruments();
        self.own = Some(own);
        self
    }

    /// The tracer of calls, where it is a tracer of ours.
    #[cfg(feature = "sdk")]
    #[inline]
    pub(crate) fn own(&self) -> Option<&Arc<super::Own>> {
        self.own.as_ref()
    }

    /// The same pipeline with a place for exemplars.
    #[cfg(feature = "prometheus")]
    pub(super) fn with_exemplars(mut self, exemplars: Arc<Exemplars>) -> Self {
        self.exemplars = Some(exemplars);
        self
    }

    /// Where calls are noted as exemplars of their metrics, if anywhere.
    #[cfg(feature = "prometheus")]
    #[inline]
    pub(super) fn exemplars(&self) -> Option<&Exemplars> {
        self.exemplars.as_deref()
    }

    /// The same pipeline with a logger.
    pub(super) fn with_logger(mut self, logger: AnyLogger) -> Self {
        self.logger = Some(logger);
        self
    }

    /// The same pipeline with a policy on content.
    pub(super) fn with_content(mut self, content: Policy) -> Self {
        self.content = content;
        self
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What of the content is captured, and where it goes.
    pub(crate) fn content(&self) -> &Policy {
        &self.content
    }

    /// Whether events go anywhere.
    pub(crate) fn has_logger(&self) -> bool {
        self.logger.is_some()
    }

    /// Emits an event, where there is a logger.
    pub(crate) fn emit(&self, event: Event<'_>) {
        if let Some(logger) = &self.logger {
            logger.emit(event);
        }
    }

    /// The instruments, built when the first call ends.
    pub(crate) fn instruments(&self) -> &Instruments {
        self.instruments.get_or_init(|| Instruments::new(&self.meter, self.dialect, self.binds))
    }

    /// Starts a span, which is the current one in the context that comes back; `None` where the global providers that
    /// were found turn out to be none.
    pub(crate) fn start(self: &Arc<Self>, span: SpanBuilder, parent: &Context) -> Option<Context> {
        let started = self.tracer.start(span, parent);
        if let Some(found) = &self.found {
            // One that has been shut down makes an invalid span, a no-op hands the parent's through.
            let span = started.span();
            let made = span.span_context();
            if !made.is_valid() || made.span_id() == parent.span().span_context().span_id() {
                super::forget(self);
                return None;
            }
            if !found.adopted.swap(true, Ordering::Relaxed) {
                super::adopt(self);
            }
        }
        Some(started)
    }
}

/// A tracer of any provider. OpenTelemetry's own way to hold one puts each span into a box of its own, and the
/// context puts that into another.
struct AnyTracer(Box<dyn StartsSpans>);

trait StartsSpans: Send + Sync {
    fn start(&self, span: SpanBuilder, parent: &Context) -> Context;
}

impl<T> StartsSpans for T
where
    T: Tracer + Send + Sync,
    T::Span: Send + Sync + 'static,
{
    fn start(&self, span: SpanBuilder, parent: &Context) -> Context {
        parent.with_span(self.build_with_context(span, parent))
    }
}

impl AnyTracer {
    fn of<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self(Box::new(tracer))
    }

    fn start(&self, span: SpanBuilder, parent: &Context) -> Context {
        self.0.start(span, parent)
    }
}

impl fmt::Debug for AnyTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyTracer")
    }
}

/// Whether the application has set a global tracer provider, at the price of an empty span.
///
/// OpenTelemetry does not tell, but the providers differ in what they make of a parent whose telemetry is
/// suppressed: the no-op hands its identity through, the SDK makes an invalid span, records nothing and asks
/// nobody. Any other provider that makes a span of it is there as well.
fn tracers_are_set() -> bool {
    static PARENT: OnceLock<Context> = OnceLock::new();
    let parent = PARENT.get_or_init(|| {
        let (trace, span) = (TraceId::from(1), SpanId::from(1));
        let nobody = SpanContext::new(trace, span, TraceFlags::NOT_SAMPLED, true, TraceState::NONE);
        Context::new().with_remote_span_context(nobody).with_telemetry_suppressed()
    });
    let span = global::tracer(SCOPE).build_with_context(SpanBuilder::from_name(SCOPE), parent);
    span.span_context() != parent.span().span_context()
}

#[cfg(feature = "sdk")]
pub(super) use globals::Globals;

#[cfg(feature = "sdk")]
mod globals {
    use opentelemetry::global;
    use opentelemetry::metrics::NoopMeterProvider;
    use opentelemetry::trace::noop::NoopTracerProvider;
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::Meters;

    /// Our providers as OpenTelemetry's global ones, so that spans and metrics that the application records
    /// itself take the same way.
    #[derive(Debug)]
    pub(in crate::pipeline) struct Globals(Meters);

    impl Globals {
        pub(in crate::pipeline) fn set(
            tracers: SdkTracerProvider,
            meters: SdkMeterProvider,
        ) -> Self {
            global::set_tracer_provider(tracers);
            global::set_meter_provider(meters);
            Self(Meters::now())
        }

        /// Nothing is recorded any more, unless the application has set others since.
        pub(in crate::pipeline) fn unset(&self) {
            if self.0.is(&Meters::now()) {
                global::set_tracer_provider(NoopTracerProvider::new());
                global::set_meter_provider(NoopMeterProvider::new());
            }
        }
    }
}
