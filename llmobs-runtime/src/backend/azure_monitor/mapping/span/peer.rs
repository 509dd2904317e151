//! Where a call went.

use std::borrow::Cow;

use super::super::fields::Field;
use super::attributes::Attributes;

/// The peer by the names of older conventions, without the port where it is the one that goes without saying.
pub(super) fn peer<'a>(
    attributes: &Attributes<'a>,
    default_port: Option<i64>,
) -> Option<Cow<'a, str>> {
    attributes.text(Field::PeerService).or_else(|| {
        let host = attributes.first([Field::NetPeerName, Field::NetPeerIp])?;
        Some(with_port(host, attributes.integer([Field::NetPeerPort]), default_port))
    })
}

/// `server.address`, and `server.port` under the same condition.
pub(super) fn server<'a>(
    attributes: &Attributes<'a>,
    default_port: Option<i64>,
) -> Option<Cow<'a, str>> {
    let host = attributes.text(Field::ServerAddress)?;
    Some(with_port(host, attributes.integer([Field::ServerPort]), default_port))
}

/// A host with its port; without one where there is none or it is `default`.
pub(super) fn with_port(
    host: Cow<'_, str>,
    port: Option<i64>,
    default: Option<i64>,
) -> Cow<'_, str> {
    match port.filter(|port| Some(*port) != default) {
        Some(port) => format!("{host}:{port}").into(),
        None => host,
    }
}

/// What an Azure SDK calls its peer: `namespace.servicebus.windows.net/queue`, or the half of it that is known.
pub(super) fn azure_sdk<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    join(
        attributes.first([Field::ServerAddress, Field::NetPeerName, Field::PeerAddress]),
        attributes.first([Field::MessagingDestination, Field::MessageBusDestination]),
    )
}

/// `host/entity`, or the one that there is.
pub(super) fn join<'a>(
    host: Option<Cow<'a, str>>,
    entity: Option<Cow<'a, str>>,
) -> Option<Cow<'a, str>> {
    match (host, entity) {
        (Some(host), Some(entity)) => Some(format!("{host}/{entity}").into()),
        (host, entity) => host.or(entity),
    }
}
