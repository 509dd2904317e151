//! Whatever is recorded, what we send is what the service's schema asks for.
//!
//! The schema allows 8 192 characters in a property, the service 262 144 in seven: in those, and in no other, more is
//! right.

#[path = "azure_schema/random.rs"]
mod random;

use std::path::PathBuf;

use jsonschema::Validator;
use llmobs_tests::envelope::{CONTENT, Golden};
use serde_json::Value;

/// Characters of a property that holds what people and models wrote.
const LONG_VALUE: usize = 262_144;
/// Characters of any other.
const VALUE: usize = 8_192;
/// Characters of a property's key.
const KEY: usize = 150;

fn data() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "data", "azure_monitor"].iter().collect()
}

fn schema() -> Validator {
    let text = std::fs::read_to_string(data().join("breeze.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// What is wrong with an envelope; empty if nothing is.
fn wrong(schema: &Validator, envelope: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut shortened = envelope.clone();
    if let Some(properties) = shortened["data"]["baseData"]["properties"].as_object_mut() {
        for (key, value) in properties {
            if key.is_empty() || key.chars().count() > KEY {
                wrong.push(format!("the key {key}"));
            }
            let Some(length) = value.as_str().map(|text| text.chars().count()) else { continue };
            let is_long = CONTENT.contains(&key.as_str());
            if length > if is_long { LONG_VALUE } else { VALUE } {
                wrong.push(format!("{key} of {length} characters"));
            } else if length > VALUE {
                *value = "".into();
            }
        }
    }
    if let Some(measurements) = envelope["data"]["baseData"]["measurements"].as_object() {
        let keys = measurements.keys().filter(|key| key.chars().count() > KEY);
        wrong.extend(keys.map(|key| format!("the measurement {key}")));
    }
    wrong.extend(schema.iter_errors(&shortened).map(|error| {
        let said: String = error.to_string().chars().take(300).collect();
        format!("{}: {said}", error.instance_path())
    }));
    wrong
}

#[test]
fn of_every_recorded_input() {
    let schema = schema();
    let mut validated = 0;
    for entry in std::fs::read_dir(data().join("goldens")).expect("the directory") {
        let path = entry.expect("an entry").path();
        let envelopes = Golden::read(&path).and_then(|golden| golden.envelopes());
        for envelope in envelopes.unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
        {
            assert_eq!(wrong(&schema, &envelope), [""; 0], "{}: {envelope}", path.display());
            validated += 1;
        }
    }
    assert!(validated >= 130, "{validated}");
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let schema = schema();
    let golden = Golden::read(&data().join("goldens").join("trace_genai_chat_client.json"));
    let good = golden.expect("the file").recorded()[0].clone();
    assert_eq!(wrong(&schema, &good), [""; 0]);
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut envelope = good.clone();
        change(&mut envelope);
        wrong(&schema, &envelope).len()
    };
    let property = |key: &str, value: Value| {
        broken(&|envelope| envelope["data"]["baseData"]["properties"][key] = value.clone())
    };
    assert_eq!(property("k", "v".repeat(VALUE).into()), 0);
    assert!(property("k", "v".repeat(VALUE + 1).into()) > 0);
    assert_eq!(property(CONTENT[0], "v".repeat(LONG_VALUE).into()), 0);
    assert!(property(CONTENT[0], "v".repeat(LONG_VALUE + 1).into()) > 0);
    assert!(property("k", 1.into()) > 0);
    assert!(property(&"k".repeat(KEY + 1), "v".into()) > 0);
    assert!(broken(&|envelope| envelope["time"] = "yesterday".into()) > 0);
    assert!(broken(&|envelope| envelope["data"]["baseType"] = "OtherData".into()) > 0);
    assert!(broken(&|envelope| envelope["data"]["baseData"]["duration"] = "1 s".into()) > 0);
    assert!(broken(&|envelope| envelope["data"]["baseData"]["success"] = "true".into()) > 0);
}
