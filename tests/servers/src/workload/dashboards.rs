//! The workload of the dashboards, in a process: calls whose figures are known.

use llmobs_runtime::Telemetry;
use llmobs_runtime::backend::otlp::Otlp;
use llmobs_runtime::backend::prometheus::Prometheus;
use llmobs_tests::dashboards::workload;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// The variable with the base address that metrics are sent to over OTLP.
pub(crate) const OTLP: &str = "DASHBOARDS_OTLP";
/// The variable with the port that metrics can be scraped at.
pub(crate) const PAGE: &str = "DASHBOARDS_PAGE";

/// Nobody looks at the spans; but what becomes of them is in the metrics.
#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

pub(super) fn install() -> Result<Telemetry, String> {
    let builder = llmobs_runtime::builder().span_exporter(Nowhere);
    let builder = match (std::env::var(OTLP), std::env::var(PAGE)) {
        (Ok(base), _) => builder.otlp(Otlp::at(base).traces(false).logs(false)),
        (_, Ok(port)) => {
            let port = port.parse().map_err(|_| format!("{PAGE} is no port"))?;
            builder.prometheus(Prometheus::new().host("127.0.0.1").port(port))
        }
        _ => return Err(format!("neither {OTLP} nor {PAGE} is set")),
    };
    builder.install().map_err(|error| error.to_string())
}

pub(super) fn round() {
    workload::round(|| {});
}
