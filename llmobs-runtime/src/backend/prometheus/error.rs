//! Why there is no page.

use std::io;

use crate::environment::names::{PROMETHEUS_HOST as HOST, PROMETHEUS_PORT as PORT};

/// Why no page is served for Prometheus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrometheusError {
    /// The variable holds no port.
    #[error(
        "{PORT} is `{0}`: it takes a port, 0 to 65535 (9464 unless said; 0 is any that is free)"
    )]
    Port(String),
    /// The host is unknown.
    #[error(
        "the host `{host}` of the page for Prometheus is not known: {cause}; say another with `Prometheus::host` or \
         {HOST}, such as `localhost`, or `0.0.0.0` for all addresses"
    )]
    Host {
        /// The host.
        host: String,
        /// What the system says of it.
        cause: io::Error,
    },
    /// The page cannot be served there.
    #[error(
        "the page for Prometheus cannot be served at {host}:{port}: {cause}; say another port with \
         `Prometheus::port` or {PORT}, or serve it on a router of your own: `Prometheus::without_server`"
    )]
    Listen {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What the system says, such as that another program has the port.
        cause: io::Error,
    },
    /// There is no thread for it.
    #[error("the system refused what serves the page for Prometheus: {0}")]
    Start(io::Error),
}
