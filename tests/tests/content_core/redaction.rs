//! Hooks: what they see, and what happens when they fail.

use llmobs_runtime::content::{
    Captured, Content, Json, Kind, Message, Part, Patterns, Redactable, Redactor,
    redaction_failures,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Finish;
use super::patterns::all;

const CARD: &str = "4111 1111 1111 1111";
const LIMIT: usize = 4_096;

fn input(out: &super::Out) -> String {
    out.json()[0]["parts"][0]["content"].as_str().map(str::to_owned).unwrap_or_default()
}

#[test]
fn a_hook_that_fails_costs_its_kind_and_nothing_else() {
    let before = redaction_failures();
    let failing = Redactor::new(|kind, _| match kind {
        Kind::Input => Err("the secret prompt".into()),
        Kind::Result => panic!("the secret result"),
        _ => Ok(()),
    });
    let all = Finish::default().redacted(failing).all(|content| {
        content.add(Kind::Input, &["one", "two"]);
        content.add(Kind::Output, "answer");
        content.add(Kind::Result, "result");
        content.add(Kind::Tools, "tool");
    });
    let kinds: Vec<_> = all.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [Kind::Output, Kind::Tools]);
    // Other tests of this process make none fail.
    assert_eq!(redaction_failures() - before, 2);
}

#[test]
fn a_hook_sees_messages_parts_and_values() {
    let hook = Redactor::new(|kind, content| {
        match (kind, content) {
            (Kind::Input, Redactable::Message(message)) => message.name = None,
            (Kind::Output, Redactable::Message(message)) => {
                message.parts.retain(|part| !matches!(part, Part::Reasoning(_)));
            }
            (Kind::Instructions, Redactable::Parts(parts)) => parts.clear(),
            (Kind::Result, Redactable::Value(value)) => *value = Json::Text("gone".into()),
            _ => return Err("another form".into()),
        }
        Ok(())
    });
    let all = Finish::default().redacted(hook).all(|content| {
        let named = Message { name: Some("Tine".into()), ..Message::new("user") };
        content.add(Kind::Input, &named.with(Part::Text("hi".into())));
        content.reasoning_delta(0, "hm");
        content.text_delta(0, "hello");
        content.add(Kind::Instructions, "be brief");
        content.add(Kind::Result, &json!({"a": 1}));
    });
    let texts: Vec<_> = all.iter().map(|(kind, out)| (*kind, out.json())).collect();
    assert_eq!(
        texts,
        [
            (
                Kind::Output,
                json!([{"role": "assistant", "parts": [{"type": "text", "content": "hello"}]}])
            ),
            (Kind::Result, json!({"value": "gone"})),
            (Kind::Input, json!([{"role": "user", "parts": [{"type": "text", "content": "hi"}]}])),
        ]
    );
}

#[test]
fn patterns_find_what_is_in_values_and_keys() {
    let value = json!({
        "card": 4_111_111_111_111_111_i64,
        "password": "correct horse",
        "api_key": 12345,
        "nested": {"mail": ["write to tine@example.com"], "tine@example.com": true},
        "count": 17,
    });
    let out = Finish::default()
        .redacted(all().clone())
        .one(Kind::Arguments, |content| content.add(Kind::Arguments, &value));
    assert_eq!(
        out.json(),
        json!({
            "card": "[CARD]",
            "password": "[SECRET]",
            "api_key": "[SECRET]",
            "nested": {"mail": ["write to [EMAIL]"], "[EMAIL]": true},
            "count": 17,
        })
    );
}

