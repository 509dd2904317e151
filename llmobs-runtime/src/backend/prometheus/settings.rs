//! Where the page is, by what was said and by the environment.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use super::PrometheusError;
use crate::environment::names::{PROMETHEUS_HOST as HOST, PROMETHEUS_PORT as PORT};

const DEFAULT_HOST: &str = "localhost";
const DEFAULT_PORT: u16 = 9464;

/// Where the page is to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: u16,
}

impl Place {
    /// What was said, else what the environment says, else the default.
    pub(super) fn new(
        host: Option<String>,
        port: Option<u16>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, PrometheusError> {
        let env =
            |name| env(name).map(|said| said.trim().to_owned()).filter(|said| !said.is_empty());
        let host = host.or_else(|| env(HOST)).unwrap_or_else(|| DEFAULT_HOST.to_owned());
        let port = match (port, env(PORT)) {
            (Some(port), _) => port,
            (None, Some(said)) => said.parse().map_err(|_| PrometheusError::Port(said))?,
            (None, None) => DEFAULT_PORT,
        };
        Ok(Self { host, port })
    }

    /// Listens at every address that the host has: `localhost` has two, and a scraper may take either.
    pub(super) fn listen(self) -> Result<Vec<TcpListener>, PrometheusError> {
        let Self { host, port } = self;
        // In brackets as in an address of the web.
        let plain = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let found = (plain.unwrap_or(&host), port).to_socket_addrs();
        let mut addresses: Vec<SocketAddr> = match found {
            Ok(found) => found.collect(),
            Err(cause) => return Err(PrometheusError::Host { host, cause }),
        };
        addresses.sort_by_key(|address| (address.is_ipv6(), *address));
        addresses.dedup();
        let mut listeners: Vec<TcpListener> = Vec::with_capacity(addresses.len());
        let mut cause = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for mut address in addresses {
            let first = listeners.first().and_then(|first| first.local_addr().ok());
            if let Some(first) = first {
                // The same where any port was right.
                address.set_port(first.port());
            }
            match TcpListener::bind(address).and_then(|listener| {
                listener.set_nonblocking(true)?;
                Ok(listener)
            }) {
                Ok(listener) => listeners.push(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {
                    return Err(PrometheusError::Listen { host, port, cause: error });
                }
                // A machine may have no IPv6.
                Err(error) => cause = error,
            }
        }
        if listeners.is_empty() {
            return Err(PrometheusError::Listen { host, port, cause });
        }
        Ok(listeners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(
        host: Option<&str>,
        port: Option<u16>,
        said: &[(&str, &str)],
    ) -> Result<(String, u16), PrometheusError> {
        let env = |name: &str| {
            said.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Place::new(host.map(str::to_owned), port, env).map(|place| (place.host, place.port))
    }

    #[test]
    fn what_is_said_comes_before_the_environment() {
        let env = [(HOST, " example.org "), (PORT, " 80 ")];
        assert_eq!(place(None, None, &[]).unwrap(), ("localhost".to_owned(), 9464));
        assert_eq!(place(None, None, &[(HOST, " "), (PORT, "")]).unwrap().1, 9464);
        assert_eq!(place(None, None, &env).unwrap(), ("example.org".to_owned(), 80));
        assert_eq!(place(Some("::1"), Some(7), &env).unwrap(), ("::1".to_owned(), 7));
        // Nobody looks at what is not needed.
        assert_eq!(place(None, Some(7), &[(PORT, "x")]).unwrap().1, 7);
    }

    #[test]
    fn a_port_that_is_none_is_named() {
        for said in ["http", "65536", "-1", "9464/metrics"] {
            let error = place(None, None, &[(PORT, said)]).unwrap_err().to_string();
            assert!(
                error.contains(&format!("OTEL_EXPORTER_PROMETHEUS_PORT is `{said}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn both_addresses_of_this_machine_have_one_port() {
        let place = Place { host: "localhost".to_owned(), port: 0 };
        let listeners = place.listen().unwrap();
        let addresses: Vec<_> = listeners.iter().map(|one| one.local_addr().unwrap()).collect();
        assert!(addresses.iter().any(SocketAddr::is_ipv4), "{addresses:?}");
        assert!(addresses.iter().all(|one| one.port() == addresses[0].port()), "{addresses:?}");
        assert!(addresses.iter().all(|one| one.ip().is_loopback()), "{addresses:?}");
        let again = Place { host: "127.0.0.1".to_owned(), port: addresses[0].port() };
        let error = again.listen().unwrap_err().to_string();
        assert!(error.contains(&addresses[0].to_string()), "{error}");
        let bracketed = Place { host: "[::1]".to_owned(), port: 0 };
        assert!(!matches!(bracketed.listen(), Err(PrometheusError::Host { .. })));
    }

    #[test]
    fn a_host_that_is_none_is_named() {
        let place = Place { host: "no such host".to_owned(), port: 0 };
        let error = place.listen().unwrap_err().to_string();
        assert!(error.contains("the host `no such host`"), "{error}");
    }
}
