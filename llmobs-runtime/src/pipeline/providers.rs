//! A tracer, a set of instruments and a dialect: all that a call needs to record itself.

use std::sync::{Arc, OnceLock};

use opentelemetry::global::{self, BoxedSpan, BoxedTracer};
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::trace::{Span, SpanBuilder, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};

use super::{Instruments, dialect_from_env};
use crate::conventions::Dialect;

/// What calls record into.
#[derive(Debug)]
pub(crate) struct Pipeline {
    dialect: Dialect,
    tracer: BoxedTracer,
    meter: Meter,
    instruments: OnceLock<Instruments>,
    /// Made of global providers that may be no-ops, since nobody has set any yet.
    tentative: bool,
}

/// The name that our spans and metrics carry as their instrumentation scope.
const SCOPE: &str = "llmobs";

fn scope(dialect: Dialect) -> InstrumentationScope {
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
            tracer: BoxedTracer::new(Box::new(tracers.tracer_with_scope(scope(dialect)))),
            meter: meters.meter_with_scope(scope(dialect)),
            instruments: OnceLock::new(),
            tentative: false,
        }
    }

    /// Records into the global providers as they are now.
    pub(crate) fn of_globals(dialect: Dialect) -> Self {
        Self {
            dialect,
            tracer: global::tracer_with_scope(scope(dialect)),
            meter: global::meter_with_scope(scope(dialect)),
            instruments: OnceLock::new(),
            tentative: false,
        }
    }

    /// Tries the global providers for one call.
    pub(crate) fn tentative() -> Self {
        static DIALECT: OnceLock<Dialect> = OnceLock::new();
        Self { tentative: true, ..Self::of_globals(*DIALECT.get_or_init(dialect_from_env)) }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The instruments, built when the first call ends.
    pub(crate) fn instruments(&self) -> &Instruments {
        self.instruments.get_or_init(|| Instruments::new(&self.meter, self.dialect))
    }

    /// Starts a span; `None` where no provider stands behind a tentative pipeline.
    pub(crate) fn start(self: &Arc<Self>, span: SpanBuilder, parent: &Context) -> Option<BoxedSpan> {
        let span = self.tracer.build_with_context(span, parent);
        if self.tentative {
            // The no-op tracer makes an invalid span, or hands the parent's through.
            let made = span.span_context();
            if !made.is_valid() || made.span_id() == parent.span().span_context().span_id() {
                return None;
            }
            super::adopt(self);
        }
        Some(span)
    }
}
