//! What stands first in the bytes. The service cuts an item's properties off where they are too long for it, so what
//! dashboards count comes before what people and models wrote.

use llmobs_tests::envelope::{CONTENT, Golden};
use serde_json::Value;

use crate::{golden, names};

/// What dashboards count and group by.
fn is_counted(key: &str) -> bool {
    key.starts_with("gen_ai.usage.")
        || key.starts_with("microsoft.gen_ai.main_agent.")
        || [
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.system",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "gen_ai.response.id",
            "gen_ai.agent.name",
            "gen_ai.agent.id",
            "gen_ai.tool.name",
            "gen_ai.conversation.id",
            "gen_ai.evaluation.name",
            "gen_ai.evaluation.score.value",
            "gen_ai.evaluation.score.label",
            "error.type",
        ]
        .contains(&key)
}

/// The keys of an object in its JSON, in the order in which they stand there.
fn keys(json: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut characters = json.char_indices();
    let (mut depth, mut from) = (0_usize, None);
    while let Some((at, character)) = characters.next() {
        match (character, from) {
            ('\\', Some(_)) => drop(characters.next()),
            ('"', None) => from = Some(at),
            ('"', Some(start)) => {
                let is_key = json[at + 1..].trim_start().starts_with(':');
                if depth == 1 && is_key {
                    keys.push(serde_json::from_str(&json[start..=at]).expect("a text"));
                }
                from = None;
            }
            ('{' | '[', None) => depth += 1,
            ('}' | ']', None) => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    keys
}

#[test]
fn keys_are_found_in_their_order() {
    let json = r#"{"b": "\",\"x\":{", "a\n": {"inner": ["[", {}]}, "c":1}, "after":2}"#;
    assert_eq!(keys(json), ["b", "a\n", "c"]);
}

/// As the file has them, and the other way round.
fn both_ways(name: &str) -> [Golden; 2] {
    let file = golden(name);
    let mut input = file.input().clone();
    for item in ["span", "logRecord"] {
        if let Some(attributes) = input[item]["attributes"].as_array_mut() {
            attributes.reverse();
        }
    }
    let turned = Golden::parse(input.to_string().as_bytes()).expect("JSON");
    [file, turned]
}

#[test]
fn what_is_counted_comes_before_what_was_written() {
    let mut seen = 0;
    for name in names() {
        for file in both_ways(&name) {
            let written = file.written().unwrap_or_else(|problem| panic!("{name}: {problem}"));
            let written = String::from_utf8(written).expect("UTF-8");
            for properties in written.split("\"properties\":").skip(1) {
                let keys = keys(properties.trim_start());
                let Some(content) = keys.iter().position(|key| CONTENT.contains(&key.as_str()))
                else {
                    continue;
                };
                let after = keys[content..].iter().find(|key| !CONTENT.contains(&key.as_str()));
                assert_eq!(after, None, "{name}: {keys:?}");
                seen += usize::from(keys.iter().any(|key| is_counted(key)));
            }
        }
    }
    assert!(seen >= 8, "only {seen} with both");
}

#[test]
fn each_line_that_is_written_is_what_is_sent() {
    for name in ["trace_genai_chat_client", "trace_genai_long_messages", "log_non_ascii"] {
        let file = golden(name);
        let written = file.written().expect("written");
        let lines: Vec<&[u8]> = written.split(|byte| *byte == b'\n').collect();
        assert!(lines.last().is_some_and(|last| last.is_empty()), "{name}: a line has an end");
        let parsed: Vec<Value> = lines[..lines.len() - 1]
            .iter()
            .flat_map(|line| serde_json::from_slice::<Vec<Value>>(line).expect("a JSON array"))
            .collect();
        assert_eq!(parsed, file.envelopes().expect("sent"), "{name}");
    }
}
