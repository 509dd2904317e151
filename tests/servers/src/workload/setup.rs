//! Telemetry, as the environment says.

use std::time::Duration;

use llmobs_runtime::{Telemetry, tracing_events};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How long delivering may take: a server that was just started is slow at first.
const DEADLINE: Duration = Duration::from_secs(40);

/// Configures telemetry by the environment alone, as an application would.
pub(super) fn install() -> Result<Telemetry, String> {
    let builder = llmobs_runtime::builder().shutdown_deadline(DEADLINE);
    builder.install().map_err(|error| error.to_string())
}

/// Makes events of `tracing` log records, where a backend takes them.
pub(super) fn subscribe(telemetry: &Telemetry) {
    let layer = telemetry.logger_provider().map(tracing_events::layer);
    tracing_subscriber::registry().with(layer).init();
}
