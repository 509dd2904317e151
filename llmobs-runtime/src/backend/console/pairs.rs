//! Attributes of log records and of metric points, as far as they are shown.

use std::borrow::Cow;

use super::style::clean;
use crate::conventions::{ATTRIBUTES, Dialect, attr};
use crate::payload::is_content;

/// Longest key that is shown, in characters.
const KEY_LENGTH: usize = 60;
/// Longest value that is shown, in characters.
const TEXT_LENGTH: usize = 100;
/// What an error said of itself may quote a prompt or a key.
const DESCRIPTIONS: [&str; 2] = ["exception.message", "exception.stacktrace"];

/// `key=value`; `None` where the value is content, or may be.
pub(super) fn pair(key: &str, value: Option<Cow<'_, str>>) -> Option<String> {
    let value = value.filter(|_| is_shown(key))?;
    Some(format!("{}={}", clean(key, KEY_LENGTH), clean(&value, TEXT_LENGTH)))
}

fn is_shown(key: &str) -> bool {
    if is_content(key) || DESCRIPTIONS.contains(&key) {
        return false;
    }
    // Older conventions, and instrumentations of their own mind, have content below other keys.
    !is_genai(key) || ATTRIBUTES.iter().any(|row| row.key == key || row.released == Some(key))
}

/// Whether a name is one of the `GenAI` conventions, or looks like it.
pub(super) fn is_genai(name: &str) -> bool {
    let family = |name: &'static str| name.split('.').next();
    name.split('.').next() == family(attr::GEN_AI_OPERATION_NAME.key(Dialect::Latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_shown_under_no_name_that_it_goes_by() {
        for (key, shown) in [
            ("queue", true),
            ("exception.type", true),
            ("gen_ai.operation.name", true),
            ("gen_ai.prompt.name", true),
            ("gen_ai.input.messages", false),
            ("gen_ai.output.messages.0.content", false),
            ("gen_ai.tool.call.arguments", false),
            ("gen_ai.prompt", false),
            ("gen_ai.prompt.0.content", false),
            ("gen_ai.completion", false),
            ("gen_ai.of.someone", false),
            ("exception.message", false),
            ("exception.stacktrace", false),
        ] {
            let expected = shown.then(|| format!("{key}=v"));
            assert_eq!(pair(key, Some("v".into())), expected, "{key}");
        }
        assert_eq!(pair("queue", None), None);
    }

    #[test]
    fn what_is_shown_is_short_and_harmless() {
        let long = pair(&"k".repeat(70), Some("v".repeat(200).into())).expect("shown");
        assert_eq!(long, format!("{}…={}…", "k".repeat(59), "v".repeat(99)));
        assert_eq!(pair("a\u{1b}", Some("b\n\u{202e}".into())).as_deref(), Some("a�=b��"));
    }
}
