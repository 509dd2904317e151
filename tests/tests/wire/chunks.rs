//! Single chunks of each format; whole streams are in `stream_bytes`.

use llmobs_runtime::conventions::attr;
use llmobs_runtime::payload::wire::Body;
use serde_json::{Value, json};

use super::any::FILES;
use super::{Answer, json_of, plain, response_of};

fn read(chunks: impl IntoIterator<Item = Value>) -> Answer {
    let mut answer = Answer::default();
    let mut from_bytes = Answer::default();
    for chunk in chunks {
        answer.add(&chunk);
        from_bytes.add(&Body(chunk.to_string().as_bytes()));
    }
    assert_eq!(plain(&answer.fields), plain(&from_bytes.fields));
    assert_eq!(answer.reasons(), from_bytes.reasons());
    answer
}

/// A response that a server sends in one piece although it was to stream says what it says anyway.
#[test]
fn a_whole_response_is_a_chunk() {
    for name in FILES {
        // A vector is not streamed.
        if name.starts_with("embeddings") {
            continue;
        }
        let body = json_of(name);
        let answer = read([body.clone()]);
        let mut said = plain(&answer.fields);
        if let Some(reasons) = answer.reasons() {
            said.insert(attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key, json!(reasons));
        }
        let mut expected = plain(&response_of(&body));
        if name == "chat_chunk" {
            // Of a choice that goes on nothing is said by the one, and by the other that it has not ended.
            expected
                .insert(attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key, json!(["error", "length"]));
        }
        assert_eq!(said, expected, "{name}");
    }
}

#[test]
fn a_conversation_that_was_shortened_is_one_in_a_stream_and_in_one_piece() {
    let key = attr::GEN_AI_CONVERSATION_COMPACTED.row().key;
    let block = json!({"type": "compaction", "content": "They spoke of tides."});
    let event = json!({"type": "content_block_start", "index": 0, "content_block": block});
    assert_eq!(plain(&read([event]).fields)[key], json!(true));
    let mut body = json_of("anthropic");
    assert_eq!(plain(&response_of(&body)).get(key), None);
    body["content"].as_array_mut().expect("blocks").insert(0, block);
    assert_eq!(plain(&response_of(&body))[key], json!(true));
    assert_eq!(plain(&read([body]).fields)[key], json!(true));
}

#[test]
fn a_choice_ends_when_it_says_so() {
    let chunk = |index: u64, reason: Value| json!({"choices": [{"index": index, "delta": {}, "finish_reason": reason}]});
    assert!(!read([chunk(0, Value::Null)]).progress.is_complete());
    assert!(!read([chunk(0, json!(""))]).progress.is_complete());
    assert!(read([chunk(0, json!("stop"))]).progress.is_complete());
    assert!(!read([chunk(1, json!("stop"))]).progress.is_complete());
    assert!(read([chunk(1, json!("stop")), chunk(0, json!("stop"))]).progress.is_complete());
    // Places are taken in their order where a server leaves the index out.
    let unnumbered = json!({"choices": [{"finish_reason": "stop"}, {"finish_reason": "length"}]});
    assert_eq!(read([unnumbered]).reasons(), Some(vec!["stop".into(), "length".into()]));
    for absurd in [json!(u64::MAX), json!(128)] {
        let answer = read([json!({"choices": [{"index": absurd, "finish_reason": "stop"}]})]);
        assert_eq!(answer.reasons(), None);
        assert!(!answer.progress.is_complete());
    }
}

#[test]
fn the_first_name_that_is_one_holds() {
    let named = |id: &str, model: &str| json!({"id": id, "model": model, "choices": []});
    let answer = read([named("", ""), named("a", "gpt-4o"), named("b", "other")]);
    assert_exactly!(answer.fields, { GEN_AI_RESPONSE_ID: "a", GEN_AI_RESPONSE_MODEL: "gpt-4o" });
}

