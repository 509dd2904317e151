//! The dashboard for Grafana and the rules for Prometheus: their form, and that every metric and label that they name is
//! one of ours. That each query finds data in a real server is asked by `cargo run -p llmobs-servers`.

use std::collections::{BTreeMap, BTreeSet};

use llmobs_runtime::conventions::{ATTRIBUTES, Instrument, METRICS};
use llmobs_tests::dashboards::{Dashboard, Naming, prices, read, rules};
use regex::Regex;
use serde_json::{Value, json};

/// What a pipeline tells of itself.
const OWN: [&str; 7] = [
    "otel_sdk_processor_span_processed_total",
    "otel_sdk_processor_log_processed_total",
    "otel_sdk_exporter_span_exported_total",
    "otel_sdk_exporter_log_exported_total",
    "otel_sdk_exporter_metric_data_point_exported_total",
    "otel_sdk_processor_span_queue_size",
    "otel_sdk_processor_span_queue_capacity",
];

/// Every series that we send, by its name in Prometheus.
fn series() -> BTreeSet<String> {
    let mut series: BTreeSet<String> = OWN.map(str::to_owned).into();
    for row in METRICS {
        let name = row.name.replace('.', "_");
        match row.instrument {
            Instrument::Counter => {
                series.insert(format!("{name}_total"));
            }
            Instrument::Histogram => {
                let unit = if row.unit == "s" { "_seconds" } else { "" };
                series
                    .extend(["bucket", "sum", "count"].map(|part| format!("{name}{unit}_{part}")));
            }
        }
    }
    series
}

/// All queries: of panels, of variables, of rules.
fn queries(naming: Naming) -> Vec<(String, String)> {
    let dashboard = Dashboard::read();
    let mut all: Vec<_> =
        dashboard.queries(naming).into_iter().map(|query| (query.place, query.text)).collect();
    all.extend(dashboard.label_values(naming).into_iter().map(|it| (it.name, it.selector)));
    all.extend(rules().into_iter().map(|rule| (rule.name, rule.query)));
    all
}

