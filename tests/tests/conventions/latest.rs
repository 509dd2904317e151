//! Reads the latest conventions, one JSON file.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::reference::{Content, Levels, add_levels, general, list, refine, string};
use crate::table::{Facts, buckets};

/// The latest conventions as data.
pub(crate) fn load(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("genai.json")).expect("genai.json");
    serde_json::from_str(&text).expect("genai.json is JSON")
}

fn levels(signal: &Value) -> Levels {
    list(signal, "attributes")
        .iter()
        .map(|on| {
            let sampling = on["sampling_relevant"].as_bool().unwrap_or(false);
            let level = string(on, "requirement").to_owned();
            (string(on, "name").to_owned(), (level, sampling))
        })
        .collect()
}

/// The levels of a signal together with those of its refinements.
fn refined(data: &Value, signal: &Value, refinements: &str, name: &str) -> Levels {
    let mut all = levels(signal);
    for refinement in list(data, refinements) {
        if string(refinement, "refines") == name {
            refine(&mut all, levels(refinement));
        }
    }
    all
}

/// What the latest conventions say.
pub(crate) fn facts(data: &Value) -> Facts {
    let mut facts = Facts::new();
    facts.insert(format!("schema {}", string(&data["version"], "schema_url")));
    let attributes = data["attributes"].as_object().expect("attributes");
    for (name, row) in attributes.iter().filter(|(_, row)| row["deprecated"].is_null()) {
        facts.insert(format!("attribute {name} type {}", string(row, "type")));
        for value in list(row, "values") {
            facts.insert(format!("attribute {name} value {}", value.as_str().expect("text")));
        }
    }
    let mut content = Content::default();
    for row in list(data, "spans") {
        let id = string(row, "id");
        let names: Vec<_> = list(row, "operation_names").iter().filter_map(Value::as_str).collect();
        let only = if let [only] = names[..] { Some(only) } else { None };
        facts.insert(format!("span {id} name {}", general(string(row, "name_format"), only)));
        for kind in [&row["kind"]].into_iter().chain(list(row, "also_allowed_kinds")) {
            facts.insert(format!("span {id} kind {}", kind.as_str().expect("a kind")));
        }
        for name in names {
            facts.insert(format!("span {id} operation {name}"));
        }
        let levels = refined(data, row, "span_refinements", id);
        add_levels(&mut facts, &format!("span {id}"), &levels);
        content.see(&levels);
    }
    content.add(&mut facts);
    for row in list(data, "metrics") {
        let name = string(row, "name");
        facts.insert(format!("metric {name} unit {}", string(row, "unit")));
        facts.insert(format!("metric {name} instrument {}", string(row, "instrument")));
        // The MCP metrics do not say; durations in seconds are doubles elsewhere.
        let number = row["value_type"].as_str().unwrap_or("double");
        facts.insert(format!("metric {name} number {number}"));
        let bounds: Vec<f64> = list(row, "buckets").iter().filter_map(Value::as_f64).collect();
        facts.insert(format!("metric {name} buckets {}", buckets(&bounds)));
        let levels = refined(data, row, "metric_refinements", name);
        add_levels(&mut facts, &format!("metric {name}"), &levels);
    }
    for row in list(data, "events") {
        let name = string(row, "name");
        let severity = row["severity"]["number"].as_u64();
        let severity = severity.map_or("-".to_owned(), |number| number.to_string());
        let level = string(row, "requirement");
        facts.insert(format!("event {name} {level} severity {severity}"));
        add_levels(&mut facts, &format!("event {name}"), &levels(row));
    }
    facts
}
