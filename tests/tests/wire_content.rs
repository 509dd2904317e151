//! What of bodies on the wire is captured: exact values for real shapes in both dialects, valid by their schemas.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use llmobs_runtime::content::{__finished, Content, ContentCapture, ContentLimits, Kind};
use llmobs_runtime::conventions::{Dialect, operation};
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{LlmRequest, LlmResponse, call};
use llmobs_tests::Recorder;
use serde_json::{Value, json};

#[path = "wire_content/any.rs"]
mod any;
#[path = "wire_content/bounds.rs"]
mod bounds;
#[path = "wire_content/streamed.rs"]
mod streamed;

/// A kind, its name in the cases and that of its schema.
const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Instructions, "instructions", "system-instructions"),
    (Kind::Input, "input", "input-messages"),
    (Kind::Output, "output", "output-messages"),
    (Kind::Tools, "tools", "tool-definitions"),
];

const DIALECTS: [Dialect; 2] = [Dialect::Latest, Dialect::Released];

/// What was captured, by the name of its kind.
type Captured = BTreeMap<String, Value>;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A request, its response, and what is captured of them in the terms of the latest dialect, but with reasons.
struct Case {
    name: String,
    request: Value,
    response: Value,
    expected: Captured,
}

/// Every case in `data/wire_content`.
fn cases() -> Vec<Case> {
    let files = std::fs::read_dir(data().join("wire_content")).expect("the cases");
    let mut cases: Vec<_> = files
        .map(|file| {
            let path = file.expect("a case").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let mut case = read(&path);
            let mut part = |key: &str| case[key].take();
            let (request, response, expected) =
                (part("request"), part("response"), part("expected"));
            let expected = serde_json::from_value(expected).expect("values by kind");
            Case { name, request, response, expected }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// What one call captures, and whether something was left out.
fn captured_within(
    limits: ContentLimits,
    inline_blobs: bool,
    dialect: Dialect,
    fill: impl FnOnce(&mut Content),
) -> (Captured, bool) {
    let mut captured = Captured::new();
    let mut cut = false;
    for (id, text, was_cut) in __finished(limits, Vec::new(), inline_blobs, dialect, fill) {
        cut |= was_cut;
        let (_, name, _) =
            KINDS.into_iter().find(|(kind, ..)| kind.attribute() == id).expect("a kind of these");
        if let Some(text) = text {
            captured.insert(name.to_owned(), serde_json::from_str(&text).expect("JSON"));
        }
    }
    (captured, cut)
}

fn captured(dialect: Dialect, request: &impl LlmRequest, response: &impl LlmResponse) -> Captured {
    let (captured, cut) = captured_within(ContentLimits::new(), false, dialect, |content| {
        request.capture(content);
        response.capture(content);
    });
    assert!(!cut);
    captured
}

fn validators(dialect: Dialect) -> BTreeMap<&'static str, Validator> {
    let folder = match dialect {
        Dialect::Latest => "latest",
        Dialect::Released => "released",
    };
    let schemas = data().join("schemas").join(folder);
    KINDS
        .into_iter()
        .map(|(_, name, file)| {
            let mut schema = read(&schemas.join(format!("gen-ai-{file}.json")));
            // A reference to the schema of schemas, against which `parameters` are validated apart.
            let parameters = "/$defs/FunctionToolDefinition/properties/parameters/anyOf/0";
            if let Some(schema) = schema.pointer_mut(parameters) {
                *schema = json!({"type": "object"});
            }
            (name, jsonschema::validator_for(&schema).expect("a schema"))
        })
        .collect()
}

/// What is wrong with captured values by the schemas.
fn mistakes(validators: &BTreeMap<&str, Validator>, captured: &Captured) -> Vec<String> {
    captured
        .iter()
        .flat_map(|(name, value)| {
            validators[name.as_str()]
                .iter_errors(value)
                .map(move |error| format!("{name}: {error}"))
        })
        .collect()
}

/// The latest dialect has finish reasons on the span alone; the released one demands one of every answer.
fn in_dialect(dialect: Dialect, mut expected: Captured) -> Captured {
    let Some(Value::Array(output)) = expected.get_mut("output") else { return expected };
    let missing = if output.iter().any(|one| one.get("finish_reason").is_some()) {
        "error"
    } else {
        "unknown"
    };
    for message in output.iter_mut().filter_map(Value::as_object_mut) {
        if dialect == Dialect::Latest {
            message.remove("finish_reason");
        } else {
            message.entry("finish_reason").or_insert_with(|| json!(missing));
        }
    }
    expected
}

#[test]
fn bodies_of_every_format_are_captured_as_they_are() {
    let mut validated = 0;
    for dialect in DIALECTS {
        let validators = validators(dialect);
        for Case { name, request, response, expected } in cases() {
            let captured = captured(dialect, &request, &response);
            let mistakes = mistakes(&validators, &captured);
            assert!(mistakes.is_empty(), "{dialect:?}, {name}: {mistakes:?}\n{captured:#?}");
            validated += captured.len();
            for tool in captured.get("tools").and_then(Value::as_array).into_iter().flatten() {
                assert!(tool.get("parameters").is_none_or(jsonschema::draft7::meta::is_valid));
            }
            let expected = in_dialect(dialect, expected);
            for (_, kind, _) in KINDS {
                let (found, expected) = (captured.get(kind), expected.get(kind));
                assert!(
                    found == expected,
                    "{dialect:?}, {name}, {kind}\n{found:#?}\n{expected:#?}"
                );
            }
            let (request, response) = (request.to_string(), response.to_string());
            let (request, response) = (Body(request.as_bytes()), Body(response.as_bytes()));
            assert!(self::captured(dialect, &request, &response) == captured, "{name} as bytes");
        }
    }
    assert!(validated >= 58, "only {validated} values were validated");
}

/// Log records have no `null`.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[test]
fn spans_and_events_hold_what_is_captured() {
    for dialect in DIALECTS {
        let recorder = Recorder::built(|builder| {
            builder.dialect(dialect).capture_content(ContentCapture::SpanAndEvent)
        });
        for Case { name, request, response, expected } in cases() {
            let before = recorder.spans().len();
            let mut call = call(&operation::CHAT).provider("openai").request(&request).start();
            call.response(&response);
            call.end();
            let (spans, events) = (recorder.spans(), recorder.events());
            assert_eq!((spans.len(), events.len()), (before + 1, before + 1));
            let (span, event) = (&spans[before], &events[before]);
            let expected = in_dialect(dialect, expected);
            for (kind, named, _) in KINDS {
                let key = kind.attribute().key(dialect);
                let on_span = span
                    .text(key)
                    .map(|text| serde_json::from_str::<Value>(&text).expect("JSON on the span"));
                assert!(on_span.as_ref() == expected.get(named), "{name}, {named}");
                let in_event = expected.get(named).map(without_nulls);
                assert!(event.json(key) == in_event, "{name}, {named}");
            }
        }
    }
}
