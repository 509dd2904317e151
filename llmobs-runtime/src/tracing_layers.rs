//! Spans and events of `tracing` among ours: one trace of both, whichever is inside the other.
//!
//! Spans go through `tracing-opentelemetry`, events become log records as [`crate::tracing_events`] has
//! it, each with the trace and the span in which it happened. A registry of the application's own takes the layer for it,
//! [`Telemetry::tracing_layer`](crate::Telemetry::tracing_layer):
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(feature = "console")] {
//! use tracing_subscriber::layer::SubscriberExt;
//! use tracing_subscriber::util::SubscriberInitExt;
//!
//! let telemetry = llmobs_runtime::configure()?;
//! tracing_subscriber::registry().with(telemetry.tracing_layer()).try_init()?;
//! # }
//! # Ok(()) }
//! ```
//!
//! and where there is none [`Telemetry::install_tracing`](crate::Telemetry::install_tracing) sets one up. For providers of
//! the application's own there is [`layer`].
//!
//! # What nests
//!
//! A call is below whatever span is current in OpenTelemetry, and there the layer makes current a span of `tracing` that
//! is entered: its *context activation*, which is on here. So `tracing` > call > `tracing` > call is one trace with these
//! four levels, in synchronous code and across awaits on any thread. What runs in a task of its own must be handed on:
//!
//! | spawned inside a span of `tracing`, with a call in it | the task's spans are |
//! |---|---|
//! | as it is | a trace of their own |
//! | `.in_current_span()` | below the span of `tracing`: the call is skipped |
//! | `.with_current_context()` | **below the call** |
//! | `.in_current_span().with_current_context()` | below the span of `tracing`: what is written first enters last |
//! | `.with_current_context().in_current_span()` | **below the call**, and `tracing` itself sees its span as well |
//!
//! `.with_current_context()` is `opentelemetry::context::FutureExt`, `.in_current_span()` is `tracing::Instrument`. Inside a
//! call alone only the former helps.
//!
//! - The parent of a span of `tracing` is fixed when the span is **made**, not when it is entered: one that was made before
//!   a call started is not below it.
//! - Name, kind and parent are fixed when it is entered first: `otel.name` recorded later is ignored.
//! - A span that a filter leaves out is skipped: what is in it is below the next one around it.
//! - An event inside a call belongs to the call, as a log record. Without a log processor in the pipeline events are
//!   span events of the spans of `tracing` instead.
//! - An event of level `ERROR` marks the span of `tracing` around it as failed, also where it becomes a log record.
//!
//! # What breaks it
//!
//! - **A layer with context activation off** (`.with_context_activation(false)`, or `tracing-opentelemetry` before 0.32):
//!   calls below spans of `tracing` begin traces of their own. Where a call meets that, one warning says so.
//! - **`tracing_subscriber::reload::Layer` around the layer**: parents are right, but
//!   `OpenTelemetrySpanExt::set_attribute` and `set_parent` do nothing, since they do not find it. Put `reload` around the
//!   filter instead.
//! - **Another version of `opentelemetry`** in the layer or in other instrumentation: it has contexts of its own.
//!
//! [`nesting`] tells which of these is the case.

use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{ParseError, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::tracing_events::{self, is_wanted};

/// The name that spans of `tracing` carry as their instrumentation scope.
const SCOPE: &str = "tracing";

/// What [`Telemetry::install_tracing`](crate::Telemetry::install_tracing) lets through, as everywhere with `tracing`.
const FILTER: &str = "RUST_LOG";

/// Why no subscriber was installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TracingError {
    /// The process has a subscriber.
    #[error(
        "`tracing` has a global subscriber already: give that one `telemetry.tracing_layer()` instead of calling \
         `install_tracing()`"
    )]
    AlreadyInstalled,
    /// `RUST_LOG` is not understood.
    #[error(
        "`{FILTER}` is `{given}`, which is no list of levels: write `info`, or `warn,my_crate=debug`"
    )]
    Filter {
        /// What it is.
        given: String,
        /// What is wrong with it.
        #[source]
        source: ParseError,
    },
}

/// A layer that makes a span of every span of `tracing`, with context activation, and a log record of every event.
///
/// Without `loggers` events are span events. Spans and events of this crate, of OpenTelemetry's and of those that carry
/// what is sent are left out, see [`tracing_events::layer`]; all others are recorded, whatever their level: for
/// less, see [`Layer::with_filter`].
pub fn layer<P, S>(
    tracers: &P,
    loggers: Option<&SdkLoggerProvider>,
) -> impl Layer<S> + Send + Sync + use<P, S>
where
    P: TracerProvider,
    P::Tracer: Tracer + Send + Sync + 'static,
    <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync + 'static,
{
    let all_events = loggers.is_none();
    let of_spans = move |it: &Metadata<'_>| {
        // Errors mark the span that they happen in.
        is_wanted(it.target()) && (all_events || it.is_span() || *it.level() == Level::ERROR)
    };
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer(SCOPE))
        .with_context_activation(true)
        .with_filter(filter_fn(of_spans));
    // No `Option` of a layer: `tracing-subscriber` takes all that such a one is part of for off.
    match loggers {
        Some(loggers) => spans.and_then(tracing_events::layer(loggers)).boxed(),
        None => spans.boxed(),
    }
}

