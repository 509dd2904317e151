//! How long a field may be, in characters: protocol and schema of the ingestion endpoint.

/// Longer keys of properties are left out: cut, two could become one.
pub(super) const PROPERTY_KEY: usize = 150;
/// The value of a property.
pub(super) const PROPERTY_VALUE: usize = 8_192;
/// The value of a property that holds what people or models wrote, see [`long`](super::super::names::long).
pub(super) const LONG_VALUE: usize = 262_144;
/// The key of a measurement.
pub(super) const MEASUREMENT_KEY: usize = 150;
/// Name, type, target, source, result code, the type of an exception, the name of a metric.
pub(super) const NAME: usize = 1_024;
/// The name of an event.
pub(super) const EVENT_NAME: usize = 512;
/// The namespace of a metric.
pub(super) const NAMESPACE: usize = 256;
/// What a dependency did.
pub(super) const DATA: usize = 8_192;
/// The URL of a request.
pub(super) const URL: usize = 2_048;
/// A message, also that of an exception, and a stack trace.
pub(super) const MESSAGE: usize = 32_768;
/// What stands for a message without text: the service refuses one.
pub(super) const NO_MESSAGE: &str = "n/a";
/// The id of an availability result.
pub(super) const ID: usize = 512;

/// The first `longest` characters.
pub(super) fn cut(text: &str, longest: usize) -> &str {
    // No text has more characters than bytes.
    if text.len() <= longest {
        return text;
    }
    let end = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Random;
    use super::*;

    #[test]
    fn characters_are_counted_and_never_split() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc");
        assert_eq!(cut("é€語😀", 3), "é€語");
        assert_eq!(cut("é€語😀", 4), "é€語😀");
        assert_eq!(cut("é", 0), "");
        let mut random = Random::new();
        for _ in 0..1_000 {
            let (text, longest) = (random.text(30), random.below(30));
            let expected: String = text.chars().take(longest).collect();
            assert_eq!(cut(&text, longest), expected);
        }
    }
}
