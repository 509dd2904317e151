//! Metric points compared with what the table says.

use super::table::{Row, SPANS};
use super::{Outcome, told};
use crate::seen::SeenPoint;

/// How long calls took, in the released conventions.
const DURATION: &str = "gen_ai.client.operation.duration";
/// What tokens they took, in the released conventions.
const TOKENS: &str = "gen_ai.client.token.usage";
/// How long the first chunk of a stream took.
const FIRST_CHUNK: &str = "gen_ai.client.operation.time_to_first_chunk";
/// How long each other chunk took.
const CHUNKS: &str = "gen_ai.client.operation.time_per_output_chunk";

/// A point that must be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The metric's name.
    pub metric: &'static str,
    /// Operation, model, error, type of the tokens: what tells the point from others.
    pub by: [Option<&'static str>; 4],
    /// How many values.
    pub count: u64,
    /// Their sum, where it is not a time.
    pub sum: Option<u64>,
}

/// The attributes that tell points apart.
const BY: [&str; 4] =
    ["gen_ai.operation.name", "gen_ai.request.model", "error.type", "gen_ai.token.type"];

/// The points that so many rounds must make, by the released conventions.
pub fn expected(rounds: u64) -> Vec<Expected> {
    let mut all: Vec<Expected> = Vec::new();
    let mut add = |metric, row: &Row, kind, values: u64, sum: Option<u64>| {
        let by = [Some(row.operation), row.model, row.failure, kind];
        let (count, sum) = (values * rounds, sum.map(|sum| sum * rounds));
        // Agents of both kinds, and nothing else, share a point: it has no name of theirs.
        match all.iter_mut().find(|known| known.metric == metric && known.by == by) {
            Some(known) => known.count += count,
            None => all.push(Expected { metric, by, count, sum }),
        }
    };
    for row in SPANS {
        if row.measured {
            add(DURATION, row, None, 1, None);
        }
        for (kind, tokens) in [("input", row.input), ("output", row.output)] {
            if let Some(tokens) = tokens {
                add(TOKENS, row, Some(kind), 1, Some(tokens));
            }
        }
        if let Some(chunks) = row.chunks {
            add(FIRST_CHUNK, row, None, 1, None);
            add(CHUNKS, row, None, chunks - 1, None);
        }
    }
    all
}

/// Compares the points that a server has of the metrics of calls with those that must be there.
///
/// # Errors
///
/// What is wrong.
pub fn points(seen: &[SeenPoint], rounds: u64) -> Outcome {
    let expected = expected(rounds);
    let mut mistakes = Vec::new();
    let by = |point: &SeenPoint| BY.map(|key| point.attributes.get(key).cloned());
    let is = |point: &SeenPoint, wanted: &Expected| {
        point.metric == wanted.metric && by(point) == wanted.by.map(|it| it.map(str::to_owned))
    };
    for wanted in &expected {
        let name = || {
            let by: Vec<_> = wanted.by.into_iter().flatten().collect();
            format!("{} of {}", wanted.metric, by.join(", "))
        };
        // Points that differ in what is not compared, such as the model that answered, are one.
        let found: Vec<_> = seen.iter().filter(|point| is(point, wanted)).collect();
        let count: f64 = found.iter().map(|point| point.count).sum();
        let sum: f64 = found.iter().map(|point| point.sum).sum();
        if !same(count, wanted.count) {
            mistakes.push(format!("{}: {count} values, not {}", name(), wanted.count));
        }
        match wanted.sum {
            Some(wanted) if !same(sum, wanted) => {
                mistakes.push(format!("{}: {sum}, not {wanted}", name()));
            }
            // Seconds: the workload waits a millisecond here and there, and no call of it a minute.
            None if !(sum > 0.0 && sum < 60.0) => mistakes.push(format!("{}: {sum} s", name())),
            _ => {}
        }
    }
    let ours = seen.iter().filter(|point| point.metric.starts_with("gen_ai."));
    for point in ours.filter(|point| !expected.iter().any(|wanted| is(point, wanted))) {
        mistakes.push(format!("{} {:?} is not expected", point.metric, point.attributes));
    }
    told(&mistakes, || {
        let metrics: std::collections::BTreeSet<_> = expected.iter().map(|it| it.metric).collect();
        let of = |kind| {
            let all = expected.iter().filter(|it| it.by[3] == Some(kind));
            all.filter_map(|it| it.sum).sum::<u64>()
        };
        format!(
            "{} series of {} metrics; {} tokens in, {} out",
            expected.len(),
            metrics.len(),
            of("input"),
            of("output")
        )
    })
}

/// Whether a server's floating point number is this whole one.
#[expect(clippy::cast_precision_loss, reason = "numbers of tokens and calls are far smaller")]
fn same(found: f64, expected: u64) -> bool {
    (found - expected as f64).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn right(rounds: u64) -> Vec<SeenPoint> {
        let point = |wanted: Expected| SeenPoint {
            metric: wanted.metric.to_owned(),
            attributes: BY
                .iter()
                .zip(wanted.by)
                .filter_map(|(key, value)| Some(((*key).to_owned(), value?.to_owned())))
                .collect(),
            count: wanted.count as f64,
            sum: wanted.sum.map_or(0.25, |sum| sum as f64),
        };
        expected(rounds).into_iter().map(point).collect()
    }

    #[test]
    fn points_are_those_of_the_table() {
        let told = points(&right(2), 2).expect("right");
        assert_eq!(told, "28 series of 4 metrics; 598 tokens in, 232 out");
        assert!(points(&right(2), 1).is_err());
        let agents = expected(1).into_iter().find(|it| it.by[0] == Some("invoke_agent"));
        assert_eq!(agents.map(|it| it.count), Some(2));
    }

    #[test]
    fn each_mistake_is_seen() {
        let wrong = |change: fn(&mut Vec<SeenPoint>)| {
            let mut seen = right(1);
            change(&mut seen);
            points(&seen, 1).expect_err("wrong")
        };
        assert!(wrong(|seen| drop(seen.pop())).contains("0 values, not"));
        assert!(wrong(|seen| seen[0].sum = 0.0).contains(": 0 s"));
        let tokens = wrong(|seen| {
            for point in seen.iter_mut().filter(|point| point.metric == TOKENS) {
                point.sum += 1.0;
            }
        });
        assert!(tokens.contains("chat, gpt-4o-mini, input: 121, not 120"), "{tokens}");
        let more = wrong(|seen| {
            let more = SeenPoint { metric: DURATION.to_owned(), ..seen[0].clone() };
            seen.push(SeenPoint { attributes: [].into(), ..more });
        });
        assert!(more.contains("is not expected"), "{more}");
    }
}
