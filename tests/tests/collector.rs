//! The configurations of the OpenTelemetry Collector under `examples/collector/`: every component is one that there is,
//! every key one that it has, every attribute one that we record, and nothing listens beyond this machine unasked.
//!
//! With `OTELCOL` set to the path of a Collector (`otelcol-contrib`), that one is asked as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use llmobs_runtime::conventions::{ATTRIBUTES, SPANS, ValueType};
use serde_json::Value;

const FILES: [&str; 2] = ["agent.yaml", "gateway.yaml"];
const KINDS: [&str; 4] = ["receivers", "processors", "exporters", "extensions"];

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/collector").join(file)
}

fn text(file: &str) -> String {
    std::fs::read_to_string(path(file)).expect("the file is there")
}

fn config(file: &str) -> Value {
    serde_saphyr::from_str(&text(file)).expect("the file is YAML")
}

fn known() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/collector/components.json");
    serde_json::from_str(&std::fs::read_to_string(file).expect("facts")).expect("JSON")
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `otlp_http/traces` is an `otlp_http`.
fn kind(id: &str) -> &str {
    id.split_once('/').map_or(id, |(kind, _)| kind)
}

/// With every `${env:NAME:-default}` replaced by its default; a variable without one by a text that says so.
fn defaulted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, after) = after.split_once('}').unwrap_or_else(|| panic!("no end: {text}"));
        let named = inside.strip_prefix("env:").unwrap_or_else(|| panic!("no variable: {text}"));
        let (name, default) = named.split_once(":-").unwrap_or((named, "no-default"));
        assert!(
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'),
            "{text}"
        );
        out.push_str(before);
        out.push_str(default);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Looks for what is wrong with one configuration.
struct Check<'a> {
    known: &'a Value,
    extensions: BTreeSet<&'a str>,
    wrong: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, place: &str, value: &Value, expected: &Value) {
        match expected {
            Value::String(shared) if shared.starts_with('@') => {
                let shared = &self.known["shared"][&shared[1..]];
                assert!(shared.is_object(), "{place}: the facts name what is not in them");
                let shared = shared.clone();
                self.value(place, value, &shared);
            }
            Value::String(ty) => self.leaf(place, value, ty),
            Value::Array(of) => match value.as_array() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(&format!("{place}[{index}]"), item, &of[0]);
                    }
                }
                None => self.wrong.push(format!("{place}: no list")),
            },
            _ => match value {
                Value::Object(members) => {
                    for (key, value) in members {
                        let place = format!("{place}.{key}");
                        match expected.get(key).or_else(|| expected.get("*")) {
                            Some(expected) => self.value(&place, value, expected),
                            None => self.wrong.push(format!("{place}: there is no such key")),
                        }
                    }
                }
                // As in `otlp:` with nothing behind it.
                Value::Null => {}
                _ => self.wrong.push(format!("{place}: no mapping")),
            },
        }
    }

    fn leaf(&mut self, place: &str, value: &Value, ty: &str) {
        let said = match value {
            Value::String(text) => defaulted(text),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            other => return self.wrong.push(format!("{place}: {other}")),
        };
        let right = match ty {
            "string" | "condition" => value.is_string(),
            "integer" => said.parse::<u64>().is_ok(),
            "number" => said.parse::<f64>().is_ok(),
            "boolean" => said == "true" || said == "false",
            "duration" => {
                let number = said.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                let unit = &said[number.len()..];
                number.parse::<f64>().is_ok()
                    && (["ms", "s", "m", "h"].contains(&unit) || said == "0")
            }
            "address" => {
                let address = said.strip_prefix("dns:///").unwrap_or(&said);
                let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
                ["127.0.0.1", "localhost"].contains(&host) && port.parse::<u16>().is_ok()
            }
            "url" => said.starts_with("http://127.0.0.1:"),
            "attribute" => ATTRIBUTES.iter().any(|row| row.key == said),
            "extension" => self.extensions.contains(said.as_str()),
            other => panic!("the facts have a type `{other}`"),
        };
        if !right {
            self.wrong.push(format!("{place}: {said} is no {ty}"));
        }
    }
}

