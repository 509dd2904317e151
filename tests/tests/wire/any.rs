//! What holds for every document, and for bytes that are none.

use llmobs_runtime::conventions::{AttributeId, attr};
use llmobs_runtime::payload;
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{Fields, LlmRequest, LlmResponse, LlmUsage, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Answer, file, json_of, plain, request_of, response_of};

pub(super) const FILES: [&str; 35] = [
    "anthropic",
    "anthropic_bedrock_request",
    "anthropic_cached",
    "anthropic_request",
    "chat",
    "chat_audio",
    "chat_azure",
    "chat_choices",
    "chat_chunk",
    "chat_compatible",
    "chat_null_usage",
    "chat_request",
    "chat_request_audio",
    "chat_request_plain",
    "chat_without_usage",
    "completion",
    "completion_request",
    "embeddings",
    "embeddings_base64",
    "embeddings_request",
    "error_anthropic",
    "error_azure",
    "error_azure_gateway",
    "error_azure_number",
    "error_openai",
    "error_openai_untyped",
    "responses",
    "responses_azure",
    "responses_failed",
    "responses_filtered",
    "responses_length",
    "responses_queued",
    "responses_request",
    "responses_request_prompt",
    "responses_tool_calls",
];

/// Names that mean something, so that random documents get past the first look.
const KEYS: [&str; 44] = [
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cached_tokens",
    "cached_tokens_details",
    "choices",
    "code",
    "completion_tokens",
    "completion_tokens_details",
    "content",
    "conversation",
    "data",
    "delta",
    "dimensions",
    "embedding",
    "error",
    "finish_reason",
    "id",
    "incomplete_details",
    "index",
    "input",
    "input_tokens",
    "input_tokens_details",
    "max_tokens",
    "message",
    "messages",
    "modalities",
    "model",
    "n",
    "object",
    "output",
    "output_tokens",
    "output_tokens_details",
    "prompt",
    "prompt_tokens",
    "prompt_tokens_details",
    "reason",
    "reasoning",
    "response",
    "seed",
    "status",
    "stop",
    "temperature",
    "type",
    "usage",
];

const TEXTS: [&str; 19] = [
    "",
    "12",
    "-1",
    "AACAPw==",
    "audio",
    "chat.completion",
    "completed",
    "error",
    "failed",
    "function_call",
    "incomplete",
    "message",
    "message_delta",
    "message_start",
    "message_stop",
    "response",
    "response.completed",
    "response.failed",
    "stop",
];

fn tokens() -> [AttributeId; 14] {
    [
        attr::GEN_AI_USAGE_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS.id(),
    ]
}

fn texts() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
    .boxed()
}

fn numbers() -> BoxedStrategy<Value> {
    prop_oneof![
        (0_u64..100_000).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1000_i32..1000).prop_map(|int| Value::from(f64::from(int))),
    ]
    .boxed()
}

fn documents(leaf: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    leaf.prop_recursive(5, 64, 10, |inner| {
        let key = prop_oneof![
            9 => prop::sample::select(&KEYS[..]).prop_map(String::from),
            1 => any::<String>(),
        ];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => prop::collection::btree_map(key, inner, 0..10)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    documents(prop_oneof![texts(), numbers()].boxed())
}

/// Replaces the member at which a walk of `steps` through `document` ends.
fn replace(document: &mut Value, steps: &[prop::sample::Index], with: Value) {
    let mut place = document;
    for step in steps {
        let length = match place {
            Value::Object(map) => map.len(),
            Value::Array(list) => list.len(),
            _ => 0,
        };
        if length == 0 {
            break;
        }
        let at = step.index(length);
        place = match place {
            Value::Object(map) => map.values_mut().nth(at).expect("within the length"),
            Value::Array(list) => &mut list[at],
            _ => unreachable!("only these have a length"),
        };
    }
    *place = with;
}

fn mutated_document() -> impl Strategy<Value = Value> {
    let steps = prop::collection::vec(any::<prop::sample::Index>(), 1..5);
    let change = (steps, any_document());
    (prop::sample::select(&FILES[..]), prop::collection::vec(change, 1..4)).prop_map(
        |(name, changes)| {
            let mut document = json_of(name);
            for (steps, with) in changes {
                replace(&mut document, &steps, with);
            }
            document
        },
    )
}

/// Every number in a document that can be a count.
fn counts_in(document: &Value, into: &mut Vec<u64>) {
    match document {
        Value::Number(number) => {
            let integral =
                number.as_f64().filter(|it| it.fract() == 0.0 && (0.0..9e15).contains(it));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "just tested"
            )]
            into.extend(number.as_u64().or(integral.map(|it| it as u64)));
        }
        Value::Array(list) => list.iter().for_each(|it| counts_in(it, into)),
        Value::Object(map) => map.values().for_each(|it| counts_in(it, into)),
        _ => {}
    }
}

