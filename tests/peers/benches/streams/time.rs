//! Time per chunk, of one stream after the other.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use llmobs_bench::{Goal, Measure, Report, Table, Verdict, figure, median, thread_time};

use super::pieces::Item;
use super::variant::{Setup, Use, Variant};

/// Chunks of one stream.
const CHUNKS: u32 = 1_000;
/// Streams of one turn.
const STREAMS: u32 = 20;
/// Turns of each variant.
const TURNS: usize = 101;

/// Nanoseconds per chunk of a stream that is polled for all its chunks but not for its end, and nanoseconds for
/// what the end costs.
struct Turn;

impl Use for Turn {
    type Out = (f64, f64);

    fn make<S>(&mut self, make: impl Fn() -> S) -> (f64, f64)
    where
        S: Stream<Item = Item> + Send + 'static,
    {
        let mut waking = Context::from_waker(Waker::noop());
        let (mut chunks, mut ends) = (0.0, 0.0);
        for _ in 0..STREAMS {
            let mut stream = pin!(make());
            // The first chunk starts the call.
            black_box(stream.as_mut().poll_next(&mut waking)).is_ready();
            let began = thread_time();
            for _ in 1..CHUNKS {
                let _ = black_box(stream.as_mut().poll_next(&mut waking));
            }
            let passed = thread_time();
            assert!(matches!(stream.as_mut().poll_next(&mut waking), Poll::Ready(None)));
            ends += thread_time() - passed;
            chunks += passed - began;
        }
        (chunks / f64::from(STREAMS * (CHUNKS - 1)), ends / f64::from(STREAMS))
    }
}

/// The goals in time, which fail nothing: what they are against, and the limit.
const GOALS: [(Variant, f64); 3] =
    [(Variant::Floor, 1.1), (Variant::Default, 1.0 / 8.0), (Variant::Floor, 0.5)];

pub(crate) fn chunks(setup: &Setup, report: &mut Report) {
    let mut turns = [const { Vec::new() }; Variant::ALL.len()];
    for _ in 0..TURNS {
        for (variant, turns) in Variant::ALL.into_iter().zip(&mut turns) {
            turns.push(variant.with(setup, CHUNKS, &mut Turn));
        }
    }
    let medians = turns.map(|turns| {
        let of = |pick: fn(&(f64, f64)) -> f64| median(turns.iter().map(pick));
        (of(|turn| turn.0), of(|turn| turn.1))
    });
    let over = |variant: Variant| medians[variant as usize].0 - medians[Variant::Bare as usize].0;
    let note = format!(
        "Processor time of the thread that polls, nanoseconds; {CHUNKS} chunks per stream, medians of {TURNS} turns of \
         {STREAMS} streams. The end of a stream includes that of its span and its metrics, where there are any."
    );
    let columns = ["variant", "per chunk", "over bare", "÷ floor", "÷ tracing", "at the end"];
    let mut table = Table::new("A chunk: time", &note, &columns);
    for variant in Variant::ALL {
        let (chunk, end) = medians[variant as usize];
        table.row([
            variant.shown().to_owned(),
            figure(chunk),
            figure(over(variant)),
            figure(over(variant) / over(Variant::Floor)),
            figure(over(variant) / over(Variant::Default)),
            figure(end),
        ]);
    }
    report.table(table);
    for (against, limit) in GOALS {
        let goal = Goal {
            what: "a chunk on its way",
            against: against.shown(),
            measure: Measure::Time,
            limit,
            reached: None,
            headline: limit > 1.0,
        };
        report.verdict(Verdict { goal, measured: over(Variant::Attribute) / over(against) });
    }
}
