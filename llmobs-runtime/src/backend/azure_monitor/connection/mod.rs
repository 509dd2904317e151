//! Where telemetry goes and as whose: the connection string.

use std::str::FromStr;

/// A connection string, understood.
#[derive(Clone)]
pub struct ConnectionString {}

/// Why a connection string was not understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionStringError {
    /// Nothing was given.
    #[error("the connection string is empty")]
    Empty,
}

impl ConnectionString {
    /// The instrumentation key, in lower case: not public, as it is a secret of sorts.
    pub(super) fn instrumentation_key(&self) -> &str {
        ""
    }

    /// The address that telemetry is sent to.
    pub fn ingestion_endpoint(&self) -> &str {
        ""
    }

    /// The application's id, if there is one.
    pub fn application_id(&self) -> Option<&str> {
        None
    }

    /// What an Entra ID token is asked for.
    pub fn token_scope(&self) -> String {
        String::new()
    }

    /// The same with another address.
    pub(super) fn with_ingestion_endpoint(
        self,
        endpoint: &str,
    ) -> Result<Self, ConnectionStringError> {
        let _ = endpoint;
        Ok(self)
    }
}

impl FromStr for ConnectionString {
    type Err = ConnectionStringError;

    fn from_str(_: &str) -> Result<Self, Self::Err> {
        Err(ConnectionStringError::Empty)
    }
}
