//! What was promised, and what came of it.

use crate::{Table, figure, ratio};

/// In what a goal is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Counted: repeats to within a few per thousand, and is held.
    Instructions,
    /// Counted: repeats exactly, and is held.
    Allocations,
    /// Taken from a clock: is shown, and fails nothing.
    Time,
}

/// A promise.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// What is measured.
    pub what: &'static str,
    /// Against what the figure is a ratio; empty where it is none.
    pub against: &'static str,
    /// In what it is measured.
    pub measure: Measure,
    /// The figure should not be larger.
    pub limit: f64,
    /// What has been reached where that is larger: this is held then.
    pub reached: Option<f64>,
    /// Whether the README tells it.
    pub headline: bool,
}

impl Goal {
    /// What the figure is held to.
    fn held(&self) -> f64 {
        self.reached.unwrap_or(self.limit)
    }
}

/// What came of one.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// The promise.
    pub goal: Goal,
    /// The figure.
    pub measured: f64,
}

impl Verdict {
    /// Whether the goal is met.
    pub fn met(&self) -> bool {
        self.measured <= self.goal.limit
    }

    /// Whether it, or what has been reached of it, is missed by more than a tenth, in what can be counted.
    pub fn fails(&self) -> bool {
        // So that a figure that is not a number fails.
        let held = self.measured <= self.goal.held() * 1.1;
        self.goal.measure != Measure::Time && !held
    }

    pub(crate) fn cells(&self) -> Vec<String> {
        let Goal { what, against, measure, limit, .. } = self.goal;
        let shown = |number| if against.is_empty() { figure(number) } else { ratio(number) };
        let unit = match measure {
            Measure::Instructions => "instructions",
            Measure::Allocations => "allocations",
            Measure::Time => "ns",
        };
        let outcome = match (self.met(), self.fails()) {
            (true, _) => "met",
            (false, false) => "missed",
            (false, true) => "failed",
        };
        let against = if against.is_empty() { "–" } else { against };
        let words = [what, against, unit].map(str::to_owned);
        let figures = [shown(self.measured), format!("≤ {}", shown(limit)), outcome.to_owned()];
        words.into_iter().chain(figures).collect()
    }
}

/// The goals as a table, and whether none fails.
pub fn judge(verdicts: &[Verdict]) -> (Table, bool) {
    let note = "A goal that is missed by more than a tenth in instructions or allocations fails the run; so does what \
                has been reached of one that is not met. Times fail nothing.";
    let columns = ["what", "against", "measured in", "measured", "goal", "outcome"];
    let mut table = Table::new("Goals", note, &columns);
    for verdict in verdicts {
        table.row(verdict.cells());
    }
    (table, !verdicts.iter().any(Verdict::fails))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(measure: Measure, limit: f64, measured: f64) -> Verdict {
        let reached = None;
        let goal =
            Goal { what: "a call", against: "by hand", measure, limit, reached, headline: false };
        Verdict { goal, measured }
    }

    #[test]
    fn a_tenth_too_much_is_missed_and_more_fails_unless_it_is_time() {
        let outcomes = |measured| {
            let of = |measure| of(measure, 100.0, measured);
            let counted = [Measure::Instructions, Measure::Allocations].map(|it| of(it).fails());
            (of(Measure::Time).met(), counted, of(Measure::Time).fails())
        };
        assert_eq!(outcomes(100.0), (true, [false, false], false));
        assert_eq!(outcomes(109.0), (false, [false, false], false));
        assert_eq!(outcomes(111.0), (false, [true, true], false));
        assert_eq!(outcomes(f64::NAN), (false, [true, true], false));
        assert!(of(Measure::Allocations, 0.0, 0.1).fails(), "of nothing there is no tenth");
    }

    #[test]
    fn what_has_been_reached_is_held_where_the_goal_is_not_met() {
        let mut verdict = of(Measure::Instructions, 0.5, 0.8);
        assert!(verdict.fails());
        verdict.goal.reached = Some(0.75);
        assert!(!verdict.fails() && !verdict.met());
        verdict.measured = 0.9;
        assert!(verdict.fails());
    }

    #[test]
    fn one_that_fails_fails_all() {
        let (table, passed) =
            judge(&[of(Measure::Instructions, 0.125, 0.1), of(Measure::Instructions, 0.125, 0.2)]);
        assert!(!passed);
        let text = table.to_string();
        assert!(text.contains("1/10.0 | ≤ 1/8.0 |     met |"), "{text}");
        assert!(text.contains("1/5.0 | ≤ 1/8.0 |  failed |"), "{text}");
        assert!(judge(&[of(Measure::Instructions, 0.125, 0.1)]).1);
    }
}
