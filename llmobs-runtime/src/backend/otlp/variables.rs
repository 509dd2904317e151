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
use crate::environment::names::{self, BLRP, BSP};

/// One thing that can be said: for all signals, for traces, for metrics, for logs.
pub(crate) struct Variable([&'static str; 4]);

pub(crate) const ENDPOINT: Variable = Variable(names::OTLP_ENDPOINT);
pub(crate) const HEADERS: Variable = Variable(names::OTLP_HEADERS);
pub(crate) const TIMEOUT: Variable = Variable(names::OTLP_TIMEOUT);
pub(crate) const COMPRESSION: Variable = Variable(names::OTLP_COMPRESSION);
pub(crate) const PROTOCOL: Variable = Variable(names::OTLP_PROTOCOL);
pub(crate) const INSECURE: Variable = Variable(names::OTLP_INSECURE);
pub(crate) const CERTIFICATE: Variable = Variable(names::OTLP_CERTIFICATE);
pub(crate) const CLIENT_CERTIFICATE: Variable = Variable(names::OTLP_CLIENT_CERTIFICATE);
pub(crate) const CLIENT_KEY: Variable = Variable(names::OTLP_CLIENT_KEY);

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
    one(env, names::OTLP_TEMPORALITY).map(|said| said.read(expected, read)).transpose()
}

/// For how long a batch of a signal is tried to be delivered.
pub(super) fn retry_for(env: Env<'_>, signal: Signal) -> Result<Option<Duration>, OtlpError> {
    let name = match signal {
        Signal::Traces => BSP.timeout,
        Signal::Metrics => names::METRIC_EXPORT_TIMEOUT,
        Signal::Logs => BLRP.timeout,
    };
    one(env, name).map(milliseconds).transpose()
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

/// 0 is without end, for which the longest that there is will do.
fn milliseconds(said: Said) -> Result<Duration, OtlpError> {
    const LONGEST: u64 = u32::MAX as u64;
    let read = |text: &str| match crate::environment::whole(text)? {
        0 => Some(LONGEST),
        some => Some(some.min(LONGEST)),
    };
    said.read("a whole number of milliseconds", read).map(Duration::from_millis)
}
