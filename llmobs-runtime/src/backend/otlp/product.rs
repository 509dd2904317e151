//! What the presets of products share.

use super::error::OtlpError;
use super::variables::{self, Env, Said};
use super::{Otlp, Protocol, endpoint};

/// What the first of these variables says that is set.
pub(super) fn first(env: Env<'_>, names: &[&'static str]) -> Option<Said> {
    names.iter().find_map(|name| variables::one(env, name))
}

/// Whether any of them is set.
pub(super) fn any(env: Env<'_>, names: &[&'static str]) -> bool {
    first(env, names).is_some()
}

/// The address that a variable says, without a slash at its end.
pub(super) fn address(Said { place, value }: &Said) -> Result<String, OtlpError> {
    let address = endpoint::whole(place, value, Protocol::HttpProtobuf, false)?;
    Ok(address.trim_end_matches('/').to_owned())
}

/// The same with another port and nothing behind it: what listens there is another part of the same product.
#[cfg(any(feature = "datadog", feature = "jaeger"))]
pub(super) fn neighbour(said: &Said, port: u16) -> Result<String, OtlpError> {
    let address = address(said)?;
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", &address));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    Ok(format!("{scheme}://{host}:{port}"))
}

/// The address of a host of which only the name is said.
#[cfg(any(feature = "datadog", feature = "jaeger"))]
pub(super) fn host(Said { place, value }: &Said, port: u16) -> Result<String, OtlpError> {
    let host = value.trim();
    let host = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    endpoint::whole(place, &format!("http://{host}:{port}"), Protocol::HttpProtobuf, false).map_err(
        |_| OtlpError::Malformed {
            place,
            value: endpoint::masked(value),
            expected: "the name or the address of a host",
        },
    )
}

impl Otlp {
    /// A product's: the variables of the exporter describe another place, and their headers are keys for it.
    pub(super) fn of_product(name: &'static str) -> Self {
        Self { name, reads_variables: false, ..Self::new() }.protocol(Protocol::HttpProtobuf)
    }

    /// With a base address that a variable said.
    pub(super) fn based(mut self, place: &'static str, address: String) -> Self {
        self.endpoint = Some((place, address));
        self
    }
}
