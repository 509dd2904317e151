//! Where telemetry goes and as whose: the connection string.

mod endpoint;
mod error;
mod pairs;
mod parse;

use std::fmt;

pub use error::ConnectionStringError;
pub(super) use pairs::{ignored, pairs};

/// What a token is asked for unless the connection string names an audience; both slashes belong there.
const SCOPE: &str = "https://monitor.azure.com//.default";

/// A connection string of Application Insights, understood.
///
/// `key=value` parts with `;` between them, as the portal shows them on the resource's overview page. Keys are read
/// in any case, spaces around keys and values are ignored, empty parts too; of a key given twice the last one counts,
/// and a key without a value is as good as absent.
///
/// | key | meaning |
/// |---|---|
/// | `InstrumentationKey` | whose telemetry it is; a GUID, required |
/// | `IngestionEndpoint` | where telemetry goes: an `http` or `https` address, with or without a path |
/// | `LiveEndpoint` | where live metrics would go |
/// | `EndpointSuffix` | both endpoints that are not given: `https://dc.SUFFIX`, `https://live.SUFFIX` |
/// | `Location` | with a suffix: `https://LOCATION.dc.SUFFIX` |
/// | `AADAudience` | what an Entra ID token is asked for, in other clouds |
/// | `ApplicationId` | the resource's application id |
/// | `Authorization` | `ikey`, and nothing else |
///
/// Other keys are ignored. `Debug` shows everything but the instrumentation key.
///
/// ```
/// use llmobs_runtime::backend::azure_monitor::ConnectionString;
///
/// let connection: ConnectionString =
///     "InstrumentationKey=11111111-2222-3333-4444-555555555555; EndpointSuffix=applicationinsights.azure.us;".parse()?;
/// assert_eq!(connection.ingestion_endpoint(), "https://dc.applicationinsights.azure.us");
/// # Ok::<(), llmobs_runtime::backend::azure_monitor::ConnectionStringError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionString {
    instrumentation_key: String,
    ingestion_endpoint: String,
    live_endpoint: String,
    region: Option<String>,
    audience: Option<String>,
    application_id: Option<String>,
}

impl ConnectionString {
    /// The instrumentation key, in lower case: not public, as it is a secret of sorts.
    pub(super) fn instrumentation_key(&self) -> &str {
        &self.instrumentation_key
    }

    /// The address that telemetry is sent to, without a slash at its end: a path begins with its own.
    pub fn ingestion_endpoint(&self) -> &str {
        &self.ingestion_endpoint
    }

    /// The address of live metrics, without a slash at its end. Nothing is sent there.
    pub fn live_endpoint(&self) -> &str {
        &self.live_endpoint
    }

    /// The region that the ingestion endpoint names, as `westeurope` in
    /// `https://westeurope-5.in.applicationinsights.azure.com`; `None` with any other form, other clouds' too.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The application's id, if there is one.
    pub fn application_id(&self) -> Option<&str> {
        self.application_id.as_deref()
    }

    /// What an Entra ID token is asked for: the audience of the connection string, or the public cloud's.
    pub fn token_scope(&self) -> String {
        match &self.audience {
            Some(audience) => format!("{audience}/.default"),
            None => SCOPE.to_owned(),
        }
    }

    /// The same with another address, said in code.
    pub(super) fn with_ingestion_endpoint(
        mut self,
        endpoint: &str,
    ) -> Result<Self, ConnectionStringError> {
        self.ingestion_endpoint =
            endpoint::address("`AzureMonitor::ingestion_endpoint`", endpoint.trim())?;
        self.region = endpoint::region(&self.ingestion_endpoint);
        Ok(self)
    }
}

impl fmt::Debug for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key may have been put where it does not belong, too.
        let masked = |text: &str| {
            let has_key = text.to_ascii_lowercase().contains(&self.instrumentation_key);
            if has_key { "…".to_owned() } else { text.to_owned() }
        };
        f.debug_struct("ConnectionString")
            .field("instrumentation_key", &"…")
            .field("ingestion_endpoint", &masked(&self.ingestion_endpoint))
            .field("live_endpoint", &masked(&self.live_endpoint))
            .field("region", &self.region)
            .field("audience", &self.audience.as_deref().map(masked))
            .field("application_id", &self.application_id.as_deref().map(masked))
            .finish()
    }
}
