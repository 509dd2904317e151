//! Where telemetry goes: one folder or file per cargo feature.

#[cfg(feature = "azure-monitor")]
pub mod azure_monitor;
#[cfg(feature = "console")]
pub mod console;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
pub mod otlp;
#[cfg(feature = "prometheus")]
pub mod prometheus;
