//! GenAI: what the portal's Agents view reads of a span.

use std::borrow::Cow;

use super::super::super::names;
use super::super::fields::Field;
use super::super::properties::Properties;
use super::super::value::Val;
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

/// The server that was called, where nothing said so before.
pub(super) fn target<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    peer::server(attributes, Some(PORT))
}

/// Adds to the properties of a GenAI span what the portal reads and the protocol's filter took out.
pub(super) fn complete<'a>(attributes: &Attributes<'a>, properties: &mut Properties<'a>) {
    let provider = attributes.value(Field::GenAiProvider);
    if let Some(provider) = provider
        && !attributes.has(Field::GenAiSystem)
    {
        // The view shows nothing of a span without it (Azure SDK for Python, issue 45211).
        properties.add(names::DEPRECATED_PROVIDER, provider);
    }
    let operation = attributes.value(Field::GenAiOperation).map(Val::from);
    if provider.is_none() && operation.is_none() && !attributes.has(Field::GenAiSystem) {
        return;
    }
    for (field, name) in [(Field::ServerAddress, SERVER_ADDRESS), (Field::ServerPort, SERVER_PORT)]
    {
        if let Some(value) = attributes.value(field) {
            properties.add(name, value);
        }
    }
    if operation.and_then(Val::text) == Some(names::invoke_agent()) {
        main_agent(attributes, properties);
    }
}

/// An agent that no other agent called is the main agent of its run, and says so itself.
fn main_agent<'a>(attributes: &Attributes<'a>, properties: &mut Properties<'a>) {
    use super::super::super::main_agent_names::{CONVERSATION_ID, ID, NAME, VERSION};

    let given = [
        Field::MainAgentName,
        Field::MainAgentId,
        Field::MainAgentVersion,
        Field::MainAgentConversation,
    ];
    if given.into_iter().any(|field| attributes.has(field)) {
        return;
    }
    for (field, name) in [
        (Field::GenAiAgentName, NAME),
        (Field::GenAiAgentId, ID),
        (Field::GenAiAgentVersion, VERSION),
        (Field::GenAiConversation, CONVERSATION_ID),
    ] {
        if let Some(value) = attributes.value(field) {
            properties.add(name, value);
        }
    }
}
