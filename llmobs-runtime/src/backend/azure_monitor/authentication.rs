//! A credential from the environment: who sends, by Entra ID.
//!
//! `APPLICATIONINSIGHTS_AUTHENTICATION_STRING` is `Authorization=AAD` for the system-assigned managed identity of the
//! machine, `Authorization=AAD;ClientId=…` for a user-assigned one. It takes the feature `azure-identity`.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;

use super::connection::{ignored, pairs};
use crate::environment::names::AUTHENTICATION_STRING;

/// Why `APPLICATIONINSIGHTS_AUTHENTICATION_STRING` gives no credential. No value of it is shown.
///
/// The variable is `Authorization=AAD` for the system-assigned managed identity of the host, or
/// `Authorization=AAD;ClientId=…` for a user-assigned one; keys and `AAD` are read in any case. It takes the feature
/// `azure-identity`.
///
/// Whatever else `azure_identity` offers is handed over in code, with
/// [`AzureMonitor::credential`](super::AzureMonitor::credential), and so is anything that implements
/// `azure_core::credentials::TokenCredential`:
///
/// | credential of `azure_identity` 1.0 | where |
/// |---|---|
/// | `ManagedIdentityCredential` | App Service, Functions, virtual machines |
/// | `WorkloadIdentityCredential` | Kubernetes with workload identity |
/// | `ClientSecretCredential`, `ClientAssertionCredential` | a service principal |
/// | `ClientCertificateCredential` | the same; with that crate's feature `client_certificate` |
/// | `AzurePipelinesCredential` | Azure Pipelines |
/// | `AzureCliCredential`, `AzureDeveloperCliCredential`, `DeveloperToolsCredential` | a developer's machine |
///
/// Each `new` of theirs returns the `Arc` that `AzureMonitor::credential` takes. Whoever sends needs the role
/// *Monitoring Metrics Publisher* on the Application Insights resource.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticationError {
    /// A part has no key or no `=`.
    #[error(
        "{AUTHENTICATION_STRING}: part {position} is not of the form `key=value`; accepted is `Authorization=AAD` or \
         `Authorization=AAD;ClientId=…`"
    )]
    NotAPair {
        /// Which part, counted from 1.
        position: usize,
    },
    /// The way to authenticate is missing.
    #[error(
        "{AUTHENTICATION_STRING}: `Authorization` is missing; accepted is `Authorization=AAD` or \
         `Authorization=AAD;ClientId=…`"
    )]
    NoAuthorization,
    /// The way to authenticate is another one.
    #[error(
        "{AUTHENTICATION_STRING}: `Authorization` accepts only `AAD`; to send with the instrumentation key alone, \
         remove the variable"
    )]
    Authorization,
    /// What would get the token is not compiled in.
    #[error(
        "{AUTHENTICATION_STRING} asks for a managed identity, for which the feature `azure-identity` is needed: switch \
         it on, or give `AzureMonitor::credential` a credential"
    )]
    NotCompiled,
    /// There is no managed identity here that `azure_identity` knows.
    #[error(
        "{AUTHENTICATION_STRING}: no credential for a managed identity on this host: {0}; give \
         `AzureMonitor::credential` another one, or remove the variable"
    )]
    ManagedIdentity(#[source] azure_core::Error),
}

/// Which managed identity is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Identity<'a> {
    /// That of the machine or the service itself.
    System,
    /// The one with this client id.
    Client(&'a str),
}