#[test]
fn usage_is_found_where_servers_put_it() {
    let usage = json!({"prompt_tokens": 8, "completion_tokens": 2});
    for chunk in [
        json!({"choices": [], "usage": usage}),
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": null, "usage": usage}]}),
        json!({"choices": [], "x_groq": {"id": "req_1", "usage": usage}}),
        json!({"usage": usage}),
    ] {
        assert_exactly!(read([chunk]).fields, {
            GEN_AI_USAGE_INPUT_TOKENS: 8,
            GEN_AI_USAGE_OUTPUT_TOKENS: 2,
        });
    }
    // Where two say so, the one that everybody knows counts.
    let both = json!({"choices": [], "usage": usage, "x_groq": {"usage": {"prompt_tokens": 1}}});
    assert_exactly!(read([both]).fields, {
        GEN_AI_USAGE_INPUT_TOKENS: 8,
        GEN_AI_USAGE_OUTPUT_TOKENS: 2,
    });
    for none in [json!({"choices": [], "usage": null}), json!({"choices": [], "usage": {}})] {
        assert_exactly!(read([none]).fields, {});
    }
}

#[test]
fn an_error_in_a_chunk_is_classified() {
    let secret = "Ada said: no";
    let classes = [
        (
            json!({"error": {"code": "rate_limit_exceeded", "message": secret}}),
            "rate_limit_exceeded",
        ),
        (json!({"error": {"type": "server_error", "message": secret}}), "server_error"),
        (
            json!({"error": {"code": 502, "message": secret}, "choices": [{"index": 0, "finish_reason": "error"}]}),
            "502",
        ),
        (json!({"error": secret}), "_OTHER"),
        (json!({"error": {"code": secret}}), "_OTHER"),
        (json!({"type": "error", "code": "ERR_SOMETHING", "message": secret}), "ERR_SOMETHING"),
        (json!({"type": "error", "code": null, "message": secret, "param": null}), "_OTHER"),
        (json!({"type": "error", "code": secret}), "_OTHER"),
        (
            json!({"type": "error", "error": {"type": "overloaded_error", "message": secret}}),
            "overloaded_error",
        ),
        (
            json!({"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error", "message": secret}}}),
            "server_error",
        ),
        (
            json!({"type": "response.failed", "response": {"status": "failed", "error": null}}),
            "_OTHER",
        ),
        (json!({"type": "response.failed"}), "_OTHER"),
    ];
    for (chunk, class) in classes {
        let fields = plain(&read([chunk.clone()]).fields);
        assert_eq!(fields.get(attr::ERROR_TYPE.row().key), Some(&json!(class)), "{chunk}");
        assert!(!format!("{fields:?}").contains("Ada"), "{fields:?}");
    }
}

#[test]
fn done_completes_an_answer() {
    for done in ["[DONE]", " [DONE]\r\n"] {
        let mut answer = Answer::default();
        answer.add(&Body(done.as_bytes()));
        assert!(answer.progress.is_complete());
        assert_exactly!(answer.fields, {});
    }
    let mut answer = Answer::default();
    answer.add(&Body(b"[DONE]["));
    answer.add(&json!("[DONE]"));
    assert!(!answer.progress.is_complete());
}

#[test]
fn openais_terms_in_messages_stay_openais() {
    let start = json!({"type": "message_start", "message": {"id": "m", "model": "x", "usage": {
        "prompt_tokens": 10, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": 4}
    }}});
    assert_exactly!(read([start]).fields, {
        GEN_AI_RESPONSE_ID: "m",
        GEN_AI_RESPONSE_MODEL: "x",
        GEN_AI_USAGE_INPUT_TOKENS: 10,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 4,
    });
}

#[test]
fn what_is_no_chunk_says_nothing() {
    for chunk in
        [json!(null), json!([{"id": "x"}]), json!("text"), json!({}), json!({"type": "ping"})]
    {
        let answer = read([chunk]);
        assert_exactly!(answer.fields, {});
        assert!(!answer.progress.is_complete());
        assert_eq!(answer.reasons(), None);
    }
}
