//! Reads the released conventions, a folder of YAML files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::reference::{Content, Levels, add_levels, general, list, refine, string};
use crate::table::{Facts, buckets};

/// The released schema URL; the folder states the version by its name only.
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.41.1";

/// Bounds of the metrics that latest lacks, which the conventions state in prose only.
const SECONDS: &[f64] =
    &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Provider spans, which the files relate to the span that they refine in prose only.
const REFINEMENTS: [&str; 4] = [
    "span.openai.inference.client",
    "span.azure.ai.inference.client",
    "span.aws.bedrock.client",
    "span.anthropic.inference.client",
];

/// The metrics to which the group `metric_attributes.openai` belongs, likewise.
const OPENAI_METRICS: [&str; 2] = ["gen_ai.client.token.usage", "gen_ai.client.operation.duration"];

/// The groups of all files by identifier.
pub(crate) type Groups = BTreeMap<String, Value>;

/// The released conventions as data. Files of deprecated groups are left out.
pub(crate) fn load(folder: &Path) -> Groups {
    let mut groups = Groups::new();
    for area in ["gen-ai", "mcp", "openai"] {
        let entries = fs::read_dir(folder.join("released-1.41.1").join(area)).expect("a folder");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.extension().is_some_and(|end| end == "yaml") {
                let text = fs::read_to_string(&path).expect("a file");
                let file: Value = yaml(&text);
                for group in list(&file, "groups") {
                    groups.insert(string(group, "id").to_owned(), group.clone());
                }
            }
        }
    }
    groups
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("the file is YAML")
}

/// The levels of a group, those that it inherits included.
fn levels(groups: &Groups, id: &str) -> Levels {
    let group = groups.get(id).unwrap_or_else(|| panic!("no group {id}"));
    let mut all = group["extends"].as_str().map(|base| levels(groups, base)).unwrap_or_default();
    for on in list(group, "attributes") {
        let name = on["ref"].as_str().unwrap_or_else(|| panic!("no ref in {on}"));
        let entry = all.entry(name.to_owned()).or_insert(("recommended".to_owned(), false));
        match &on["requirement_level"] {
            Value::String(level) => entry.0.clone_from(level),
            // With a condition: `conditionally_required: when …`.
            Value::Object(level) => {
                entry.0.clone_from(level.keys().next().expect("a level"));
            }
            _ => {}
        }
        if let Some(sampling) = on["sampling_relevant"].as_bool() {
            entry.1 = sampling;
        }
    }
    all
}

fn prose(group: &Value) -> impl Iterator<Item = &str> {
    [&group["note"], &group["brief"]].into_iter().filter_map(Value::as_str)
}

/// The name format that a span's note gives between the first backticks after its heading.
fn name_format(group: &Value) -> Option<&str> {
    prose(group).find_map(|text| text.split_once("**Span name**")?.1.split('`').nth(1))
}

/// The operation that a span's note gives, where there is only one.
fn operation(group: &Value) -> Option<&str> {
    prose(group).find_map(|text| {
        let (_, rest) = text.split_once("`gen_ai.operation.name` SHOULD be `")?;
        Some(rest.split_once('`')?.0)
    })
}

/// What the released conventions say. Attributes that they only refer to are core ones, which the
/// latest conventions' data (`latest`) describes too.
pub(crate) fn facts(groups: &Groups, latest: &Value) -> Facts {
    let mut facts = Facts::new();
    facts.insert(format!("schema {SCHEMA}"));
    let mut used = BTreeSet::new();
    let mut content = Content::default();
    let mut defined = BTreeSet::new();
    for (id, group) in groups {
        match string(group, "type") {
            "span" if REFINEMENTS.contains(&id.as_str()) => {}
            "span" => {
                let id = id.strip_prefix("span.").expect("a span's identifier");
                let levels = span_facts(&mut facts, groups, id, group);
                used.extend(levels.keys().cloned());
                content.see(&levels);
            }
            "metric" => used.extend(metric_facts(&mut facts, groups, id, group, latest)),
            "event" => {
                let levels = levels(groups, id);
                add_levels(&mut facts, &format!("event {}", string(group, "name")), &levels);
                used.extend(levels.into_keys());
            }
            _ => {
                for row in list(group, "attributes") {
                    if let Some(name) = row["id"].as_str() {
                        defined.insert(name.to_owned());
                        attribute_facts(&mut facts, name, row);
                    }
                }
            }
        }
    }
    for name in used.difference(&defined) {
        let row = &latest["attributes"][name];
        facts.insert(format!("attribute {name} type {}", string(row, "type")));
        for value in list(row, "values") {
            facts.insert(format!("attribute {name} value {}", value.as_str().expect("a text")));
        }
    }
    content.add(&mut facts);
    facts
}

fn attribute_facts(facts: &mut Facts, name: &str, row: &Value) {
    let members = list(&row["type"], "members");
    for member in members.iter().filter(|member| member["deprecated"].is_null()) {
        facts.insert(format!("attribute {name} value {}", string(member, "value")));
    }
    let ty = row["type"].as_str().unwrap_or("string");
    facts.insert(format!("attribute {name} type {ty}"));
}

fn span_facts(facts: &mut Facts, groups: &Groups, id: &str, group: &Value) -> Levels {
    // The table calls this span type by its latest name.
    let inference = id == "gen_ai.inference.client";
    let signal = if inference { "span gen_ai.client.inference" } else { &format!("span {id}") };
    let mut levels = levels(groups, &format!("span.{id}"));
    if inference {
        for refinement in REFINEMENTS {
            refine(&mut levels, self::levels(groups, refinement));
        }
    }
    let operation = operation(group);
    let format = name_format(group).unwrap_or_else(|| panic!("{id} has no name format"));
    facts.insert(format!("{signal} name {}", general(format, operation)));
    facts.insert(format!("{signal} kind {}", string(group, "span_kind")));
    if let Some(operation) = operation {
        facts.insert(format!("{signal} operation {operation}"));
    }
    add_levels(facts, signal, &levels);
    levels
}

fn metric_facts(
    facts: &mut Facts,
    groups: &Groups,
    id: &str,
    group: &Value,
    latest: &Value,
) -> Vec<String> {
    let name = string(group, "metric_name");
    facts.insert(format!("metric {name} unit {}", string(group, "unit")));
    facts.insert(format!("metric {name} instrument {}", string(group, "instrument")));
    // The MCP metrics do not say; durations in seconds are doubles elsewhere.
    let number = &group["annotations"]["code_generation"]["metric_value_type"];
    facts.insert(format!("metric {name} number {}", number.as_str().unwrap_or("double")));
    let newer = list(latest, "metrics").iter().find(|metric| metric["name"] == name);
    let bounds = match newer {
        Some(metric) => list(metric, "buckets").iter().filter_map(Value::as_f64).collect(),
        None if string(group, "unit") == "s" => SECONDS.to_vec(),
        None => TOKENS.to_vec(),
    };
    facts.insert(format!("metric {name} buckets {}", buckets(&bounds)));
    let mut all = levels(groups, id);
    if OPENAI_METRICS.contains(&name) {
        refine(&mut all, levels(groups, "metric_attributes.openai"));
    }
    add_levels(facts, &format!("metric {name}"), &all);
    all.into_keys().collect()
}
