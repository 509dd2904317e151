//! Where calls record into: our own pipeline, the user's providers, or nowhere.

#[cfg(feature = "azure-monitor")]
mod azure;
mod configure;
mod dialect;
mod error;
mod events;
mod gathered;
mod instruments;
mod providers;
#[cfg(feature = "sdk")]
mod resource;
#[cfg(feature = "sdk")]
mod sdk;
mod telemetry;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use arc_swap::ArcSwapOption;
use opentelemetry::Context;

#[cfg(feature = "azure-monitor")]
pub use azure::configure_azure_monitor;
#[cfg(not(feature = "azure-monitor"))]
pub use configure::configure_azure_monitor;
pub use configure::{Builder, builder, configure};
pub use dialect::dialect_from_env;
pub use error::ConfigureError;
pub(crate) use events::Event;
pub(crate) use instruments::{Instruments, Measured};
pub(crate) use providers::Pipeline;
pub use telemetry::{DeliveryError, Telemetry};

/// Nothing was configured: whatever the application has made OpenTelemetry's global providers is used.
const GLOBAL: u8 = 0;
/// A pipeline was configured.
const CONFIGURED: u8 = 1;
/// Telemetry was switched off.
const OFF: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(GLOBAL);
static PIPELINE: ArcSwapOption<Pipeline> = ArcSwapOption::const_empty();

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

/// The global providers proved real: they are kept until the application sets others.
fn adopt(pipeline: &Arc<Pipeline>) {
    PIPELINE.compare_and_swap(&None::<Arc<Pipeline>>, Some(Arc::clone(pipeline)));
}

/// The global providers are no longer those that were kept.
fn forget(pipeline: &Arc<Pipeline>) {
    PIPELINE.compare_and_swap(pipeline, None);
}
