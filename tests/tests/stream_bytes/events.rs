//! What the decoder of server-sent events makes of single bodies.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::pin::pin;

use futures::executor::block_on;
use futures::stream::FusedStream;
use futures::{StreamExt, stream};
use llmobs_runtime::sse::{DecodeError, Events, FRAME_LIMIT, WireChunk};
use serde_json::{Value, json};

use super::{Answer, Item, body, events};

fn of(text: &str) -> Vec<Item> {
    events([text.as_bytes()])
}

fn chunk(event: Option<&str>, value: Value) -> Item {
    Item::Chunk(event.map(str::to_owned), value)
}

fn error(text: &str) -> Item {
    Item::Error(text.into())
}

#[test]
fn comments_and_events_without_data_are_no_chunks() {
    let body = ": here\n\n:\n\nevent: ping\n\ndata:\n\ndata\n\ndata: \n\nid: 7\n\nretry: 1\n\n\n\n";
    assert_eq!(of(body), []);
    assert_eq!(of(""), []);
    assert_eq!(of("\u{feff}"), []);
}

#[test]
fn the_name_of_an_event_stays_with_its_frame() {
    assert_eq!(
        of("event: a\ndata: 1\n\ndata: 2\n\nevent: b\n\ndata: 3\n\n"),
        [chunk(Some("a"), json!(1)), chunk(None, json!(2)), chunk(None, json!(3))]
    );
}

#[test]
fn the_lines_of_a_frame_are_one_document() {
    assert_eq!(of("data: {\ndata:\"a\"\ndata: : \"é\" }\n\n"), [chunk(None, json!({"a": "é"}))]);
}

#[test]
fn a_frame_that_is_no_json_is_an_error_and_the_next_may_be() {
    assert_eq!(
        of("data: {\"a\": secret}\n\ndata: {\"a\":\n\ndata: {}\n\n"),
        [
            error("Malformed { line: 1, column: 7 }"),
            error("Malformed { line: 1, column: 5 }"),
            chunk(None, json!({}))
        ]
    );
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    assert_eq!(of(&deep), [error("Malformed { line: 1, column: 128 }")]);
}

#[test]
fn a_frame_that_the_end_cuts_off_is_no_chunk() {
    let cut_off = [chunk(None, json!(1)), error("CutOff")];
    for rest in ["data: {\"a\"", "data: {}", "data: {}\n", "data: {}\r", "event: x\n", "d"] {
        assert_eq!(of(&format!("data: 1\n\n{rest}")), cut_off, "{rest:?}");
    }
    // Neither the end of the last frame nor a comment is a frame.
    for rest in ["", "\n", "\r\n", ": bye", ": bye\n", ":", "\n\n: bye"] {
        assert_eq!(of(&format!("data: 1\n\n{rest}")), cut_off[..1], "{rest:?}");
    }
    // Nor is anything missing where only the end of the end is.
    for rest in ["data: [DONE]", "data:[DONE]\n", "data: [DONE]\r\n"] {
        let items = of(&format!("data: 1\n\n{rest}"));
        assert_eq!(items.first(), Some(&chunk(None, json!(1))), "{rest:?}");
    }
    assert_eq!(of("data: [DONE]"), []);
    assert_eq!(of("data: [DON"), [error("CutOff")]);
}

#[test]
fn bytes_that_are_no_text_end_the_stream() {
    let items = events([b"data: 1\n\ndata: \"\xff\"\n\ndata: 2\n\n".as_slice()]);
    assert_eq!(items, [chunk(None, json!(1)), error("Unreadable")]);
    // In what is skipped they do no harm.
    let items = events([b": \xff\n\ndata: 1\n\n".as_slice()]);
    assert_eq!(items, [chunk(None, json!(1))]);
}

#[test]
fn a_frame_may_be_as_long_as_the_limit() {
    let frame = b"data: [1,2]\n\n";
    let with = |limit, bytes: &[u8]| -> Vec<Item> {
        block_on(Events::with_limit(body([bytes]), limit).map(Item::of).collect())
    };
    let twice = frame.repeat(2);
    let one = chunk(None, json!([1, 2]));
    assert_eq!(with(frame.len(), &twice), [one.clone(), one.clone()]);
    let limit = frame.len() - 1;
    assert_eq!(with(limit, &twice), [error(&format!("TooLong {{ limit: {limit} }}"))]);
    // Frames before the one that is too long are not lost.
    let mixed = [frame.as_slice(), b"data: [1,2,3]\n\n", frame].concat();
    assert_eq!(with(frame.len(), &mixed), [one, error("TooLong { limit: 13 }")]);
}

