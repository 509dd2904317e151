//! What may be captured, and what becomes of it.

use super::env;
use super::{ContentCapture, ContentLimits, Kind, Redactable, Redactor};

/// Bytes that are copied past the limit, so that redaction sees whole what the limit would have cut in two.
pub(super) const SLACK: usize = 1_024;

/// What may be captured, and what becomes of it; decided once per pipeline.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    mode: ContentCapture,
    limits: ContentLimits,
    inline_blobs: bool,
    redactors: Vec<Redactor>,
    estimates: bool,
}

impl Policy {
    /// The same policy, and whether tokens are estimated where a provider reports none.
    #[cfg(feature = "token-estimates")]
    pub(crate) fn with_estimates(self, estimates: bool) -> Self {
        Self { estimates, ..self }
    }

    /// Whether tokens are estimated where a provider reports none.
    pub(crate) fn estimates(&self) -> bool {
        self.estimates
    }

    /// What the builder and the environment say; where both name a mode, the strictest holds, and where neither
    /// does nothing is captured.
    pub(crate) fn new(
        mode: Option<ContentCapture>,
        limits: ContentLimits,
        inline_blobs: bool,
        redactors: Vec<Redactor>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mode = match (mode, env::mode(&env)) {
            (Some(built), Some(said)) => built.strictest(said),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        let limits = limits.within(env::limit(mode, &env));
        Self { mode, limits, inline_blobs, redactors, estimates: false }
    }

    /// What the environment says.
    pub(crate) fn from_env() -> Self {
        Self::new(None, ContentLimits::new(), false, Vec::new(), |name| std::env::var(name).ok())
    }

    pub(crate) fn mode(&self) -> ContentCapture {
        self.mode
    }

    pub(super) fn limits(&self) -> ContentLimits {
        self.limits
    }

    pub(super) fn inline_blobs(&self) -> bool {
        self.inline_blobs
    }

    /// How much of one kind is copied.
    pub(super) fn room(&self) -> usize {
        self.limits.of_attribute().saturating_add(SLACK)
    }

    pub(super) fn redacts(&self) -> bool {
        !self.redactors.is_empty()
    }

    /// Shows content to every hook; `None` where one of them failed.
    pub(super) fn redact(&self, kind: Kind, mut content: Redactable<'_>) -> Option<()> {
        self.redactors.iter().try_for_each(|redactor| redactor.run(kind, content.reborrow()))
    }
}

#[cfg(test)]
mod tests {
    use super::ContentCapture::{EventOnly, NoContent, SpanAndEvent, SpanOnly};
    use super::*;

    fn policy(built: Option<ContentCapture>, said: &[(&str, &str)]) -> Policy {
        let said = |name: &str| {
            said.iter().find(|(its, _)| *its == name).map(|(_, value)| (*value).to_owned())
        };
        Policy::new(built, ContentLimits::new(), false, Vec::new(), said)
    }

    #[test]
    fn the_strictest_voice_wins_and_silence_is_no_voice() {
        const NAME: &str = crate::environment::names::CAPTURE;
        let mode = |built, said: &str| policy(built, &[(NAME, said)]).mode();
        assert_eq!(policy(None, &[]).mode(), NoContent);
        assert_eq!(policy(Some(SpanOnly), &[]).mode(), SpanOnly);
        assert_eq!(mode(None, "span_and_event"), SpanAndEvent);
        assert_eq!(mode(Some(EventOnly), "span_and_event"), EventOnly);
        assert_eq!(mode(Some(EventOnly), "span_only"), NoContent);
        assert_eq!(mode(Some(NoContent), "span_and_event"), NoContent);
        assert_eq!(mode(Some(SpanOnly), ""), SpanOnly);
        // A word that nobody knows may have meant to forbid it.
        assert_eq!(mode(Some(SpanOnly), "nothing please"), NoContent);
    }

    #[test]
    fn the_lesser_limit_holds() {
        const SPAN: &str = crate::environment::names::SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT;
        let room = |said: &str| policy(Some(SpanOnly), &[(SPAN, said)]).room();
        assert_eq!(room("100"), 100 + SLACK);
        assert_eq!(room("100000000"), 64 * 1024 + SLACK);
        assert_eq!(policy(Some(EventOnly), &[(SPAN, "100")]).room(), 64 * 1024 + SLACK);
    }
}
