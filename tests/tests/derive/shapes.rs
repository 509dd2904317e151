//! Structs, tuples, enums; and values inside of others.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use llmobs_runtime::payload::Value;
use llmobs_runtime::{LlmRequest, LlmResponse};

use super::{expected, request, response, text, texts};

#[derive(LlmRequest)]
struct Tuple(#[llm(request.model)] &'static str, u8, #[llm(request.seed)] Option<u8>);

#[test]
fn tuple_structs() {
    let both = [("gen_ai.request.model", text("a")), ("gen_ai.request.seed", Value::Int(2))];
    assert_eq!(request(&Tuple("a", 1, Some(2))), expected(both));
    let without = Tuple("a", 1, None);
    assert_eq!(without.1, 1);
    assert_eq!(request(&without), expected([("gen_ai.request.model", text("a"))]));
}

#[derive(LlmResponse)]
enum Event {
    Started {
        #[llm(response.id)]
        id: String,
        attempt: u8,
    },
    Finished(
        #[expect(dead_code, reason = "not recorded")] u8,
        #[llm(response.finish_reasons)] Vec<String>,
        #[llm(nested)] Box<Tokens>,
    ),
    Ping,
    Delta(#[expect(dead_code, reason = "not recorded")] String),
    Empty {},
}

#[derive(LlmResponse)]
struct Tokens {
    #[llm(usage.input_tokens)]
    input: u32,
}

#[test]
fn every_kind_of_variant() {
    let started = Event::Started { id: "r".into(), attempt: 1 };
    assert_eq!(response(&started), expected([("gen_ai.response.id", text("r"))]));
    let finished = Event::Finished(0, vec!["stop".into()], Box::new(Tokens { input: 4 }));
    let both = [
        ("gen_ai.response.finish_reasons", texts(["stop"])),
        ("gen_ai.usage.input_tokens", Value::Int(4)),
    ];
    assert_eq!(response(&finished), expected(both));
    for silent in [Event::Ping, Event::Delta("words".into()), Event::Empty {}] {
        assert_eq!(response(&silent), []);
    }
    let Event::Started { attempt, .. } = started else { panic!("it is the first") };
    assert_eq!(attempt, 1);
}

/// Variants without fields have nothing to record.
#[derive(LlmResponse)]
enum Acknowledged {
    Now,
    Later,
}

/// There is no value of it, but a type parameter may be it.
#[derive(LlmRequest, LlmResponse)]
enum Never {}

#[test]
fn variants_without_fields() {
    assert_eq!(response(&Acknowledged::Now), []);
    assert_eq!(response(&Acknowledged::Later), []);
    assert_eq!(response(&None::<Never>), []);
    assert_eq!(request(&None::<Never>), []);
}

#[derive(LlmResponse)]
struct Outer {
    #[llm(nested)]
    option: Option<Tokens>,
    #[llm(nested)]
    list: Vec<Reason>,
    #[llm(nested)]
    boxed: Box<Option<Id>>,
    #[llm(nested, with = |it| &it.0)]
    #[llm("tenant", with = |it| &it.1)]
    shared: (Arc<Service>, Rc<u8>),
}

#[derive(LlmResponse)]
struct Reason {
    #[llm(response.finish_reasons)]
    reason: Option<Cow<'static, str>>,
}

#[derive(LlmResponse)]
struct Id {
    #[llm(response.id)]
    id: Arc<str>,
}

#[derive(LlmResponse)]
struct Service {
    #[llm(openai.response.service_tier)]
    tier: Option<Box<str>>,
}

#[test]
fn nested_values_record_themselves() {
    let reason = |reason: Option<&'static str>| Reason { reason: reason.map(Into::into) };
    let outer = Outer {
        option: Some(Tokens { input: 1 }),
        list: vec![reason(Some("stop")), reason(None), reason(Some("length"))],
        boxed: Box::new(Some(Id { id: "r".into() })),
        shared: (Arc::new(Service { tier: Some("scale".into()) }), Rc::new(3)),
    };
    let all = [
        ("gen_ai.usage.input_tokens", Value::Int(1)),
        ("gen_ai.response.finish_reasons", texts(["stop", "length"])),
        ("gen_ai.response.id", text("r")),
        ("openai.response.service_tier", text("scale")),
        ("tenant", Value::Int(3)),
    ];
    assert_eq!(response(&outer), expected(all));
    let nothing = Outer {
        option: None,
        list: vec![],
        boxed: Box::new(None),
        shared: (Arc::new(Service { tier: None }), Rc::new(4)),
    };
    assert_eq!(response(&nothing), expected([("tenant", Value::Int(4))]));
}

#[derive(LlmRequest)]
struct Conditional {
    #[llm(request.model)]
    always: &'static str,
    #[cfg(any())]
    #[llm(request.seed)]
    never: NoSuchType,
    #[cfg_attr(all(), llm(request.max_tokens))]
    marked: u8,
    #[cfg_attr(any(), llm(no_such_key))]
    unmarked: u8,
}

#[test]
fn fields_and_keys_under_a_condition() {
    let conditional = Conditional { always: "a", marked: 2, unmarked: 3 };
    let both = [("gen_ai.request.model", text("a")), ("gen_ai.request.max_tokens", Value::Int(2))];
    assert_eq!(request(&conditional), expected(both));
    assert_eq!(conditional.unmarked, 3);
}

#[derive(LlmRequest)]
struct Raw {
    #[llm(request.model)]
    r#type: &'static str,
    #[llm(request.seed)]
    r#fn: u8,
    // The names that the expansion uses itself.
    #[llm(request.top_k)]
    fields: u8,
    #[llm(request.max_tokens)]
    field_0: u8,
}

#[derive(LlmResponse)]
enum r#Match {
    r#Loop {
        #[llm(response.id)]
        r#in: &'static str,
    },
}

#[test]
fn raw_and_unlucky_names() {
    let all = [
        ("gen_ai.request.model", text("a")),
        ("gen_ai.request.seed", Value::Int(1)),
        ("gen_ai.request.top_k", Value::Int(2)),
        ("gen_ai.request.max_tokens", Value::Int(3)),
    ];
    assert_eq!(request(&Raw { r#type: "a", r#fn: 1, fields: 2, field_0: 3 }), expected(all));
    assert_eq!(
        response(&r#Match::r#Loop { r#in: "r" }),
        expected([("gen_ai.response.id", text("r"))])
    );
}