proptest! {
    // The expressions are slow in a build for debugging.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever a stream is split, and in whatever pieces.
    #[test]
    fn a_pattern_split_over_chunks_is_found(sizes in prop::collection::vec(1_usize..9, 1..40)) {
        let text = "My card is 4111 1111 1111 1111, my mail tine@example.com and my key sk-abcdefghijklmnop1234.";
        let out = Finish::default().redacted(all().clone()).one(Kind::Output, |content| {
            let (mut rest, mut sizes) = (text, sizes.iter().cycle());
            while !rest.is_empty() {
                let size = sizes.next().copied().unwrap_or(1).min(rest.len());
                let (piece, left) = rest.split_at(size);
                content.text_delta(0, piece);
                rest = left;
            }
        });
        prop_assert_eq!(input(&out), "My card is [CARD], my mail [EMAIL] and my key [SECRET].");
    }

    /// However much text stands before it: a card number is recorded neither whole nor in part.
    #[test]
    fn half_a_card_number_is_never_recorded(
        before in 0_usize..2 * LIMIT,
        shrinks: bool,
        streamed: bool,
    ) {
        // What is redacted before it makes the text shorter than what was copied, so that its end is recorded.
        let filler = if shrinks { "a-long-address-of-somebody@example.com " } else { "words " };
        let mut text: String = filler.chars().cycle().take(before).collect();
        text.push(' ');
        text.push_str(CARD);
        text.push_str(" and more");
        let kind = if streamed { Kind::Output } else { Kind::Input };
        let out = Finish::within(LIMIT).redacted(all().clone()).one(kind, |content| {
            if streamed {
                for piece in text.as_bytes().chunks(7) {
                    content.text_delta(0, std::str::from_utf8(piece).expect("ASCII"));
                }
            } else {
                content.add(kind, &text);
            }
        });
        let recorded = input(&out);
        prop_assert!(!recorded.contains("411"), "{recorded}");
        prop_assert!(!recorded.contains("111"), "{recorded}");
    }

    /// The same inside a value, and beside another choice that fills the room.
    #[test]
    fn nor_in_values_and_beside_other_choices(before in 0_usize..2 * LIMIT, seen in 1_usize..19) {
        let filler: String = "somebody@example.com ".chars().cycle().take(before).collect();
        let value = json!([{"text": filler, "zcard": CARD}, [CARD]]);
        let out = Finish::within(LIMIT)
            .redacted(all().clone())
            .one(Kind::Result, |content| content.add(Kind::Result, &value));
        prop_assert!(!out.text.unwrap_or_default().contains("411"));

        let (begin, rest) = CARD.split_at(seen);
        let out = Finish::within(LIMIT).redacted(all().clone()).one(Kind::Output, |content| {
            content.text_delta(1, begin);
            content.tool_call_delta(1, 0, None, Some("pay"), begin);
            content.text_delta(0, &filler);
            content.tool_call_delta(1, 0, None, None, rest);
            content.text_delta(2, begin);
        });
        let text = out.text.unwrap_or_default();
        prop_assert!(!text.contains(r#""arguments":"4"#), "{text}");
    }
}

#[test]
fn a_hook_that_moves_parts_about_loses_the_message_that_was_cut() {
    let hook = Redactor::new(|_, content| {
        if let Redactable::Message(message) = content {
            message.parts.insert(0, Part::Text("checked".into()));
        }
        Ok(())
    });
    let fill = |text: &str| {
        let hook = hook.clone();
        let text = text.to_owned();
        let finish = Finish { redactors: vec![hook], ..Finish::within(LIMIT) };
        finish.one(Kind::Input, move |content: &mut Content| {
            content.add(Kind::Input, "first");
            content.add(Kind::Input, &text);
        })
    };
    assert_eq!(fill("short").json().as_array().map(Vec::len), Some(2));
    let long = fill(&"x".repeat(2 * LIMIT));
    assert!(long.cut);
    assert_eq!(long.json()[1]["parts"], Value::Array(vec![]));
}

#[test]
fn a_capture_that_copies_past_its_room_is_redacted_and_cut() {
    struct Past;
    impl llmobs_runtime::content::Capture for Past {
        fn capture(&self, _: &mut llmobs_runtime::content::Room) -> Captured {
            Captured::Text("tine@example.com ".repeat(100_000))
        }
    }
    let out = Finish::within(LIMIT)
        .redacted(Patterns::none().emails())
        .one(Kind::Input, |content| content.add(Kind::Input, &Past));
    let text = input(&out);
    assert!(out.cut && text.starts_with("[EMAIL] [EMAIL]") && !text.contains("tine"), "{text}");
}
