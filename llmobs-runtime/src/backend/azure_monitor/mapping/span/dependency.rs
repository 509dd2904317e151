//! What a dependency tells of itself: the first of the conventions that its attributes follow.

use std::borrow::Cow;

use opentelemetry::trace::SpanKind;

use super::super::fields::Field;
use super::attributes::Attributes;
use super::http::{self, Http};
use super::{database, genai, messaging, peer, rpc};

/// The fields of a dependency that depend on its attributes.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) ty: Cow<'a, str>,
    pub(super) target: Option<Cow<'a, str>>,
    pub(super) data: Option<Cow<'a, str>>,
    pub(super) code: Option<Cow<'a, str>>,
    /// In place of the span's.
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) user_agent: Option<Cow<'a, str>>,
}

/// What a client, a producer or an internal span tells.
pub(super) fn tell<'a>(kind: &SpanKind, attributes: &Attributes<'a>) -> Told<'a> {
    let is_client = *kind == SpanKind::Client;
    let mut told = match kind {
        SpanKind::Client => client(attributes),
        SpanKind::Producer => return messaging::tell_producer(attributes),
        _ => internal(attributes),
    };
    // A GenAI call is one whatever carries it.
    if let Some(provider) = genai::provider(attributes) {
        told.ty = format!("GenAI | {provider}").into();
        told.target = told.target.or_else(|| genai::target(attributes));
        if is_client {
            told.target = told.target.or(Some(provider));
        }
        told.code = told.code.or_else(|| Some(http::code(attributes)?.to_string().into()));
    }
    if genai::is_agent_run(attributes) {
        // Dashboards find the runs of agents by the span's name.
        told.name = None;
    }
    told
}

fn client<'a>(attributes: &Attributes<'a>) -> Told<'a> {
    if let Some(namespace) = attributes.text(Field::AzNamespace) {
        return Told { ty: namespace, target: peer::azure_sdk(attributes), ..Told::default() };
    }
    if let Some(http) = Http::of(attributes) {
        return Told {
            ty: "HTTP".into(),
            target: http.target(attributes),
            code: http.status(),
            name: Some(http.call_name(attributes)),
            user_agent: http::user_agent(attributes),
            data: http.url,
        };
    }
    database::tell(attributes)
        .or_else(|| messaging::tell(attributes))
        .or_else(|| rpc::tell(attributes))
        .unwrap_or_else(|| Told {
            ty: "N/A".into(),
            target: peer::peer(attributes, None).or_else(|| genai::target(attributes)),
            ..Told::default()
        })
}

fn internal<'a>(attributes: &Attributes<'a>) -> Told<'a> {
    let ty = match attributes.text(Field::AzNamespace) {
        Some(namespace) => format!("InProc | {namespace}").into(),
        None => "InProc".into(),
    };
    Told { ty, target: peer::peer(attributes, None), ..Told::default() }
}
