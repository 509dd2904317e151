//! How keys are written, and what may follow them.

use llmobs_runtime::payload::Value;
use llmobs_runtime::{LlmRequest, LlmResponse};

use super::{expected, request, response, text, texts};

#[derive(LlmRequest)]
struct Keys {
    #[llm(request.model)]
    short: &'static str,
    #[llm(gen_ai.request.seed)]
    whole: i64,
    #[llm("gen_ai.request.max_tokens")]
    string: u32,
    #[llm(server.address)]
    of_no_namespace: String,
    #[llm(openai.request.service_tier)]
    of_another_namespace: Option<String>,
    #[llm("tenant")]
    own: u8,
    #[llm("app.tenant")]
    own_with_dots: bool,
    // A string is taken as it is: this is no short form.
    #[llm("request.model")]
    own_that_looks_like_one: &'static str,
    #[expect(dead_code, reason = "not recorded")]
    unmarked: String,
}

#[test]
fn keys_are_short_or_whole_or_strings() {
    let keys = Keys {
        short: "gpt-4o",
        whole: -3,
        string: 100,
        of_no_namespace: "host".into(),
        of_another_namespace: None,
        own: 7,
        own_with_dots: true,
        own_that_looks_like_one: "other",
        unmarked: "secret".into(),
    };
    let all = [
        ("gen_ai.request.model", text("gpt-4o")),
        ("gen_ai.request.seed", Value::Int(-3)),
        ("gen_ai.request.max_tokens", Value::Int(100)),
        ("server.address", text("host")),
        ("tenant", Value::Int(7)),
        ("app.tenant", Value::Flag(true)),
        ("request.model", text("other")),
    ];
    assert_eq!(request(&keys), expected(all));
    let tier = Keys { of_another_namespace: Some("auto".into()), ..keys };
    assert!(request(&tier).contains(&("openai.request.service_tier".to_owned(), text("auto"))));
}

/// A reason to stop, as a provider writes it.
enum Reason {
    Stop,
    Other(String),
}

fn reason(reason: &Reason) -> &str {
    match reason {
        Reason::Stop => "stop",
        Reason::Other(reason) => reason,
    }
}

mod counting {
    pub(super) fn length<T>(list: &[T]) -> usize {
        list.len()
    }
}

#[derive(LlmResponse)]
struct With {
    #[llm(response.finish_reasons, with = reason)]
    reason: Reason,
    #[llm(response.id, with = |id| id.trim())]
    id: String,
    #[llm("app.queue.length", with = counting::length)]
    #[llm("app.tenant", with = |queue: &Vec<u8>| queue.first())]
    queue: Vec<u8>,
    #[llm(nested, with = |pair| &pair.1)]
    pair: (u8, Option<Model>),
    // The name of a method, a macro inside, a `?`-free block: anything that is an expression.
    #[llm(usage.output_tokens, with = |counts| { let sum: u64 = counts.iter().sum(); sum })]
    counts: [u64; 3],
}

#[derive(LlmResponse)]
struct Model {
    #[llm(response.model)]
    name: String,
}

#[test]
fn a_function_finds_the_value_in_the_field() {
    let with = With {
        reason: Reason::Stop,
        id: " r-1 ".into(),
        queue: vec![9, 8],
        pair: (0, Some(Model { name: "gpt-4o".into() })),
        counts: [1, 2, 3],
    };
    let all = [
        ("gen_ai.response.finish_reasons", texts(["stop"])),
        ("gen_ai.response.id", text("r-1")),
        ("gen_ai.response.model", text("gpt-4o")),
        ("gen_ai.usage.output_tokens", Value::Int(6)),
        ("app.tenant", Value::Int(9)),
        ("app.queue.length", Value::Int(2)),
    ];
    assert_eq!(response(&with), expected(all));
    let with = With {
        reason: Reason::Other("tool".into()),
        id: String::new(),
        queue: vec![],
        pair: (1, None),
        ..with
    };
    let all = [
        ("gen_ai.response.finish_reasons", texts(["tool"])),
        ("gen_ai.usage.output_tokens", Value::Int(6)),
        ("app.queue.length", Value::Int(0)),
    ];
    assert_eq!(response(&with), expected(all), "absent where there is nothing");
}

/// One type for both directions, as a stored response that is sent back.
#[derive(LlmRequest, LlmResponse)]
struct Both {
    #[llm(request.model)]
    asked: String,
    #[llm(response.model)]
    answered: Option<String>,
    #[llm(nested)]
    seed: Seed,
}

#[derive(LlmRequest, LlmResponse)]
struct Seed(#[llm(request.seed)] u32);

#[test]
fn a_type_can_be_both() {
    let both = Both { asked: "a".into(), answered: Some("b".into()), seed: Seed(1) };
    let all = expected([
        ("gen_ai.request.model", text("a")),
        ("gen_ai.response.model", text("b")),
        ("gen_ai.request.seed", Value::Int(1)),
    ]);
    assert_eq!(request(&both), all);
    assert_eq!(response(&both), all);
}

#[derive(LlmResponse)]
struct Failed {
    #[llm(error.type)]
    code: Option<&'static str>,
}

#[test]
fn a_response_can_say_that_it_failed() {
    assert_eq!(
        response(&Failed { code: Some("overloaded") }),
        expected([("error.type", text("overloaded"))])
    );
    assert_eq!(response(&Failed { code: None }), []);
}
