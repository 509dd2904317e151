//! What is read of the items.

use futures::{Stream, StreamExt, stream};
use llmobs_runtime::content::{Capture, Captured, ContentCapture, Room};
use llmobs_runtime::{Usage, instrument_llm};
use llmobs_tests::{Recorded, Recorder};

use super::{FAULT, Fault, Piece, all, block_on, is_whole, pieces};

/// An item that holds a chunk somewhere.
struct Event {
    tokens: Option<u64>,
    data: Option<Piece>,
}

fn events() -> impl Stream<Item = Result<Event, Fault>> {
    let events = pieces().into_iter().map(|piece| Event { tokens: Some(9), data: Some(piece) });
    stream::iter(events.map(Ok).chain([Ok(Event { tokens: None, data: None })]))
}

fn chunk(event: &Event) -> Option<&Piece> {
    event.data.as_ref()
}

#[instrument_llm(provider = "openai", response = |event| &event.data)]
fn by_closure() -> impl Stream<Item = Result<Event, Fault>> {
    events()
}

#[instrument_llm(provider = "openai", response = |Event { data, .. }: &Event| data)]
fn by_pattern() -> impl Stream<Item = Result<Event, Fault>> {
    events()
}

#[instrument_llm(provider = "openai", response = chunk)]
async fn by_function() -> Result<impl Stream<Item = Result<Event, Fault>>, Fault> {
    Ok(events())
}

#[instrument_llm(
    provider = "openai",
    usage = |event| Usage { output: event.tokens, ..Usage::default() }
)]
fn usage_alone() -> impl Stream<Item = Result<Event, Fault>> {
    events()
}

#[instrument_llm(provider = "openai", response = none)]
fn nothing() -> impl Stream<Item = Event> {
    events().filter_map(|event| std::future::ready(event.ok()))
}

#[instrument_llm(operation = execute_tool)]
fn of_a_tool() -> impl Stream<Item = Event> {
    nothing_recorded()
}

fn nothing_recorded() -> impl Stream<Item = Event> {
    events().filter_map(|event| std::future::ready(event.ok()))
}

#[instrument_llm(operation = invoke_agent)]
fn of_an_agent() -> impl Stream<Item = Piece> {
    stream::iter(pieces())
}

/// The span of a stream that was read to its end.
fn span<S: Stream>(run: impl FnOnce() -> S) -> Recorded {
    let recorder = Recorder::new();
    block_on(async { all(run()).await });
    recorder.span()
}

#[test]
fn a_chunk_is_found_where_the_argument_says() {
    is_whole(&span(by_closure));
    is_whole(&span(by_pattern));
    is_whole(&span(|| stream::once(by_function()).flat_map(|answer| answer.unwrap())));
}

#[test]
fn the_last_usage_that_is_named_holds() {
    let span = span(usage_alone);
    assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(9));
    assert_eq!(span.value("gen_ai.response.model"), None);
}

#[test]
fn items_that_are_no_chunks_are_counted() {
    let nothing = span(nothing);
    assert_eq!(nothing.value("gen_ai.response.model"), None);
    assert!(nothing.value("gen_ai.response.time_to_first_chunk").is_some());
    assert_eq!(nothing.value("error.type"), None);
    let tool = span(of_a_tool);
    assert_eq!((tool.name(), tool.value("error.type")), ("execute_tool of_a_tool", None));
    let agent = span(of_an_agent);
    assert_eq!(agent.int("gen_ai.usage.output_tokens"), Some(7));
}

#[test]
fn an_error_item_is_the_error_of_the_call() {
    #[instrument_llm(provider = "openai")]
    fn breaks() -> impl Stream<Item = Result<Piece, Fault>> {
        stream::iter(pieces().into_iter().take(1).map(Ok).chain([Err(Fault)]))
    }
    #[instrument_llm(operation = execute_tool)]
    fn a_tool_breaks() -> impl Stream<Item = Result<u8, std::io::Error>> {
        stream::iter([Ok(1), Err(std::io::Error::other("inside"))])
    }
    let chat = span(breaks);
    assert_eq!(chat.text("error.type").as_deref(), Some(FAULT));
    assert_eq!(chat.text("gen_ai.response.model").as_deref(), Some("m"));
    assert!(span(a_tool_breaks).value("error.type").is_some());
}

