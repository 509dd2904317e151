//! Ten thousand streams at once: what each holds, and what a chunk costs when its stream was not the last one polled.

use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use futures::{Stream, StreamExt};
use llmobs_bench::{
    Goal, Measure, Report, Table, Verdict, figure, median, process_time, thread_time,
};

use super::pieces::Item;
use super::variant::{Setup, Use, Variant};

const STREAMS: u32 = 10_000;
/// Chunks of each stream, the first not counted.
const CHUNKS: u32 = 10;
/// Turns of each variant.
const TURNS: usize = 7;
/// Bytes that a live stream may hold.
const BYTES: f64 = 1_600.0;

/// Streams of which the first chunk has come.
fn live<S>(make: impl Fn() -> S) -> Vec<Pin<Box<S>>>
where
    S: Stream<Item = Item>,
{
    let mut waking = Context::from_waker(Waker::noop());
    let mut streams: Vec<_> = (0..STREAMS).map(|_| Box::pin(make())).collect();
    for stream in &mut streams {
        assert!(stream.as_mut().poll_next(&mut waking).is_ready());
    }
    streams
}

/// What the streams hold: bytes and allocations.
struct Memory;

impl Use for Memory {
    type Out = (f64, f64);

    fn make<S>(&mut self, make: impl Fn() -> S) -> (f64, f64)
    where
        S: Stream<Item = Item> + Send + 'static,
    {
        let mut streams = Vec::new();
        let held = measure(|| streams = live(make));
        drop(streams);
        #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
        let each = |whole: i64| whole as f64 / f64::from(STREAMS);
        (each(held.bytes_current), each(held.count_current))
    }
}

pub(crate) fn memory(setup: &Setup, report: &mut Report) {
    let note = format!(
        "{STREAMS} streams, of each of which the first chunk has come; the streams themselves, on the heap, included."
    );
    let columns = ["variant", "bytes each", "over bare", "allocations each"];
    let mut table = Table::new("Many streams: memory", &note, &columns);
    let mut bare = 0.0;
    for variant in Variant::ALL {
        variant.with(setup, 1, &mut Memory);
        let (bytes, count) = variant.with(setup, CHUNKS, &mut Memory);
        if variant == Variant::Bare {
            bare = bytes;
        }
        table.row([variant.shown().to_owned(), figure(bytes), figure(bytes - bare), figure(count)]);
        if variant == Variant::Attribute {
            let goal = Goal {
                what: "bytes of a live stream",
                against: "",
                measure: Measure::Allocations,
                limit: BYTES,
                reached: None,
                headline: true,
            };
            report.verdict(Verdict { goal, measured: bytes - bare });
        }
    }
    report.table(table);
}

/// Processor time per chunk on one thread, each stream in its turn.
struct InTurn;

impl Use for InTurn {
    type Out = f64;

    fn make<S>(&mut self, make: impl Fn() -> S) -> f64
    where
        S: Stream<Item = Item> + Send + 'static,
    {
        let mut waking = Context::from_waker(Waker::noop());
        let mut streams = live(make);
        let began = thread_time();
        for _ in 1..CHUNKS {
            for stream in &mut streams {
                let polled = black_box(stream.as_mut().poll_next(&mut waking));
                assert!(matches!(polled, Poll::Ready(Some(_))));
            }
        }
        (thread_time() - began) / f64::from(STREAMS * (CHUNKS - 1))
    }
}

/// Processor time of all threads per chunk, each stream a task of a runtime with two threads, that gives way after
/// each chunk; start and end of the streams not included.
struct Tasks;

impl Use for Tasks {
    type Out = f64;

    fn make<S>(&mut self, make: impl Fn() -> S) -> f64
    where
        S: Stream<Item = Item> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        let runtime = runtime.expect("threads can be started");
        let streams = live(make);
        let began = process_time();
        let ended = runtime.block_on(async {
            let tasks: Vec<_> = streams
                .into_iter()
                .map(|mut stream| {
                    tokio::spawn(async move {
                        for _ in 1..CHUNKS {
                            assert!(black_box(stream.next().await).is_some());
                            tokio::task::yield_now().await;
                        }
                        stream
                    })
                })
                .collect();
            futures::future::join_all(tasks).await
        });
        let passed = process_time() - began;
        drop(ended);
        passed / f64::from(STREAMS * (CHUNKS - 1))
    }
}

pub(crate) fn times(setup: &Setup, report: &mut Report) {
    let mut turns = [const { (Vec::new(), Vec::new()) }; Variant::ALL.len()];
    for _ in 0..TURNS {
        for (variant, (in_turn, tasks)) in Variant::ALL.into_iter().zip(&mut turns) {
            in_turn.push(variant.with(setup, CHUNKS + 1, &mut InTurn));
            tasks.push(variant.with(setup, CHUNKS + 1, &mut Tasks));
        }
    }
    let medians = turns.map(|(in_turn, tasks)| (median(in_turn), median(tasks)));
    let note = format!(
        "Processor time per chunk, nanoseconds, {STREAMS} streams polled in turn: by one thread, and as tasks of a \
         runtime with two (all its threads, the scheduling included). Medians of {TURNS} turns."
    );
    let columns =
        ["variant", "one thread", "over bare", "÷ floor", "two threads", "over bare", "÷ floor"];
    let mut table = Table::new("Many streams: time", &note, &columns);
    let [bare, _, floor, ..] = medians;
    for (variant, (one, two)) in Variant::ALL.into_iter().zip(medians) {
        table.row([
            variant.shown().to_owned(),
            figure(one),
            figure(one - bare.0),
            figure((one - bare.0) / (floor.0 - bare.0)),
            figure(two),
            figure(two - bare.1),
            figure((two - bare.1) / (floor.1 - bare.1)),
        ]);
    }
    report.table(table);
}
