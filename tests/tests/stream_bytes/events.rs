//! What the decoder of server-sent events makes of single bodies.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::pin::pin;
use std::task::Poll;

use futures::executor::block_on;
use futures::stream::FusedStream;
use futures::{StreamExt, stream};
use llmobs_runtime::sse::{DecodeError, Events, FRAME_LIMIT, WireChunk};
use serde_json::{Value, json};

use super::{Answer, FILES, Item, body, events, fixture};

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

/// What a body ends with that has `1` as its first chunk.
fn rest(rest: &[u8]) -> Vec<Item> {
    let items = events([b"data: 1\n\n", rest]);
    assert_eq!(items.first(), Some(&chunk(None, json!(1))), "{rest:?}");
    items.into_iter().skip(1).collect()
}

#[test]
fn the_last_frame_needs_no_empty_line() {
    let last = [chunk(None, json!({"a": "é"}))];
    for end in
        ["", "\n", "\r", "\r\n", "\n: bye", "\nid: 7\n", "\nda", "\n\n", "\r\n\r\n", "\n\n\n"]
    {
        assert_eq!(rest(format!("data: {{\"a\": \"é\"}}{end}").as_bytes()), last, "{end:?}");
        assert_eq!(
            rest(format!("data: {{\ndata: \"a\": \"é\"}}{end}").as_bytes()),
            last,
            "{end:?}"
        );
    }
    assert_eq!(rest(b"event: x\ndata: {}"), [chunk(Some("x"), json!({}))]);
    assert_eq!(rest(b"data: {}\r\nevent: x"), [chunk(Some("x"), json!({}))]);
    assert_eq!(of("\u{feff}data: {}"), [chunk(None, json!({}))]);
    // A number that the line does not end may go on.
    assert_eq!(rest(b"data: 12\n"), [chunk(None, json!(12))]);
    assert_eq!(rest(b"data: 12"), [error("CutOff")]);
}

#[test]
fn done_needs_no_empty_line() {
    for end in ["", "\n", "\r", "\r\n", "\n\n", "\n: bye", "\n\ndata: {\"a\""] {
        assert_eq!(rest(format!("data: [DONE]{end}").as_bytes()), [], "{end:?}");
        assert_eq!(rest(format!("event: x\r\ndata:[DONE] {end}").as_bytes()), [], "{end:?}");
    }
    assert_eq!(of("data: [DONE]\n"), []);
}

#[test]
fn a_frame_that_the_end_cuts_off_is_no_chunk() {
    let frames: [&[u8]; 14] = [
        b"data: {\"a\"",
        b"data: {\"a\"\n",
        b"data: {\"a\": \"\xc3",
        b"data: {\"a\": \"\xf0\x9f\x8f",
        b"data: {\ndata: \"a\": \"\xc3",
        b"data: {\r\ndata: \"a\":\r\n",
        b"data: {\"a\": \"b\ndata: \"",
        b"data: tru",
        b"data: [DON",
        b"data: [DONE",
        b"event: x\ndata: {\"a\"",
        b"event: \xc3",
        // Neither the beginning of a name nor another body is a field.
        b"d",
        b"{\"error\": {}}\n",
    ];
    for frame in frames {
        assert_eq!(rest(frame), [error("CutOff")], "{frame:?}");
        assert_eq!(events([frame]), [error("CutOff")], "{frame:?}");
        assert_eq!(events([b"\xef\xbb\xbf", frame]), [error("CutOff")], "{frame:?}");
    }
}

#[test]
fn an_end_that_holds_nothing_is_no_frame() {
    for end in ["", "\n", "\r\n", ": bye", ": bye\n", ":", "\n\n: bye", " ", "  \n", "\t", "\n \n"]
    {
        assert_eq!(rest(end.as_bytes()), [], "{end:?}");
    }
    for end in
        ["event: x", "event: x\n", "event", "id:", "id: 7\r\n", "id", "retry: 3", "id: 7\n: bye\n"]
    {
        assert_eq!(rest(end.as_bytes()), [], "{end:?}");
    }
    for end in
        ["data:", "data: ", "data", "data:\n", "data:  \r", "event: x\ndata:", "data\ndata: \n"]
    {
        assert_eq!(rest(end.as_bytes()), [], "{end:?}");
    }
    for mark in
        [&b"\xef"[..], b"\xef\xbb", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\xef\xbb\xbf: bye"]
    {
        assert_eq!(events([mark]), [], "{mark:?}");
    }
}

/// A server that forgets one of the last newlines, of each kind.
#[test]
fn an_answer_whose_end_lacks_newlines_is_whole() {
    for name in FILES {
        let bytes = fixture(name);
        let whole = events([bytes.as_slice()]);
        let end = bytes.trim_ascii_end();
        for newlines in ["", "\n", "\r", "\r\n"] {
            assert_eq!(events([end, newlines.as_bytes()]), whole, "{name} {newlines:?}");
        }
    }
}

#[test]
fn the_end_is_said_once_and_the_body_not_read_on() {
    // Not fused: it panics if it is polled on.
    let mut ended = false;
    let mut buffers = [&b"data: {}"[..]].into_iter();
    let body = stream::poll_fn(move |_| {
        assert!(!ended, "read on");
        let next = buffers.next().map(Ok::<_, io::Error>);
        ended = next.is_none();
        Poll::Ready(next)
    });
    let mut decoded = pin!(Events::new(body));
    assert!(matches!(block_on(decoded.next()), Some(Ok(_))));
    for _ in 0..3 {
        assert!(block_on(decoded.next()).is_none());
        assert!(decoded.is_terminated());
    }
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
