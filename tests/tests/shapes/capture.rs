//! `capture(…)`: which content is captured, and from where.

use futures::future::{BoxFuture, FutureExt};
use futures::{Stream, StreamExt, stream};
use llmobs_runtime::content::ContentCapture;
use llmobs_runtime::{LlmChunk, LlmRequest, LlmResponse, instrument_llm};
use llmobs_tests::{Recorded, Recorder};
use serde_json::{Value, json};

use super::block_on;

const INPUT: &str = "gen_ai.input.messages";
const OUTPUT: &str = "gen_ai.output.messages";
const INSTRUCTIONS: &str = "gen_ai.system_instructions";
const ARGUMENTS: &str = "gen_ai.tool.call.arguments";
const RESULT: &str = "gen_ai.tool.call.result";

#[derive(LlmRequest)]
struct Question {
    #[llm(input.messages)]
    text: String,
    #[llm(system_instructions, with = |rules| rules.as_slice())]
    rules: Vec<&'static str>,
}

#[derive(LlmResponse)]
struct Answer {
    #[llm(response.model)]
    model: &'static str,
    #[llm(output.messages)]
    text: &'static str,
}

fn question() -> Question {
    Question { text: "asked".into(), rules: vec!["be brief"] }
}

const ANSWER: Answer = Answer { model: "m", text: "answered" };

/// The span that `run` leaves where content is captured.
#[track_caller]
fn span<T>(run: impl FnOnce() -> T) -> Recorded {
    let recorder = Recorder::built(|builder| builder.capture_content(ContentCapture::SpanOnly));
    run();
    recorder.span()
}

/// An attribute as JSON.
fn json(span: &Recorded, key: &str) -> Option<Value> {
    Some(serde_json::from_str(&span.text(key)?).unwrap())
}

/// The text of the only part of the only message.
fn message(span: &Recorded, key: &str) -> Option<String> {
    let messages = json(span, key)?;
    assert_eq!(messages.as_array().map(Vec::len), Some(1), "{messages}");
    assert_eq!(messages.pointer("/0/parts").and_then(Value::as_array).map(Vec::len), Some(1));
    messages.pointer("/0/parts/0/content").and_then(Value::as_str).map(str::to_owned)
}

#[test]
fn an_expression_and_a_part_of_the_returned_value() {
    #[instrument_llm(
        provider = "openai",
        response = none,
        capture(input = words, instructions = format!("in {}", 3), output = |(answer, _)| answer)
    )]
    fn ask(words: String) -> (String, u8) {
        (format!("no {words}"), 3)
    }
    let span = span(|| ask("words".into()));
    assert_eq!(message(&span, INPUT).as_deref(), Some("words"));
    assert_eq!(message(&span, OUTPUT).as_deref(), Some("no words"));
    assert_eq!(json(&span, INSTRUCTIONS).unwrap().pointer("/0/content"), Some(&json!("in 3")));
}

#[test]
fn the_arguments_and_the_result_of_a_tool() {
    #[instrument_llm(
        operation = execute_tool,
        capture(arguments(city, days = days + 1, "where to" = city.len()), result)
    )]
    fn weather(city: &str, days: u8) -> Result<Vec<String>, std::fmt::Error> {
        if days > 3 { Err(std::fmt::Error) } else { Ok(vec![city.to_owned()]) }
    }
    let works = span(|| weather("Bern", 2));
    assert_eq!(json(&works, ARGUMENTS), Some(json!({ "city": "Bern", "days": 3, "where to": 4 })));
    assert_eq!(json(&works, RESULT), Some(json!({ "value": ["Bern"] })));
    let fails = span(|| weather("Bern", 7));
    assert!(json(&fails, ARGUMENTS).is_some());
    assert_eq!(json(&fails, RESULT), None);
}

#[test]
fn any_value_is_the_arguments() {
    #[instrument_llm(operation = execute_tool, capture(arguments = all, result = first))]
    async fn sum(all: Value) -> Vec<i64> {
        let _ = all;
        vec![1, 2]
    }
    fn first(all: &[i64]) -> Option<i64> {
        all.first().copied()
    }
    let span = span(|| block_on(sum(json!({ "a": [1] }))));
    assert_eq!(json(&span, ARGUMENTS), Some(json!({ "a": [1] })));
    // The schema wants an object.
    assert_eq!(json(&span, RESULT), Some(json!({ "value": 1 })));
}

