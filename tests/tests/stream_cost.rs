//! What a stream costs in memory: counted, not timed. Alone in its binary, since it counts every allocation.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::{AllocationInfo, measure};
use futures::{Stream, stream};
use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{LlmChunk, Streamed, call};
use llmobs_tests::Recorder;

struct Piece(u32);

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_ID, "answer-1");
        answer.once(attr::GEN_AI_RESPONSE_MODEL, "m-2026");
        answer.choice(0);
        if let Some(content) = answer.content() {
            content.text_delta(0, &self.0.to_string());
        }
    }
}

type Item = Result<Piece, std::io::Error>;

fn pieces(count: u32) -> impl Stream<Item = Item> {
    stream::iter((0..count).map(|at| Ok(Piece(at))))
}

fn recorded<S: Stream<Item = Item>>(items: S) -> impl Stream<Item = Item> {
    call(&operation::CHAT).provider("openai").model("m").stream(items)
}

/// Polls for one item, without a runtime.
fn next<S: Stream<Item = Item>>(stream: &mut std::pin::Pin<&mut S>) -> bool {
    let mut waking = Context::from_waker(Waker::noop());
    matches!(stream.as_mut().poll_next(&mut waking), Poll::Ready(Some(Ok(_))))
}

fn allocations(what: impl FnOnce()) -> AllocationInfo {
    measure(what)
}

#[test]
fn a_chunk_passes_without_an_allocation() {
    let _recorder = Recorder::new();
    let mut answer = pin!(recorded(pieces(2_000)));
    // What the first chunk names is copied once.
    assert!(next(&mut answer));
    let passed = allocations(|| {
        for _ in 0..1_000 {
            assert!(next(&mut answer));
        }
    });
    assert_eq!((passed.count_total, passed.bytes_total), (0, 0));
}

#[test]
fn a_live_stream_takes_the_memory_of_its_call() {
    let _recorder = Recorder::new();
    let mut streams = Vec::with_capacity(100);
    // Whatever the first call of a process sets up is not a stream's.
    streams.push(Box::pin(recorded(pieces(2_000))));
    assert!(next(&mut streams[0].as_mut()));
    let live = allocations(|| {
        for at in 1..100 {
            streams.push(Box::pin(recorded(pieces(2_000))));
            assert!(next(&mut streams[at].as_mut()));
        }
    });
    let each = live.bytes_current / 99;
    println!("bytes per live stream: {each}, in {} allocations", live.count_current / 99);
    assert!(each <= LIVE_STREAM_BYTES, "{each} bytes per live stream");
    let later = allocations(|| {
        for stream in &mut streams {
            for _ in 0..100 {
                assert!(next(&mut stream.as_mut()));
            }
        }
    });
    assert_eq!(later.count_total, 0, "it does not grow with the number of chunks");
}

/// What the documentation says of [`llmobs_runtime::Recorded`].
const LIVE_STREAM_BYTES: i64 = 4_096;

#[test]
fn where_nobody_records_a_stream_holds_nothing() {
    let _recorder = Recorder::new().without_pipeline();
    let mut answer = pin!(recorded(pieces(1_000)));
    let all = allocations(|| while next(&mut answer) {});
    assert_eq!(all.count_total, 0);
}
