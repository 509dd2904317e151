//! Who the process is: the resource that everything it records carries.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;

use super::environment::{Environment, pairs};
use crate::environment::names;

/// The service's name, which the SDK makes up where nobody says it.
const SERVICE_NAME: &str = "service.name";
/// How a name begins that was made up.
const UNKNOWN: &str = "unknown_service";

/// The resource that was given, or else what the environment says and, on Azure, what can be found out there, over what
/// variables of other products say; with the service's name if that was given.
pub(super) fn described(
    given: Option<Resource>,
    service_name: Option<String>,
    described: Vec<(String, String)>,
    on_azure: bool,
    environment: &Environment,
) -> Resource {
    let resource = given.unwrap_or_else(|| {
        let said = said(environment);
        let said = if on_azure { over(&found(), &said) } else { said };
        let described = described.into_iter().map(|(key, value)| KeyValue::new(key, value));
        over(&Resource::builder_empty().with_attributes(described).build(), &said)
    });
    match service_name {
        Some(name) => over(&resource, &Resource::builder_empty().with_service_name(name).build()),
        None => resource,
    }
}

/// What the environment says, and what the SDK says of itself.
fn said(environment: &Environment) -> Resource {
    let attributes = environment.get(names::RESOURCE_ATTRIBUTES).map(pairs);
    // One that is broken has been refused.
    let attributes = attributes.and_then(Result::ok).unwrap_or_default();
    let attributes = attributes.into_iter().map(|(key, value)| KeyValue::new(key, value));
    let builder = Resource::builder_empty()
        .with_service_name(made_up())
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(attributes);
    match environment.get(names::SERVICE_NAME) {
        Some(name) => builder.with_service_name(name.to_owned()),
        None => builder,
    }
    .build()
}

/// The name of a service that nobody has named, as the specification has it.
fn made_up() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(std::path::Path::file_name);
    match program.and_then(std::ffi::OsStr::to_str) {
        Some(program) => format!("{UNKNOWN}:{program}"),
        None => UNKNOWN.to_owned(),
    }
}

/// What can be found out of where the process runs.
#[cfg(feature = "azure-monitor")]
fn found() -> Resource {
    use opentelemetry_sdk::resource::ResourceDetector as _;

    crate::backend::azure_monitor::AzureResourceDetector::default().detect()
}

#[cfg(not(feature = "azure-monitor"))]
fn found() -> Resource {
    Resource::builder_empty().build()
}

/// Both; where both say something, `above` holds, except with a name that was made up.
fn over(below: &Resource, above: &Resource) -> Resource {
    let name = Key::from_static_str(SERVICE_NAME);
    let is_made_up = |value: &opentelemetry::Value| value.as_str().starts_with(UNKNOWN);
    let named = below.get(&name).is_some();
    let kept =
        |key: &Key, value: &opentelemetry::Value| !(named && *key == name && is_made_up(value));
    let attributes: Vec<_> = below
        .iter()
        .chain(above.iter().filter(|(key, value)| kept(key, value)))
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
        .collect();
    let builder = Resource::builder_empty();
    match above.schema_url().or(below.schema_url()) {
        Some(url) => builder.with_schema_url(attributes, url.to_owned()),
        None => builder.with_attributes(attributes),
    }
    .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> Resource {
        let attributes = pairs.iter().map(|(key, value)| KeyValue::new(*key, *value));
        Resource::builder_empty().with_attributes(attributes).build()
    }

    fn value(resource: &Resource, key: &'static str) -> Option<String> {
        resource.get(&Key::from_static_str(key)).map(|value| value.as_str().into_owned())
    }

    #[test]
    fn what_is_said_holds_against_what_is_found_and_a_made_up_name_does_not() {
        let found = of(&[(SERVICE_NAME, "site"), ("cloud.region", "westeurope"), ("host.id", "h")]);
        let said = over(&found, &of(&[(SERVICE_NAME, "unknown_service:x"), ("host.id", "mine")]));
        assert_eq!(value(&said, SERVICE_NAME).as_deref(), Some("site"));
        assert_eq!(value(&said, "host.id").as_deref(), Some("mine"));
        assert_eq!(value(&said, "cloud.region").as_deref(), Some("westeurope"));
        let named = over(&found, &of(&[(SERVICE_NAME, "shop")]));
        assert_eq!(value(&named, SERVICE_NAME).as_deref(), Some("shop"));
        let unknown = over(&of(&[]), &of(&[(SERVICE_NAME, "unknown_service")]));
        assert_eq!(value(&unknown, SERVICE_NAME).as_deref(), Some("unknown_service"));
    }

    #[test]
    fn a_resource_that_is_given_is_only_renamed() {
        let given = described(
            Some(of(&[("a", "b")])),
            Some("shop".to_owned()),
            Vec::new(),
            true,
            &Environment::default(),
        );
        assert_eq!(value(&given, "a").as_deref(), Some("b"));
        assert_eq!(value(&given, SERVICE_NAME).as_deref(), Some("shop"));
        assert_eq!(given.len(), 2);
    }
}