/// What is wrong with a configuration.
fn wrong(config: &Value) -> Vec<String> {
    let known = known();
    let extensions = object(&config["extensions"]).map(|(id, _)| id.as_str()).collect();
    let mut check = Check { known: &known, extensions, wrong: Vec::new() };
    for (section, _) in object(config) {
        if section != "service" && !KINDS.contains(&section.as_str()) {
            check.wrong.push(format!("{section}: there is no such section"));
        }
    }
    for section in KINDS {
        for (id, settings) in object(&config[section]) {
            match known[section].get(kind(id)) {
                Some(expected) => check.value(&format!("{section}.{id}"), settings, expected),
                None => check.wrong.push(format!("{section}.{id}: there is no such component")),
            }
        }
    }
    let mut wrong = check.wrong;
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    used.entry("extensions").or_default().extend(words(&config["service"]["extensions"]));
    for (signal, pipeline) in object(&config["service"]["pipelines"]) {
        if !["traces", "metrics", "logs"].contains(&kind(signal)) {
            wrong.push(format!("{signal}: there is no such signal"));
        }
        for section in ["receivers", "processors", "exporters"] {
            used.entry(section).or_default().extend(words(&pipeline[section]));
        }
        let processors = words(&pipeline["processors"]);
        if processors.first() != Some(&"memory_limiter") || processors.last() != Some(&"batch") {
            wrong.push(format!("{signal}: limits memory first and batches last"));
        }
    }
    for section in KINDS {
        let defined: BTreeSet<&str> = object(&config[section]).map(|(id, _)| id.as_str()).collect();
        let used = used.remove(section).unwrap_or_default();
        wrong.extend(
            used.difference(&defined).map(|id| format!("{section}.{id}: used, not defined")),
        );
        wrong.extend(
            defined.difference(&used).map(|id| format!("{section}.{id}: defined, not used")),
        );
    }
    wrong
}

#[test]
fn components_and_keys_are_ones_that_there_are() {
    for file in FILES {
        assert_eq!(wrong(&config(file)), [""; 0], "{file}");
    }
}

#[test]
fn what_is_wrong_is_found() {
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut config = config("gateway.yaml");
        change(&mut config);
        wrong(&config).join("; ")
    };
    let found = broken(&|it| it["processors"]["batch"]["send_batch_sise"] = 1.into());
    assert_eq!(found, "processors.batch.send_batch_sise: there is no such key");
    let found = broken(&|it| {
        it["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"] = "0.0.0.0:4317".into();
    });
    assert!(found.ends_with("0.0.0.0:4317 is no address"), "{found}");
    let found = broken(&|it| it["exporters"]["otlp_http/more"] = Value::Null);
    assert_eq!(found, "exporters.otlp_http/more: defined, not used");
    let found = broken(&|it| {
        it["exporters"]["otlp_http/traces"]["sending_queue"]["storage"] = "file_storage".into();
    });
    assert!(found.ends_with("file_storage is no extension"), "{found}");
    let found = broken(&|it| it["processors"]["tail_sampling"]["decision_wait"] = 60.into());
    assert!(found.ends_with("60 is no duration"), "{found}");
    let found = broken(&|it| {
        it["service"]["pipelines"]["traces"]["exporters"] = serde_json::json!(["zipkin"]);
    });
    assert!(found.contains("exporters.zipkin: used, not defined"), "{found}");
}

#[test]
fn variables_in_the_files_are_told_in_their_heads() {
    for file in FILES {
        let text = text(file);
        let used: BTreeSet<&str> = text
            .match_indices("${env:")
            .map(|(at, found)| {
                let rest = &text[at + found.len()..];
                &rest[..rest.find([':', '}']).expect("an end")]
            })
            .collect();
        let told: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# | `")?.split_once('`').map(|(name, _)| name))
            .collect();
        assert_eq!(used, told, "{file}");
    }
}

