//! The table of model calls that is printed at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::row::Row;
use super::style::{Ink, Line, columns, counted, duration, number};

/// Blanks between two columns.
const GAP: usize = 2;
/// Most models with a line of their own.
const MODELS: usize = 100;
/// Durations kept of each model; up to here percentiles are exact.
const DURATIONS: usize = 4_096;

/// What is known of all model calls so far. Bounded in memory.
#[derive(Debug, Default)]
pub(super) struct Summary {
    models: BTreeMap<(String, String), Tally>,
    /// The calls of all models beyond the limit.
    other: Option<Tally>,
}

impl Summary {
    /// Counts a span in, if it is a model call.
    pub(super) fn add(&mut self, row: &Row) {
        if !row.model_call {
            return;
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        // Providers answer with dated names of the one that was asked for; those belong together.
        let model = if row.requested.is_some() { &row.requested } else { &row.answered };
        let key = (text(&row.provider), text(model));
        let tally = if self.models.len() < MODELS || self.models.contains_key(&key) {
            self.models.entry(key).or_default()
        } else {
            self.other.get_or_insert_default()
        };
        tally.add(row);
    }

    /// Draws the table and, below it, how many spans were not shown. Nothing when there is
    /// neither.
    pub(super) fn render(&self, hidden: u64, color: bool, width: usize) -> String {
        let mut out = String::new();
        if !self.models.is_empty() {
            self.table(&mut out, color, width);
        }
        out.push_str(&not_shown(hidden, "span", color, width));
        out
    }

    fn table(&self, out: &mut String, color: bool, width: usize) {
        let head = ["provider", "model", "calls", "errors", "in", "cached", "out", "p50", "p95"];
        let named =
            self.models.iter().map(|((provider, model), tally)| (&**provider, &**model, tally));
        let other = self.other.iter().map(|tally| ("other", "", tally));
        let lines: Vec<[String; 9]> = named.chain(other).map(|(p, m, t)| t.cells(p, m)).collect();

        let mut widths = head.map(columns);
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = columns(cell).max(*width);
            }
        }
        let total = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
        let mut excess = total.saturating_sub(width);
        for (width, least) in widths.iter_mut().zip([12, 16]).rev() {
            let taken = excess.min(width.saturating_sub(least));
            *width -= taken;
            excess -= taken;
        }

        for (i, cells) in std::iter::once(&head.map(str::to_owned)).chain(&lines).enumerate() {
            let mut line = Line::default();
            for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
                let ink = match (i, column) {
                    (0, _) => Ink::Bold,
                    (_, 1) => Ink::Model,
                    (_, 3) if cell != "0" => Ink::Error,
                    _ => Ink::Plain,
                };
                if column < 2 {
                    line.left(ink, cell, width).gap(GAP);
                } else {
                    line.right(ink, cell, width).gap(GAP);
                }
            }
            line.write(out, color, width);
        }
    }
}

/// How many were not shown; nothing where all were.
pub(super) fn not_shown(count: u64, noun: &str, color: bool, width: usize) -> String {
    let mut out = String::new();
    if count > 0 {
        let mut line = Line::default();
        line.text(Ink::Warning, format!("{} not shown", counted(count, noun)));
        line.write(&mut out, color, width);
    }
    out
}

/// The calls of one model.
#[derive(Debug, Default)]
struct Tally {
    calls: u64,
    errors: u64,
    input: Option<u64>,
    cached: Option<u64>,
    output: Option<u64>,
    times: Reservoir,
}

impl Tally {
    fn add(&mut self, row: &Row) {
        self.calls = self.calls.saturating_add(1);
        self.errors = self.errors.saturating_add(u64::from(row.error.is_some()));
        for (sum, tokens) in [
            (&mut self.input, row.input),
            (&mut self.cached, row.cached),
            (&mut self.output, row.output),
        ] {
            // A sum stays absent until a call reports something.
            if let Some(tokens) = tokens {
                *sum = Some(sum.unwrap_or(0).saturating_add(tokens));
            }
        }
        self.times.add(row.time);
    }

    fn cells(&self, provider: &str, model: &str) -> [String; 9] {
        let tokens = |tokens: Option<u64>| tokens.map(number).unwrap_or_default();
        let [p50, p95] = self.times.percentiles([50, 95]);
        let time = |time: Option<Duration>| time.map(duration).unwrap_or_default();
        [
            provider.to_owned(),
            model.to_owned(),
            number(self.calls),
            number(self.errors),
            tokens(self.input),
            tokens(self.cached),
            tokens(self.output),
            time(p50),
            time(p95),
        ]
    }
}

