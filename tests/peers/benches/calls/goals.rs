//! What a call may cost, said once.

use llmobs_bench::{Goal, Measure, Report, Verdict};

use super::figures::Figures;

/// A goal, and which figures it speaks of: what was measured, of which variant, divided by that of which other.
struct Promise {
    goal: Goal,
    kind: &'static str,
    of: &'static str,
    by: Option<&'static str>,
}

const BY_HAND: &str = "by hand";
const TRACING: &str = "tracing-opentelemetry";
const OWN: &str = "a call, our pipeline";
const USERS: &str = "a call, the user's pipeline";
const OUT: &str = "sampled out";
const NOBODY: &str = "no provider";

const fn promise(
    what: &'static str,
    against: &'static str,
    limit: f64,
    kind: &'static str,
    of: &'static str,
    by: &'static str,
) -> Promise {
    let measure = match kind.as_bytes() {
        b"instructions" | b"instructions of all" => Measure::Instructions,
        _ => Measure::Time,
    };
    let goal = Goal { what, against, measure, limit, reached: None, headline: false };
    Promise { goal, kind, of, by: Some(by) }
}

const fn alone(what: &'static str, limit: f64, kind: &'static str, of: &'static str) -> Promise {
    Promise { by: None, ..promise(what, "", limit, kind, of, "") }
}

/// What is held where the goal is not met.
const fn reached(mut promise: Promise, figure: f64) -> Promise {
    promise.goal.reached = Some(figure);
    promise
}

/// The README tells it.
const fn told(mut promise: Promise) -> Promise {
    promise.goal.headline = true;
    promise
}

/// In a pipeline of the user's own.
/// What has been reached: the SDK's looking up of three attribute sets alone is half of what it takes by hand.
const THEIRS_REACHED: f64 = if cfg!(feature = "bound-instruments") { 0.53 } else { 1.04 };
const WITH_EXPORT_REACHED: f64 = 0.54;
const THEIR_LIMIT: f64 = if cfg!(feature = "bound-instruments") { 0.35 } else { 0.67 };

const PROMISES: [Promise; 25] = {
    const I: &str = "instructions";
    const N: &str = "ns";
    const HAND: &str = "by-hand:sampled:async:takes";
    const TRACED: &str = "traced:sampled:async:takes";
    const ASYNC: &str = "own:sampled:async:takes";
    const THEIRS: &str = "users:sampled:async:takes";
    [
        // It varies with how soon boxes come back.
        told(reached(promise(OWN, BY_HAND, 1.0 / 8.0, I, ASYNC, HAND), 1.0 / 7.6)),
        promise(
            "a call of a function that is no future, our pipeline",
            BY_HAND,
            1.0 / 8.0,
            I,
            "own:sampled:sync:takes",
            "by-hand:sampled:sync:takes",
        ),
        told(reached(promise(OWN, TRACING, 1.0 / 15.0, I, ASYNC, TRACED), 1.0 / 13.4)),
        told(reached(promise(USERS, BY_HAND, THEIR_LIMIT, I, THEIRS, HAND), THEIRS_REACHED)),
        reached(
            promise(
                "a call of a function that is no future, the user's pipeline",
                BY_HAND,
                THEIR_LIMIT,
                I,
                "users:sampled:sync:takes",
                "by-hand:sampled:sync:takes",
            ),
            THEIRS_REACHED,
        ),
        // It varies with how soon boxes come back.
        told(reached(
            promise(
                OUT,
                BY_HAND,
                1.0 / 7.0,
                I,
                "own:sampled-out:async:takes",
                "by-hand:sampled-out:async:takes",
            ),
            1.0 / 6.5,
        )),
        reached(
            promise(
                OUT,
                TRACING,
                1.0 / 15.0,
                I,
                "own:sampled-out:async:takes",
                "traced:sampled-out:async:takes",
            ),
            1.0 / 12.0,
        ),
        told(promise(
            NOBODY,
            BY_HAND,
            1.0 / 5.0,
            I,
            "own:nobody:async:takes",
            "by-hand:nobody:async:takes",
        )),
        reached(
            promise(
                "a call with its export, our pipeline",
                BY_HAND,
                1.0 / 3.0,
                "instructions of all",
                ASYNC,
                HAND,
            ),
            WITH_EXPORT_REACHED,
        ),
        alone("a span for which the queue has no room", 200.0, I, "drop"),
        told(promise(OWN, BY_HAND, 1.0 / 8.0, N, ASYNC, HAND)),
        promise(
            "a call of a function that is no future, our pipeline",
            BY_HAND,
            1.0 / 8.0,
            N,
            "own:sampled:sync:takes",
            "by-hand:sampled:sync:takes",
        ),
        told(promise(OWN, TRACING, 1.0 / 15.0, N, ASYNC, TRACED)),
        promise(USERS, BY_HAND, THEIR_LIMIT, N, THEIRS, HAND),
        promise(
            OUT,
            BY_HAND,
            1.0 / 7.0,
            N,
            "own:sampled-out:async:takes",
            "by-hand:sampled-out:async:takes",
        ),
        promise(
            OUT,
            TRACING,
            1.0 / 15.0,
            N,
            "own:sampled-out:async:takes",
            "traced:sampled-out:async:takes",
        ),
        promise(
            NOBODY,
            BY_HAND,
            1.0 / 5.0,
            N,
            "own:nobody:async:takes",
            "by-hand:nobody:async:takes",
        ),
        told(promise(
            "a call with its export, our pipeline",
            BY_HAND,
            1.0 / 3.0,
            "total ns",
            ASYNC,
            HAND,
        )),
        told(promise("a cold call, our pipeline", BY_HAND, 1.0 / 5.0, "cold ns", ASYNC, HAND)),
        Promise {
            by: None,
            ..promise(
                "a call on each of two threads, our pipeline",
                "one thread",
                1.1,
                "two threads",
                ASYNC,
                "",
            )
        },
        alone("switched off, no future", 5.0, N, "own:off:sync:takes"),
        alone("switched off", 5.0, N, "own:off:async:takes"),
        reached(
            promise(
                "a call while the exporter never answers",
                "one that takes all",
                1.1,
                I,
                "own:sampled:async:dead",
                ASYNC,
            ),
            1.25,
        ),
        reached(
            promise(
                "a call while the exporter takes a second",
                "one that takes all",
                1.1,
                I,
                "own:sampled:async:slow",
                ASYNC,
            ),
            1.25,
        ),
        reached(
            promise(
                "a call while the exporter refuses",
                "one that takes all",
                1.1,
                I,
                "own:sampled:async:fails",
                ASYNC,
            ),
            1.25,
        ),
    ]
};

/// Compares what was measured with what was promised.
pub(crate) fn judge(figures: &Figures, report: &mut Report) {
    for Promise { goal, kind, of, by } in PROMISES {
        let measured = figures.get(kind, of) / by.map_or(1.0, |by| figures.get(kind, by));
        // What this run did not measure is not judged.
        if !measured.is_nan() {
            report.verdict(Verdict { goal, measured });
        }
    }
}