/// All that must hold whatever the document is.
fn check(document: &Value) -> Result<(), TestCaseError> {
    let mut all = Fields::default();
    LlmRequest::record(document, &mut all);
    LlmResponse::record(document, &mut all);
    let mut streamed = Answer::default();
    streamed.add(document);
    for (id, value) in all.iter().chain(streamed.fields.iter()) {
        match value {
            payload::Value::Int(int) => {
                prop_assert!(int >= 0 || id == attr::GEN_AI_REQUEST_SEED.id(), "{id:?} = {int}");
            }
            payload::Value::Double(double) => prop_assert!(double.is_finite(), "{id:?} = {double}"),
            payload::Value::Text(text) => {
                prop_assert!(!text.as_str().is_empty(), "{id:?} is empty");
            }
            payload::Value::Texts(texts) => prop_assert!(texts.len() <= 128, "{id:?} is long"),
            payload::Value::Flag(flag) => prop_assert!(flag, "{id:?} is set to false"),
        }
    }
    let reasons = streamed.reasons().unwrap_or_default();
    prop_assert!(reasons.len() <= 128 && reasons.iter().all(|reason| !reason.is_empty()));
    let mut known = Vec::new();
    counts_in(document, &mut known);
    let usage = document.usage();
    let Usage { input, output, cache_read, cache_write, reasoning, text, image, audio } = usage;
    for count in [output, cache_read, cache_write, reasoning]
        .into_iter()
        .chain([text, image, audio].into_iter().flat_map(|it| [it.input, it.output, it.cache_read]))
        .flatten()
    {
        prop_assert!(known.contains(&count), "{count} is invented");
    }
    if let Some(input) = input {
        let cached = cache_read.unwrap_or(0).saturating_add(cache_write.unwrap_or(0));
        let rest = input.checked_sub(cached);
        prop_assert!(
            known.contains(&input) || rest.is_some_and(|it| known.contains(&it)),
            "{input} is invented"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_read_without_harm(document in any_document()) {
        check(&document)?;
    }

    #[test]
    fn a_damaged_document_is_read_without_harm(document in mutated_document()) {
        check(&document)?;
        let bytes = serde_json::to_vec(&document).expect("a document");
        // Read back, since a number on its way through text may change in its last bit.
        let document: Value = serde_json::from_slice(&bytes).expect("just written");
        prop_assert_eq!(plain(&response_of(&document)), plain(&response_of(&Body(&bytes))));
        prop_assert_eq!(plain(&request_of(&document)), plain(&request_of(&Body(&bytes))));
    }

    #[test]
    fn without_a_number_there_is_no_usage(document in documents(texts())) {
        let mut all = Fields::default();
        LlmRequest::record(&document, &mut all);
        LlmResponse::record(&document, &mut all);
        let mut streamed = Answer::default();
        streamed.add(&document);
        for (id, value) in all.iter().chain(streamed.fields.iter()) {
            prop_assert!(!tokens().contains(&id), "{:?} = {:?}", id, value);
        }
        prop_assert_eq!(document.usage(), Usage::default());
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        if serde_json::from_slice::<Value>(&bytes).is_err() {
            prop_assert!(plain(&response_of(&Body(&bytes))).is_empty());
            prop_assert!(plain(&request_of(&Body(&bytes))).is_empty());
            prop_assert_eq!(Body(&bytes).usage(), Usage::default());
        }
    }

    #[test]
    fn damaged_bytes_are_read_without_harm(
        name in prop::sample::select(&FILES[..]),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = file(name);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        match serde_json::from_slice(&bytes) {
            Ok(document) => check(&document)?,
            Err(_) => prop_assert!(plain(&response_of(&Body(&bytes))).is_empty()),
        }
        let cut = &bytes[..end.index(bytes.len())];
        prop_assert!(plain(&response_of(&Body(cut))).is_empty() || serde_json::from_slice::<Value>(cut).is_ok());
    }

    #[test]
    fn the_parts_of_anthropics_input_are_summed(
        uncached in 0_u64..u64::from(u32::MAX),
        read in prop::option::of(0_u64..u64::from(u32::MAX)),
        written in prop::option::of(0_u64..u64::from(u32::MAX)),
        output in prop::option::of(0_u64..u64::from(u32::MAX)),
        null in any::<bool>(),
    ) {
        let mut usage = json!({ "input_tokens": uncached });
        for (key, count) in
            [("cache_read_input_tokens", read), ("cache_creation_input_tokens", written), ("output_tokens", output)]
        {
            if count.is_some() || null {
                usage[key] = json!(count);
            }
        }
        let body = json!({"type": "message", "role": "assistant", "content": [], "usage": usage});
        let input = uncached + read.unwrap_or(0) + written.unwrap_or(0);
        let expected = Usage { input: Some(input), output, cache_read: read, cache_write: written, ..Usage::default() };
        prop_assert_eq!(body.usage(), expected.clone());
        let mut fields = Fields::default();
        fields.usage(&expected);
        prop_assert_eq!(plain(&response_of(&body)), plain(&fields));
    }
}
