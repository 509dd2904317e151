//! Configuration, compiled out: it succeeds, nothing is read and nothing is recorded.

#[cfg(feature = "sdk")]
mod sdk;

use std::fmt;
use std::time::Duration;

use crate::content::{ContentCapture, ContentLimits, Kind, Redactable, RedactionError, Redactor};
use crate::conventions::Dialect;

/// Why nothing was configured: none of these ever comes, as there is nothing to configure.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigureError {
    /// A pipeline is there already.
    AlreadyConfigured,
    /// No backend to send to.
    NoBackend,
    /// Variables of the environment that cannot be read.
    Environment(EnvironmentError),
    /// Azure Monitor is asked for and not compiled in.
    #[cfg(not(feature = "azure-monitor"))]
    NoAzureMonitor,
    /// Nothing can be sent to Azure Monitor.
    #[cfg(feature = "azure-monitor")]
    AzureMonitor(crate::backend::azure_monitor::AzureMonitorError),
    /// Nothing can be sent over OTLP.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    Otlp(crate::backend::otlp::OtlpError),
    /// There is no page for Prometheus.
    #[cfg(feature = "prometheus")]
    Prometheus(crate::backend::prometheus::PrometheusError),
}

impl fmt::Display for ConfigureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry is compiled out")
    }
}

impl std::error::Error for ConfigureError {}

#[cfg(feature = "azure-monitor")]
impl From<crate::backend::azure_monitor::AzureMonitorError> for ConfigureError {
    fn from(error: crate::backend::azure_monitor::AzureMonitorError) -> Self {
        Self::AzureMonitor(error)
    }
}

#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
impl From<crate::backend::otlp::OtlpError> for ConfigureError {
    fn from(error: crate::backend::otlp::OtlpError) -> Self {
        Self::Otlp(error)
    }
}

/// What of the environment cannot be read: nothing, as nothing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentError(());

impl EnvironmentError {
    /// None.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> + '_ {
        std::iter::empty()
    }
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry is compiled out")
    }
}

impl std::error::Error for EnvironmentError {}

impl From<EnvironmentError> for ConfigureError {
    fn from(error: EnvironmentError) -> Self {
        Self::Environment(error)
    }
}

/// Why telemetry could not be delivered: never, as there is none.
#[derive(Debug)]
pub enum DeliveryError {}

impl fmt::Display for DeliveryError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for DeliveryError {}

/// Configures nothing.
///
/// # Errors
///
/// None.
pub fn configure() -> Result<Telemetry, ConfigureError> {
    builder().install()
}

/// Configures nothing.
///
/// # Errors
///
/// None.
pub fn configure_azure_monitor() -> Result<Telemetry, ConfigureError> {
    builder().install()
}

/// A pipeline that is compiled out.
pub fn builder() -> Builder {
    Builder(())
}

/// The default dialect: nothing is recorded in any.
pub fn dialect_from_env() -> Dialect {
    Dialect::default()
}

/// Sets up nothing.
#[derive(Debug, Default)]
#[must_use = "nothing is configured before `install()`"]
pub struct Builder(());

impl Builder {
    /// Does nothing.
    pub fn dialect(self, _: Dialect) -> Self {
        self
    }

    /// Does nothing.
    pub fn disabled(self, _: bool) -> Self {
        self
    }

    /// Does nothing.
    pub fn shutdown_deadline(self, _: Duration) -> Self {
        self
    }

    /// Does nothing.
    pub fn providers<T, M: ?Sized>(self, _: &T, _: &M) -> Self {
        self
    }

    /// Does nothing.
    pub fn global_providers(self) -> Self {
        self
    }

    /// Does nothing.
    pub fn loggers<L>(self, _: &L) -> Self {
        self
    }

    /// Does nothing.
    pub fn capture_content(self, _: ContentCapture) -> Self {
        self
    }

    /// Does nothing.
    pub fn content_limits(self, _: ContentLimits) -> Self {
        self
    }

    /// Does nothing.
    pub fn inline_blobs(self, _: bool) -> Self {
        self
    }

    /// Does nothing.
    #[cfg(feature = "token-estimates")]
    pub fn estimate_tokens(self, _: bool) -> Self {
        self
    }

    /// Does nothing.
    pub fn redact(self, _: impl Into<Redactor>) -> Self {
        self
    }

    /// Does nothing.
    pub fn redact_with(
        self,
        _: impl Fn(Kind, Redactable<'_>) -> Result<(), RedactionError> + Send + Sync + 'static,
    ) -> Self {
        self
    }

    /// Does nothing.
    pub fn service_name(self, _: impl Into<String>) -> Self {
        self
    }

    /// Installs nothing.
    ///
    /// # Errors
    ///
    /// None.
    pub fn install(self) -> Result<Telemetry, ConfigureError> {
        Ok(Telemetry(()))
    }
}

/// Keeps nothing running.
#[derive(Debug)]
#[must_use = "telemetry stops when this is dropped: keep it until the end of `main`"]
pub struct Telemetry(());

impl Telemetry {
    /// Delivers nothing.
    ///
    /// # Errors
    ///
    /// None.
    pub fn force_flush(&self) -> Result<(), DeliveryError> {
        Ok(())
    }

    /// Ends nothing.
    ///
    /// # Errors
    ///
    /// None.
    pub fn shutdown(self) -> Result<(), DeliveryError> {
        Ok(())
    }
}
