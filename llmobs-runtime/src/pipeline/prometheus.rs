//! A page for Prometheus as a part of our pipeline.

use super::configure::Builder;
use super::error::ConfigureError;
use super::sdk::Parts;
use crate::backend::prometheus::Prometheus;

impl Builder {
    /// Makes a page of metrics for Prometheus to scrape, beside whatever else is given; the last one that is said
    /// counts.
    ///
    /// [`install`](Self::install) fails where it cannot be served, as when another program has the port.
    pub fn prometheus(mut self, prometheus: Prometheus) -> Self {
        self.sdk.add_prometheus(prometheus);
        self
    }
}

impl Parts {
    /// Adds a page, which is served from when the providers are built.
    pub(super) fn add_prometheus(&mut self, prometheus: Prometheus) {
        self.prometheus = Some(prometheus);
        self.given = true;
    }

    /// Serves the page.
    pub(super) fn start_prometheus(&mut self) -> Result<(), ConfigureError> {
        if let Some(prometheus) = self.prometheus.take() {
            self.exemplars = Some(prometheus.exemplars());
            let reader = prometheus.start()?;
            self.meters = std::mem::take(&mut self.meters).with_reader(reader);
        }
        Ok(())
    }
}
