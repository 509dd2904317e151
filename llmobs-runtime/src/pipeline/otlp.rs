//! OTLP as a part of our pipeline.

use std::sync::Arc;

use super::configure::Builder;
use super::error::ConfigureError;
use super::sdk::Parts;
use crate::backend::otlp::{Io, Otlp, OtlpError};
use crate::processor::{BatchLogProcessor, BatchSpanProcessor, Guarded};

impl Builder {
    /// Sends over OTLP, beside whatever else is given: to any Collector, and to the products that take it. May be
    /// called several times, for several destinations.
    ///
    /// ```
    /// use llmobs_runtime::backend::otlp::Otlp;
    ///
    /// let collector = Otlp::at("http://localhost:4318").metrics(false);
    /// let telemetry = llmobs_runtime::builder().otlp(collector).install()?;
    /// // … the application …
    /// # Ok::<(), llmobs_runtime::ConfigureError>(())
    /// ```
    pub fn otlp(mut self, otlp: Otlp) -> Self {
        self.sdk.add_otlp(otlp);
        self
    }
}

impl Parts {
    /// Adds a destination, to be built when all is said.
    pub(super) fn add_otlp(&mut self, otlp: Otlp) {
        self.otlp.push(otlp);
        self.given = true;
    }

    /// Builds what was added. Returns the thread that all of it sends from.
    pub(super) fn build_otlp(&mut self) -> Result<Option<Arc<Io>>, ConfigureError> {
        if self.otlp.is_empty() {
            return Ok(None);
        }
        let io = Io::start().map_err(OtlpError::Thread)?;
        for otlp in std::mem::take(&mut self.otlp) {
            let exporters = otlp.exporters(&io)?;
            if let Some(spans) = exporters.spans {
                let (name, rejections) = (spans.name(), spans.rejections());
                self.add_processor(BatchSpanProcessor::new(spans).exporting_as(name, rejections));
            }
            if let Some(metrics) = exporters.metrics {
                let (name, rejections) = (metrics.name(), metrics.rejections());
                self.add_guarded_metrics(Guarded::new(metrics).named(name, rejections));
            }
            if let Some(logs) = exporters.logs {
                let (name, rejections) = (logs.name(), logs.rejections());
                self.add_log_processor(BatchLogProcessor::new(logs).exporting_as(name, rejections));
            }
            self.described.extend(otlp.resource().iter().cloned());
        }
        Ok(Some(io))
    }
}