/// The credential that the environment asks for; `None` where the variable is unset or blank.
pub(super) fn from_env(
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Arc<dyn TokenCredential>>, AuthenticationError> {
    match env(AUTHENTICATION_STRING) {
        Some(text) if !text.trim().is_empty() => credential(&identity(&text)?).map(Some),
        _ => Ok(None),
    }
}

/// Keys and `AAD` in any case; a client id that is empty is as good as absent.
fn identity(text: &str) -> Result<Identity<'_>, AuthenticationError> {
    let (mut authorization, mut client_id) = ("", "");
    for pair in pairs(text) {
        let (key, value) =
            pair.map_err(|wrong| AuthenticationError::NotAPair { position: wrong.position })?;
        if key.eq_ignore_ascii_case("Authorization") {
            authorization = value;
        } else if key.eq_ignore_ascii_case("ClientId") {
            client_id = value;
        } else {
            ignored(AUTHENTICATION_STRING, key);
        }
    }
    if authorization.is_empty() {
        return Err(AuthenticationError::NoAuthorization);
    }
    if !authorization.eq_ignore_ascii_case("AAD") {
        return Err(AuthenticationError::Authorization);
    }
    Ok(if client_id.is_empty() { Identity::System } else { Identity::Client(client_id) })
}

#[cfg(feature = "azure-identity")]
fn credential(identity: &Identity<'_>) -> Result<Arc<dyn TokenCredential>, AuthenticationError> {
    use azure_identity::{
        ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    };

    let user_assigned_id = match identity {
        Identity::System => None,
        Identity::Client(id) => Some(UserAssignedId::ClientId((*id).to_owned())),
    };
    let options = ManagedIdentityCredentialOptions { user_assigned_id, ..Default::default() };
    let credential = ManagedIdentityCredential::new(Some(options))
        .map_err(AuthenticationError::ManagedIdentity)?;
    Ok(credential)
}

#[cfg(not(feature = "azure-identity"))]
fn credential(_: &Identity<'_>) -> Result<Arc<dyn TokenCredential>, AuthenticationError> {
    Err(AuthenticationError::NotCompiled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "99999999-8888-7777-6666-555555555555";

    fn of(text: &str) -> Result<Option<Arc<dyn TokenCredential>>, AuthenticationError> {
        from_env(&|name| (name == AUTHENTICATION_STRING).then(|| text.to_owned()))
    }

    #[test]
    fn the_identity_is_read_in_any_case_and_with_spaces() {
        for (text, expected) in [
            ("Authorization=AAD", Identity::System),
            ("authorization = aad ;", Identity::System),
            ("Authorization=AAD;ClientId=", Identity::System),
            (
                "Authorization=AAD;ClientId=99999999-8888-7777-6666-555555555555",
                Identity::Client(CLIENT),
            ),
            (
                ";CLIENTID=99999999-8888-7777-6666-555555555555; AUTHORIZATION=Aad;Other=x",
                Identity::Client(CLIENT),
            ),
        ] {
            assert_eq!(identity(text).expect(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_key_and_no_value() {
        for (text, key) in [
            ("AAD hunter2", "part 1"),
            ("Authorization=AAD;hunter2", "part 2"),
            ("ClientId=hunter2", "`Authorization` is missing"),
            ("Authorization=;ClientId=hunter2", "`Authorization` is missing"),
            ("Authorization=hunter2", "`Authorization` accepts only `AAD`"),
        ] {
            let error = of(text).map(|_| ()).expect_err(text);
            assert!(error.to_string().contains(key), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn nothing_said_is_no_credential() {
        assert!(matches!(from_env(&|_| None), Ok(None)));
        assert!(matches!(of("  "), Ok(None)));
    }

    #[cfg(feature = "azure-identity")]
    #[test]
    fn a_managed_identity_is_made_without_asking_for_a_token() {
        for text in ["Authorization=AAD", &format!("Authorization=AAD;ClientId={CLIENT}")] {
            let credential = of(text).expect(text).expect(text);
            let shown = format!("{credential:?}");
            assert!(shown.contains("ManagedIdentityCredential") && !shown.contains(CLIENT));
        }
    }

    #[cfg(not(feature = "azure-identity"))]
    #[test]
    fn without_the_feature_the_error_names_it() {
        let error = of("Authorization=AAD").map(|_| ()).expect_err("no credential");
        assert!(error.to_string().contains("feature `azure-identity`"), "{error}");
    }
}
