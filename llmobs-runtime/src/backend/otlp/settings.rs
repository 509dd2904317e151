//! What an [`Otlp`] comes to: for each signal where it goes and how.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;

use super::error::OtlpError;
use super::headers::Headers;
use super::signal::{PerSignal, Signal};
use super::variables::{self, Env};
use super::{Compression, Otlp, Protocol, endpoint};

/// Who sends.
pub(super) const AGENT: &str =
    concat!("llmobs/", env!("CARGO_PKG_VERSION"), " OTel-OTLP-Exporter-Rust");

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a batch is tried to be delivered.
const RETRY_FOR: Duration = Duration::from_mins(5);
/// The same of metrics: the next ones hold what these did, unless they are deltas.
const METRICS_RETRY_FOR: Duration = Duration::from_secs(30);

/// Whom to trust, and who one is. In PEM.
#[derive(Clone, Default)]
pub(super) struct Tls {
    /// Only these, in place of those that the system trusts.
    pub(super) trusted: Option<Vec<u8>>,
    /// A certificate and its key.
    pub(super) identity: Option<(Vec<u8>, Vec<u8>)>,
}

/// Where a signal goes and how.
pub(super) struct Way {
    pub(super) endpoint: String,
    pub(super) protocol: Protocol,
    pub(super) headers: Headers,
    pub(super) timeout: Duration,
    pub(super) retry_for: Duration,
    pub(super) compression: Compression,
    pub(super) tls: Tls,
}

/// The ways of all signals that are wanted.
pub(super) struct Ways {
    pub(super) signals: PerSignal<Option<Way>>,
    pub(super) temporality: Temporality,
}

impl Otlp {
    /// What it comes to: code, then variables, then defaults.
    pub(super) fn resolve(&self, env: Env<'_>) -> Result<Ways, OtlpError> {
        let nothing = |_: &str| None;
        let of_exporter: Env<'_> = if self.reads_variables { env } else { &nothing };
        let way = |signal, usual| {
            if !*self.wanted.of(signal) {
                return Ok(None);
            }
            let retry_for = variables::retry_for(env, signal)?.unwrap_or(usual);
            self.way(of_exporter, signal, retry_for).map(Some)
        };
        let signals = PerSignal {
            traces: way(Signal::Traces, RETRY_FOR)?,
            metrics: way(Signal::Metrics, METRICS_RETRY_FOR)?,
            logs: way(Signal::Logs, RETRY_FOR)?,
        };
        let temporality = match self.temporality {
            Some(temporality) => temporality,
            None => variables::temporality(of_exporter)?.unwrap_or_default(),
        };
        Ok(Ways { signals, temporality })
    }

    /// What is wrong with the variables for each signal that is wanted, without starting anything.
    pub(crate) fn wrong(&self) -> Vec<OtlpError> {
        let env = |name: &str| std::env::var(name).ok();
        let each = [Signal::Traces, Signal::Metrics, Signal::Logs];
        let wrong =
            each.into_iter().filter(|signal| *self.wanted.of(*signal)).filter_map(|signal| {
                let alone = self.clone().traces(signal == Signal::Traces);
                let alone = alone.metrics(signal == Signal::Metrics).logs(signal == Signal::Logs);
                alone.resolve(&env).err()
            });
        wrong.collect()
    }

    /// Whether traces, metrics and logs are sent.
    pub(crate) fn sends(&self) -> [bool; 3] {
        [self.wanted.traces, self.wanted.metrics, self.wanted.logs]
    }

    fn way(&self, env: Env<'_>, signal: Signal, retry_for: Duration) -> Result<Way, OtlpError> {
        let protocol = self.protocol_of(env, signal)?;
        let insecure = variables::insecure(env, signal)?;
        let mut above = Headers::default();
        for (name, value) in &self.headers {
            above.set(name, value.clone())?;
        }
        let identity = (
            variables::file(env, &variables::CLIENT_CERTIFICATE, signal)?,
            variables::file(env, &variables::CLIENT_KEY, signal)?,
        );
        Ok(Way {
            endpoint: self.endpoint_of(env, signal, protocol, insecure)?,
            protocol,
            headers: variables::headers(env, signal)?.under(self.own.of(signal)).under(&above),
            timeout: match self.timeout {
                // As in a variable: without end.
                Some(Duration::ZERO) => Duration::MAX,
                Some(timeout) => timeout,
                None => variables::timeout(env, signal)?.unwrap_or(TIMEOUT),
            },
            retry_for: self.retry_for.unwrap_or(retry_for),
            compression: match self.compression {
                Some(compression) => compression,
                None => variables::compression(env, signal)?.unwrap_or_default(),
            },
            tls: Tls {
                trusted: variables::file(env, &variables::CERTIFICATE, signal)?,
                identity: match identity {
                    (Some(certificate), Some(key)) => Some((certificate, key)),
                    (None, None) => None,
                    (Some(_), None) => return Err(half(variables::CLIENT_KEY.names())),
                    (None, Some(_)) => return Err(half(variables::CLIENT_CERTIFICATE.names())),
                },
            },
        })
    }

    fn protocol_of(&self, env: Env<'_>, signal: Signal) -> Result<Protocol, OtlpError> {
        let said = match self.protocol {
            Some(protocol) => Some(("`Otlp::protocol`", protocol)),
            None => variables::protocol(env, signal)?,
        };
        match said {
            Some((place, protocol)) if !protocol.is_here() => {
                Err(OtlpError::NotCompiled { place, protocol })
            }
            Some((_, protocol)) => Ok(protocol),
            None => Ok(Protocol::usual()),
        }
    }

    fn endpoint_of(
        &self,
        env: Env<'_>,
        signal: Signal,
        protocol: Protocol,
        insecure: bool,
    ) -> Result<String, OtlpError> {
        if let Some((place, address)) = self.endpoints.of(signal) {
            return endpoint::whole(place, address, protocol, insecure);
        }
        if let Some((place, base)) = &self.endpoint {
            return endpoint::based(place, base, protocol, insecure, signal.path());
        }
        if let Some(address) = variables::endpoint(env, signal, protocol, insecure)? {
            return Ok(address);
        }
        let local = match protocol {
            Protocol::Grpc => "http://localhost:4317",
            Protocol::HttpProtobuf | Protocol::HttpJson => "http://localhost:4318",
        };
        endpoint::based("the default address", local, protocol, insecure, signal.path())
    }
}

/// A certificate of the client's without its key, or the other way round.
fn half([missing, ..]: &[&'static str; 4]) -> OtlpError {
    OtlpError::Malformed {
        place: missing,
        value: String::new(),
        expected: "a file: a client's certificate and its key are needed together",
    }
}
