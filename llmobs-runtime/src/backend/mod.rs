//! Where telemetry goes: one folder or file per cargo feature.

#[cfg(feature = "console")]
pub mod console;
