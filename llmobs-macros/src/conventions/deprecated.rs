//! Keys and values of older conventions, and what took their place.

/// A key that an older version of the conventions used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deprecated {
    pub(crate) key: &'static str,
    /// The canonical key to write now; `None` where nothing took its place.
    pub(crate) instead: Option<&'static str>,
}

const fn old(key: &'static str, instead: &'static str) -> Deprecated {
    Deprecated { key, instead: Some(instead) }
}

/// Every deprecated key.
pub(crate) const DEPRECATED: &[Deprecated] = &[
    old("gen_ai.completion", "gen_ai.output.messages"),
    old("gen_ai.openai.request.response_format", "gen_ai.output.type"),
    old("gen_ai.openai.request.seed", "gen_ai.request.seed"),
    old("gen_ai.openai.request.service_tier", "openai.request.service_tier"),
    old("gen_ai.openai.response.service_tier", "openai.response.service_tier"),
    old("gen_ai.openai.response.system_fingerprint", "openai.response.system_fingerprint"),
    old("gen_ai.prompt", "gen_ai.input.messages"),
    old("gen_ai.system", "gen_ai.provider.name"),
    // Still the released name; the released dialect writes it for the canonical key.
    old("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens"),
    old("gen_ai.usage.completion_tokens", "gen_ai.usage.output_tokens"),
    old("gen_ai.usage.prompt_tokens", "gen_ai.usage.input_tokens"),
];

/// Providers by their old values of `gen_ai.system`, and their names now.
const PROVIDERS: [(&str, &str); 5] = [
    ("az.ai.inference", "azure.ai.inference"),
    ("az.ai.openai", "azure.ai.openai"),
    ("gemini", "gcp.gemini"),
    ("vertex_ai", "gcp.vertex_ai"),
    ("xai", "x_ai"),
];

/// The deprecation of `key`, if it is an old one.
pub(crate) fn deprecated(key: &str) -> Option<&'static Deprecated> {
    DEPRECATED.iter().find(|row| row.key == key)
}

/// What the provider `value` is called now, if the value is an old one.
pub(crate) fn deprecated_provider(value: &str) -> Option<&'static str> {
    PROVIDERS.iter().find(|(old, _)| *old == value).map(|(_, new)| *new)
}

#[cfg(test)]
mod tests {
    use super::super::attribute;
    use super::*;

    #[test]
    fn an_old_key_leads_to_a_row_and_is_none_itself() {
        for row in DEPRECATED {
            assert!(attribute(row.key).is_none(), "{} is both old and a row", row.key);
            let instead = row.instead.expect("each has a successor so far");
            assert!(attribute(instead).is_some(), "{instead} has no row");
        }
    }

    #[test]
    fn an_old_provider_leads_to_a_well_known_one() {
        let known = attribute("gen_ai.provider.name").expect("a row").values;
        for (old, new) in PROVIDERS {
            assert!(known.contains(&new), "{new}");
            assert!(!known.contains(&old), "{old}");
        }
        assert_eq!(deprecated_provider("az.ai.openai"), Some("azure.ai.openai"));
        assert_eq!(deprecated_provider("openai"), None);
    }

    #[test]
    fn finds_old_keys_only() {
        assert_eq!(
            deprecated("gen_ai.system"),
            Some(&old("gen_ai.system", "gen_ai.provider.name"))
        );
        assert_eq!(deprecated("gen_ai.provider.name"), None);
    }
}
