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

/// What the ready-made patterns leave of a value.
fn redacted(kind: Kind, value: &Value) -> Value {
    Finish::default().redacted(all().clone()).one(kind, |content| content.add(kind, value)).json()
}

#[test]
fn everything_under_the_name_of_a_secret_goes() {
    let value = json!({
        "headers": {"Authorization": ["ApiKey c2VjcmV0LXZhbHVl"], "Accept": "text/html"},
        "set-cookie": ["session=abcdef; Path=/"],
        "token": {"value": "abcdefghijk1", "expires": 3600, "valid": true, "of": [null, ["x"]]},
        "aws_secret_access_key": "wJalrXUtnFEMI",
        "db_password": "hunter2hunter",
        "openai_api_key": "0123456789abcdef",
        "x-auth-token": "0123456789abcdef",
        "proxy-authorization": "Digest abc",
        "dbPassword": 1234,
        "max_tokens": 100,
        "passwords_allowed": ["many"],
        "token_count": 3,
        "note": "DB_PASSWORD=hunter2hunter",
    });
    let expected = json!({
        "headers": {"Authorization": ["[SECRET]"], "Accept": "text/html"},
        "set-cookie": ["[SECRET]"],
        "token": {"value": "[SECRET]", "expires": "[SECRET]", "valid": true, "of": [null, ["[SECRET]"]]},
        "aws_secret_access_key": "[SECRET]",
        "db_password": "[SECRET]",
        "openai_api_key": "[SECRET]",
        "x-auth-token": "[SECRET]",
        "proxy-authorization": "[SECRET]",
        "dbPassword": "[SECRET]",
        "max_tokens": 100,
        "passwords_allowed": ["many"],
        "token_count": 3,
        "note": "DB_PASSWORD=[SECRET]",
    });
    assert_eq!(redacted(Kind::Arguments, &value), expected);
    assert_eq!(redacted(Kind::Result, &value), expected);
}

#[test]
fn a_tool_that_takes_a_secret_stays_defined() {
    let tool = json!({"type": "function", "name": "log_in", "token": "abc", "parameters": {
        "type": "object",
        "properties": {"password": {"type": "string", "description": "as tine@example.com has it"}},
        "required": ["password"],
    }});
    let mut expected = tool.clone();
    expected["token"] = json!("[SECRET]");
    expected["parameters"]["properties"]["password"]["description"] = json!("as [EMAIL] has it");
    assert_eq!(redacted(Kind::Tools, &tool), json!([expected]));
}

#[test]
fn arguments_that_broke_off_are_redacted_by_their_keys() {
    for (arguments, expected) in [
        (
            r#"{"authorization": "c2VjcmV0LXZhbHVl", "city": "Hus"#,
            r#"{"authorization": "[SECRET]", "city": "Hus"#,
        ),
        (r#"{"cookie": "session=c2VjcmV0LXZhbHVl"#, r#"{"cookie": "[SECRET]"#),
        (r#"{"clientSecret": {"a": "c2VjcmV0"#, r#"{"clientSecret": "[SECRET]""#),
        (r#"{"pin": 1, "token": "abcdef", "ci"#, r#"{"pin": 1, "token": "[SECRET]", "ci"#),
    ] {
        let out = Finish::default().redacted(all().clone()).one(Kind::Output, |content| {
            let (first, second) = arguments.split_at(9);
            content.tool_call_delta(0, 0, Some("c1"), Some("tide"), first);
            content.tool_call_delta(0, 0, None, None, second);
        });
        assert_eq!(out.json()[0]["parts"][0]["arguments"], expected);
    }
}

#[test]
fn a_role_and_a_finish_reason_of_ones_own_are_redacted() {
    let input = Finish::default().redacted(all().clone()).one(Kind::Input, |content| {
        content.add(Kind::Input, &[("tine@example.com", "hi"), ("developer", "be brief")]);
        content.add(Kind::Input, &("x".repeat(90) + " tine@example.com", "hi"));
    });
    let message = |role: &str, text: &str| json!({"role": role, "parts": [{"type": "text", "content": text}]});
    assert_eq!(
        input.json(),
        json!([message("[EMAIL]", "hi"), message("developer", "be brief"), message("user", "hi")])
    );
    let output =
        Finish::default().released().redacted(all().clone()).one(Kind::Output, |content| {
            content.text_delta(0, "hi");
            content.finish_reason(0, "asked tine@example.com");
            content.text_delta(1, "ho");
            content.finish_reason(1, "stop");
        });
    let output = output.json();
    assert_eq!(output[0]["finish_reason"], "asked [EMAIL]");
    assert_eq!(output[1]["finish_reason"], "stop");
}

/// However much is said before it: a name that was cut in two is not recorded.
#[test]
fn half_a_name_is_never_recorded() {
    struct Named(usize);
    impl llmobs_runtime::content::Capture for Named {
        fn capture(&self, room: &mut llmobs_runtime::content::Room) -> Captured {
            // As much as the two messages weigh.
            assert!((0..11).all(|_| room.element()));
            let first = "tine@example.com ".repeat(200);
            let first = room.text(first.get(..self.0).unwrap_or(&first));
            let first = Message::new("user").with(Part::Text(first));
            let name = Some(room.text("theodor.storm@example.com"));
            let second = Message { name, ..Message::new("user") };
            Captured::List(vec![Captured::Message(first), Captured::Message(second)])
        }
    }
    let mut whole = 0;
    for before in 2_350..2_450 {
        let out = Finish::within(1_500)
            .redacted(all().clone())
            .one(Kind::Input, |content| content.add(Kind::Input, &Named(before)));
        let text = out.text.unwrap_or_default();
        assert!(!text.contains("theodor"), "{before}: {text}");
        whole += usize::from(text.contains(r#""name":"[EMAIL]""#));
    }
    assert!(whole > 0);
}

#[test]
fn a_hook_that_replaces_every_text_keeps_definitions_valid() {
    let tool = json!({"type": "function", "name": "tide", "description": "When?", "parameters": {
        "type": "object",
        "properties": {"place": {"type": ["string", "null"], "enum": ["Husum"], "description": "Where"}},
        "required": ["place"],
    }});
    let replace = Redactor::texts(|text| "[X]".clone_into(text));
    let out = Finish::default()
        .redacted(replace)
        .one(Kind::Tools, |content| content.add(Kind::Tools, &tool));
    super::schemas::validate(Kind::Tools, &out, llmobs_runtime::conventions::Dialect::Latest);
    assert_eq!(
        out.json(),
        json!([{"type": "function", "name": "[X]", "description": "[X]", "parameters": {
            "type": "object",
            "properties": {"[X]": {"type": ["string", "null"], "enum": ["[X]"], "description": "[X]"}},
            "required": ["[X]"],
        }}])
    );
}

#[test]
fn a_hook_that_breaks_a_definition_loses_it() {
    let breaks = Redactor::new(|_, content| {
        if let Redactable::Tool(Json::Object(members)) = content
            && members.contains(&("name".into(), Json::Text("one".into())))
        {
            members.clear();
        }
        Ok(())
    });
    let out = Finish::default()
        .redacted(breaks)
        .one(Kind::Tools, |content| content.add(Kind::Tools, &["one", "two"]));
    assert!(out.cut);
    assert_eq!(out.json(), json!([{"type": "function", "name": "two"}]));
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
