//! What the presets of products share.

use super::error::OtlpError;
use super::variables::{self, Env, Said};
use super::{Otlp, Protocol, endpoint};

/// What the first of these variables says that is set.
pub(super) fn first(env: Env<'_>, names: &[&'static str]) -> Option<Said> {
    names.iter().find_map(|name| variables::one(env, name))
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
    // A password stands behind a colon as well.
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (format!("{user}@"), host),
        None => (String::new(), authority),
    };
    let host = match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => host,
    };
    Ok(format!("{scheme}://{user}{host}:{port}"))
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

#[cfg(all(test, any(feature = "datadog", feature = "jaeger")))]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_has_the_same_host_and_another_port() {
        for (said, there) in [
            ("http://host:14268/api/traces", "http://host:4318"),
            ("https://host/", "https://host:4318"),
            ("http://[::1]", "http://[::1]:4318"),
            ("http://[::1]:8126", "http://[::1]:4318"),
            ("http://me@host", "http://me@host:4318"),
            ("http://me:secret@host", "http://me:secret@host:4318"),
            ("http://me:secret@host:14268", "http://me:secret@host:4318"),
        ] {
            let said = Said { place: "V", value: said.to_owned() };
            assert_eq!(neighbour(&said, 4318).expect("an address"), there);
        }
    }
}
