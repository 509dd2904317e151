//! The sample rate, on a span and on its way to the spans below it.

use opentelemetry::trace::{TraceContextExt, TraceState};
use opentelemetry::{Context, KeyValue};

/// At least one of so many traces is kept where a limit decides: the lowest sample rate is 0.0001 %.
pub(super) const MOST: f64 = 1_000_000.0;

/// The attribute that tells the exporter a span's sample rate, in percent; it is not exported itself.
pub(in super::super) const SAMPLE_RATE: &str = "_MS.sampleRate";

/// Our member of the trace state.
const MEMBER: &str = "llmobs";
/// What precedes the percentage in it.
const PERCENT: &str = "p:";
/// A longer value is none of ours: the longest number has 17 digits, a point and an exponent.
const LONGEST: usize = 32;
/// A lower percentage is none of ours: whoever sends a trace state could make one span count as any number of them.
const LOWEST: f64 = 100.0 / MOST;

/// How many percent of all traces are kept like this one: more than 0, at most 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate(f64);

impl Rate {
    /// `None` of what is no such percentage.
    pub(super) fn percent(percent: f64) -> Option<Self> {
        (percent > 0.0 && percent <= 100.0).then_some(Self(percent))
    }

    /// The percentage, unless it is all: an item without a rate counts as one.
    pub(super) fn below_all(self) -> Option<f64> {
        (self.0 < 100.0).then_some(self.0)
    }

    /// What goes on the span: nothing at 100 %.
    pub(super) fn attribute(self) -> Option<KeyValue> {
        self.below_all().map(|percent| KeyValue::new(SAMPLE_RATE, percent))
    }

    /// The trace state of a trace that begins here.
    pub(super) fn begin(self, state: &TraceState) -> TraceState {
        state.insert(MEMBER, format!("{PERCENT}{}", self.0)).unwrap_or_else(|_| state.clone())
    }

    /// What the trace state says, if it says something of ours that can be true.
    pub(super) fn carried(state: &TraceState) -> Option<Self> {
        let value = state.get(MEMBER)?;
        let number = value.strip_prefix(PERCENT).filter(|_| value.len() <= LONGEST)?;
        Self::percent(number.parse().ok()?).filter(|rate| rate.0 >= LOWEST)
    }
}

/// What a sampler needs to know of the parent.
pub(super) struct Parent {
    pub(super) is_sampled: bool,
    pub(super) rate: Option<Rate>,
    pub(super) state: TraceState,
}

impl Parent {
    /// The parent in the context, whatever process it is of; `None` for a root.
    pub(super) fn of(context: Option<&Context>) -> Option<Self> {
        let span = context?.span();
        let parent = span.span_context();
        parent.is_valid().then(|| Self {
            is_sampled: parent.is_sampled(),
            rate: Rate::carried(parent.trace_state()),
            state: parent.trace_state().clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(value: &str) -> TraceState {
        TraceState::NONE.insert(MEMBER, value).expect("a trace state")
    }

    #[test]
    fn a_rate_arrives_to_the_bit() {
        for percent in [100.0, 25.0, 100.0 / 3.0, 100.0 / 7.0, 0.000_1, 100.0 / 999_983.0] {
            let rate = Rate::percent(percent).expect("a percentage");
            assert_eq!(Rate::carried(&rate.begin(&TraceState::NONE)), Some(rate));
        }
        let begun = Rate::percent(25.0).expect("a percentage").begin(&state("p:50"));
        assert_eq!(begun.header(), "llmobs=p:25");
    }

    #[test]
    fn what_is_malformed_says_nothing() {
        for value in [
            "",
            "25",
            "p:",
            "p:0",
            "p:-25",
            "p:100.5",
            "p:0.00009",
            "p:1e-300",
            "p:nan",
            "p:inf",
            "p:25%",
            "q:25",
            "p: 25",
            "p:25.00000000000000000000000000000000000000",
        ] {
            assert_eq!(Rate::carried(&state(value)), None, "{value}");
        }
        assert_eq!(Rate::carried(&TraceState::NONE), None);
    }
}