/// Installs a subscriber with the layer and the filter that the environment names.
pub(crate) fn install<P>(
    tracers: &P,
    loggers: Option<&SdkLoggerProvider>,
) -> Result<(), TracingError>
where
    P: TracerProvider,
    P::Tracer: Tracer + Send + Sync + 'static,
    <P::Tracer as Tracer>::Span: Send + Sync + 'static,
{
    let filter = filter(std::env::var(FILTER).ok())?;
    let subscriber = tracing_subscriber::registry().with(filter).with(layer(tracers, loggers));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TracingError::AlreadyInstalled)
}

/// What passes: `INFO` and above, unless somebody said otherwise.
fn filter(said: Option<String>) -> Result<Targets, TracingError> {
    match said.filter(|said| !said.trim().is_empty()) {
        None => Ok(Targets::new().with_default(LevelFilter::INFO)),
        Some(given) => given.trim().parse().map_err(|source| TracingError::Filter {
            given: crate::text::cut(&given).to_owned(),
            source,
        }),
    }
}

/// How spans of `tracing` and calls of ours nest with the subscriber that is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nesting {
    /// As they should.
    Full,
    /// Calls are not below spans of `tracing`: context activation is off.
    ActivationOff,
    /// They nest, but `OpenTelemetrySpanExt` does not find the layer: there is a `reload::Layer` around it.
    Unreachable,
    /// No layer makes OpenTelemetry's spans of those of `tracing`; or one of another version does, or a filter lets no
    /// span through.
    NoLayer,
}

/// Finds out how spans of `tracing` and calls of ours nest: for a test, or when the program starts.
///
/// Makes a span `llmobs_probe` on a thread of its own, of which nothing is exported; other layers see it.
pub fn nesting() -> Nesting {
    let dispatch = tracing::dispatcher::get_default(Clone::clone);
    let probe = move || tracing::dispatcher::with_default(&dispatch, probed);
    let thread = std::thread::Builder::new().name("llmobs probe".to_owned()).spawn(probe);
    thread.ok().and_then(|thread| thread.join().ok()).unwrap_or(Nesting::NoLayer)
}

fn probed() -> Nesting {
    // What is made in here is not recorded.
    let _quiet = Context::new().with_telemetry_suppressed().attach();
    let probe = tracing::error_span!(target: "llmobs_probe", "llmobs_probe");
    let is_reached = probe.context().has_active_span();
    let is_active = probe.in_scope(|| Context::map_current(Context::has_active_span));
    match (is_active, is_reached) {
        (true, true) => Nesting::Full,
        (true, false) => Nesting::Unreachable,
        (false, true) => Nesting::ActivationOff,
        (false, false) => Nesting::NoLayer,
    }
}

/// What calls find out by themselves.
#[cfg(not(compiled_out))]
pub(crate) mod watch {
    use std::cell::Cell;
    use std::sync::atomic::AtomicU64;

    use super::{OpenTelemetrySpanExt, TraceContextExt};
    use crate::guard::seldom;

    /// So many calls of each thread look.
    const LOOKS: u8 = 8;

    thread_local! {
        static LOOKED: Cell<u8> = const { Cell::new(0) };
    }

    /// A call starts that has no parent.
    #[inline]
    pub(crate) fn root() {
        let looked = LOOKED.get();
        if looked < LOOKS {
            LOOKED.set(looked.saturating_add(1));
            look();
        }
    }

    /// Calls that had none though they are in a span of `tracing`.
    static LOST: AtomicU64 = AtomicU64::new(0);

    #[cold]
    fn look() {
        let around = tracing::Span::current();
        if !around.is_none() && around.context().has_active_span() {
            seldom(&LOST, (), |times| {
                tracing::warn!(
                    target: "llmobs",
                    times,
                    "a call is in a span of `tracing` and not below it: set `with_context_activation(true)` on the \
                     OpenTelemetry layer, or take the one of `telemetry.tracing_layer()`"
                );
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_what_is_said_or_info() {
        let enabled = |said: Option<&str>, target: &str, level: Level| {
            filter(said.map(str::to_owned)).unwrap().would_enable(target, &level)
        };
        for said in [None, Some(""), Some(" ")] {
            assert!(enabled(said, "shop", Level::INFO) && !enabled(said, "shop", Level::DEBUG));
        }
        let said = Some("warn,shop=debug");
        assert!(enabled(said, "shop::till", Level::DEBUG) && !enabled(said, "store", Level::INFO));
        let error = filter(Some("shop=loud".to_owned())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`RUST_LOG` is `shop=loud`, which is no list of levels: write `info`, or `warn,my_crate=debug`"
        );
    }
}
