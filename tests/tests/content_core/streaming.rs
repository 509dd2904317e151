//! The pieces of a streamed answer make the same answer wherever it was split.

use llmobs_runtime::content::{Content, Kind};
use proptest::prelude::*;
use serde_json::Value;

use super::Finish;

const REASONING: &str = "Die Frage ist: wann? – 🌊";
const TEXT: &str = "High water in Husum is at 14:32 – überraschend früh. 🦀";
const ARGUMENTS: &str = r#"{"place": "Husum", "days": [1, 2, 3], "unit": "m\u00fc"}"#;

/// `text` split at these places.
fn pieces(text: &str, cuts: &[usize]) -> Vec<String> {
    let mut places: Vec<usize> =
        cuts.iter().map(|cut| text.floor_char_boundary(cut % (text.len() + 1))).collect();
    places.extend([0, text.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| text[pair[0]..pair[1]].to_owned()).collect()
}

fn stream(content: &mut Content, cuts: &[usize]) {
    for piece in pieces(REASONING, cuts) {
        content.reasoning_delta(0, &piece);
        content.reasoning_delta(1, &piece);
    }
    for piece in pieces(TEXT, cuts) {
        content.text_delta(1, &piece);
        content.text_delta(0, &piece);
    }
    content.tool_call_delta(0, 0, Some("c1"), Some("tide"), "");
    content.tool_call_delta(0, 1, Some("c2"), Some("wind"), "");
    for piece in pieces(ARGUMENTS, cuts) {
        content.tool_call_delta(0, 0, None, None, &piece);
        content.tool_call_delta(0, 1, None, None, &piece);
    }
    content.finish_reason(0, "tool_calls");
    content.finish_reason(1, "stop");
}

fn assembled(limit: usize, cuts: &[usize]) -> (Option<Value>, bool) {
    let out = Finish::within(limit).released().one(Kind::Output, |content| stream(content, cuts));
    (out.text.as_ref().map(|_| out.json()), out.cut)
}

proptest! {
    #[test]
    fn any_split_assembles_to_the_same(
        cuts in prop::collection::vec(any::<usize>(), 0..30),
    ) {
        prop_assert_eq!(assembled(10_000, &cuts), assembled(10_000, &[]));
    }

    #[test]
    fn any_split_is_held_to_any_limit(
        cuts in prop::collection::vec(any::<usize>(), 0..30),
        limit in 0_usize..1_000,
    ) {
        let (value, _) = assembled(limit, &cuts);
        if let Some(value) = value {
            prop_assert!(value.to_string().len() <= limit);
        }
    }
}

#[test]
fn an_assembled_answer_has_every_part_once() {
    let (value, cut) = assembled(10_000, &[3, 50, 7]);
    let value = value.expect("an answer");
    assert!(!cut);
    assert_eq!(value[0]["parts"][0]["content"], REASONING);
    assert_eq!(value[0]["parts"][1]["content"], TEXT);
    let arguments: Value = serde_json::from_str(ARGUMENTS).expect("JSON");
    for call in [2, 3] {
        assert_eq!(value[0]["parts"][call]["arguments"], arguments);
    }
    assert_eq!(value[1]["parts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_endless_answer_is_bounded() {
    let out = Finish::within(10_000).one(Kind::Output, |content| {
        for piece in 0..1_000_000_usize {
            content.text_delta(piece % 200, "0123456789");
            content.tool_call_delta(0, piece, Some("id"), Some("name"), "0123456789");
        }
    });
    assert!(out.cut);
    assert!(out.text.expect("an answer").len() <= 10_000);
}
