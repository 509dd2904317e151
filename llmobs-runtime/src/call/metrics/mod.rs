//! From what is known of a call to its metric points.
//!
//! Recorded whether or not the span is sampled: sampling must not bend token counts. What a point says of itself is
//! the same call after call, so each thread keeps the points that it recorded last ready to be recorded again; see
//! [`sets`].

mod attributes;
mod meaning;
mod sets;

use std::time::Duration;

use super::{Draft, Live};
use crate::conventions::{Attribute, Int, MetricRow, attr};
use crate::payload::Value;
use crate::pipeline::{Measured, Origin};
use attributes::Plainly;
use meaning::{Meaning, Part, Plan};

/// Records every metric that the operation has in the dialect of the pipeline.
pub(super) fn record(draft: &Draft, live: &Live, elapsed: Duration, from: Origin<'_>) {
    let (span, dialect) = (draft.operation.span, draft.pipeline.dialect());
    let Some(plan) = Plan::find(span, dialect) else {
        return points(
            draft,
            live,
            elapsed,
            &Plan::of(span, dialect),
            &mut Plainly::new(draft, from),
        );
    };
    let ready = sets::with(draft, plan, from, |ready| points(draft, live, elapsed, plan, ready));
    if ready.is_none() {
        points(draft, live, elapsed, plan, &mut Plainly::new(draft, from));
    }
}

/// Which point of a call.
#[derive(Clone, Copy, Debug)]
struct Point {
    row: &'static MetricRow,
    part: Part,
    /// Its count is an estimate.
    estimated: bool,
}

impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row)
            && self.part == other.part
            && self.estimated == other.estimated
    }
}

/// How the points of a call are recorded.
trait Points {
    fn record(&mut self, point: Point, measured: Measured);

    /// Many values, each as often as its count says.
    fn gather(&mut self, row: &'static MetricRow, values: Vec<(u32, f64)>);
}

/// Says what there is to record.
fn points(
    draft: &Draft,
    live: &Live,
    elapsed: Duration,
    plan: &Plan,
    into: &mut (impl Points + ?Sized),
) {
    for (row, meaning) in &plan.rows {
        let whole = Point { row, part: Part::Whole, estimated: false };
        match *meaning {
            Meaning::Duration => into.record(whole, Measured::Seconds(elapsed.as_secs_f64())),
            Meaning::Tokens(part, attribute) => {
                if let Some(tokens) = tokens(draft, attribute) {
                    let estimated = draft.estimated.of(attribute);
                    into.record(Point { row, part, estimated }, Measured::Count(tokens));
                }
            }
            Meaning::TokensByModality(total, parts) => {
                by_modality(draft, whole, total, parts, into);
            }
            Meaning::Inferences => {
                if let Some((inferences, _)) = live.counts {
                    into.record(whole, Measured::Count(inferences));
                }
            }
            Meaning::Tools => {
                if let Some((_, tools)) = live.counts {
                    into.record(whole, Measured::Count(tools));
                }
            }
            Meaning::FirstChunk => {
                let first = draft.fields.get(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
                if let Some(Value::Double(seconds)) = first {
                    into.record(whole, Measured::Seconds(seconds));
                }
            }
            Meaning::EachChunk => {
                if let Some(tempo) = &draft.tempo {
                    let values = tempo.gaps().values();
                    if !values.is_empty() {
                        into.gather(row, values);
                    }
                }
            }
        }
    }
}

/// One point per modality that the provider tells apart, and one for the rest.
fn by_modality(
    draft: &Draft,
    whole: Point,
    total: Attribute<Int>,
    parts: &[(Part, Attribute<Int>)],
    into: &mut (impl Points + ?Sized),
) {
    let Some(mut rest) = tokens(draft, total) else { return };
    for (part, attribute) in parts {
        if let Some(tokens) = tokens(draft, *attribute).map(|tokens| tokens.min(rest))
            && tokens > 0
            && draft.operation.span.has(attribute.id(), draft.pipeline.dialect())
        {
            rest -= tokens;
            into.record(Point { part: *part, ..whole }, Measured::Count(tokens));
        }
    }
    if rest > 0 {
        let estimated = draft.estimated.of(total);
        into.record(Point { part: Part::Unknown, estimated, ..whole }, Measured::Count(rest));
    }
}

/// A count that was reported or estimated.
fn tokens(draft: &Draft, attribute: Attribute<Int>) -> Option<u64> {
    draft.fields.int(attribute).and_then(|tokens| u64::try_from(tokens).ok())
}
