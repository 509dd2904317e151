//! Standard metrics: durations of HTTP requests, under the properties by which the portal's failure and performance
//! views find what is aggregated before it is sent. Those views know no other attributes, so there are none.

use std::borrow::Cow;

use opentelemetry::{KeyValue, Value};

use super::super::fields::{self, Field};
use super::super::properties::Properties;
use super::super::tags::{self, Tag};
use super::super::value::Val;
use super::super::{Mapper, caller};

const SERVER: [&str; 2] = ["http.server.request.duration", "http.server.duration"];
const CLIENT: [&str; 2] = ["http.client.request.duration", "http.client.duration"];
/// What instrumentations count beside the durations; the service derives its own from what it is sent.
const LEFT_OUT: [&str; 5] = [
    "http.server.active_requests",
    "http.server.request.size",
    "http.server.response.size",
    "http.client.request.size",
    "http.client.response.size",
];

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    Requests,
    Dependencies,
}

/// Whether a metric is not sent, as in the reference.
pub(super) fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
}

impl Standard {
    /// That of a metric's name.
    pub(super) fn of(name: &str) -> Option<Self> {
        if SERVER.contains(&name) {
            Some(Self::Requests)
        } else {
            CLIENT.contains(&name).then_some(Self::Dependencies)
        }
    }

    /// What the attributes of a point say.
    pub(super) fn read<'a>(self, attributes: impl Iterator<Item = &'a KeyValue>) -> Read<'a> {
        let known = attributes.filter_map(|attribute| {
            let field = fields::about(attribute.key.as_str()).field?;
            Some((field, Val::from(&attribute.value)))
        });
        Read { standard: self, known: known.collect() }
    }
}

/// The attributes of a point that count.
pub(super) struct Read<'a> {
    standard: Standard,
    known: Vec<(Field, Val<'a>)>,
}

impl<'a> Read<'a> {
    fn get(&self, field: Field) -> Option<Val<'a>> {
        self.known.iter().rev().find(|(known, _)| *known == field).map(|(_, value)| *value)
    }

    fn first<const N: usize>(&self, fields: [Field; N]) -> Option<&'a str> {
        let texts = fields.into_iter().filter_map(|field| self.get(field)?.text());
        texts.into_iter().find(|text| !text.is_empty())
    }

    /// The status, 0 where there is none.
    fn status(&self) -> i64 {
        integer(self.get(Field::HttpStatus))
            .or_else(|| integer(self.get(Field::HttpStatusOld)))
            .unwrap_or(0)
    }

    fn is_synthetic(&self) -> bool {
        caller::is_synthetic(self.first([Field::UserAgentSynthetic]), std::iter::empty::<&str>())
    }

    /// What was called, with its port unless that goes without saying.
    fn target(&self) -> Option<Cow<'a, str>> {
        let default = caller::default_port(self.first([Field::UrlScheme, Field::HttpScheme]));
        let with_port = |host: &'a str, port: Field, default: &[i64]| match integer(self.get(port))
            .filter(|port| !default.contains(port))
        {
            Some(port) => Cow::Owned(format!("{host}:{port}")),
            None => Cow::Borrowed(host),
        };
        if let Some(host) = self.first([Field::ServerAddress]) {
            return Some(with_port(host, Field::ServerPort, default.as_slice()));
        }
        if let Some(peer) = self.first([Field::PeerService]) {
            return Some(Cow::Borrowed(peer));
        }
        if let Some(host) = self.first([Field::NetPeerName, Field::NetPeerIp]) {
            return Some(with_port(host, Field::NetPeerPort, &[80, 443]));
        }
        self.first([Field::HttpHost]).map(Cow::Borrowed)
    }

    /// What the properties are made of.
    pub(super) fn facts(&self, mapper: &Mapper) -> Facts<'a> {
        let status = self.status();
        Facts {
            standard: self.standard,
            status,
            // As the service derives it of requests and dependencies, by the status alone.
            success: status != 0 && status < 400,
            target: self.target(),
            is_synthetic: self.is_synthetic(),
            role: tag(mapper.common(), tags::CLOUD_ROLE),
            instance: tag(mapper.common(), tags::CLOUD_ROLE_INSTANCE),
        }
    }
}

/// The dimensions of a standard metric.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    standard: Standard,
    status: i64,
    success: bool,
    target: Option<Cow<'a, str>>,
    pub(super) is_synthetic: bool,
    role: Option<String>,
    instance: Option<String>,
}

impl Facts<'_> {
    /// Under the names, and with the `True` and `False`, that the service knows.
    pub(super) fn properties(&self) -> Properties<'_> {
        let said = |flag| if flag { "True" } else { "False" };
        let mut properties = Properties::with_room(8);
        let id = match self.standard {
            Standard::Requests => "requests/duration",
            Standard::Dependencies => "dependencies/duration",
        };
        properties.add("_MS.MetricId", id);
        properties.add("_MS.IsAutocollected", said(true));
        match self.standard {
            Standard::Requests => {
                properties.add("request/resultCode", Val::Integer(self.status));
                properties.add("Request.Success", said(self.success));
            }
            Standard::Dependencies => {
                properties.add("Dependency.Type", "http");
                properties.add("Dependency.Success", said(self.success));
                properties.add("dependency/resultCode", Val::Integer(self.status));
                if let Some(target) = &self.target {
                    properties.add("dependency/target", target.as_ref());
                }
            }
        }
        if self.is_synthetic {
            properties.add("operation/synthetic", said(true));
        }
        if let Some(role) = &self.role {
            properties.add("cloud/roleName", role.as_str());
        }
        if let Some(instance) = &self.instance {
            properties.add("cloud/roleInstance", instance.as_str());
        }
        properties
    }
}

/// A whole number, or a text that is one.
fn integer(value: Option<Val<'_>>) -> Option<i64> {
    match value? {
        Val::Integer(value) => Some(value),
        Val::Otel(Value::I64(value)) => Some(*value),
        value => value.text()?.trim().parse().ok(),
    }
}

/// The value of a tag within the start that all envelopes share.
fn tag(common: &[u8], tag: Tag) -> Option<String> {
    // A quote within a value is escaped, so this is the name of a member wherever it stands.
    let name = format!(",\"{}\":", tag.name);
    let common = std::str::from_utf8(common).ok()?;
    let (_, value) = common.split_once(&name)?;
    let mut values = serde_json::Deserializer::from_str(value).into_iter();
    values.next()?.ok()
}
