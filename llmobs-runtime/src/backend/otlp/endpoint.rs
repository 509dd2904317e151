//! Addresses: checked, joined with a signal's path, and shown without secrets.

use super::Protocol;
use super::error::OtlpError;
use super::headers::MASK;

const HTTP: &str = "an address as `http://host:4318` or `https://host/path`";
const GRPC: &str = "an address as `http://host:4317`, `https://host:4317` or `host:4317`";

/// An address that is used as it stands.
pub(super) fn whole(
    place: &'static str,
    text: &str,
    protocol: Protocol,
    insecure: bool,
) -> Result<String, OtlpError> {
    let text = text.trim();
    let grpc = protocol == Protocol::Grpc;
    let schemed = match text.split_once("://") {
        // Without a scheme gRPC is encrypted, unless it is said otherwise.
        None if grpc => format!("{}://{text}", if insecure { "http" } else { "https" }),
        _ => text.to_owned(),
    };
    if is_address(&schemed) {
        return Ok(schemed);
    }
    let expected = if grpc { GRPC } else { HTTP };
    Err(OtlpError::Malformed { place, value: masked(text), expected })
}

/// A base address with a path behind it; gRPC has none.
pub(super) fn based(
    place: &'static str,
    text: &str,
    protocol: Protocol,
    insecure: bool,
    path: &str,
) -> Result<String, OtlpError> {
    let base = whole(place, text, protocol, insecure)?;
    if protocol == Protocol::Grpc {
        return Ok(base);
    }
    Ok(match base.split_once('?') {
        Some((base, query)) => format!("{}{path}?{query}", base.trim_end_matches('/')),
        None => format!("{}{path}", base.trim_end_matches('/')),
    })
}

/// Without what may be a secret: a user's name and password, and a query.
pub(super) fn masked(address: &str) -> String {
    let (front, query) = match address.split_once(['?', '#']) {
        // What stands before it may be the beginning of a password.
        Some((front, behind)) if behind.contains('@') => {
            let scheme = front.split_once("://").map(|(scheme, _)| format!("{scheme}://"));
            return format!("{}{MASK}", scheme.unwrap_or_default());
        }
        Some((front, _)) => (front, format!("?{MASK}")),
        None => (address, String::new()),
    };
    let (scheme, rest) = match front.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), front),
    };
    let shown = match rest.rsplit_once('@') {
        Some((_, host)) => format!("{MASK}@{host}"),
        None => rest.to_owned(),
    };
    format!("{scheme}{shown}{query}")
}

fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // In brackets: an address of IPv6.
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    known
        && !name.is_empty()
        && (!name.contains(':') || (name.starts_with('[') && name.ends_with(']')))
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_joined_with_a_path() {
        for (base, joined) in [
            ("http://localhost:4318", "http://localhost:4318/v1/logs"),
            (" http://localhost:4318/ ", "http://localhost:4318/v1/logs"),
            ("https://host/otlp", "https://host/otlp/v1/logs"),
            ("https://host/otlp/", "https://host/otlp/v1/logs"),
            ("https://host/otlp?k=v", "https://host/otlp/v1/logs?k=v"),
            ("HTTP://[::1]:4318", "HTTP://[::1]:4318/v1/logs"),
            ("http://[::1]", "http://[::1]/v1/logs"),
            ("http://u:p@host", "http://u:p@host/v1/logs"),
        ] {
            let found = based("V", base, Protocol::HttpProtobuf, false, "/v1/logs");
            assert_eq!(found.expect(base), joined);
        }
    }

    #[test]
    fn grpc_has_no_path_and_may_be_without_a_scheme() {
        let of = |text, insecure| based("V", text, Protocol::Grpc, insecure, "/v1/logs");
        assert_eq!(of("http://host:4317", false).expect("an address"), "http://host:4317");
        assert_eq!(of("host:4317", false).expect("an address"), "https://host:4317");
        assert_eq!(of("host:4317", true).expect("an address"), "http://host:4317");
        assert_eq!(of("https://host:4317", true).expect("an address"), "https://host:4317");
    }

    #[test]
    fn what_is_no_address_is_shown_without_secrets() {
        for (text, shown) in [
            ("localhost:4318", "localhost:4318"),
            ("ftp://host", "ftp://host"),
            ("http://", "http://"),
            ("http://:4318", "http://:4318"),
            ("http://host:port", "http://host:port"),
            ("http://host:0", "http://host:0"),
            ("http://host:65536", "http://host:65536"),
            ("http://a:b:1", "http://a:b:1"),
            ("http://ho st", "http://ho st"),
            ("http://u:secret@ho st", "http://***@ho st"),
            ("http://u:sec@ret@:1", "http://***@:1"),
            ("u:secret@host", "***@host"),
            ("htp://host?key=secret", "htp://host?***"),
            ("http://u:sec?ret@host", "http://***"),
            ("http://u:sec#ret@host", "http://***"),
            ("u:sec#ret@host", "***"),
        ] {
            let error = whole("V", text, Protocol::HttpJson, false).expect_err(text).to_string();
            assert!(error.starts_with(&format!("V is {shown:?}, ")), "{error}");
        }
    }
}
