//! Messaging: queues and topics.

use std::borrow::Cow;

use super::super::fields::Field;
use super::attributes::Attributes;
use super::dependency::Told;
use super::peer;

const DESTINATION: [Field; 2] = [Field::MessagingDestination, Field::MessagingDestinationOld];

/// Where a message went. By the stable names that is `broker/queue`.
pub(super) fn target<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    let destination = attributes.first(DESTINATION);
    peer::peer(attributes, None)
        .or_else(|| peer::join(peer::server(attributes, None), destination))
        .or_else(|| attributes.text(Field::MessagingSystem))
}

/// Where a message came from.
pub(super) fn source<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    let broker = attributes.first([
        Field::ClientAddress,
        Field::NetPeerName,
        Field::NetPeerIp,
        Field::ServerAddress,
    ]);
    peer::join(broker, attributes.first(DESTINATION))
}

/// That of a call which names a messaging system.
pub(super) fn tell<'a>(attributes: &Attributes<'a>) -> Option<Told<'a>> {
    let ty = attributes.text(Field::MessagingSystem)?;
    Some(Told { ty, target: target(attributes), ..Told::default() })
}

/// That of a message sent.
pub(super) fn tell_producer<'a>(attributes: &Attributes<'a>) -> Told<'a> {
    let (system, target) = match attributes.text(Field::AzNamespace) {
        Some(namespace) => (Some(namespace), peer::azure_sdk(attributes)),
        None => (attributes.text(Field::MessagingSystem), target(attributes)),
    };
    let ty = match system {
        Some(system) => format!("Queue Message | {system}").into(),
        None => "Queue Message".into(),
    };
    Told { ty, target, ..Told::default() }
}