/// A uniform sample of the durations seen (Vitter's algorithm R); all of them while they fit.
#[derive(Debug, Default)]
struct Reservoir {
    kept: Vec<Duration>,
    seen: u64,
    random: u64,
}

impl Reservoir {
    fn add(&mut self, time: Duration) {
        self.seen = self.seen.saturating_add(1);
        if self.kept.len() < DURATIONS {
            self.kept.push(time);
            return;
        }
        // The modulo favours low numbers by less than one in 2^50 of what could ever be seen.
        let place = usize::try_from(self.next() % self.seen).unwrap_or(usize::MAX);
        if let Some(kept) = self.kept.get_mut(place) {
            *kept = time;
        }
    }

    /// The next number of a fixed sequence (`SplitMix64`): the same calls give the same table.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The nearest ranks: the least duration that at least so many percent do not exceed.
    fn percentiles<const N: usize>(&self, percents: [usize; N]) -> [Option<Duration>; N] {
        let mut sorted = self.kept.clone();
        sorted.sort_unstable();
        percents.map(|percent| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::console::row::tests::row;

    fn reservoir(millis: impl IntoIterator<Item = u64>) -> Reservoir {
        let mut reservoir = Reservoir::default();
        millis.into_iter().for_each(|millis| reservoir.add(Duration::from_millis(millis)));
        reservoir
    }

    fn call(model: &str, millis: u64) -> Row {
        Row {
            model_call: true,
            provider: Some("openai".to_owned()),
            requested: Some(model.to_owned()),
            time: Duration::from_millis(millis),
            ..row(1, None)
        }
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let millis = |n| Some(Duration::from_millis(n));
        assert_eq!(reservoir([]).percentiles([50, 95]), [None, None]);
        assert_eq!(reservoir([7]).percentiles([50, 95]), [millis(7), millis(7)]);
        assert_eq!(reservoir([9, 1]).percentiles([50, 95]), [millis(1), millis(9)]);
        assert_eq!(reservoir((1..=20).rev()).percentiles([50, 95]), [millis(10), millis(19)]);
        assert_eq!(reservoir(1..=21).percentiles([50, 95]), [millis(11), millis(20)]);
        assert_eq!(reservoir(1..=4_096).percentiles([50, 95]), [millis(2_048), millis(3_892)]);
    }

    #[test]
    fn the_sample_is_bounded_and_stays_uniform() {
        let sample = reservoir(1..=100_000);
        assert_eq!(sample.kept.len(), DURATIONS);
        let [p50, p95] = sample.percentiles([50, 95]).map(Option::unwrap_or_default);
        assert!(p50.as_millis().abs_diff(50_000) < 3_000, "{p50:?}");
        assert!(p95.as_millis().abs_diff(95_000) < 1_500, "{p95:?}");
    }

    #[test]
    fn only_model_calls_count() {
        let mut summary = Summary::default();
        summary.add(&Row { model_call: false, ..call("m", 1) });
        assert_eq!(summary.render(0, false, 80), "");
        assert_eq!(summary.render(1, false, 80), "1 span not shown\n");
        assert_eq!(summary.render(1_200, false, 80), "1,200 spans not shown\n");
    }

    #[test]
    fn tokens_are_summed_and_stay_blank_when_none_reported_any() {
        let mut summary = Summary::default();
        summary.add(&Row { input: Some(1_000), output: Some(0), ..call("big", 10) });
        summary.add(&Row { input: Some(234), error: Some("timeout".into()), ..call("big", 30) });
        summary.add(&Row { provider: None, requested: None, ..call("", 1_500) });
        summary.add(&Row { answered: Some("big-2026-01-01".into()), ..call("big", 20) });
        assert_eq!(
            summary.render(0, false, 80),
            "provider  model  calls  errors     in  cached  out      p50      p95\n\
             -         -          1       0                       1.50 s   1.50 s\n\
             openai    big        3       1  1,234            0  20.0 ms  30.0 ms\n"
        );
    }

    #[test]
    fn models_beyond_the_limit_are_counted_together() {
        let mut summary = Summary::default();
        for i in 0..150 {
            summary.add(&call(&format!("m{i:03}"), i));
        }
        summary.add(&call("m000", 5));
        let table = summary.render(0, false, 80);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 1 + MODELS + 1);
        assert_eq!(
            lines.get(1),
            Some(&"openai    m000       2       0                       0 s  5.00 ms")
        );
        assert_eq!(
            lines.last(),
            Some(&"other               50       0                    124 ms   147 ms")
        );
    }

    #[test]
    fn long_names_give_way() {
        let mut summary = Summary::default();
        summary.add(&call(&"m".repeat(90), 1));
        for line in summary.render(0, false, 80).lines() {
            assert_eq!(columns(line), 80);
        }
    }
}
