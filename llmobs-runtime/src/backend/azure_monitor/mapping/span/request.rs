//! What a request tells of itself.

use std::borrow::Cow;

use super::super::fields::Field;
use super::attributes::Attributes;
use super::http::{self, Http};
use super::{messaging, peer};

/// The fields of a request that depend on its attributes.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) success: bool,
    pub(super) code: Option<Cow<'a, str>>,
    pub(super) url: Option<Cow<'a, str>>,
    pub(super) source: Option<Cow<'a, str>>,
    /// In place of the span's.
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) user_agent: Option<Cow<'a, str>>,
}

/// What a server's or a consumer's span tells.
pub(super) fn tell<'a>(attributes: &Attributes<'a>, is_error: bool) -> Told<'a> {
    let success = !is_error;
    if attributes.has(Field::AzNamespace) {
        return Told { success, source: peer::azure_sdk(attributes), ..Told::default() };
    }
    if let Some(http) = Http::of(attributes) {
        return Told {
            success: success && http.is_answered(),
            code: http.status(),
            name: http.request_name(attributes),
            user_agent: http::user_agent(attributes),
            url: http.url,
            source: None,
        };
    }
    let source = attributes.has(Field::MessagingSystem).then(|| messaging::source(attributes));
    Told { success, source: source.flatten(), ..Told::default() }
}

/// The address of who asked.
pub(super) fn location<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.first([Field::ClientAddress, Field::HttpClientIp, Field::NetPeerIp])
}