#[test]
fn without_it_all_that_the_types_hand_over_is_captured() {
    #[instrument_llm(provider = "openai", request = question)]
    async fn ask(question: Question) -> Result<Answer, std::fmt::Error> {
        let _ = question.rules;
        Ok(ANSWER)
    }
    let span = span(|| block_on(ask(question())));
    assert_eq!(message(&span, INPUT).as_deref(), Some("asked"));
    assert_eq!(message(&span, OUTPUT).as_deref(), Some("answered"));
    assert!(json(&span, INSTRUCTIONS).is_some());
    assert_eq!(span.text("gen_ai.response.model").as_deref(), Some("m"));
}

#[test]
fn only_the_kinds_that_are_named_are_captured() {
    #[instrument_llm(provider = "openai", request = question, capture(input))]
    fn input(question: Question) -> Answer {
        let _ = question.rules;
        ANSWER
    }
    #[instrument_llm(provider = "openai", request = &question, capture(output, instructions))]
    fn others(question: Question) -> BoxFuture<'static, Answer> {
        let _ = question.rules;
        async { ANSWER }.boxed()
    }
    #[instrument_llm(provider = "openai", request = question, capture(none))]
    fn none(question: Question) -> Answer {
        let _ = question.rules;
        ANSWER
    }
    let there =
        |span: &Recorded| [INPUT, OUTPUT, INSTRUCTIONS].map(|key| span.value(key).is_some());
    assert_eq!(there(&span(|| input(question()))), [true, false, false]);
    assert_eq!(there(&span(|| block_on(others(question())))), [false, true, true]);
    assert_eq!(there(&span(|| none(question()))), [false, false, false]);
}

#[test]
fn the_returned_value_is_the_output_unless_it_hands_one_over() {
    #[instrument_llm(operation = invoke_agent, capture(output))]
    fn text() -> &'static str {
        "answered"
    }
    #[instrument_llm(operation = invoke_agent, capture(output))]
    async fn response() -> Result<Answer, std::fmt::Error> {
        Ok(ANSWER)
    }
    #[instrument_llm(provider = "openai", response = none, capture(output))]
    fn unread() -> String {
        "answered".to_owned()
    }
    #[instrument_llm(provider = "openai", response = |it| &it.0, capture(output))]
    fn inside() -> (Answer, std::rc::Rc<u8>) {
        (ANSWER, std::rc::Rc::new(1))
    }
    assert_eq!(message(&span(text), OUTPUT).as_deref(), Some("answered"));
    assert_eq!(message(&span(|| block_on(response())), OUTPUT).as_deref(), Some("answered"));
    assert_eq!(message(&span(unread), OUTPUT).as_deref(), Some("answered"));
    assert_eq!(message(&span(inside), OUTPUT).as_deref(), Some("answered"));
}

struct Client {
    rules: &'static str,
}

#[instrument_llm(
    provider = "openai",
    response = none,
    capture(instructions = self.rules, arguments, result = |it| it)
)]
impl Client {
    fn ask(&self) -> std::rc::Rc<u8> {
        std::rc::Rc::new(3)
    }

    #[instrument_llm(operation = execute_tool)]
    fn tool(&self) -> usize {
        self.rules.len()
    }

    #[instrument_llm(capture(output))]
    fn other(&self) -> &'static str {
        self.rules
    }
}

#[test]
fn a_default_of_a_block_holds_where_it_fits() {
    let client = Client { rules: "be brief" };
    let ask = span(|| client.ask());
    assert_eq!(json(&ask, INSTRUCTIONS).unwrap().pointer("/0/content"), Some(&json!("be brief")));
    let tool = span(|| client.tool());
    assert_eq!(json(&tool, RESULT), Some(json!({ "value": 8 })));
    assert_eq!(tool.value(INSTRUCTIONS), None);
    let other = span(|| client.other());
    assert_eq!(
        (message(&other, OUTPUT).as_deref(), other.value(INSTRUCTIONS)),
        (Some("be brief"), None)
    );
}

#[test]
fn where_nothing_is_captured_no_expression_is_evaluated() {
    fn never<T>(_: &T) -> String {
        panic!("not captured")
    }
    #[instrument_llm(operation = execute_tool, capture(arguments = never(&1), result = never))]
    fn tool() {}
    let recorder = Recorder::new();
    tool();
    let span = recorder.span();
    assert_eq!((span.value(ARGUMENTS), span.value(RESULT)), (None, None));
    assert_eq!(span.value("error.type"), None);
}

#[derive(LlmChunk)]
struct Piece(
    #[llm(content.text)] &'static str,
    #[llm(response.finish_reasons)] Option<&'static str>,
);

