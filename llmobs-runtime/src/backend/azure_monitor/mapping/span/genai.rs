//! GenAI: what the portal's Agents view reads of a span.

use std::borrow::Cow;

use super::super::super::names;
use super::super::fields::Field;
use super::super::properties::Properties;
use super::attributes::Attributes;
use super::peer;

/// A provider is reached by HTTPS unless its port says otherwise.
const PORT: i64 = 443;

const SERVER_ADDRESS: &str = "server.address";
const SERVER_PORT: &str = "server.port";

/// Who serves the model, by the name of today or the deprecated one.
pub(super) fn provider<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.first([Field::GenAiProvider, Field::GenAiSystem])
}

/// Whether an agent is invoked.
pub(super) fn is_agent_run(attributes: &Attributes<'_>) -> bool {
    attributes.text(Field::GenAiOperation).as_deref() == Some(names::invoke_agent())
}

/// The server that was called, where nothing said so before.
pub(super) fn target<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    peer::server(attributes, Some(PORT))
}

/// Adds to the properties of a GenAI span what the portal reads and the protocol's filter took out.
pub(super) fn complete<'a>(attributes: &Attributes<'a>, properties: &mut Properties<'a>) {
    let provider = attributes.value(Field::GenAiProvider);
    if let Some(provider) = provider
        && attributes.text(Field::GenAiProvider).is_some()
        && attributes.text(Field::GenAiSystem).is_none()
    {
        // The view shows nothing of a span without it (Azure SDK for Python, issue 45211).
        properties.add(names::DEPRECATED_PROVIDER, provider);
    }
    if provider.is_none()
        && !attributes.has(Field::GenAiOperation)
        && !attributes.has(Field::GenAiSystem)
    {
        return;
    }
    for (field, name) in [(Field::ServerAddress, SERVER_ADDRESS), (Field::ServerPort, SERVER_PORT)]
    {
        if let Some(value) = attributes.value(field) {
            properties.add(name, value);
        }
    }
}