#[test]
fn metrics_and_labels_are_ours() {
    let series = series();
    let mut labels: BTreeSet<String> =
        ATTRIBUTES.iter().map(|row| row.key.replace('.', "_")).collect();
    labels.extend(["__name__", "le", "job", "otel_component_type"].map(str::to_owned));
    let recorded: BTreeSet<String> =
        rules().into_iter().filter(|rule| !rule.alert).map(|rule| rule.name).collect();
    let selector = Regex::new(r#"__name__=~"([^"]*)""#).expect("a pattern");
    let matcher = Regex::new(r#"([a-zA-Z_]+)(=~|!~|!=|=)""#).expect("a pattern");
    let grouped = Regex::new(r"\b(?:by|on|group_left) \(([^)]*)\)").expect("a pattern");
    let own = Regex::new(r"\bllm:[a-z0-9_:]+").expect("a pattern");
    let mut found = BTreeSet::new();
    for (place, query) in queries(Naming::Suffixed) {
        let names: Vec<_> = selector.captures_iter(&query).map(|it| it[1].to_owned()).collect();
        let reads: Vec<_> = own.find_iter(&query).map(|it| it.as_str().to_owned()).collect();
        assert!(!names.is_empty() || !reads.is_empty(), "{place}");
        for read in reads {
            assert!(
                recorded.contains(&read) || read == "llm:usd_per_million_tokens",
                "{place}: {read}"
            );
        }
        for name in names {
            let pattern = Regex::new(&format!("^(?:{name})$")).expect("a pattern");
            let fitting: Vec<_> = series.iter().filter(|name| pattern.is_match(name)).collect();
            assert!(!fitting.is_empty(), "{place}: no metric is named {name}");
            found.extend(fitting.into_iter().cloned());
        }
        let of_matchers = matcher.captures_iter(&query).map(|it| it[1].to_owned());
        let of_groups = grouped.captures_iter(&query).flat_map(|it| {
            it[1]
                .split(", ")
                .map(str::to_owned)
                .filter(|label| !label.is_empty())
                .collect::<Vec<_>>()
        });
        for label in of_matchers.chain(of_groups) {
            assert!(labels.contains(&label), "{place}: no metric has the label {label}");
        }
    }
    // Tokens, latency, first chunk, errors, agents and tools, in both dialects.
    for name in [
        "gen_ai_client_token_usage_sum",
        "gen_ai_client_inference_usage_input_tokens_total",
        "gen_ai_client_inference_usage_output_tokens_total",
        "gen_ai_client_operation_duration_seconds_bucket",
        "gen_ai_client_inference_duration_seconds_bucket",
        "gen_ai_client_operation_time_to_first_chunk_seconds_bucket",
        "gen_ai_client_inference_time_to_first_chunk_seconds_bucket",
        "gen_ai_invoke_agent_duration_seconds_count",
        "gen_ai_execute_tool_duration_seconds_count",
    ] {
        assert!(found.contains(name), "{name} is on no panel");
    }
}

/// What Grafana documents of the model: <https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/>.
#[test]
fn the_dashboard_has_the_form_of_one() {
    let dashboard = Dashboard::read();
    let model = &dashboard.0;
    for key in ["uid", "title", "timezone", "refresh"] {
        assert!(model[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
    assert!(model["id"].is_null() && model["editable"] == true && model["tags"].is_array());
    assert_eq!(model["graphTooltip"], 1);
    assert_eq!(model["time"], json!({"from": "now-6h", "to": "now"}));
    assert!(model["schemaVersion"].as_u64() >= Some(36) && model["version"].is_u64());
    assert!(model["annotations"]["list"].is_array() && model["links"].is_array());
    let (mut ids, mut cells, mut titles) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for panel in dashboard.panels() {
        let title = panel["title"].as_str().expect("a title");
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{title}");
        let is_row = panel["type"] == "row";
        assert!(titles.insert((is_row, title)), "{title} stands twice");
        let at = |key: &str| panel["gridPos"][key].as_u64().expect("a place");
        assert!(at("w") > 0 && at("h") > 0 && at("x") + at("w") <= 24, "{title}");
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(cells.insert((x, y)), "{title} lies on another panel");
            }
        }
        let kind = panel["type"].as_str().expect("a type");
        if kind == "row" {
            assert_eq!((&panel["collapsed"], &panel["panels"]), (&json!(false), &json!([])));
            continue;
        }
        assert!(["heatmap", "stat", "table", "timeseries"].contains(&kind), "{title}: {kind}");
        assert!(panel["description"].as_str().is_some_and(|text| text.ends_with('.')), "{title}");
        let targets = panel["targets"].as_array().expect("targets");
        let refs: BTreeSet<_> = targets.iter().filter_map(|it| it["refId"].as_str()).collect();
        assert!(!targets.is_empty() && refs.len() == targets.len(), "{title}");
        let source = json!({"type": "prometheus", "uid": "${datasource}"});
        for target in targets.iter().chain([panel]) {
            assert_eq!(target["datasource"], source, "{title}");
        }
        for target in targets {
            let instant = kind == "stat" || kind == "table";
            assert_eq!((&target["instant"], &target["range"]), (&json!(instant), &json!(!instant)));
            // What is drawn over time looks back as far as the resolution asks for, a total over all that is shown.
            let window = if instant { "[$__range]" } else { "[$__rate_interval]" };
            let text = target["expr"].as_str().expect("a query");
            let windows = text.matches("[$").count();
            assert_eq!(text.matches(window).count(), windows, "{title}");
        }
    }
    let panels = model["__requires"].as_array().expect("requirements");
    let required: BTreeSet<_> = panels
        .iter()
        .filter(|it| it["type"] == "panel")
        .filter_map(|it| it["id"].as_str())
        .collect();
    assert_eq!(required, ["heatmap", "stat", "table", "timeseries"].into());
}

#[test]
fn variables_are_used_and_say_what_their_options_say() {
    let dashboard = Dashboard::read();
    let text = dashboard.0["panels"].to_string();
    for variable in dashboard.variables() {
        let name = variable["name"].as_str().expect("a name");
        match variable["type"].as_str().expect("a type") {
            "datasource" => assert_eq!(variable["query"], "prometheus"),
            "adhoc" => assert_eq!(variable["datasource"]["uid"], "${datasource}"),
            "query" => {
                assert!(text.contains(&format!("${name}\\\"")), "{name} filters nothing");
                assert_eq!(variable["allValue"], ".*");
            }
            "custom" => {
                assert!(text.contains(&format!("${{{name}:raw}}")), "{name} is not used");
                let options: Vec<_> = variable["options"]
                    .as_array()
                    .expect("options")
                    .iter()
                    .map(|it| {
                        format!(
                            "{} : {}",
                            it["text"].as_str().unwrap_or(""),
                            it["value"].as_str().unwrap_or("")
                        )
                    })
                    .collect();
                assert_eq!(variable["query"], options.join(", "), "{name}");
                assert_eq!(variable["current"]["value"], variable["options"][0]["value"], "{name}");
            }
            other => panic!("{name} is a variable of type {other}"),
        }
    }
}

#[test]
fn each_alert_says_what_it_is_about_and_is_tested() {
    let tested: Value =
        serde_saphyr::from_str(&read("prometheus/alerts.test.yaml")).expect("the file is YAML");
    let mut fires: BTreeMap<&str, usize> = BTreeMap::new();
    for test in tested["tests"].as_array().expect("tests") {
        for alert in test["alert_rule_test"].as_array().into_iter().flatten() {
            let name = alert["alertname"].as_str().expect("a name");
            *fires.entry(name).or_default() += alert["exp_alerts"].as_array().map_or(0, Vec::len);
        }
    }
    let alerts: Vec<_> = rules().into_iter().filter(|rule| rule.alert).collect();
    assert_eq!(alerts.len(), 9);
    for alert in &alerts {
        assert!(fires.get(alert.name.as_str()) >= Some(&1), "{} is never seen to fire", alert.name);
        let text = |key: &str| alert.all["annotations"][key].as_str().unwrap_or_default();
        assert!(
            !text("summary").is_empty() && text("description").ends_with('.'),
            "{}",
            alert.name
        );
        let severity = alert.all["labels"]["severity"].as_str();
        assert!(severity.is_some_and(|it| ["page", "ticket"].contains(&it)), "{}", alert.name);
    }
}

/// The same prices everywhere.
#[test]
fn the_tables_of_prices_agree() {
    let mut rows: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for price in prices() {
        let row = rows.entry(price.model).or_default();
        row[usize::from(price.token_type == "output")] = price.usd;
    }
    let written: Vec<_> = rows
        .iter()
        .map(|(model, [input, output])| format!("\"{model}\", {input:?}, {output:?}"))
        .collect();
    for file in ["azure/llm-applications.workbook", "azure/alerts.json"] {
        let text = read(file).replace("\\\"", "\"");
        for row in &written {
            assert!(text.contains(row), "{file} does not say {row}");
        }
    }
}
