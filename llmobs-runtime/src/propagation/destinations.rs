//! Who may know of our traces.

use super::url::{Host, Target, is_scheme, split_port};

/// No more than this.
const MOST: usize = 256;

/// The destinations into whose requests contexts are injected; none unless they are named.
///
/// Each is a host (`gateway.internal`), or all hosts below a domain (`*.models.example`), of which a port
/// (`gateway.internal:4000`) and a scheme (`https://gateway.internal`) may be demanded. Addresses are named as such:
/// `10.0.0.7`, `[fd00::7]:4000`.
#[derive(Clone, Debug, Default)]
pub struct Destinations {
    patterns: Vec<Pattern>,
}

/// What is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) baggage: bool,
}

#[derive(Clone, Debug)]
struct Pattern {
    scheme: Option<String>,
    hosts: Hosts,
    port: Option<u16>,
    baggage: bool,
}

#[derive(Clone, Debug)]
enum Hosts {
    One(Host),
    /// Those with a name that ends in this, which begins with a dot.
    Below(String),
}

/// What was named as a destination is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` names no destination: {why}; write a host, `host:port`, `*.domain` or `https://host`"
)]
pub struct DestinationError {
    given: String,
    why: &'static str,
}

impl Destinations {
    /// Those that may know trace and span ids.
    ///
    /// # Errors
    ///
    /// When one of them is not a host or a domain in a form that is described [above](Self), or there are more than 256.
    pub fn of<P: AsRef<str>>(
        patterns: impl IntoIterator<Item = P>,
    ) -> Result<Self, DestinationError> {
        Self::default().and(patterns, false)
    }

    /// More of them, which may know the baggage as well: whatever a [`Scope`](crate::Scope) puts there, and the
    /// application and those who called it.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn with_baggage<P: AsRef<str>>(
        self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Result<Self, DestinationError> {
        self.and(patterns, true)
    }

    fn and<P: AsRef<str>>(
        mut self,
        patterns: impl IntoIterator<Item = P>,
        baggage: bool,
    ) -> Result<Self, DestinationError> {
        for pattern in patterns {
            let given = pattern.as_ref().trim();
            let pattern = Pattern::of(given, baggage).map_err(|why| error(given, why))?;
            if self.patterns.len() >= MOST {
                return Err(error(given, "there are 256 already"));
            }
            self.patterns.push(pattern);
        }
        Ok(self)
    }

    /// What a request to this URL is to carry.
    pub(super) fn find(&self, url: &str) -> Option<Wanted> {
        if self.patterns.is_empty() {
            return None;
        }
        let target = Target::of(url)?;
        let matching = self.patterns.iter().filter(|pattern| pattern.is(&target));
        matching
            .map(|pattern| Wanted { baggage: pattern.baggage })
            .reduce(|all, one| Wanted { baggage: all.baggage || one.baggage })
    }
}

fn error(given: &str, why: &'static str) -> DestinationError {
    // Up to there a password may stand.
    let given = match given.rsplit_once('@') {
        Some((_, behind)) => format!("…@{behind}"),
        None => given.to_owned(),
    };
    // And behind it a key.
    let given = match given.split_once(['?', '#']) {
        Some((before, _)) => format!("{before}?…"),
        None => given,
    };
    DestinationError { given: crate::text::cut(&given).to_owned(), why }
}

