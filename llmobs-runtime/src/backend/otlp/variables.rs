//! The variables of the OTLP exporter, as
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/> names them.
//!
//! Of two, the one of the signal holds. What is set to nothing is not set.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;

use super::error::OtlpError;
use super::headers::Headers;
use super::signal::Signal;
use super::{Compression, Protocol, endpoint};

/// One thing that can be said: for all signals, for traces, for metrics, for logs.
pub(crate) struct Variable([&'static str; 4]);

pub(crate) const ENDPOINT: Variable = Variable([
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
]);
pub(crate) const HEADERS: Variable = Variable([
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
]);
pub(crate) const TIMEOUT: Variable = Variable([
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
]);
pub(crate) const COMPRESSION: Variable = Variable([
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
]);
pub(crate) const PROTOCOL: Variable = Variable([
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
]);
pub(crate) const INSECURE: Variable = Variable([
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
    "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
]);
pub(crate) const CERTIFICATE: Variable = Variable([
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
]);
pub(crate) const CLIENT_CERTIFICATE: Variable = Variable([
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
]);
pub(crate) const CLIENT_KEY: Variable = Variable([
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
]);
pub(crate) const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
pub(crate) const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
pub(crate) const EXPORT_TIMEOUT: &str = "OTEL_METRIC_EXPORT_TIMEOUT";

impl Variable {
    /// The name of the one for all signals, then those for each.
    pub(crate) const fn names(&self) -> &[&'static str; 4] {
        &self.0
    }

    const fn general(&self) -> &'static str {
        let [general, ..] = self.0;
        general
    }

    const fn of(&self, signal: Signal) -> &'static str {
        let [_, traces, metrics, logs] = self.0;
        match signal {
            Signal::Traces => traces,
            Signal::Metrics => metrics,
            Signal::Logs => logs,
        }
    }
}

/// Where variables are looked up.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable and what it says.
pub(super) struct Said {
    pub(super) place: &'static str,
    pub(super) value: String,
}

impl Said {
    /// What is made of it, or an error that shows what it says: not for secrets.
    pub(super) fn read<T>(
        self,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, OtlpError> {
        let Self { place, value } = self;
        read(value.trim()).ok_or(OtlpError::Malformed { place, value, expected })
    }
}

/// What one variable says.
pub(super) fn one(env: Env<'_>, place: &'static str) -> Option<Said> {
    let value = env(place).filter(|value| !value.trim().is_empty())?;
    Some(Said { place, value })
}

/// What is said of a signal: by its own variable, or else by the one for all.
pub(super) fn said(env: Env<'_>, variable: &Variable, signal: Signal) -> Option<Said> {
    one(env, variable.of(signal)).or_else(|| one(env, variable.general()))
}

/// The address for a signal: as it stands where the signal's variable says it, else the base with the signal's path.
pub(super) fn endpoint(
    env: Env<'_>,
    signal: Signal,
    protocol: Protocol,
    insecure: bool,
) -> Result<Option<String>, OtlpError> {
    if let Some(Said { place, value }) = one(env, ENDPOINT.of(signal)) {
        return endpoint::whole(place, &value, protocol, insecure).map(Some);
    }
    let Some(Said { place, value }) = one(env, ENDPOINT.general()) else { return Ok(None) };
    endpoint::based(place, &value, protocol, insecure, signal.path()).map(Some)
}

pub(super) fn headers(env: Env<'_>, signal: Signal) -> Result<Headers, OtlpError> {
    said(env, &HEADERS, signal)
        .map_or(Ok(Headers::default()), |Said { place, value }| Headers::parse(place, &value))
}

pub(super) fn timeout(env: Env<'_>, signal: Signal) -> Result<Option<Duration>, OtlpError> {
    said(env, &TIMEOUT, signal).map(milliseconds).transpose()
}

pub(super) fn compression(env: Env<'_>, signal: Signal) -> Result<Option<Compression>, OtlpError> {
    let read = |text: &str| Compression::parse(&text.to_ascii_lowercase());
    said(env, &COMPRESSION, signal).map(|said| said.read("`gzip` or `none`", read)).transpose()
}

/// A protocol, and where it was asked for.
pub(super) fn protocol(
    env: Env<'_>,
    signal: Signal,
) -> Result<Option<(&'static str, Protocol)>, OtlpError> {
    let Some(said) = said(env, &PROTOCOL, signal) else { return Ok(None) };
    let place = said.place;
    let protocol = said.read("`http/protobuf`, `http/json` or `grpc`", Protocol::parse)?;
    Ok(Some((place, protocol)))
}

pub(super) fn insecure(env: Env<'_>, signal: Signal) -> Result<bool, OtlpError> {
    let read = |text: &str| match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    said(env, &INSECURE, signal).map_or(Ok(false), |said| said.read("`true` or `false`", read))
}

pub(super) fn temporality(env: Env<'_>) -> Result<Option<Temporality>, OtlpError> {
    let read = |text: &str| match text.to_ascii_lowercase().as_str() {
        "cumulative" => Some(Temporality::Cumulative),
        "delta" => Some(Temporality::Delta),
        "lowmemory" => Some(Temporality::LowMemory),
        _ => None,
    };
    let expected = "`cumulative`, `delta` or `lowmemory`";
    one(env, TEMPORALITY).map(|said| said.read(expected, read)).transpose()
}

/// For how long metrics are tried to be delivered. The SDK ignores an interval that is none; here it is an error.
pub(super) fn metric_timeout(env: Env<'_>) -> Result<Option<Duration>, OtlpError> {
    let time = |name| one(env, name).map(milliseconds).transpose();
    time(INTERVAL)?;
    time(EXPORT_TIMEOUT)
}

/// A file's content.
pub(super) fn file(
    env: Env<'_>,
    variable: &Variable,
    signal: Signal,
) -> Result<Option<Vec<u8>>, OtlpError> {
    let Some(Said { place, value }) = said(env, variable, signal) else { return Ok(None) };
    std::fs::read(&value).map(Some).map_err(|cause| OtlpError::Unreadable {
        variable: place,
        path: value,
        cause,
    })
}

fn milliseconds(said: Said) -> Result<Duration, OtlpError> {
    let read = |text: &str| {
        text.parse().ok().filter(|milliseconds| *milliseconds > 0).map(Duration::from_millis)
    };
    said.read("a positive whole number of milliseconds", read)
}
