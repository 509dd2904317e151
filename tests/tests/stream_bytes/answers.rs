//! What a streamed answer of each format says, and when it is whole.

use serde_json::json;

use super::{Answer, chunks, events, fixture};

/// Reads a fixture. Returns what it says, and the number of chunks after which it was whole.
fn read(name: &str) -> (Answer, Option<usize>, usize) {
    let chunks = chunks(name);
    let mut answer = Answer::default();
    let mut whole_after = None;
    for (before, chunk) in chunks.iter().enumerate() {
        answer.add(chunk);
        if answer.progress.is_complete() && whole_after.is_none() {
            whole_after = Some(before + 1);
        }
    }
    (answer, whole_after, chunks.len())
}

#[test]
fn chat() {
    let (answer, whole_after, chunks) = read("chat");
    // The reason comes last but one, the usage last.
    assert_eq!((whole_after, chunks), (Some(9), 10));
    assert_eq!(answer.reasons(), Some(vec!["stop".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-B1",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-mini-2024-07-18",
        GEN_AI_USAGE_INPUT_TOKENS: 1210,
        GEN_AI_USAGE_OUTPUT_TOKENS: 17,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 1024,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 0,
        GEN_AI_USAGE_AUDIO_INPUT_TOKENS: 0,
        GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: 0,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_51db84afab",
    });
}

#[test]
fn azures_first_chunk_names_nothing_and_one_after_the_last_is_no_new_choice() {
    let (answer, whole_after, chunks) = read("chat_azure");
    assert_eq!((whole_after, chunks), (Some(7), 9));
    assert_eq!(answer.reasons(), Some(vec!["length".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-Az7",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-2024-11-20",
        GEN_AI_USAGE_INPUT_TOKENS: 31,
        GEN_AI_USAGE_OUTPUT_TOKENS: 8,
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_ee1d74bde0",
    });
    let mut first = Answer::default();
    first.add(&super::chunks("chat_azure")[0]);
    assert_exactly!(first.fields, {});
}

#[test]
fn each_choice_has_its_reason() {
    let (answer, whole_after, chunks) = read("chat_tools");
    assert_eq!((whole_after, chunks), (Some(10), 11));
    assert_eq!(answer.reasons(), Some(vec!["tool_calls".into(), "stop".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-T2",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-mini-2024-07-18",
        GEN_AI_USAGE_INPUT_TOKENS: 88,
        GEN_AI_USAGE_OUTPUT_TOKENS: 41,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_51db84afab",
    });
}

#[test]
fn a_server_that_reports_no_usage_gets_none() {
    let (answer, whole_after, chunks) = read("chat_compatible");
    assert_eq!((whole_after, chunks), (Some(4), 4));
    assert_eq!(answer.reasons(), Some(vec!["stop".into()]));
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "cmpl-local-9",
        GEN_AI_RESPONSE_MODEL: "qwen3-32b",
    });
}

#[test]
fn of_usage_that_grows_the_last_report_counts() {
    let (answer, whole_after, chunks) = read("chat_cumulative");
    assert_eq!((whole_after, chunks), (Some(3), 3));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "x-77",
        GEN_AI_RESPONSE_MODEL: "grok-3-mini",
        GEN_AI_USAGE_INPUT_TOKENS: 12,
        GEN_AI_USAGE_OUTPUT_TOKENS: 5,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 40,
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_b3",
    });
}

#[test]
fn an_error_between_the_chunks_is_classified_and_not_quoted() {
    let (answer, whole_after, chunks) = read("chat_error");
    assert_eq!((whole_after, chunks), (None, 3));
    assert_eq!(answer.reasons(), None);
    assert_exactly!(answer.fields, {
        ERROR_TYPE: "engine_overloaded",
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-E3",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-mini-2024-07-18",
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_51db84afab",
    });
}

#[test]
fn legacy_completion() {
    let (answer, whole_after, chunks) = read("completion");
    assert_eq!((whole_after, chunks), (Some(4), 5));
    assert_eq!(answer.reasons(), Some(vec!["stop".into()]));
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "cmpl-L4",
        GEN_AI_RESPONSE_MODEL: "gpt-3.5-turbo-instruct",
        GEN_AI_USAGE_INPUT_TOKENS: 5,
        GEN_AI_USAGE_OUTPUT_TOKENS: 3,
    });
}

