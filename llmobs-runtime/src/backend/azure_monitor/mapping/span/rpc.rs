//! Remote procedure calls.

use std::borrow::Cow;

use super::super::fields::Field;
use super::attributes::Attributes;
use super::dependency::Told;
use super::peer;

/// The status code, also of a protocol that names no system, as MCP.
pub(super) fn code<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.first([
        Field::RpcStatus,
        Field::RpcStatusOfGrpc,
        Field::RpcStatusOfConnect,
        Field::RpcStatusOfJson,
    ])
}

/// That of a call which names an RPC system.
pub(super) fn tell<'a>(attributes: &Attributes<'a>) -> Option<Told<'a>> {
    let ty = attributes.first([Field::RpcSystem, Field::RpcSystemOld])?;
    let target = peer::peer(attributes, None)
        .or_else(|| peer::server(attributes, None))
        .unwrap_or_else(|| ty.clone());
    Some(Told { ty, target: Some(target), ..Told::default() })
}
