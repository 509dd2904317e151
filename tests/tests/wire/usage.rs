//! Usage by itself, and bodies that are not parsed yet.

use llmobs_runtime::payload::Modality;
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{LlmUsage, Usage};
use serde_json::json;

use super::{file, json_of, response_of};

#[test]
fn usage_by_itself_and_inside_a_response() {
    let usage = Usage {
        input: Some(1536),
        output: Some(271),
        cache_read: Some(1408),
        reasoning: Some(256),
        ..Usage::default()
    };
    assert_eq!(json_of("responses").usage(), usage);
    assert_eq!(json_of("responses")["usage"].usage(), usage);
    assert_eq!(Body(&file("responses")).usage(), usage);
    assert_eq!(json_of("anthropic_cached")["usage"].usage().input, Some(130_213));
    for nothing in [
        json!(null),
        json!({}),
        json!([1]),
        json!({"usage": 3}),
        json!({"usage": null, "input_tokens": 3}),
    ] {
        assert_eq!(nothing.usage(), Usage::default(), "{nothing}");
    }
}

#[test]
fn modalities_of_cached_tokens() {
    let usage = json!({"input_tokens": 300, "output_tokens": 4, "input_tokens_details": {
        "cached_tokens": 60, "text_tokens": 100, "image_tokens": 150, "audio_tokens": 50,
        "cached_tokens_details": {"text_tokens": 40, "image_tokens": 15, "audio_tokens": 5},
    }, "output_tokens_details": {"text_tokens": 1, "image_tokens": 3}});
    let modality = |input, output, cache_read| Modality {
        input: Some(input),
        output,
        cache_read: Some(cache_read),
    };
    assert_eq!(
        usage.usage(),
        Usage {
            input: Some(300),
            output: Some(4),
            cache_read: Some(60),
            cache_write: None,
            reasoning: None,
            text: modality(100, Some(1), 40),
            image: modality(150, Some(3), 15),
            audio: modality(50, None, 5),
        }
    );
}

/// A gateway that translates Anthropic's answers keeps the cache counts beside an inclusive total.
#[test]
fn an_inclusive_total_is_not_summed_again() {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 7, "cache_read_input_tokens": 80,
        "cache_creation_input_tokens": 0, "prompt_tokens_details": {"cached_tokens": 80}});
    assert_eq!((usage.usage().input, usage.usage().cache_read), (Some(100), Some(80)));
}

#[test]
fn a_body_shows_only_its_length() {
    assert_eq!(format!("{:?}", Body(b"{\"model\": \"secret\"}")), "Body(19 bytes)");
}

#[test]
fn a_body_that_is_too_deep_or_too_long_says_nothing() {
    let deep = "[".repeat(1_000_000);
    assert_exactly!(response_of(&Body(deep.as_bytes())), {});
    let mut long = br#"{"id": "x", "pad": ""#.to_vec();
    long.resize(17 * 1024 * 1024, b'a');
    long.extend_from_slice(b"\"}");
    assert_exactly!(response_of(&Body(&long)), {});
}
