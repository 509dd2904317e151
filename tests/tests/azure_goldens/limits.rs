//! How long what we send may be: the longest that the service takes, to the character.

use llmobs_tests::envelope::CONTENT;
use serde_json::{Value, json};

use crate::defects::{data, log, metric, pairs, span, with};

const VALUE: usize = 8_192;
const LONG: usize = 262_144;
const KEY: usize = 150;
const NAME: usize = 1_024;
const MESSAGE: usize = 32_768;

/// `make` gives a text as long as it was told; of more than `limit`, it gives the beginning.
fn cut_at(limit: usize, make: impl Fn(String) -> Value) {
    for character in ["a", "ü"] {
        for length in [limit, limit + 1, limit * 2] {
            let sent = make(character.repeat(length));
            let sent = sent.as_str().unwrap_or_else(|| panic!("{length} of {limit}: {sent}"));
            assert!(sent == character.repeat(limit), "{}, not {limit}", sent.chars().count());
        }
    }
}

fn property(key: &str, value: String) -> Value {
    data(&span("INTERNAL", &[(key, value.into())]))["properties"][key].clone()
}

#[test]
fn values_of_properties() {
    cut_at(VALUE, |text| property("k", text));
    cut_at(VALUE, |text| property("gen_ai.prompt", text));
}

#[test]
fn values_of_the_seven_that_hold_content() {
    for key in CONTENT {
        let short = property(key, "a".repeat(VALUE * 2));
        assert!(short == "a".repeat(VALUE * 2), "{key}: cut");
    }
    let sent = property("gen_ai.input.messages", "a".repeat(LONG));
    assert!(sent == "a".repeat(LONG));
    let cut = property("gen_ai.input.messages", "a".repeat(LONG + 1));
    assert!(cut == "a".repeat(LONG));
}

#[test]
fn keys() {
    for (length, is_kept) in [(KEY, true), (KEY + 1, false)] {
        let key = "é".repeat(length);
        let envelope = span("INTERNAL", &[(&key, "v".into()), ("other", "v".into())]);
        assert_eq!(data(&envelope)["properties"].get(&key).is_some(), is_kept, "{length}");
        assert_eq!(data(&envelope)["properties"]["other"], "v");
    }
}

#[test]
fn members_of_spans() {
    let named = |kind: &'static str, member: &'static str| {
        move |name: String| data(&with(kind, &[], &json!({ "name": name })))[member].clone()
    };
    cut_at(NAME, named("SERVER", "name"));
    cut_at(NAME, named("INTERNAL", "name"));
    let of = |kind: &'static str,
              key: &'static str,
              others: &'static [(&'static str, &'static str)],
              member: &'static str| {
        move |text: String| {
            let others = others.iter().map(|(key, value)| (*key, Value::from(*value)));
            let mut attributes: Vec<(&str, Value)> = others.collect();
            attributes.push((key, text.into()));
            data(&span(kind, &attributes))[member].clone()
        }
    };
    cut_at(NAME, of("CLIENT", "peer.service", &[], "target"));
    cut_at(VALUE, of("CLIENT", "db.query.text", &[("db.system.name", "sqlite")], "data"));
    let url = data(&span(
        "SERVER",
        &[
            ("http.request.method", "GET".into()),
            ("url.full", format!("https://h/{}", "p".repeat(4_000)).into()),
        ],
    ))["url"]
        .clone();
    assert_eq!(url.as_str().map(|url| url.chars().count()), Some(2_048));
}

#[test]
fn members_of_log_records() {
    cut_at(MESSAGE, |text| {
        data(&log(&json!({ "body": { "stringValue": text } })))["message"].clone()
    });
    let exception = |key: &'static str, member: &'static str| {
        move |text: String| {
            let attributes = pairs(&[("exception.type", "E".into()), (key, text.into())]);
            let attributes = match key {
                "exception.type" => json!([attributes[1]]),
                _ => attributes,
            };
            data(&log(&json!({ "attributes": attributes })))["exceptions"][0][member].clone()
        }
    };
    cut_at(NAME, exception("exception.type", "typeName"));
    cut_at(MESSAGE, exception("exception.message", "message"));
    cut_at(MESSAGE, exception("exception.stacktrace", "stack"));
}

#[test]
fn names_of_metrics() {
    cut_at(NAME, |name| {
        let points = json!([{ "value": { "intValue": "1" } }]);
        let sent = metric(&json!({ "name": name, "type": "gauge", "points": points }));
        data(&sent[0])["metrics"][0]["name"].clone()
    });
}