#[test]
fn the_output_of_a_stream_comes_from_its_chunks() {
    fn pieces() -> impl Stream<Item = Piece> {
        stream::iter([Piece("ans", None), Piece("wer", None), Piece("ed", Some("stop"))])
    }
    #[instrument_llm(provider = "openai", request = question, capture(output, input = "words"))]
    fn ask(question: Question) -> impl Stream<Item = Piece> {
        let _ = question.rules;
        pieces()
    }
    #[instrument_llm(provider = "openai", request = question, capture(input))]
    async fn without(question: Question) -> Result<impl Stream<Item = Piece>, std::fmt::Error> {
        let _ = question.rules;
        Ok(pieces())
    }
    let whole = span(|| block_on(ask(question()).count()));
    assert_eq!(message(&whole, OUTPUT).as_deref(), Some("answered"));
    let finish = json(&whole, OUTPUT).unwrap();
    assert_eq!(finish.pointer("/0/finish_reason"), Some(&json!("stop")));
    assert_eq!(whole.value(INSTRUCTIONS), None);
    let without = span(|| block_on(async { without(question()).await.unwrap().count().await }));
    assert_eq!((message(&without, INPUT).as_deref(), without.value(OUTPUT)), (Some("asked"), None));
}

/// Where an expression panics its kind is not captured, and nothing else is lost.
#[test]
fn an_expression_that_panics_is_left_out() {
    fn fails<T>(_: &T) -> &'static str {
        panic!("as it is told to")
    }
    #[instrument_llm(
        provider = "openai",
        response = none,
        capture(input = words[words.len()].as_str(), instructions = "be brief", output = |it| it[9..].len())
    )]
    fn ask(words: Vec<String>) -> String {
        words.concat()
    }
    #[instrument_llm(operation = execute_tool, capture(arguments(words, other = fails(&words)), result = fails))]
    async fn tool(words: &str) -> String {
        tokio::task::yield_now().await;
        words.to_owned()
    }
    #[instrument_llm(operation = execute_tool, capture(arguments = fails(&words), result = |it| fails(it)))]
    fn future(words: String) -> BoxFuture<'static, Result<String, std::fmt::Error>> {
        async { Ok(words) }.boxed()
    }
    let mut out = String::new();
    let chat = span(|| out = ask(vec!["a".into(), "b".into()]));
    assert_eq!((out.as_str(), chat.value("error.type")), ("ab", None));
    assert_eq!((chat.value(INPUT), chat.value(OUTPUT)), (None, None));
    assert!(chat.value(INSTRUCTIONS).is_some());
    let tool = span(|| out = block_on(tool("a")));
    assert_eq!((out.as_str(), tool.value("error.type")), ("a", None));
    assert_eq!((tool.value(ARGUMENTS), tool.value(RESULT)), (None, None));
    let future = span(|| out = block_on(future("b".into())).unwrap());
    assert_eq!((out.as_str(), future.value("error.type")), ("b", None));
    assert_eq!((future.value(ARGUMENTS), future.value(RESULT)), (None, None));
}

/// What an expression does to the function's arguments, and that it may leave the function.
#[test]
fn expressions_borrow_move_and_leave_as_ever() {
    #[instrument_llm(operation = execute_tool, capture(arguments = taken.into_bytes().len()))]
    fn moves(taken: String, kept: String) -> String {
        kept
    }
    #[instrument_llm(operation = execute_tool, capture(arguments = words.next(), result = |(it,)| it.as_deref().ok()))]
    fn changes(mut words: std::vec::IntoIter<&'static str>) -> (Result<String, String>,) {
        (words.next().map(str::to_owned).ok_or_else(String::new),)
    }
    #[instrument_llm(operation = execute_tool, capture(arguments(word = word.parse::<u8>()?)))]
    fn leaves(word: &str) -> Result<u8, std::num::ParseIntError> {
        word.parse()
    }
    #[instrument_llm(operation = execute_tool, capture(arguments = std::future::ready(word).await))]
    async fn waits(word: &str) -> usize {
        word.len()
    }
    assert_eq!(
        json(&span(|| moves("abc".into(), String::new())), ARGUMENTS),
        Some(json!({ "value": 3 }))
    );
    let changes = span(|| assert_eq!(changes(vec!["a", "b"].into_iter()), (Ok("b".to_owned()),)));
    assert_eq!(json(&changes, ARGUMENTS), Some(json!({ "value": "a" })));
    let recorder = Recorder::built(|builder| builder.capture_content(ContentCapture::SpanOnly));
    assert!(leaves("a").is_err());
    assert!(recorder.spans().is_empty());
    assert_eq!(leaves("3"), Ok(3));
    assert_eq!(json(&recorder.span(), ARGUMENTS), Some(json!({ "word": 3 })));
    drop(recorder);
    assert_eq!(json(&span(|| block_on(waits("abc"))), ARGUMENTS), Some(json!({ "value": "abc" })));
}
