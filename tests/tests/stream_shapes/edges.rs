//! What stays as it was: functions without a stream, and functions that nobody records.

use std::future::ready;

use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{Fault, Piece, block_on, pieces};

#[instrument_llm(provider = "openai", response = never)]
fn unread() -> impl Stream<Item = Piece> {
    stream::iter(pieces())
}

#[instrument_llm(provider = "openai", model = never_named())]
async fn unread_in_a_result() -> Result<BoxStream<'static, Piece>, Fault> {
    Ok(stream::iter(pieces()).boxed())
}

fn never(_: &Piece) -> Piece {
    panic!("nobody records")
}

fn never_named() -> &'static str {
    panic!("nobody records")
}

#[test]
fn a_stream_that_nobody_records_is_not_read() {
    let _turn = Recorder::new().without_pipeline();
    assert_eq!(block_on(unread().count()), 3);
    assert_eq!(block_on(async { unread_in_a_result().await.unwrap().count().await }), 3);
}

#[test]
fn a_size_hint_is_that_of_the_stream() {
    #[instrument_llm(provider = "openai")]
    fn hinted() -> impl Stream<Item = Piece> {
        stream::iter(pieces())
    }
    assert_eq!(hinted().size_hint(), (3, Some(3)));
}

#[test]
fn an_option_of_a_stream_is_a_value() {
    #[instrument_llm(operation = execute_tool)]
    fn maybe(there: bool) -> Option<BoxStream<'static, u8>> {
        there.then(|| stream::iter([1, 2]).boxed())
    }
    let recorder = Recorder::new();
    assert_eq!(block_on(maybe(true).unwrap().count()), 2);
    assert!(maybe(false).is_none());
    assert_eq!(recorder.spans().len(), 2);
}

#[test]
fn one_recorded_stream_inside_of_another() {
    #[instrument_llm(provider = "openai")]
    fn inner() -> impl Stream<Item = Piece> + Send {
        stream::iter(pieces())
    }
    #[instrument_llm(operation = invoke_agent)]
    fn outer() -> impl Stream<Item = Piece> {
        inner().chain(stream::once(ready(())).flat_map(|()| inner()))
    }
    let recorder = Recorder::new();
    assert_eq!(block_on(outer().count()), 6);
    let spans = recorder.spans();
    let names: Vec<_> = spans.iter().map(llmobs_tests::Recorded::name).collect();
    assert_eq!(names, ["chat", "chat", "invoke_agent"]);
    assert!(spans[0].is_below(&spans[2]) && spans[1].is_below(&spans[2]));
}
