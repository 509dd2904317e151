//! What becomes of a call whose stream cannot be decoded.

use std::fmt;
use std::io;

use futures::{FutureExt, Stream, StreamExt, stream};
use llmobs_runtime::conventions::attr;
use llmobs_runtime::sse::{DecodeError, Events, Lines, WireChunk};
use llmobs_runtime::{LlmError, instrument_llm};
use llmobs_tests::Recorder;

type Buffers<E> = Vec<Result<&'static [u8], E>>;

/// An error of which nothing is known, and one that a known one lies behind.
#[derive(Debug)]
struct Broken(Option<io::Error>);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the secret prompt")
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_ref().map(|inner| inner as _)
    }
}

#[instrument_llm(provider = "openai", model = "gpt-4o", stream)]
fn events<E: std::error::Error + Send + Sync + 'static>(
    buffers: Buffers<E>,
) -> impl Stream<Item = Result<WireChunk, DecodeError<E>>> {
    Events::with_limit(stream::iter(buffers), 40)
}

#[instrument_llm(provider = "openai", model = "gpt-4o", stream)]
fn lines<E: std::error::Error + Send + Sync + 'static>(
    buffers: Buffers<E>,
) -> impl Stream<Item = Result<WireChunk, DecodeError<E>>> {
    Lines::with_limit(stream::iter(buffers), 40)
}

/// The `error.type` of the call whose stream this is.
#[track_caller]
fn failure<S: Stream>(run: impl FnOnce() -> S) -> Option<String> {
    let recorder = Recorder::new();
    // Without an executor: the exporter in memory has one of its own.
    run().for_each(|_| std::future::ready(())).now_or_never().expect("a stream that never waits");
    recorder.span().text(attr::ERROR_TYPE.row().key)
}

fn of_bytes(bytes: &'static [u8]) -> [Option<String>; 2] {
    let buffers = || -> Buffers<io::Error> { vec![Ok(bytes)] };
    [failure(|| events(buffers())), failure(|| lines(buffers()))]
}

#[test]
fn each_way_to_fail_has_its_name() {
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(of_bytes(b"data: {}\n\n")[0], None);
    assert_eq!(of_bytes(b"{}\n")[1], None);
    assert_eq!(of_bytes(b"data: {secret\n\n")[0], name("malformed_frame"));
    assert_eq!(of_bytes(b"{secret\n")[1], name("malformed_frame"));
    assert_eq!(of_bytes(b"data: {}\n\ndata: {\"secret")[0], name("body_cut_off"));
    assert_eq!(of_bytes(b"{}\n{\"secret")[1], name("body_cut_off"));
    assert_eq!(of_bytes(b"data: \"\xff\"\n\n")[0], name("unreadable_body"));
    let long = b"data: \"that is longer than forty bytes are long\"\n\n";
    assert_eq!(of_bytes(long), [name("frame_too_long"), name("frame_too_long")]);
}

#[test]
fn an_error_of_the_transport_is_what_it_is_by_itself() {
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let name = Some("connection_reset".to_owned());
    assert_eq!(failure(|| events(vec![Ok(&b"data: {}\n\n"[..]), Err(reset())])), name);
    assert_eq!(failure(|| lines(vec![Ok(&b"{}\n"[..]), Err(reset())])), name);
    assert_eq!(failure(|| events(vec![Err(Broken(Some(reset())))])), name);
    let named = failure(|| events(vec![Err(Broken(None))])).expect("an error");
    assert!(named.ends_with("::failures::Broken"), "{named}");
    let error = DecodeError::Transport(Broken(None));
    assert_eq!(error.error_type().as_deref(), Some(named.as_str()));
}

/// By hand, of the transport what is known is found.
#[test]
fn a_call_by_hand_fails_too() {
    let reset = io::Error::from(io::ErrorKind::ConnectionReset);
    let buffers: Buffers<io::Error> = vec![Ok(b"data: {}\n\n"), Err(reset)];
    let call = || llmobs_runtime::call(&llmobs_runtime::conventions::operation::CHAT);
    let failed = failure(|| call().stream(Events::new(stream::iter(buffers))));
    assert_eq!(failed.as_deref(), Some("connection_reset"));
}
