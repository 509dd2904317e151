//! `server.address` and `server.port`, from whatever names a service.

#[cfg(feature = "enable")]
use super::Fields;
#[cfg(feature = "enable")]
use crate::conventions::attr;

/// What names the host and the port of a service.
///
/// A string may be a URL (`https://api.openai.com/v1`; the scheme gives the port), `host:port`, `[::1]:8080` or
/// a host alone. A pair is host and port. User names, passwords, paths and queries of a URL are not read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a server",
    note = "give a URL, `host:port` or a host as a string, or a `(host, port)` pair"
)]
pub trait ServerEndpoint {
    /// Hands the host and the port to `found`; not called when there is none.
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>));
}

impl ServerEndpoint for str {
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>)) {
        if let Some((host, port)) = split(self) {
            found(host, port);
        }
    }
}

impl ServerEndpoint for String {
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>)) {
        self.as_str().endpoint(found);
    }
}

impl<S: ServerEndpoint + ?Sized> ServerEndpoint for &S {
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>)) {
        (**self).endpoint(found);
    }
}

impl<S: ServerEndpoint> ServerEndpoint for Option<S> {
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>)) {
        if let Some(server) = self {
            server.endpoint(found);
        }
    }
}

impl<A: AsRef<str>> ServerEndpoint for (A, u16) {
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>)) {
        if !self.0.as_ref().is_empty() {
            found(self.0.as_ref(), Some(self.1));
        }
    }
}

/// Sets both attributes.
#[cfg(feature = "enable")]
pub(crate) fn record_server<S: ServerEndpoint + ?Sized>(server: &S, fields: &mut Fields) {
    server.endpoint(&mut |host, port| {
        fields.set(attr::SERVER_ADDRESS, host);
        fields.set(attr::SERVER_PORT, &port);
    });
}

/// Host and port of a URL or an authority.
fn split(given: &str) -> Option<(&str, Option<u16>)> {
    let (scheme, rest) = match given.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, given),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed.split_once(']')?;
            (host, after.strip_prefix(':'))
        }
        // More than one colon without brackets is an IPv6 address.
        None if authority.matches(':').count() > 1 => (authority, None),
        None => {
            authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))
        }
    };
    let port = port.and_then(|port| port.parse().ok()).or(match scheme {
        Some("https" | "wss") => Some(443),
        Some("http" | "ws") => Some(80),
        _ => None,
    });
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn urls_and_authorities_are_split() {
        for (given, expected) in [
            ("https://api.openai.com/v1", Some(("api.openai.com", Some(443)))),
            ("http://127.0.0.1:8080", Some(("127.0.0.1", Some(8080)))),
            ("https://key:secret@host.example/v1?x=1", Some(("host.example", Some(443)))),
            ("https://x.openai.azure.com:8443/openai/", Some(("x.openai.azure.com", Some(8443)))),
            ("[::1]:90", Some(("::1", Some(90)))),
            ("http://[fe80::1]/x", Some(("fe80::1", Some(80)))),
            ("::1", Some(("::1", None))),
            ("host", Some(("host", None))),
            ("host:70000", Some(("host", None))),
            ("unix:///run/x.sock", None),
            ("[::1", None),
            ("", None),
            ("://", None),
        ] {
            assert_eq!(split(given), expected, "{given}");
        }
    }
}