#[test]
fn responses() {
    let (answer, whole_after, chunks) = read("responses");
    assert_eq!((whole_after, chunks), (Some(17), 17));
    assert_eq!(answer.reasons(), Some(vec!["stop".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_68c",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_USAGE_INPUT_TOKENS: 2300,
        GEN_AI_USAGE_OUTPUT_TOKENS: 75,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 2048,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 64,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
}

#[test]
fn what_an_abandoned_response_has_said_is_known() {
    let mut answer = Answer::default();
    for chunk in super::chunks("responses").iter().take(12) {
        answer.add(chunk);
    }
    assert_eq!(answer.reasons(), None);
    assert!(!answer.progress.is_complete());
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_68c",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "in_progress",
    });
}

#[test]
fn responses_that_wait_for_a_tool() {
    let (answer, whole_after, chunks) = read("responses_tools");
    assert_eq!((whole_after, chunks), (Some(8), 8));
    assert_eq!(answer.reasons(), Some(vec!["tool_calls".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "responses",
        GEN_AI_CONVERSATION_ID: "conv_42",
        GEN_AI_RESPONSE_ID: "resp_tool",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_USAGE_INPUT_TOKENS: 64,
        GEN_AI_USAGE_OUTPUT_TOKENS: 22,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 0,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 0,
        OPENAI_RESPONSE_SERVICE_TIER: "auto",
    });
}

#[test]
fn responses_that_are_incomplete() {
    let (answer, whole_after, chunks) = read("responses_incomplete");
    assert_eq!((whole_after, chunks), (Some(3), 3));
    assert_eq!(answer.reasons(), Some(vec!["length".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_inc",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "incomplete",
        GEN_AI_USAGE_INPUT_TOKENS: 9,
        GEN_AI_USAGE_OUTPUT_TOKENS: 16,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 0,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 0,
        OPENAI_RESPONSE_SERVICE_TIER: "auto",
    });
}

#[test]
fn responses_that_fail() {
    let (answer, whole_after, chunks) = read("responses_failed");
    assert_eq!((whole_after, chunks), (Some(2), 2));
    assert_eq!(answer.reasons(), Some(vec!["error".into()]));
    assert_exactly!(answer.fields, {
        ERROR_TYPE: "rate_limit_exceeded",
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_bad",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "failed",
        OPENAI_RESPONSE_SERVICE_TIER: "auto",
    });
    let (answer, whole_after, chunks) = read("responses_error");
    assert_eq!((whole_after, chunks), (Some(2), 2));
    assert_eq!(answer.reasons(), None);
    assert_exactly!(answer.fields, {
        ERROR_TYPE: "server_error",
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_err",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "in_progress",
    });
}

#[test]
fn messages() {
    let (answer, whole_after, chunks) = read("messages");
    assert_eq!((whole_after, chunks), (Some(9), 10));
    assert_eq!(answer.reasons(), Some(vec!["end_turn".into()]));
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "msg_01XF",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-20250514",
        GEN_AI_USAGE_INPUT_TOKENS: 130_213,
        GEN_AI_USAGE_OUTPUT_TOKENS: 10,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 128_955,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 1253,
    });
}

#[test]
fn the_output_that_a_message_starts_with_is_no_total() {
    let mut answer = Answer::default();
    for chunk in super::chunks("messages").iter().take(8) {
        answer.add(chunk);
    }
    assert!(!answer.progress.is_complete());
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "msg_01XF",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-20250514",
        GEN_AI_USAGE_INPUT_TOKENS: 130_213,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 128_955,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 1253,
    });
}

#[test]
fn a_later_report_that_leaves_the_cache_out_does_not_take_it_back() {
    let mut answer = Answer::default();
    answer.add(&super::chunks("messages")[0]);
    answer.add(&json!({
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"input_tokens": 7, "output_tokens": 10},
    }));
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "msg_01XF",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-20250514",
        GEN_AI_USAGE_INPUT_TOKENS: 130_215,
        GEN_AI_USAGE_OUTPUT_TOKENS: 10,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 128_955,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 1253,
    });
}

#[test]
fn messages_with_a_tool() {
    let (answer, whole_after, chunks) = read("messages_tools");
    assert_eq!((whole_after, chunks), (Some(14), 15));
    assert_eq!(answer.reasons(), Some(vec!["tool_use".into()]));
    assert_exactly!(answer.fields, {
        GEN_AI_RESPONSE_ID: "msg_01T",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-20250514",
        GEN_AI_USAGE_INPUT_TOKENS: 472,
        GEN_AI_USAGE_OUTPUT_TOKENS: 89,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 0,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 0,
    });
}

#[test]
fn messages_that_fail() {
    let (answer, whole_after, chunks) = read("messages_error");
    assert_eq!((whole_after, chunks), (Some(4), 4));
    assert_eq!(answer.reasons(), None);
    assert_exactly!(answer.fields, {
        ERROR_TYPE: "overloaded_error",
        GEN_AI_RESPONSE_ID: "msg_01E",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-20250514",
        GEN_AI_USAGE_INPUT_TOKENS: 25,
    });
}

/// Nothing after `[DONE]` is read, and nothing of it becomes a chunk.
#[test]
fn done_is_the_end() {
    let mut bytes = fixture("chat");
    let items = events([bytes.as_slice()]);
    bytes.extend_from_slice(b"data: {\"choices\":[]}\n\n\xff");
    assert_eq!(events([bytes.as_slice()]), items);
    assert_eq!(items.len(), 10);
}