/// A body that never ends a line is given up at the limit, whatever it goes on to send.
#[test]
fn an_endless_frame_is_not_held() {
    for start in [&b"data: "[..], b"event: ", b": ", b"x"] {
        let mut sent = 0_usize;
        let filler = vec![b'a'; 64 * 1024];
        let endless = stream::iter(
            std::iter::once(start.to_vec()).chain(std::iter::repeat(filler)),
        )
        .map(|buffer| {
            sent += buffer.len();
            Ok::<_, io::Error>(buffer)
        });
        let items: Vec<_> = block_on(Events::new(endless).map(Item::of).collect());
        assert_eq!(items, [error(&format!("TooLong {{ limit: {FRAME_LIMIT} }}"))]);
        assert!(sent < FRAME_LIMIT + 2 * 64 * 1024, "{sent}");
    }
}

#[test]
fn an_error_of_the_transport_is_handed_on() {
    let buffers = [Ok("data: 1\n\nda"), Err(io::Error::from(io::ErrorKind::ConnectionReset))];
    let mut decoded = pin!(Events::new(stream::iter(buffers)));
    assert!(matches!(block_on(decoded.next()), Some(Ok(_))));
    let Some(Err(error)) = block_on(decoded.next()) else { panic!("the transport failed") };
    let source = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::ConnectionReset));
    let DecodeError::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert!(decoded.is_terminated());
    assert!(block_on(decoded.next()).is_none());
    assert!(block_on(decoded.next()).is_none());
}

#[test]
fn an_event_names_what_its_data_leaves_out() {
    let bytes =
        b"event: message_start\ndata: {\"message\": {\"id\": \"m\", \"model\": \"claude\"}}\n\n\
        event: message_delta\ndata: {\"delta\": {\"stop_reason\": \"end_turn\"}}\n\n\
        event: error\ndata: {\"message\": \"no\"}\n\n";
    let chunks: Vec<WireChunk> =
        block_on(Events::new(body([&bytes[..]])).map(|chunk| chunk.expect("a chunk")).collect());
    let mut answer = Answer::default();
    chunks[..2].iter().for_each(|chunk| answer.add(chunk));
    assert_exactly!(answer.fields, { GEN_AI_RESPONSE_ID: "m", GEN_AI_RESPONSE_MODEL: "claude" });
    assert_eq!(answer.reasons(), Some(vec!["end_turn".into()]));
    answer.add(&chunks[2]);
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "m",
        GEN_AI_RESPONSE_MODEL: "claude",
        ERROR_TYPE: "_OTHER",
    });
}

#[test]
fn nothing_of_the_content_is_printed() {
    let bytes = b"event: secret\ndata: {\"secret\": \"secret\"}\n\ndata: secret\n\ndata: secret";
    let mut decoded = pin!(Events::new(body([&bytes[..]])));
    let mut printed = format!("{decoded:?}");
    while let Some(item) = block_on(decoded.next()) {
        write!(printed, "{item:?} {decoded:?}").expect("a string");
        if let Err(error) = item {
            printed += &error.to_string();
        }
    }
    assert!(printed.contains("WireChunk") && printed.contains("CutOff"), "{printed}");
    assert!(!printed.contains("secret"), "{printed}");
}

/// The decoder adds no bounds of its own.
#[test]
fn it_is_what_the_bytes_are() {
    fn is_unpin_and_send<T: Unpin + Send>(_: &T) {}
    type Buffers = stream::Iter<std::vec::IntoIter<Result<Vec<u8>, io::Error>>>;
    let buffers: Buffers = stream::iter(Vec::new());
    is_unpin_and_send(&Events::new(buffers));
    // Neither `Send` nor `Unpin`, of buffers that are borrowed.
    let local = std::rc::Rc::new(b"data: 1\n\n".to_vec());
    let decoded = Events::new(stream::once(async { Ok::<_, io::Error>(local.as_slice()) }));
    let items: Vec<_> = block_on(decoded.map(Item::of).collect());
    assert_eq!(items, [chunk(None, json!(1))]);
}
