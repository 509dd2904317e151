//! HTTP, by its stable names and those before.

use std::borrow::Cow;

use super::super::caller;
use super::super::fields::Field;
use super::attributes::Attributes;
use super::peer;

/// An HTTP call or request.
#[derive(Debug)]
pub(super) struct Http<'a> {
    pub(super) url: Option<Cow<'a, str>>,
    pub(super) code: i64,
    method: Cow<'a, str>,
}

/// Where a URL goes.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    path: &'a str,
}

impl<'a> Http<'a> {
    /// That of a span which has a method.
    pub(super) fn of(attributes: &Attributes<'a>) -> Option<Self> {
        let method = attributes.first([Field::HttpMethod, Field::HttpMethodOld])?;
        Some(Self { url: url(attributes), code: code(attributes).unwrap_or(0), method })
    }

    /// Whether the service answered, and with no error.
    pub(super) fn is_answered(&self) -> bool {
        (1..400).contains(&self.code)
    }

    /// The status, `0` where there is none.
    pub(super) fn status(&self) -> Option<Cow<'a, str>> {
        (self.code != 0).then(|| self.code.to_string().into())
    }

    /// `GET /users/{id}`: with the route, else with the path, if either is known.
    pub(super) fn request_name(&self, attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
        let route = attributes.text(Field::HttpRoute);
        let path = route.or_else(|| self.path(attributes))?;
        Some(format!("{} {path}", self.method).into())
    }

    /// `GET /users/42`.
    pub(super) fn call_name(&self, attributes: &Attributes<'a>) -> Cow<'a, str> {
        let path = self.path(attributes).unwrap_or(Cow::Borrowed("/"));
        format!("{} {path}", self.method).into()
    }

    fn path(&self, attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
        if let Some(path) = attributes.text(Field::UrlPath) {
            return Some(path);
        }
        if let Some(url) = &self.url {
            let path = parts(url).path;
            return Some(if path.is_empty() { "/".into() } else { path.to_owned().into() });
        }
        let target = attributes.text(Field::HttpTarget)?;
        Some(before(&target, &['?', '#']).to_owned().into())
    }

    /// The host that was called, and the port unless it goes without saying.
    pub(super) fn target(&self, attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
        let default = self.default_port(attributes);
        peer::server(attributes, default)
            .or_else(|| attributes.text(Field::PeerService))
            .or_else(|| {
                let host = attributes.text(Field::HttpHost)?;
                Some(without_port(&host, default).to_owned().into())
            })
            .or_else(|| {
                let host = parts(self.url.as_deref()?).host;
                (!host.is_empty()).then(|| without_port(host, default).to_owned().into())
            })
            .or_else(|| peer::peer(attributes, default))
    }

    /// That of the scheme, which is `https` where nobody says.
    fn default_port(&self, attributes: &Attributes<'a>) -> Option<i64> {
        let said = attributes.first([Field::UrlScheme, Field::HttpScheme]);
        let scheme = match &said {
            Some(scheme) => scheme,
            None => self.url.as_deref().map(|url| parts(url).scheme).unwrap_or_default(),
        };
        caller::default_port(Some(scheme))
    }
}

/// The status code, also of a span that is no HTTP span by its method.
pub(super) fn code(attributes: &Attributes<'_>) -> Option<i64> {
    attributes.integer([Field::HttpStatus, Field::HttpStatusOld])
}

/// Whether the server says that it failed.
pub(super) fn is_server_error(attributes: &Attributes<'_>) -> bool {
    code(attributes).is_some_and(|code| (500..600).contains(&code))
}

pub(super) fn user_agent<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.first([Field::UserAgent, Field::HttpUserAgent])
}

/// The URL as it was recorded, else put together from its parts.
fn url<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.first([Field::UrlFull, Field::HttpUrl]).or_else(|| {
        let scheme = attributes.first([Field::UrlScheme, Field::HttpScheme])?;
        let host = host(attributes)?;
        let path = attributes.text(Field::UrlPath);
        let (target, query) = match path {
            Some(path) => (path, attributes.text(Field::UrlQuery)),
            None => (attributes.text(Field::HttpTarget).unwrap_or_default(), None),
        };
        Some(match query {
            Some(query) => format!("{scheme}://{host}{target}?{query}").into(),
            None => format!("{scheme}://{host}{target}").into(),
        })
    })
}

fn host<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    let named = |name, port| {
        let host = attributes.text(name)?;
        Some(peer::with_port(host, attributes.integer([port]), None))
    };
    named(Field::ServerAddress, Field::ServerPort)
        .or_else(|| attributes.text(Field::HttpHost))
        .or_else(|| named(Field::HttpServerName, Field::NetHostPort))
        .or_else(|| named(Field::NetHostName, Field::NetHostPort))
        .or_else(|| named(Field::NetPeerName, Field::NetPeerPort))
        .or_else(|| named(Field::NetPeerIp, Field::NetPeerPort))
}

/// Scheme, host with port but without a user's name and password, and path of `url`.
fn parts(url: &str) -> Parts<'_> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    if scheme.contains(['/', '?', '#']) || scheme.is_empty() {
        return Parts { scheme: "", host: "", path: before(url, &['?', '#']) };
    }
    let host = before(rest, &['/', '?', '#']);
    let path = before(rest.get(host.len()..).unwrap_or_default(), &['?', '#']);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    Parts { scheme, host, path }
}

fn before<'t>(text: &'t str, ends: &[char]) -> &'t str {
    text.split(ends).next().unwrap_or(text)
}

/// `host` without `:port` where that is the default.
fn without_port(host: &str, default: Option<i64>) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.parse().ok() == default && default.is_some() => name,
        _ => host,
    }
}
