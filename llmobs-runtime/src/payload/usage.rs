//! Token counts, in one model for all providers.

use super::{AttributeValue, LlmUsage};
use crate::conventions::Int;

/// The tokens of one operation. `None` is "the provider did not say", which is not zero.
///
/// [`input`](Self::input) **includes** what was read from and written to a cache, as the conventions want it
/// (`gen_ai.usage.input_tokens`); a provider that reports the parts apart is summed by [`Usage::exclusive`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All input tokens, cached ones included.
    pub input: Option<u64>,
    /// All output tokens, reasoning included.
    pub output: Option<u64>,
    /// Input tokens served from the provider's cache; part of `input`.
    pub cache_read: Option<u64>,
    /// Input tokens written to the provider's cache; part of `input`.
    pub cache_write: Option<u64>,
    /// Output tokens spent on reasoning; part of `output`.
    pub reasoning: Option<u64>,
    /// The text part of the above.
    pub text: Modality,
    /// The image part of the above.
    pub image: Modality,
    /// The audio part of the above.
    pub audio: Modality,
}

/// The share of one modality in the tokens of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modality {
    /// Input tokens of this modality, cached ones included.
    pub input: Option<u64>,
    /// Output tokens of this modality.
    pub output: Option<u64>,
    /// Input tokens of this modality served from the provider's cache.
    pub cache_read: Option<u64>,
}

impl Usage {
    /// The usage of a provider whose input count leaves out cached tokens, as Anthropic's does: the three
    /// counts are summed into [`input`](Self::input). Without an uncached count the total stays unknown.
    pub fn exclusive(
        uncached: Option<u64>,
        cache_read: Option<u64>,
        cache_write: Option<u64>,
        output: Option<u64>,
    ) -> Self {
        let input = inclusive(uncached, [cache_read, cache_write]);
        Self { input, output, cache_read, cache_write, ..Self::default() }
    }
}

/// All input tokens, where `uncached` leaves out the others.
#[doc(hidden)]
pub fn inclusive<const N: usize>(uncached: Option<u64>, cached: [Option<u64>; N]) -> Option<u64> {
    cached.into_iter().flatten().try_fold(uncached?, u64::checked_add)
}

/// A count of tokens as a field holds it; called by the derives.
#[doc(hidden)]
pub fn count<V: AttributeValue<Int> + ?Sized>(value: &V) -> Option<u64> {
    value
        .attribute_value()
        .and_then(|value| value.as_int())
        .and_then(|count| u64::try_from(count).ok())
}

#[diagnostic::do_not_recommend]
impl LlmUsage for Usage {
    fn usage(&self) -> Usage {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusive_counts_are_summed() {
        let usage = Usage::exclusive(Some(5), Some(128_955), Some(1_253), Some(10));
        assert_eq!(usage.input, Some(130_213));
        assert_eq!((usage.cache_read, usage.cache_write), (Some(128_955), Some(1_253)));
    }

    #[test]
    fn an_unknown_part_leaves_the_total_unknown_and_an_overflow_too() {
        assert_eq!(Usage::exclusive(None, Some(3), None, None).input, None);
        assert_eq!(Usage::exclusive(Some(u64::MAX), Some(1), None, None).input, None);
        assert_eq!(Usage::exclusive(Some(3), None, None, None).input, Some(3));
    }
}
