//! The guard that keeps telemetry running.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{GLOBAL, STATE};

/// Why telemetry could not be delivered when it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} {signal}: {cause}")]
pub struct DeliveryError {
    doing: &'static str,
    signal: &'static str,
    cause: String,
}

/// Keeps telemetry running; dropping it delivers what is left and shuts down, within the deadline.
#[derive(Debug)]
#[must_use = "telemetry stops when this is dropped: keep it until the end of `main`"]
pub struct Telemetry {
    #[cfg_attr(
        not(feature = "sdk"),
        expect(dead_code, reason = "only our own providers are shut down")
    )]
    deadline: Duration,
    down: bool,
    #[cfg(feature = "sdk")]
    pub(super) sdk: Option<super::sdk::Providers>,
}

impl Telemetry {
    /// Keeps a pipeline running whose providers are the application's.
    pub(super) fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            down: false,
            #[cfg(feature = "sdk")]
            sdk: None,
        }
    }

    /// Shuts these providers down at its end.
    #[cfg(feature = "sdk")]
    pub(super) fn owns(&mut self, providers: super::sdk::Providers) {
        self.sdk = Some(providers);
    }

    /// The provider of loggers, where a backend takes log records: for a bridge from another way of logging.
    ///
    /// ```
    /// # #[cfg(all(feature = "azure-monitor", feature = "tracing-events"))] {
    /// use llmobs_runtime::backend::azure_monitor::AzureMonitor;
    /// use tracing_subscriber::layer::SubscriberExt;
    /// use tracing_subscriber::util::SubscriberInitExt;
    ///
    /// let azure = AzureMonitor::new().write_to(std::io::sink());
    /// let telemetry = llmobs_runtime::builder().azure_monitor(azure).install()?;
    /// let events = telemetry.logger_provider().map(llmobs_runtime::tracing_events::layer);
    /// tracing_subscriber::registry().with(events).init();
    /// tracing::warn!(attempts = 3, "the model was too busy");
    /// # }
    /// # Ok::<(), llmobs_runtime::ConfigureError>(())
    /// ```
    #[cfg(feature = "sdk")]
    pub fn logger_provider(&self) -> Option<&opentelemetry_sdk::logs::SdkLoggerProvider> {
        self.sdk.as_ref()?.loggers.as_ref()
    }

    /// Delivers everything recorded so far.
    ///
    /// # Errors
    ///
    /// When a backend did not take it within the deadline.
    pub fn force_flush(&self) -> Result<(), DeliveryError> {
        #[cfg(feature = "sdk")]
        if let Some(sdk) = &self.sdk {
            let failed = |(signal, cause)| DeliveryError { doing: "flush", signal, cause };
            sdk.flush(self.deadline).map_err(failed)?;
        }
        Ok(())
    }

    /// Delivers what is left and ends all recording; afterwards telemetry can be configured anew.
    ///
    /// All signals are delivered at the same time. A backend that is late is not waited for; it goes on in a
    /// thread of its own. Providers that the application handed over are left alone.
    ///
    /// # Errors
    ///
    /// When a backend did not take everything within the deadline.
    pub fn shutdown(mut self) -> Result<(), DeliveryError> {
        self.stop()
    }

    fn stop(&mut self) -> Result<(), DeliveryError> {
        if std::mem::replace(&mut self.down, true) {
            return Ok(());
        }
        super::set(None);
        #[cfg(feature = "sdk")]
        let outcome = self.sdk.take().map_or(Ok(()), |sdk| {
            let failed = |(signal, cause)| DeliveryError { doing: "shut down", signal, cause };
            sdk.shut_down(self.deadline).map_err(failed)
        });
        #[cfg(not(feature = "sdk"))]
        let outcome = Ok(());
        STATE.store(GLOBAL, Ordering::Release);
        outcome
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(target: "llmobs", %error, "telemetry was not delivered in full");
        }
    }
}
