//! From the text to what it says.

use std::str::FromStr;

use super::pairs::{ignored, pairs};
use super::{ConnectionString, ConnectionStringError, endpoint};

/// The lengths of a GUID's groups.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// What the known keys say; the last of each.
#[derive(Default)]
struct Said<'a> {
    instrumentation_key: &'a str,
    ingestion_endpoint: &'a str,
    live_endpoint: &'a str,
    suffix: &'a str,
    location: &'a str,
    audience: &'a str,
    application_id: &'a str,
    authorization: &'a str,
}

impl<'a> Said<'a> {
    fn read(text: &'a str) -> Result<Self, ConnectionStringError> {
        let mut said = Self::default();
        for pair in pairs(text) {
            let (key, value) =
                pair.map_err(|wrong| ConnectionStringError::NotAPair { position: wrong.position })?;
            let known = match key.to_ascii_lowercase().as_str() {
                "instrumentationkey" => &mut said.instrumentation_key,
                "ingestionendpoint" => &mut said.ingestion_endpoint,
                "liveendpoint" => &mut said.live_endpoint,
                "endpointsuffix" => &mut said.suffix,
                "location" => &mut said.location,
                "aadaudience" => &mut said.audience,
                "applicationid" => &mut said.application_id,
                "authorization" => &mut said.authorization,
                _ => {
                    ignored("the connection string", key);
                    continue;
                }
            };
            *known = value;
        }
        Ok(said)
    }

    /// An address that is given, else that of the suffix, else the default.
    fn address(
        &self,
        key: &'static str,
        given: &str,
        service: &str,
        default: &str,
    ) -> Result<String, ConnectionStringError> {
        match (given, self.suffix) {
            ("", "") => Ok(default.to_owned()),
            ("", suffix) => endpoint::of_suffix(service, suffix, present(self.location)),
            (given, _) => endpoint::address(key, given),
        }
    }
}

impl FromStr for ConnectionString {
    type Err = ConnectionStringError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(ConnectionStringError::Empty);
        }
        let said = Said::read(text)?;
        if !said.authorization.is_empty() && !said.authorization.eq_ignore_ascii_case("ikey") {
            return Err(ConnectionStringError::Authorization);
        }
        if said.instrumentation_key.is_empty() {
            return Err(ConnectionStringError::NoInstrumentationKey);
        }
        if !is_guid(said.instrumentation_key) {
            return Err(ConnectionStringError::InstrumentationKey);
        }
        let ingestion_endpoint = said.address(
            "`IngestionEndpoint`",
            said.ingestion_endpoint,
            "dc",
            endpoint::INGESTION,
        )?;
        let live_endpoint =
            said.address("`LiveEndpoint`", said.live_endpoint, "live", endpoint::LIVE)?;
        Ok(Self {
            instrumentation_key: said.instrumentation_key.to_ascii_lowercase(),
            region: endpoint::region(&ingestion_endpoint),
            ingestion_endpoint,
            live_endpoint,
            audience: present(said.audience).map(str::to_owned),
            application_id: present(said.application_id).map(str::to_owned),
        })
    }
}

fn present(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn is_guid(text: &str) -> bool {
    let mut groups = text.split('-');
    let right = GROUPS.iter().all(|&length| {
        groups.next().is_some_and(|group| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    right && groups.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefab-2222-3333-4444-555555555555";

    #[test]
    fn the_key_is_kept_in_lower_case() {
        for text in [
            "InstrumentationKey=ABCDEFAB-2222-3333-4444-555555555555;",
            " ; instrumentationkey = AbCdEfAb-2222-3333-4444-555555555555 ;; ",
            "InstrumentationKey=11111111-2222-3333-4444-555555555555;INSTRUMENTATIONKEY=abcdefab-2222-3333-4444-555555555555",
        ] {
            let connection: ConnectionString = text.parse().expect(text);
            assert_eq!(connection.instrumentation_key(), KEY);
            assert!(!format!("{connection:?}").contains(KEY));
        }
    }

    #[test]
    fn another_address_replaces_the_first_one_and_its_region() {
        let connection: ConnectionString = format!(
            "InstrumentationKey={KEY};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/"
        )
        .parse()
        .expect("a connection string");
        assert_eq!(connection.region(), Some("westeurope"));
        let replaced = connection
            .clone()
            .with_ingestion_endpoint(" http://127.0.0.1:8080/base/ ")
            .expect("an address");
        assert_eq!(replaced.ingestion_endpoint(), "http://127.0.0.1:8080/base");
        assert_eq!(replaced.region(), None);
        assert_eq!(replaced.instrumentation_key(), KEY);
        let error = connection.with_ingestion_endpoint("nowhere").expect_err("no address");
        assert!(error.to_string().starts_with("`AzureMonitor::ingestion_endpoint` is `nowhere`:"));
    }
}
