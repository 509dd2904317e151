//! Where calls record into: our own pipeline, the user's providers, or nowhere.

#[cfg(feature = "sdk")]
mod about;
#[cfg(feature = "azure-monitor")]
mod azure;
#[cfg(feature = "sdk")]
mod chosen;
mod configure;
#[cfg(feature = "console")]
mod console;
mod dialect;
mod environment;
mod error;
mod events;
mod gathered;
mod handle;
mod instruments;
mod origin;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod otlp;
#[cfg(feature = "sdk")]
mod outlets;
#[cfg(feature = "sdk")]
mod own;
#[cfg(feature = "prometheus")]
mod prometheus;
mod providers;
#[cfg(feature = "sdk")]
mod resource;
#[cfg(feature = "sdk")]
mod sdk;
mod telemetry;

use std::sync::Arc;
#[cfg(feature = "sdk")]
use std::sync::atomic::AtomicU64;
use std::sync::atomic::{AtomicU8, Ordering};

use arc_swap::ArcSwapOption;
use opentelemetry::Context;

#[cfg(feature = "azure-monitor")]
pub use azure::configure_azure_monitor;
#[cfg(not(feature = "azure-monitor"))]
pub use configure::configure_azure_monitor;
pub use configure::{Builder, builder, configure};
pub use dialect::dialect_from_env;
pub use environment::EnvironmentError;
pub use error::ConfigureError;
pub(crate) use events::Event;
pub(crate) use handle::Handle;
pub(crate) use instruments::{Instruments, Measured};
pub(crate) use origin::Origin;
#[cfg(feature = "sdk")]
pub(crate) use own::{Deferred, Extras, Own, OwnSpan, Starts, handed_back};
pub(crate) use providers::Pipeline;
pub use telemetry::{DeliveryError, Telemetry};

/// Nothing was configured: whatever the application has made OpenTelemetry's global providers is used.
const GLOBAL: u8 = 0;
/// A pipeline was configured.
const CONFIGURED: u8 = 1;
/// Telemetry was switched off.
const OFF: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(GLOBAL);
/// How often there has been another pipeline: what a thread keeps of one is good for as long as this is the same.
#[cfg(feature = "sdk")]
static CHANGES: AtomicU64 = AtomicU64::new(0);

static PIPELINE: ArcSwapOption<Pipeline> = ArcSwapOption::const_empty();

/// Whether telemetry was switched off.
#[inline]
pub(crate) fn is_off() -> bool {
    STATE.load(Ordering::Relaxed) == OFF
}

/// The pipeline that a call beginning now records into.
pub(crate) fn current() -> Option<Arc<Pipeline>> {
    let state = STATE.load(Ordering::Relaxed);
    if state == OFF || Context::is_current_telemetry_suppressed() {
        return None;
    }
    match PIPELINE.load_full() {
        Some(pipeline) if !pipeline.is_outdated() => Some(pipeline),
        Some(outdated) => {
            forget(&outdated);
            Pipeline::tentative().map(Arc::new)
        }
        None if state == GLOBAL => Pipeline::tentative().map(Arc::new),
        None => None,
    }
}

/// Another pipeline from here on, or none.
fn set(pipeline: Option<Arc<Pipeline>>) {
    PIPELINE.store(pipeline);
    #[cfg(feature = "sdk")]
    CHANGES.fetch_add(1, Ordering::Release);
}

/// Tells whether the pipeline is still the one it was.
#[cfg(feature = "sdk")]
#[inline]
pub(crate) fn changes() -> u64 {
    CHANGES.load(Ordering::Acquire)
}

/// Whether calls that begin now record into this pipeline.
#[cfg(feature = "sdk")]
pub(crate) fn is_current(pipeline: &Arc<Pipeline>) -> bool {
    PIPELINE.load().as_ref().is_some_and(|current| Arc::ptr_eq(current, pipeline))
}

/// The global providers proved real: they are kept until the application sets others.
fn adopt(pipeline: &Arc<Pipeline>) {
    PIPELINE.compare_and_swap(&None::<Arc<Pipeline>>, Some(Arc::clone(pipeline)));
}

/// The global providers are no longer those that were kept.
fn forget(pipeline: &Arc<Pipeline>) {
    PIPELINE.compare_and_swap(pipeline, None);
}
