//! What the bytes of a streamed answer become, wherever they are cut apart.

use std::convert::Infallible;

use futures::StreamExt;
use futures::executor::block_on;
use futures::stream;
use llmobs_runtime::payload::Progress;
use llmobs_runtime::sse::{DecodeError, Events, Lines, WireChunk};
use llmobs_runtime::{Fields, LlmChunk, Streamed};
use llmobs_tests::plain;
use serde_json::Value;

/// Asserts that these attributes are set, to these values, and no others.
macro_rules! assert_exactly {
    ($fields:expr, { $($name:ident: $value:expr),* $(,)? }) => {{
        let expected = [$((::llmobs_runtime::conventions::attr::$name.row().key, ::serde_json::json!($value))),*];
        assert_eq!(::llmobs_tests::plain(&$fields), ::std::collections::BTreeMap::from(expected));
    }};
}

// After the macro, which they use.
#[path = "stream_bytes/answers.rs"]
mod answers;
#[path = "stream_bytes/any.rs"]
mod any;
#[path = "stream_bytes/cost.rs"]
mod cost;
#[path = "stream_bytes/events.rs"]
mod events;
#[path = "stream_bytes/failures.rs"]
mod failures;
#[path = "stream_bytes/lines.rs"]
mod lines;

const FILES: [&str; 15] = [
    "chat",
    "chat_azure",
    "chat_compatible",
    "chat_cumulative",
    "chat_error",
    "chat_tools",
    "completion",
    "messages",
    "messages_error",
    "messages_tools",
    "responses",
    "responses_error",
    "responses_failed",
    "responses_incomplete",
    "responses_tools",
];

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/data/streams/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn fixture(name: &str) -> Vec<u8> {
    file(&format!("{name}.sse"))
}

/// What a decoder made of a body, in a form that compares and may be printed.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Chunk(Option<String>, Value),
    Error(String),
}

impl Item {
    fn of<E: std::fmt::Debug>(item: Result<WireChunk, DecodeError<E>>) -> Self {
        match item {
            Ok(chunk) => Self::Chunk(chunk.event().map(str::to_owned), chunk.into_value()),
            Err(error) => Self::Error(format!("{error:?}")),
        }
    }
}

/// A body of these buffers that never fails.
fn body<'a>(
    buffers: impl IntoIterator<Item = &'a [u8]>,
) -> impl futures::Stream<Item = Result<Vec<u8>, Infallible>> + Unpin {
    let buffers: Vec<_> = buffers.into_iter().map(|buffer| Ok(buffer.to_vec())).collect();
    stream::iter(buffers)
}

/// All that the events in these buffers hold.
fn events<'a>(buffers: impl IntoIterator<Item = &'a [u8]>) -> Vec<Item> {
    block_on(Events::new(body(buffers)).map(Item::of).collect())
}

fn lines<'a>(buffers: impl IntoIterator<Item = &'a [u8]>) -> Vec<Item> {
    block_on(Lines::new(body(buffers)).map(Item::of).collect())
}

/// The chunks of a fixture, none of which is an error.
fn chunks(name: &str) -> Vec<WireChunk> {
    let bytes = fixture(name);
    let items: Vec<_> = block_on(Events::new(body([bytes.as_slice()])).collect());
    items.into_iter().map(|item| item.unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

/// What chunks have said so far.
#[derive(Default)]
struct Answer {
    fields: Fields,
    progress: Progress,
}

impl Answer {
    fn add(&mut self, chunk: &impl LlmChunk) {
        chunk.record(&mut Streamed::new(&mut self.fields, &mut self.progress, None));
    }

    /// The finish reasons, as text.
    fn reasons(&self) -> Option<Vec<String>> {
        let reasons = self.progress.finish_reasons()?;
        Some(reasons.iter().map(|reason| reason.as_str().to_owned()).collect())
    }

    /// All there is to compare.
    fn state(&self) -> (Value, Option<Vec<String>>, bool) {
        let fields = plain(&self.fields).into_iter().map(|(key, value)| (key.to_owned(), value));
        (fields.collect(), self.reasons(), self.progress.is_complete())
    }
}

/// What the chunks among these items say together.
fn answer(items: &[Item]) -> Answer {
    let mut answer = Answer::default();
    for item in items {
        if let Item::Chunk(_, value) = item {
            answer.add(value);
        }
    }
    answer
}
