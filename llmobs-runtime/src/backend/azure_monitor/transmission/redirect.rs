//! Where a redirection may lead: telemetry goes to nobody whom the user did not name.

use azure_core::http::Url;

/// The hosts of one Azure cloud; telemetry does not leave its cloud.
const CLOUDS: [&[&str]; 3] = [
    &[
        ".livediagnostics.monitor.azure.com",
        ".monitor.azure.com",
        ".services.visualstudio.com",
        ".applicationinsights.azure.com",
    ],
    &[".monitor.azure.us", ".applicationinsights.azure.us"],
    &[".monitor.azure.cn", ".applicationinsights.azure.cn"],
];

/// Where `location` leads from `from`, if the configured endpoint may be left for it: to the same host, or within one
/// Azure cloud, and never from HTTPS to HTTP.
pub(super) fn allowed(endpoint: &Url, from: &Url, location: &str) -> Option<Url> {
    let mut to = from.join(location.trim()).ok()?;
    to.set_fragment(None);
    if !to.username().is_empty() || to.password().is_some() {
        return None;
    }
    match to.scheme() {
        "https" => {}
        "http" if from.scheme() == "http" && endpoint.scheme() == "http" => {}
        _ => return None,
    }
    let (configured, host) = (endpoint.host_str()?, to.host_str()?);
    let same = host.eq_ignore_ascii_case(configured);
    let within =
        || to.scheme() == "https" && cloud(configured).is_some_and(|at| cloud(host) == Some(at));
    (same || within()).then_some(to)
}

fn cloud(host: &str) -> Option<usize> {
    let host = host.to_ascii_lowercase();
    CLOUDS.iter().position(|suffixes| suffixes.iter().any(|suffix| host.ends_with(suffix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(endpoint: &str, location: &str) -> Option<String> {
        let endpoint: Url = endpoint.parse().expect("an address");
        allowed(&endpoint, &endpoint, location).map(String::from)
    }

    #[test]
    fn within_one_cloud_and_over_https() {
        let dc = "https://dc.services.visualstudio.com/v2.1/track";
        let west = "https://westus-0.in.applicationinsights.azure.com/v2.1/track";
        assert_eq!(leads(dc, west).as_deref(), Some(west));
        assert_eq!(leads(west, dc).as_deref(), Some(dc));
        assert_eq!(
            leads(dc, "https://WEST.Monitor.Azure.com/x#y").as_deref(),
            Some("https://west.monitor.azure.com/x")
        );
        for not in [
            "http://westus-0.in.applicationinsights.azure.com/v2.1/track",
            "https://usgov.applicationinsights.azure.us/v2.1/track",
            "https://china.applicationinsights.azure.cn/v2.1/track",
            "https://evil.example/v2.1/track",
            "https://applicationinsights.azure.com.evil.example/",
            "https://evilapplicationinsights.azure.com/",
            "https://monitor.azure.com/",
            "https://user@westus-0.in.applicationinsights.azure.com/",
            "https://:secret@westus-0.in.applicationinsights.azure.com/",
            "https://dc.services.visualstudio.com.:x/",
            "ftp://dc.services.visualstudio.com/",
            "file:///etc/passwd",
            "data:,x",
            "https://",
        ] {
            assert_eq!(leads(dc, not), None, "{not}");
        }
        let us = "https://a.in.applicationinsights.azure.us/";
        assert_eq!(
            leads(us, "https://b.monitor.azure.us/").as_deref(),
            Some("https://b.monitor.azure.us/")
        );
        assert_eq!(leads(us, west), None);
    }

    #[test]
    fn elsewhere_only_to_the_same_host() {
        let proxy = "https://proxy.example/v2.1/track";
        assert_eq!(
            leads(proxy, "https://westus-0.in.applicationinsights.azure.com/v2.1/track"),
            None
        );
        assert_eq!(leads(proxy, "/elsewhere").as_deref(), Some("https://proxy.example/elsewhere"));
        assert_eq!(
            leads(proxy, "https://proxy.example:444/x").as_deref(),
            Some("https://proxy.example:444/x")
        );
        assert_eq!(leads(proxy, "//evil.example/x"), None);
        assert_eq!(leads(proxy, "http://proxy.example/x"), None);
        let plain = "http://127.0.0.1:1/v2.1/track";
        assert_eq!(leads(plain, "http://127.0.0.1:2/x").as_deref(), Some("http://127.0.0.1:2/x"));
        assert_eq!(leads(plain, "https://127.0.0.1:2/x").as_deref(), Some("https://127.0.0.1:2/x"));
        assert_eq!(leads(plain, "http://127.0.0.2:2/x"), None);
        assert_eq!(leads(plain, "http://localhost:2/x"), None);
        assert_eq!(leads(plain, ""), Some(plain.to_owned()));
    }

    #[test]
    fn once_on_https_a_chain_stays_there() {
        let endpoint: Url = "http://127.0.0.1:1/".parse().expect("an address");
        let from: Url = "https://127.0.0.1:2/".parse().expect("an address");
        assert_eq!(allowed(&endpoint, &from, "http://127.0.0.1:1/"), None);
    }
}