/// The policies keep errors, slow and expensive calls and a share of the rest, by attributes that inference spans have
/// in both dialects and that are whole numbers where a number is compared.
#[test]
fn tail_sampling_reads_what_we_record() {
    let gateway = config("gateway.yaml");
    let policies = gateway["processors"]["tail_sampling"]["policies"].as_array().expect("policies");
    let mut names = BTreeSet::new();
    let mut types = BTreeSet::new();
    let inference = SPANS.iter().find(|span| span.id == "gen_ai.client.inference").expect("it");
    let recorded = |key: &str| {
        let row = ATTRIBUTES.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("{key}"));
        let on_span = inference.attributes.iter().any(|on| on.id.row().key == key);
        assert!(on_span && row.latest == row.released, "{key}");
        row.ty
    };
    for policy in policies {
        let (name, ty) =
            (policy["name"].as_str().expect("a name"), policy["type"].as_str().expect("a type"));
        assert!(names.insert(name), "{name} stands twice");
        types.insert(ty);
        // Each says its settings under its type, and nothing else.
        let keys: BTreeSet<&str> = object(policy).map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["name", "type", ty].into(), "{name}");
        match ty {
            "numeric_attribute" => {
                assert_eq!(recorded(policy[ty]["key"].as_str().expect("a key")), ValueType::Int);
            }
            "string_attribute" => {
                let key = policy[ty]["key"].as_str().expect("a key");
                assert_eq!(recorded(key), ValueType::Text);
                let row = ATTRIBUTES.iter().find(|row| row.key == key).expect("it");
                assert!(
                    words(&policy[ty]["values"]).iter().all(|value| row.values.contains(value))
                );
            }
            "ottl_condition" => {
                for condition in words(&policy[ty]["span"]) {
                    let keys: Vec<_> = condition
                        .split("attributes[\"")
                        .skip(1)
                        .map(|rest| rest.split_once("\"]").expect("an end").0)
                        .collect();
                    assert!(!keys.is_empty(), "{condition}");
                    assert!(
                        keys.iter().all(|key| recorded(key) == ValueType::Double),
                        "{condition}"
                    );
                }
            }
            _ => {}
        }
    }
    for needed in ["status_code", "latency", "numeric_attribute", "probabilistic"] {
        assert!(types.contains(needed), "{needed}");
    }
    // All spans of a trace come to one gateway, where the agents send them.
    let agent = config("agent.yaml");
    assert_eq!(agent["exporters"]["loadbalancing"]["routing_key"], "traceID");
    let port = |value: &Value| {
        let text = defaulted(value.as_str().expect("a text"));
        text.rsplit(':').next().map(str::to_owned)
    };
    let listens = port(&gateway["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]);
    assert_eq!(listens, port(&agent["exporters"]["loadbalancing"]["resolver"]["dns"]["port"]));
    assert_eq!(listens, port(&agent["exporters"]["otlp_grpc/metrics"]["endpoint"]));
    let rotel = text("rotel.env");
    assert!(rotel.contains(&format!(
        "ROTEL_OTLP_EXPORTER_ENDPOINT=http://127.0.0.1:{}\n",
        listens.expect("a port")
    )));
}

#[test]
fn everything_that_leaves_waits_on_disk() {
    for file in FILES {
        let config = config(file);
        for (id, exporter) in object(&config["exporters"]).filter(|(id, _)| *id != "prometheus") {
            assert_eq!(exporter["sending_queue"]["storage"], "file_storage/queue", "{file}: {id}");
        }
    }
}

/// A Collector itself, where one is given.
#[test]
fn a_collector_accepts_them() {
    let Some(collector) = std::env::var_os("OTELCOL") else {
        eprintln!("OTELCOL is not set: no Collector was asked");
        return;
    };
    for file in FILES {
        let key = "InstrumentationKey=00000000-0000-0000-0000-000000000000";
        let out = Command::new(&collector)
            .arg("validate")
            .arg(format!("--config={}", path(file).display()))
            .env("APPLICATIONINSIGHTS_CONNECTION_STRING", key)
            .env("AGENT_STORAGE", std::env::temp_dir())
            .env("GATEWAY_STORAGE", std::env::temp_dir())
            .output()
            .expect("it runs");
        assert!(out.status.success(), "{file}: {}", String::from_utf8_lossy(&out.stderr));
    }
}
