//! Why a connection string is refused, without a word of what should stay in it.

/// Why a connection string was not understood.
///
/// Neither `Display` nor `Debug` shows the string, the instrumentation key, or a value in its place. Of an address
/// that is refused they show what comes before a user name, a query or anything like a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionStringError {
    /// Nothing was given.
    #[error(
        "the connection string is empty: copy it from the overview page of the Application Insights resource, as in \
         `InstrumentationKey=…;IngestionEndpoint=https://…`"
    )]
    Empty,
    /// A part has no key or no `=`.
    #[error(
        "part {position} of the connection string is not of the form `key=value`: parts stand between `;`, as in \
         `InstrumentationKey=…;IngestionEndpoint=https://…`"
    )]
    NotAPair {
        /// Which part, counted from 1.
        position: usize,
    },
    /// There is no instrumentation key.
    #[error(
        "`InstrumentationKey` is missing or empty: add `InstrumentationKey=` and the GUID from the overview page of \
         the Application Insights resource"
    )]
    NoInstrumentationKey,
    /// The instrumentation key is not a GUID.
    #[error(
        "`InstrumentationKey` is not a GUID, which is 8, 4, 4, 4 and 12 hexadecimal digits with `-` between them: copy \
         it again from the overview page of the Application Insights resource"
    )]
    InstrumentationKey,
    /// An address is none that telemetry could be sent to.
    #[error("{key}{}: {why}; accepted is {}", shown.as_ref().map_or(String::new(), |shown| format!(" is `{shown}`")), accepted(key))]
    Endpoint {
        /// The key that gave the address, or the builder's method.
        key: &'static str,
        /// What can be shown of the address.
        shown: Option<String>,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Another way to authorize was asked for.
    #[error(
        "`Authorization` accepts only `ikey` in a connection string: for Entra ID leave it out and give \
         `AzureMonitor::credential` a credential, or set APPLICATIONINSIGHTS_AUTHENTICATION_STRING"
    )]
    Authorization,
}

/// What the key takes, by an example.
fn accepted(key: &str) -> &'static str {
    match key {
        "`EndpointSuffix`" => "the end of a host's name like `applicationinsights.azure.us`",
        "`Location`" => "a region like `westeurope`",
        _ => "an address like `https://host`, `http://host:port/path`",
    }
}
