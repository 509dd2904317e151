//! Why nothing can be sent.

use std::fmt;

use super::authentication::AuthenticationError;
use super::connection::ConnectionStringError;
use crate::environment::names::CONNECTION_STRING;

/// Why nothing can be sent to Azure Monitor.
///
/// `Debug` shows the message too: it is what a `main` that returns a `Result` prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum AzureMonitorError {
    /// No connection string was given.
    #[error(
        "no connection string: set the environment variable {CONNECTION_STRING}, or call \
         `AzureMonitor::connection_string`; it is on the overview page of the Application Insights resource"
    )]
    NoConnectionString,
    /// The connection string was not understood.
    #[error("{given_by}: {cause}")]
    ConnectionString {
        /// Where it came from: the variable's name, or the builder's.
        given_by: &'static str,
        /// What is wrong with it.
        #[source]
        cause: ConnectionStringError,
    },
    /// The address that was given in code was not understood.
    #[error(transparent)]
    IngestionEndpoint(ConnectionStringError),
    /// The credential that the environment names cannot be had.
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    /// The system refused the thread that sends.
    #[error("the thread that sends could not be started: {0}")]
    Thread(#[source] std::io::Error),
}

impl fmt::Debug for AzureMonitorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
