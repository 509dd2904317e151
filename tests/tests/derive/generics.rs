//! Types with parameters: the derive adds the bounds that the marked fields need.

use std::marker::PhantomData;

use llmobs_runtime::payload::Value;
use llmobs_runtime::{LlmRequest, LlmResponse};

use super::{expected, request, response, text, texts};

#[derive(LlmResponse)]
struct Model<S> {
    #[llm(response.model)]
    name: S,
}

/// What is not marked may be anything.
#[derive(LlmResponse)]
struct Http<T, B = Vec<u8>> {
    #[llm(nested)]
    body: T,
    raw: B,
}

struct Opaque;

#[test]
fn a_parameter_needs_what_its_field_needs() {
    let model = Http { body: Model { name: "gpt-4o" }, raw: Opaque };
    let Opaque = model.raw;
    assert_eq!(response(&model), expected([("gen_ai.response.model", text("gpt-4o"))]));
    assert_eq!(
        response(&Http { body: Some(Model { name: Some(String::new()) }), raw: Opaque }),
        []
    );
}

/// Inside of other types, with bounds of the user's own.
#[derive(LlmResponse)]
struct Page<T: Named + Clone, const N: usize>
where
    T: PartialEq,
{
    #[llm(nested)]
    first: Option<Box<T>>,
    #[llm(nested)]
    all: Vec<Model<T::Text>>,
    #[llm(response.finish_reasons)]
    reasons: [T::Text; N],
}

trait Named {
    type Text;
}

impl Named for Id {
    type Text = String;
}

#[derive(Clone, PartialEq, LlmResponse)]
struct Id(#[llm(response.id)] &'static str);

#[test]
fn parameters_inside_of_other_types() {
    let page = Page {
        first: Some(Box::new(Id("r"))),
        all: vec![Model { name: "m".to_owned() }],
        reasons: ["a".into(), "b".into()],
    };
    let all = [
        ("gen_ai.response.id", text("r")),
        ("gen_ai.response.model", text("m")),
        ("gen_ai.response.finish_reasons", texts(["a", "b"])),
    ];
    assert_eq!(response(&page), expected(all));
}

/// A type that stands in itself: its own bounds have to do.
#[derive(LlmResponse)]
struct Chain<T: LlmResponse> {
    #[llm(nested)]
    value: T,
    #[llm(nested)]
    next: Option<Box<Chain<T>>>,
}

#[derive(LlmResponse)]
struct Reason(#[llm(response.finish_reasons)] &'static str);

#[test]
fn recursive_types() {
    let last = Chain { value: Reason("b"), next: None };
    let chain = Chain { value: Reason("a"), next: Some(Box::new(last)) };
    assert_eq!(response(&chain), expected([("gen_ai.response.finish_reasons", texts(["a", "b"]))]));
}

#[derive(LlmRequest)]
struct Borrowed<'a, 'b: 'a, T: ?Sized> {
    #[llm(request.model)]
    model: &'a str,
    #[llm(request.stop_sequences)]
    stop: &'a [&'b str],
    #[llm("tenant")]
    tenant: &'a T,
    marker: PhantomData<&'b T>,
}

#[test]
fn lifetimes_and_unsized_parameters() {
    let stop = ["a".to_owned(), "b".to_owned()];
    let stop: Vec<&str> = stop.iter().map(String::as_str).collect();
    let borrowed =
        Borrowed::<str> { model: "m", stop: &stop, tenant: "north", marker: PhantomData };
    assert_eq!(borrowed.marker, PhantomData);
    let all = [
        ("gen_ai.request.model", text("m")),
        ("gen_ai.request.stop_sequences", texts(["a", "b"])),
        ("tenant", text("north")),
    ];
    assert_eq!(request(&borrowed), expected(all));
}

#[derive(LlmResponse)]
enum Either<A, B> {
    Left(#[llm(nested)] A),
    Right {
        #[llm(usage.output_tokens)]
        right: B,
    },
}

#[test]
fn generic_enums() {
    let left: Either<Reason, u8> = Either::Left(Reason("a"));
    assert_eq!(response(&left), expected([("gen_ai.response.finish_reasons", texts(["a"]))]));
    let right: Either<Reason, u8> = Either::Right { right: 3 };
    assert_eq!(response(&right), expected([("gen_ai.usage.output_tokens", Value::Int(3))]));
}

/// With a function there is no bound: the user's own has to do.
#[derive(LlmResponse)]
struct Counted<T: AsRef<[u8]>> {
    #[llm(usage.output_tokens, with = |tokens| tokens.as_ref().len())]
    tokens: T,
}

#[test]
fn a_function_of_a_generic_field() {
    assert_eq!(
        response(&Counted { tokens: [1, 2] }),
        expected([("gen_ai.usage.output_tokens", Value::Int(2))])
    );
}
