//! Who called, and how a server is called where nobody says: what spans, log records and metrics agree on.

/// What Application Insights' own availability tests say of themselves.
const ALWAYS_ON: &str = "AlwaysOn";

/// Whether no person but a robot or a test caused it, by the kind that was said and by the user agent.
pub(super) fn is_synthetic(
    kind: Option<&str>,
    mut agents: impl Iterator<Item = impl AsRef<str>>,
) -> bool {
    matches!(kind, Some("bot" | "test")) || agents.any(|agent| agent.as_ref().contains(ALWAYS_ON))
}

/// The port that goes without saying, of a URL's scheme; `https` where nobody says one.
pub(super) fn default_port(scheme: Option<&str>) -> Option<i64> {
    match scheme {
        None | Some("https" | "") => Some(443),
        Some("http") => Some(80),
        Some(_) => None,
    }
}
