//! What the decoder of JSON lines makes of single bodies.

use std::io;
use std::pin::pin;

use futures::executor::block_on;
use futures::stream::FusedStream;
use futures::{StreamExt, stream};
use llmobs_runtime::sse::{DecodeError, FRAME_LIMIT, Lines};
use serde_json::{Value, json};

use super::{Item, answer, body, file, lines};

fn of(text: &str) -> Vec<Item> {
    lines([text.as_bytes()])
}

fn chunk(value: Value) -> Item {
    Item::Chunk(None, value)
}

fn error(text: &str) -> Item {
    Item::Error(text.into())
}

#[test]
fn a_streamed_answer() {
    let bytes = file("chat.jsonl");
    let answer = answer(&lines([bytes.as_slice()]));
    assert_eq!(answer.reasons(), Some(vec!["stop".into()]));
    assert_exactly!(answer.fields, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-J5",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-mini-2024-07-18",
        GEN_AI_USAGE_INPUT_TOKENS: 7,
        GEN_AI_USAGE_OUTPUT_TOKENS: 6,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_51db84afab",
    });
}

#[test]
fn each_line_is_a_chunk_and_empty_ones_are_none() {
    let expected = [chunk(json!({"a": "é"})), chunk(json!([2])), chunk(json!("x"))];
    assert_eq!(of("{\"a\":\"é\"}\n\n [2] \r\n\r\n\"x\"\n"), expected);
    assert_eq!(of("\u{feff}{\"a\":\"é\"}\n[2]\n\"x\""), expected);
    assert_eq!(of(""), []);
    assert_eq!(of("\n\r\n  "), []);
}

#[test]
fn a_line_that_is_no_json_is_an_error_and_the_next_may_be() {
    assert_eq!(
        of("{\n\u{feff}{}\n{}\n"),
        [
            error("Malformed { line: 1, column: 1 }"),
            error("Malformed { line: 1, column: 1 }"),
            chunk(json!({}))
        ]
    );
    let items = lines([b"\"\xff\"\n{}\n".as_slice()]);
    assert!(matches!(&items[0], Item::Error(error) if error.starts_with("Malformed")), "{items:?}");
    assert_eq!(items[1], chunk(json!({})));
}

#[test]
fn a_line_that_the_end_cuts_off_is_no_chunk() {
    for rest in ["{\"a\"", "{\"a\": \"é", "[1", "12", "-", "tru", "\"x"] {
        assert_eq!(of(&format!("1\n{rest}")), [chunk(json!(1)), error("CutOff")], "{rest:?}");
    }
    for rest in [&b"\"\xc3"[..], b"{\"a\": \"\xf0\x9f", b"{\"\xc3"] {
        assert_eq!(lines([b"1\n", rest]), [chunk(json!(1)), error("CutOff")], "{rest:?}");
    }
    // What says itself where it ends, or was wrong before.
    assert_eq!(of("1\n{}"), [chunk(json!(1)), chunk(json!({}))]);
    assert_eq!(of("1\n{]"), [chunk(json!(1)), error("Malformed { line: 1, column: 2 }")]);
}

#[test]
fn the_last_line_needs_no_end() {
    for end in ["", "\n", "\r", "\r\n", "\n\n", "\n  ", " "] {
        let last = [chunk(json!({"a": "é"}))];
        assert_eq!(of(&format!("{{\"a\": \"é\"}}{end}")), last, "{end:?}");
        assert_eq!(of(&format!("\u{feff}{{\"a\": \"é\"}}{end}")), last, "{end:?}");
        assert_eq!(of(&format!("[DONE]{end}")), [], "{end:?}");
    }
    let bytes = file("chat.jsonl");
    assert_eq!(lines([bytes.trim_ascii_end()]), lines([bytes.as_slice()]));
    // Of a byte order mark too some may be missing.
    for mark in [&b"\xef"[..], b"\xef\xbb", b"\xef\xbb\xbf"] {
        assert_eq!(lines([mark]), [], "{mark:?}");
    }
}

#[test]
fn done_is_the_end() {
    assert_eq!(of("1\n[DONE]\n2\n"), [chunk(json!(1))]);
    assert_eq!(of("1\n[DONE]"), [chunk(json!(1))]);
}

#[test]
fn a_line_may_be_as_long_as_the_limit() {
    let with = |limit, buffers: Vec<&[u8]>| -> Vec<Item> {
        block_on(Lines::with_limit(body(buffers), limit).map(Item::of).collect())
    };
    let whole = [chunk(json!([1, 2])), chunk(json!([3, 4]))];
    assert_eq!(with(5, vec![b"[1,2]\n[3,4]\n"]), whole);
    assert_eq!(with(5, vec![b"[1,", b"2]\n[3,4", b"]"]), whole);
    let short = [chunk(json!(1)), error("TooLong { limit: 4 }")];
    assert_eq!(with(4, vec![b"1\n[1,2]\n1\n"]), short);
    assert_eq!(with(4, vec![b"1\n[1,", b"2]", b"\n1\n"]), short);
}

/// Formats of which the chunks are none of those that are read.
#[test]
fn other_formats_are_chunks_that_say_next_to_nothing() {
    let ollama = of(
        "{\"model\":\"llama3.2\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n\
        {\"model\":\"llama3.2\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\
        \"prompt_eval_count\":26,\"eval_count\":9}\n",
    );
    assert_eq!(ollama.len(), 2);
    let said = answer(&ollama);
    assert_exactly!(said.fields, { GEN_AI_RESPONSE_MODEL: "llama3.2" });
    assert_eq!((said.reasons(), said.progress.is_complete()), (None, false));

    let gemini = of(
        "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}]},\"finishReason\":\"STOP\"}],\
        \"usageMetadata\":{\"promptTokenCount\":4},\"modelVersion\":\"gemini-2.0-flash\"}\n",
    );
    let said = answer(&gemini);
    assert_exactly!(said.fields, {});
    assert_eq!((said.reasons(), said.progress.is_complete()), (None, false));
}

#[test]
fn an_endless_line_is_not_held() {
    let mut sent = 0_usize;
    let endless = stream::repeat(vec![b' '; 64 * 1024]).map(|buffer| {
        sent += buffer.len();
        Ok::<_, io::Error>(buffer)
    });
    let items: Vec<_> = block_on(Lines::new(endless).map(Item::of).collect());
    assert_eq!(items, [error(&format!("TooLong {{ limit: {FRAME_LIMIT} }}"))]);
    assert!(sent < FRAME_LIMIT + 2 * 64 * 1024, "{sent}");
}

#[test]
fn an_error_of_the_transport_is_handed_on() {
    // No bounds on the error, which is no more than passed on.
    let local = std::rc::Rc::new("gone");
    let buffers = [Ok("1\n{"), Err(local)];
    let mut decoded = pin!(Lines::new(stream::iter(buffers)));
    assert!(matches!(block_on(decoded.next()), Some(Ok(_))));
    let Some(Err(DecodeError::Transport(error))) = block_on(decoded.next()) else {
        panic!("the transport failed")
    };
    assert_eq!(*error, "gone");
    assert!(decoded.is_terminated());
    assert!(block_on(decoded.next()).is_none());
}