impl Pattern {
    fn of(given: &str, baggage: bool) -> Result<Self, &'static str> {
        if given.is_empty() {
            return Err("it is empty");
        }
        if given.contains('@') {
            return Err("it has a user or a password");
        }
        let (scheme, authority) = match given.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, given),
        };
        if scheme.as_deref().is_some_and(|scheme| !is_scheme(scheme)) {
            return Err("its scheme is none");
        }
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#', '\\']) {
            return Err("it has a path");
        }
        let (host, port) = split_port(authority).ok_or("its port is no number below 65536")?;
        let hosts = match host.strip_prefix('*') {
            Some("") => return Err("it is everywhere, for which there is `inject_into`"),
            Some(below) => {
                let domain = below.strip_prefix('.').ok_or("`*` stands for whole labels")?;
                match Host::of(domain) {
                    Some(Host::Name(domain)) => Hosts::Below(format!(".{domain}")),
                    _ => return Err("its domain is no name in ASCII"),
                }
            }
            None => {
                Hosts::One(Host::of(host).ok_or("its host is no name in ASCII and no address")?)
            }
        };
        Ok(Self { scheme, hosts, port, baggage })
    }

    fn is(&self, target: &Target) -> bool {
        let Self { scheme, hosts, port, .. } = self;
        scheme.as_ref().is_none_or(|scheme| *scheme == target.scheme)
            && port.is_none_or(|port| target.port == Some(port))
            && match (hosts, &target.host) {
                (Hosts::One(host), there) => host == there,
                (Hosts::Below(domain), Host::Name(there)) => there.ends_with(domain.as_str()),
                (Hosts::Below(_), Host::Address(_)) => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_a_destination() {
        let destinations = Destinations::of([
            "gateway.internal",
            "proxy.internal:4000",
            "*.Models.example",
            "https://safe.example",
            "10.0.0.7",
            "[fd00::7]:8080",
            "both.internal",
        ])
        .unwrap();
        let destinations =
            destinations.with_baggage(["billing.internal:443", "*.internal:9000"]).unwrap();
        let found = |url| destinations.find(url).map(|wanted| wanted.baggage);
        for url in [
            "https://gateway.internal/v1",
            "http://GATEWAY.internal.:81",
            "http://proxy.internal:4000/",
            "https://eu.models.example",
            "https://a.b.models.example/x",
            "https://safe.example",
            "http://10.0.0.7:1/",
            "http://[fd00:0::7]:8080",
        ] {
            assert_eq!(found(url), Some(false), "{url}");
        }
        for url in ["https://billing.internal", "http://both.internal:9000/x"] {
            assert_eq!(found(url), Some(true), "{url}");
        }
        for url in [
            "https://api.openai.com/v1/chat/completions",
            "http://proxy.internal/",
            "https://models.example",
            "https://evilmodels.example",
            "https://models.example.evil.example",
            "http://safe.example",
            "https://gateway.internal.evil.example",
            "https://gateway.internal@evil.example",
            "http://10.0.0.70/",
            "http://[fd00::7]/",
            "http://billing.internal",
            "gateway.internal",
            "",
        ] {
            assert_eq!(found(url), None, "{url}");
        }
        assert_eq!(Destinations::default().find("https://gateway.internal"), None);
    }

    #[test]
    fn what_is_no_destination_is_named_without_its_password() {
        for (given, why) in [
            ("", "it is empty"),
            ("*", "it is everywhere, for which there is `inject_into`"),
            ("*:443", "it is everywhere, for which there is `inject_into`"),
            ("*gateway.internal", "`*` stands for whole labels"),
            ("*.10.0.0.7", "its domain is no name in ASCII"),
            ("gateway.*", "its host is no name in ASCII and no address"),
            ("gate way", "its host is no name in ASCII and no address"),
            ("::1", "its port is no number below 65536"),
            ("gateway:99999", "its port is no number below 65536"),
            ("https://gateway/v1", "it has a path"),
            ("1://gateway", "its scheme is none"),
        ] {
            let error = Destinations::of([given]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "`{given}` names no destination: {why}; write a host, `host:port`, `*.domain` or `https://host`"
                )
            );
        }
        let error = Destinations::of(["https://me:secret@gateway"]).unwrap_err().to_string();
        assert!(error.starts_with("`…@gateway` names no destination: it has a user"), "{error}");
        for (given, shown) in [
            ("https://gateway/v1?key=secret", "https://gateway/v1?…"),
            ("gateway#secret", "gateway?…"),
            ("https://gateway/?to=me:secret@other?secret", "…@other?…"),
        ] {
            let error = Destinations::of([given]).unwrap_err();
            let (text, debug) = (error.to_string(), format!("{error:?}"));
            assert!(
                text.starts_with(&format!("`{shown}` names no destination: it has a ")),
                "{text}"
            );
            assert!(!text.contains("secret") && !debug.contains("secret"), "{debug}");
        }
        let many = vec!["gateway.internal"; MOST];
        assert!(Destinations::of(&many).unwrap().with_baggage(["one.more"]).is_err());
    }
}
