//! What a chunk of a streamed answer says.

use llmobs_runtime::payload::{Progress, Text, Value};
use llmobs_runtime::{Fields, LlmChunk, Streamed};

use super::{all, expected, text};

/// What chunks record one after another, and how far the answer is then.
fn recorded<C: LlmChunk>(
    chunks: impl IntoIterator<Item = C>,
) -> (Vec<(String, Value<'static>)>, Progress) {
    let (mut fields, mut progress) = (Fields::default(), Progress::default());
    for chunk in chunks {
        chunk.record(&mut Streamed::new(&mut fields, &mut progress, None));
    }
    (all(&fields), progress)
}

fn reasons(progress: &Progress) -> Option<Vec<String>> {
    let reasons = progress.finish_reasons()?;
    Some(reasons.iter().map(|reason: &Text| reason.as_str().to_owned()).collect())
}

#[derive(Default, LlmChunk)]
struct Piece {
    #[llm(response.model)]
    model: &'static str,
    #[llm(usage.output_tokens)]
    tokens: Option<u64>,
    #[llm(response.finish_reasons)]
    reason: Option<&'static str>,
    #[llm("tenant")]
    own: Option<u8>,
    #[llm(content.text)]
    text: &'static str,
}

#[test]
fn the_first_model_and_the_last_count_hold() {
    let (all, progress) = recorded([
        Piece { model: "a", tokens: Some(1), ..Piece::default() },
        Piece { model: "b", own: Some(3), ..Piece::default() },
        Piece { tokens: Some(7), text: "t", ..Piece::default() },
    ]);
    let whole = [
        ("gen_ai.response.model", text("a")),
        ("gen_ai.usage.output_tokens", Value::Int(7)),
        ("tenant", Value::Int(3)),
    ];
    assert_eq!(all, expected(whole));
    assert!(!progress.is_complete());
}

#[test]
fn a_single_reason_is_that_of_the_first_choice() {
    let (_, progress) =
        recorded([Piece::default(), Piece { reason: Some("stop"), ..Piece::default() }]);
    assert!(progress.is_complete());
    assert_eq!(reasons(&progress).unwrap(), ["stop"]);
    assert_eq!(reasons(&recorded([Piece::default()]).1), None);
}

#[derive(LlmChunk)]
struct Event {
    #[llm(nested)]
    choices: Vec<Choice>,
    #[llm(nested)]
    usage: Option<Tokens>,
}

#[derive(LlmChunk)]
struct Choice {
    #[llm(response.finish_reasons, with = |reason| reason.as_deref().map(str::to_lowercase))]
    reason: Option<String>,
    // Wherever it stands: the others belong to it.
    #[llm(choice)]
    index: u32,
}

#[derive(LlmChunk)]
struct Tokens {
    #[llm(usage.input_tokens, exclusive)]
    input: u64,
    #[llm(usage.cache_read.input_tokens)]
    read: Option<u64>,
}

#[test]
fn a_choice_has_its_index() {
    let choice = |index, reason: Option<&str>| Choice { index, reason: reason.map(str::to_owned) };
    let event = |choices| Event { choices, usage: None };
    let begun = recorded([event(vec![choice(1, Some("STOP"))])]).1;
    assert!(!begun.is_complete(), "the first choice has not ended");
    let (all, progress) = recorded([
        event(vec![choice(0, None), choice(1, None)]),
        event(vec![choice(1, Some("STOP"))]),
        event(vec![choice(0, Some("Length"))]),
        Event { choices: vec![], usage: Some(Tokens { input: 3, read: Some(4) }) },
    ]);
    assert!(progress.is_complete());
    assert_eq!(reasons(&progress).unwrap(), ["length", "stop"]);
    let usage = [
        ("gen_ai.usage.cache_read.input_tokens", Value::Int(4)),
        ("gen_ai.usage.input_tokens", Value::Int(7)),
    ];
    assert_eq!(all, expected(usage));
}

#[derive(LlmChunk)]
struct Lists<'a> {
    #[llm(response.finish_reasons)]
    list: Vec<Option<&'a str>>,
    #[llm(response.finish_reasons)]
    array: [String; 1],
    #[llm(response.finish_reasons)]
    slice: &'a [&'a str],
}

#[test]
fn a_list_has_a_reason_for_each_choice() {
    let list =
        Lists { list: vec![Some("a"), None, Some("c")], array: [String::new()], slice: &["", "b"] };
    let (_, progress) = recorded([list]);
    assert_eq!(reasons(&progress).unwrap(), ["a", "b", "c"]);
}

#[derive(LlmChunk)]
enum Stream<T> {
    Started(#[llm(nested)] T),
    Delta {
        #[expect(dead_code, reason = "not recorded")]
        text: String,
    },
    Failed(#[llm(error.type)] &'static str),
    #[llm(complete)]
    Done,
}

#[test]
fn a_variant_can_be_the_last() {
    let delta = || Stream::Delta { text: "t".into() };
    assert!(!recorded([Stream::Started(Piece::default()), delta()]).1.is_complete());
    assert!(recorded([delta(), Stream::Done]).1.is_complete());
    assert_eq!(
        recorded([Stream::<Piece>::Failed("503")]).0,
        expected([("error.type", text("503"))])
    );
}

#[derive(Default, LlmChunk)]
struct Marks {
    #[llm(complete)]
    flag: bool,
    #[llm(complete)]
    optional: Option<bool>,
    #[llm(complete)]
    there: Option<&'static str>,
    #[llm(complete, with = |word| *word == "end")]
    word: &'static str,
}

#[test]
fn a_field_can_say_that_its_chunk_is_the_last() {
    let complete = |marks: Marks| recorded([marks]).1.is_complete();
    assert!(!complete(Marks::default()));
    assert!(!complete(Marks { optional: Some(false), word: "more", ..Marks::default() }));
    assert!(complete(Marks { flag: true, ..Marks::default() }));
    assert!(complete(Marks { optional: Some(true), ..Marks::default() }));
    assert!(complete(Marks { there: Some(""), ..Marks::default() }));
    assert!(complete(Marks { word: "end", ..Marks::default() }));
}
