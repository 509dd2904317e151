//! Addresses: which are accepted, and what of the others can be shown.

use azure_core::http::Url;

use super::ConnectionStringError;

/// Where telemetry goes unless said.
pub(super) const INGESTION: &str = "https://dc.services.visualstudio.com";
/// Where live metrics go unless said.
pub(super) const LIVE: &str = "https://rt.services.visualstudio.com";

/// The most that is shown of an address, in characters.
const SHOWN: usize = 100;
/// The hexadecimal digits of a GUID.
const KEY_DIGITS: usize = 32;

/// The address, normalised: host in lower case, default port left out, no slash at its end; a path is kept.
///
/// Plain `http` is accepted, for a server on the same machine or a private network; a token is never sent there.
pub(super) fn address(key: &'static str, text: &str) -> Result<String, ConnectionStringError> {
    let refused = |why| ConnectionStringError::Endpoint { key, shown: shown(text), why };
    // The parser would drop tabs and line ends, wherever they stand.
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(refused("has white space in it"));
    }
    let url = Url::parse(text).map_err(|_| refused("is not an address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("begins with neither `http://` nor `https://`"));
    }
    // The parser repairs what lacks its slashes, or has too many: a guess that nobody asked for.
    let after_slashes = text.split_once("://").map_or("", |(_, rest)| rest);
    if after_slashes.starts_with(['/', '\\']) || url.host_str().is_none_or(str::is_empty) {
        return Err(refused("has no host after `//`"));
    }
    if after_slashes.is_empty() {
        return Err(refused("has no `//` before its host"));
    }
    if !url.username().is_empty() || url.password().is_some() || has_user(after_slashes) {
        return Err(refused("has a user name or password, which would be sent and logged"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("has a `?` or `#`, after which no path can follow"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The address of one service of an endpoint suffix.
pub(super) fn of_suffix(
    service: &str,
    suffix: &str,
    location: Option<&str>,
) -> Result<String, ConnectionStringError> {
    const KEY: &str = "`EndpointSuffix`";
    let suffix = suffix.trim_start_matches('.');
    let refused =
        |key, given, why| ConnectionStringError::Endpoint { key, shown: shown(given), why };
    if suffix.is_empty() || suffix.contains(['/', '\\', '?', '#', '@']) {
        return Err(refused(KEY, suffix, "is not the end of a host's name"));
    }
    let location = location.map(|location| location.trim_end_matches('.'));
    match location.filter(|location| !location.is_empty()) {
        Some(location) if !location.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
            Err(refused("`Location`", location, "is not the name of a region"))
        }
        Some(location) => address(KEY, &format!("https://{location}.{service}.{suffix}")),
        None => address(KEY, &format!("https://{service}.{suffix}")),
    }
}

/// The region in the address of the public cloud's ingestion: its first label, without the number of a stamp.
pub(super) fn region(address: &str) -> Option<String> {
    let host = address.strip_prefix("https://")?;
    let (label, rest) = host.split_once('.')?;
    let end = rest.strip_prefix("in.applicationinsights.azure.com")?;
    if !(end.is_empty() || end.starts_with(['/', ':'])) {
        return None;
    }
    let name = match label.split_once('-') {
        Some((name, stamp)) => {
            let is_number = !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some(name)?
        }
        None => label,
    };
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| name.to_owned())
}

/// Whether the part between `//` and the path has an `@`, be there anything before it or not.
fn has_user(after_slashes: &str) -> bool {
    after_slashes
        .split(['/', '\\', '?', '#'])
        .next()
        .is_some_and(|authority| authority.contains('@'))
}

/// What can be shown of an address: nothing where a secret may be part of it.
fn shown(address: &str) -> Option<String> {
    let before_query = address.split(['?', '#']).next().unwrap_or_default();
    let is_plain = !before_query.is_empty()
        && before_query.chars().count() <= SHOWN
        && !before_query.contains(['@', '=', '%'])
        && !before_query.contains(char::is_control)
        && !looks_secret(before_query);
    is_plain.then(|| before_query.to_owned())
}

/// Whether something as long as an instrumentation key stands in it: as many hexadecimal digits with nothing between
/// them but what is neither letter nor digit.
pub(super) fn looks_secret(text: &str) -> bool {
    let mut digits = 0_usize;
    for c in text.chars() {
        if c.is_ascii_hexdigit() {
            digits = digits.saturating_add(1);
        } else if c.is_alphanumeric() {
            digits = 0;
        }
        if digits >= KEY_DIGITS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_taken_from_the_public_form_only() {
        for (address, expected) in [
            ("https://westeurope-5.in.applicationinsights.azure.com", Some("westeurope")),
            ("https://westus2.in.applicationinsights.azure.com/base", Some("westus2")),
            ("https://westus2-.in.applicationinsights.azure.com", None),
            ("https://westus2-x.in.applicationinsights.azure.com", None),
            ("https://westus2-0.in.applicationinsights.azure.com.example", None),
            ("http://westus2-0.in.applicationinsights.azure.com", None),
            (INGESTION, None),
        ] {
            assert_eq!(region(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn what_looks_like_a_key_is_not_shown() {
        assert!(looks_secret("x-11111111-2222-3333-4444-555555555555"));
        assert!(looks_secret("{ABCDEF01222233334444555555555555}"));
        assert!(!looks_secret("https://chinanorth.dc.applicationinsights.azure.cn"));
        assert_eq!(shown("notaurl").as_deref(), Some("notaurl"));
        assert_eq!(shown("ftp://host/path?sig=abc").as_deref(), Some("ftp://host/path"));
        assert_eq!(shown("https://user:secret@host"), None);
    }
}
