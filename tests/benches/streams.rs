//! What a chunk costs on its way through a stream that is recorded, against the least that it can cost: entering
//! the OpenTelemetry context for each poll and reading the clock once, written by hand.
//!
//! `cargo bench -p llmobs-tests --bench streams`. Both stand in the same run, one after the other in short turns,
//! so that whatever slows the machine slows both; the figures are medians over the turns.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context as Waking, Poll, Waker};
use std::time::{Duration, Instant};

use futures::{Stream, stream};
use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{LlmChunk, Streamed, call, instrument_llm};
use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};

/// Chunks of one stream.
const CHUNKS: u32 = 1_000;
/// Streams of one turn.
const STREAMS: u32 = 20;
/// Turns of each variant.
const TURNS: usize = 201;

/// A chunk like most: a piece of text, of which nothing is recorded.
struct Piece;

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_ID, "answer-1");
        answer.once(attr::GEN_AI_RESPONSE_MODEL, "m-2026");
        answer.choice(0);
    }
}

type Item = Result<Piece, std::io::Error>;

fn pieces() -> impl Stream<Item = Item> {
    stream::iter((0..CHUNKS).map(|_| Ok(Piece)))
}

#[instrument_llm(provider = "openai", model = "m")]
fn annotated() -> impl Stream<Item = Item> {
    pieces()
}

/// Enters a context for every poll, and nothing more.
struct Entered<S> {
    stream: S,
    context: Context,
}

impl<S: Stream + Unpin> Stream for Entered<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<Option<S::Item>> {
        let _entered = self.context.clone().attach();
        Pin::new(&mut self.stream).poll_next(waking)
    }
}

/// The same, and reads the clock for every chunk.
struct Clocked<S> {
    inner: Entered<S>,
    first: Option<Instant>,
    last: Option<Instant>,
    longest: Duration,
    chunks: u64,
}

impl<S: Stream + Unpin> Stream for Clocked<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<Option<S::Item>> {
        let polled = Pin::new(&mut self.inner).poll_next(waking);
        if let Poll::Ready(Some(_)) = &polled {
            let now = Instant::now();
            if let Some(last) = self.last.replace(now) {
                self.longest = self.longest.max(now.saturating_duration_since(last));
            } else {
                self.first = Some(now);
            }
            self.chunks += 1;
        }
        polled
    }
}

/// A name, and one turn of it.
type Variant<'a> = (&'static str, &'a dyn Fn() -> (f64, f64));

/// Nanoseconds per chunk of a stream that is polled for all its chunks but not for its end, and nanoseconds for
/// what the end costs.
fn turn<S: Stream<Item = Item>>(make: impl Fn() -> S) -> (f64, f64) {
    let mut waking = Waking::from_waker(Waker::noop());
    let (mut chunks, mut ends) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..STREAMS {
        let mut stream = pin!(make());
        // The first chunk starts the call.
        black_box(stream.as_mut().poll_next(&mut waking)).is_ready();
        let began = Instant::now();
        for _ in 1..CHUNKS {
            let _ = black_box(stream.as_mut().poll_next(&mut waking));
        }
        let passed = began.elapsed();
        chunks += passed;
        assert!(matches!(stream.as_mut().poll_next(&mut waking), Poll::Ready(None)));
        ends += began.elapsed().saturating_sub(passed);
    }
    let nanoseconds = |time: Duration, of: u32| time.as_secs_f64() * 1e9 / f64::from(of);
    (nanoseconds(chunks, STREAMS * (CHUNKS - 1)), nanoseconds(ends, STREAMS))
}

fn main() {
    let spans = opentelemetry_sdk::trace::InMemorySpanExporter::default();
    let reader = PeriodicReader::builder(InMemoryMetricExporter::default()).build();
    let _telemetry = llmobs_runtime::builder()
        .span_processor(BatchSpanProcessor::builder(spans.clone()).build())
        .meters(|meters| meters.with_reader(reader))
        .install()
        .expect("no other pipeline");
    let tracers = SdkTracerProvider::builder().build();
    let span = tracers.tracer("bench").start("chat m");
    let context = Context::current_with_span(span);

    let bare = || turn(pieces);
    let entered = || turn(|| Entered { stream: pieces(), context: context.clone() });
    let clocked = || {
        turn(|| Clocked {
            inner: Entered { stream: pieces(), context: context.clone() },
            first: None,
            last: None,
            longest: Duration::ZERO,
            chunks: 0,
        })
    };
    let attribute = || turn(annotated);
    let by_hand = || turn(|| call(&operation::CHAT).provider("openai").model("m").stream(pieces()));
    let variants: [Variant<'_>; 5] = [
        ("bare", &bare),
        ("context", &entered),
        ("context + clock (the floor)", &clocked),
        ("#[instrument_llm]", &attribute),
        ("call(…).stream(…)", &by_hand),
    ];
    let mut turns = [const { Vec::new() }; 5];
    for _ in 0..TURNS {
        for ((_, variant), turns) in variants.iter().zip(&mut turns) {
            turns.push(variant());
        }
        spans.reset();
    }
    println!(
        "ns per chunk, {CHUNKS} chunks per stream, medians of {TURNS} turns of {STREAMS} streams"
    );
    println!(
        "{:<28} {:>8} {:>11} {:>10} {:>12}",
        "variant", "ns", "over bare", "÷ floor", "ns per end"
    );
    let medians: Vec<(f64, f64)> = turns
        .iter()
        .map(|turns| (median(turns.iter().map(|it| it.0)), median(turns.iter().map(|it| it.1))))
        .collect();
    let over = |at: usize| medians[at].0 - medians[0].0;
    for (at, (name, _)) in variants.iter().enumerate() {
        println!(
            "{name:<28} {:>8.1} {:>11.1} {:>10.2} {:>12.0}",
            medians[at].0,
            over(at),
            over(at) / over(2),
            medians[at].1
        );
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