/// A piece of text of the application's own.
struct Token(&'static str);

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        assert_ne!(self.0, "faulty", "as it is told to");
        self.0
    }
}

impl Capture for Token {
    fn capture(&self, room: &mut Room) -> Captured {
        self.0.capture(room)
    }
}

/// The text of the only message of the model's, of a stream that was read to its end while content is captured.
#[track_caller]
fn text<S: Stream>(run: impl FnOnce() -> S) -> Option<String> {
    let recorder = Recorder::built(|builder| builder.capture_content(ContentCapture::SpanOnly));
    block_on(async { all(run()).await });
    let span = recorder.span();
    let messages = span.text("gen_ai.output.messages")?;
    let messages: serde_json::Value = serde_json::from_str(&messages).unwrap();
    assert_eq!(messages.as_array().map(Vec::len), Some(1), "{messages}");
    assert_eq!(messages.pointer("/0/role").and_then(|role| role.as_str()), Some("assistant"));
    assert_eq!(messages.pointer("/0/parts/1"), None, "{messages}");
    messages.pointer("/0/parts/0/content").and_then(|text| text.as_str()).map(str::to_owned)
}

#[test]
fn items_that_are_text_are_the_output() {
    #[instrument_llm(operation = invoke_agent, capture(output))]
    fn strings() -> impl Stream<Item = String> {
        stream::iter(["an", "swer"].map(str::to_owned))
    }
    #[instrument_llm(operation = invoke_workflow, workflow = "w", capture(output))]
    fn slices() -> futures::stream::BoxStream<'static, Result<&'static str, Fault>> {
        stream::iter([Ok("an"), Ok("swer")]).boxed()
    }
    #[instrument_llm(provider = "openai", response = none, capture(output))]
    async fn cows<'a>(word: &'a str) -> impl Stream<Item = std::borrow::Cow<'a, str>> {
        stream::iter([word.into(), "swer".to_owned().into()])
    }
    #[instrument_llm(operation = invoke_agent, response = none, capture(output))]
    async fn shared() -> Result<impl Stream<Item = std::sync::Arc<str>>, Fault> {
        Ok(stream::iter(["an".into(), "swer".into()]))
    }
    #[instrument_llm(operation = invoke_agent, stream, capture(output))]
    fn optional() -> llmobs_runtime::Recorded<stream::Iter<std::vec::IntoIter<Option<String>>>> {
        llmobs_runtime::recorded(stream::iter(vec![Some("answer".to_owned()), None]))
    }
    #[instrument_llm(provider = "openai", response = none, capture(output))]
    fn tokens() -> impl Stream<Item = Token> {
        stream::iter([Token("an"), Token("faulty"), Token("swer")])
    }
    #[instrument_llm(operation = invoke_agent, capture(input = "words"))]
    fn without() -> impl Stream<Item = String> {
        stream::iter([String::new()])
    }
    assert_eq!(text(strings).as_deref(), Some("answer"));
    assert_eq!(text(slices).as_deref(), Some("answer"));
    assert_eq!(text(|| stream::once(cows("an")).flatten()).as_deref(), Some("answer"));
    let shared = || stream::once(shared()).flat_map(Result::unwrap);
    assert_eq!(text(shared).as_deref(), Some("answer"));
    assert_eq!(text(optional).as_deref(), Some("answer"));
    assert_eq!(text(tokens).as_deref(), Some("answer"));
    assert_eq!(text(without), None);
    // Where nothing is captured no item is looked at.
    assert!(span(strings).value("gen_ai.output.messages").is_none());
}

#[test]
fn a_chunk_says_itself_what_its_text_is() {
    #[derive(llmobs_runtime::LlmChunk)]
    struct Said(#[llm(content.text)] &'static str, #[llm(response.model)] &'static str);
    impl AsRef<str> for Said {
        fn as_ref(&self) -> &str {
            self.1
        }
    }
    impl Capture for Said {
        fn capture(&self, room: &mut Room) -> Captured {
            self.1.capture(room)
        }
    }
    #[instrument_llm(operation = invoke_agent, capture(output))]
    fn chunks() -> impl Stream<Item = Said> {
        stream::iter([Said("an", "m"), Said("swer", "m")])
    }
    assert_eq!(text(chunks).as_deref(), Some("answer"));
}
