//! The console as a part of our pipeline.

use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;

use super::configure::Builder;
use super::outlets::RecordProcessor;
use super::sdk::Parts;
use crate::backend::console::{self, Console, Records};
use crate::processor::Guarded;

/// From one block of metrics to the next where the environment does not say, in milliseconds: what OpenTelemetry's
/// specification has for the standard output.
const INTERVAL: u64 = 10_000;

impl Builder {
    /// Prints traces and a summary as `console` says, and log records and metrics where it says so.
    ///
    /// ```
    /// use llmobs_runtime::backend::console::Console;
    ///
    /// let console = Console::builder().logs(true).metrics(true).build();
    /// let _telemetry = llmobs_runtime::builder().console(console).install()?;
    /// // … the application …
    /// # Ok::<(), llmobs_runtime::ConfigureError>(())
    /// ```
    pub fn console(mut self, console: Console) -> Self {
        self.sdk.add_console(console);
        self
    }
}

impl Parts {
    /// Adds what a console prints.
    pub(super) fn add_console(&mut self, console: Console) {
        let console::Parts { spans, points, records } = console.split();
        if let Some(spans) = spans {
            self.add_processor(spans);
        }
        if let Some(points) = points {
            // What is printed, of whatever signal, is not among what the pipeline tells of itself.
            self.add_reader(Guarded::new(points), INTERVAL);
        }
        if let Some(records) = records {
            self.add_log_processor(records);
        }
        self.choice.prints = true;
        self.given = true;
    }
}

impl RecordProcessor for Records {
    fn flush_within(&self, timeout: Duration) -> OTelSdkResult {
        self.flush_within(timeout)
    }
}
