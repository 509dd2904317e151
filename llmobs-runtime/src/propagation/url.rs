//! Where a request goes, as its URL says, read so that nobody can make it say another host than an HTTP client sees.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What of a URL tells where the request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) scheme: String,
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

/// A host, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// In lower case, without a dot at the end.
    Name(String),
    Address(IpAddr),
}

/// No name is longer.
const LONGEST: usize = 253;

impl Target {
    /// Reads an absolute URL. `None` where there is any doubt: control characters, spaces, backslashes, a host that is
    /// no ASCII name or address.
    pub(super) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        // Some clients take a backslash for a slash, and drop tabs and line breaks.
        let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if url.chars().any(odd) || !is_scheme(scheme) {
            return None;
        }
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_port(authority)?;
        let scheme = scheme.to_ascii_lowercase();
        let port = port.or(match scheme.as_str() {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            _ => None,
        });
        Some(Self { host: Host::of(host)?, scheme, port })
    }
}

impl Host {
    /// A name or an address; an IPv6 address stands in brackets.
    pub(super) fn of(host: &str) -> Option<Self> {
        if let Some(inside) = host.strip_prefix('[') {
            let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Address(address.into()));
        }
        if let Ok(address) = host.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        is_name(host).then(|| Self::Name(host.to_ascii_lowercase()))
    }
}

/// Host and port of what is between the user and the path.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_brackets = authority.rfind(']').map_or(0, |at| at.saturating_add(1));
    let colon = authority.get(after_brackets..)?.find(':');
    let Some(at) = colon.map(|at| at.saturating_add(after_brackets)) else {
        return Some((authority, None));
    };
    let (host, port) = (authority.get(..at)?, authority.get(at.saturating_add(1)..)?);
    match port {
        "" => Some((host, None)),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((host, Some(digits.parse().ok()?)))
        }
        _ => None,
    }
}

/// <https://www.rfc-editor.org/rfc/rfc3986#section-3.1>
pub(super) fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Labels of letters, digits, hyphens and underscores, with dots between them.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.len() <= LONGEST && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn target(url: &str) -> (String, Host, Option<u16>) {
        let Target { scheme, host, port } = Target::of(url).expect(url);
        (scheme, host, port)
    }

    fn name(name: &str) -> Host {
        Host::Name(name.to_owned())
    }

    #[test]
    fn the_host_is_the_one_that_a_client_connects_to() {
        for (url, scheme, host, port) in [
            ("https://api.openai.com/v1", "https", "api.openai.com", Some(443)),
            ("HTTP://Gateway.Internal:4000", "http", "gateway.internal", Some(4000)),
            ("http://a.example./x", "http", "a.example", Some(80)),
            ("http://a.example:/x", "http", "a.example", Some(80)),
            ("grpc://a_b.example", "grpc", "a_b.example", None),
            // What stands before the last `@` is no host, and what stands behind the path, the query or the fragment none
            // either.
            ("https://gateway.internal@evil.example/", "https", "evil.example", Some(443)),
            ("https://gateway.internal:443@evil.example", "https", "evil.example", Some(443)),
            ("https://a@gateway.internal@evil.example", "https", "evil.example", Some(443)),
            ("https://evil.example/@gateway.internal", "https", "evil.example", Some(443)),
            ("https://evil.example?@gateway.internal", "https", "evil.example", Some(443)),
            ("https://evil.example#@gateway.internal", "https", "evil.example", Some(443)),
        ] {
            assert_eq!(target(url), (scheme.to_owned(), name(host), port), "{url}");
        }
        let address = |text: &str| Host::Address(text.parse().unwrap());
        assert_eq!(target("http://127.0.0.1:8080/").1, address("127.0.0.1"));
        assert_eq!(target("http://[::1]:8080/"), ("http".into(), address("::1"), Some(8080)));
        assert_eq!(target("http://[0:0::1]").1, address("::1"));
    }

    #[test]
    fn what_is_in_doubt_is_nowhere() {
        for url in [
            "",
            "gateway.internal",
            "gateway.internal:4000/v1",
            "//gateway.internal",
            "https://",
            "https:///v1",
            "://gateway.internal",
            "ht tp://gateway.internal",
            "https://evil.example\\@gateway.internal",
            "https://gateway.internal\t.evil.example",
            "https://gateway.internal\n",
            "https://gateway.internal%2eevil.example",
            "https://gateway..internal",
            "https://g\u{e4}teway.internal",
            "https://gateway.internal:70000",
            "https://gateway.internal:4 000",
            "https://gateway.internal:+80",
            "https://[::1",
            "https://[gateway.internal]",
            "https://::1/",
        ] {
            assert_eq!(Target::of(url), None, "{url:?}");
        }
    }
}
