//! The reader of a meter provider that a page belongs to.

use std::fmt;
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, Pipeline, Temporality};

use super::Page;
use super::server::Server;

/// Lets a page read, and ends its server with the provider.
pub(crate) struct Reader {
    page: Page,
    server: Mutex<Option<Server>>,
}

impl Reader {
    pub(super) fn new(page: Page, server: Option<Server>) -> Self {
        Self { page, server: Mutex::new(server) }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("page", &self.page).finish_non_exhaustive()
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.page.shared().reader.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.page.shared().reader.collect(metrics)
    }

    /// Whoever wants metrics asks for them.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        let stopped = server.map_or(Ok(()), |server| server.stop(timeout));
        stopped.and(self.page.shared().reader.shutdown_with_timeout(timeout))
    }

    /// Prometheus works out itself what is new.
    fn temporality(&self, _: InstrumentKind) -> Temporality {
        Temporality::Cumulative
    }
}
