//! The rules for Prometheus.

use serde_json::Value;

use super::read;

/// A rule of a file: what is recorded, or an alert.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The series that is recorded, or the alert.
    pub name: String,
    /// Whether it is an alert.
    pub alert: bool,
    /// The query.
    pub query: String,
    /// All that the file says of it.
    pub all: Value,
}

/// What a model costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// The model.
    pub model: String,
    /// `input` or `output`.
    pub token_type: String,
    /// US dollars for a million.
    pub usd: f64,
}

fn of(file: &str) -> Vec<Rule> {
    let file: Value = serde_saphyr::from_str(&read(file)).expect("the file is YAML");
    let groups = file["groups"].as_array().into_iter().flatten();
    let rules = groups.flat_map(|group| group["rules"].as_array().into_iter().flatten());
    let rules = rules.map(|rule| {
        let text = |key: &str| rule[key].as_str().map(str::to_owned);
        let (name, alert) = match (text("record"), text("alert")) {
            (Some(name), None) => (name, false),
            (None, Some(name)) => (name, true),
            _ => panic!("neither recorded nor an alert, or both: {rule}"),
        };
        Rule { name, alert, query: text("expr").expect("an expression"), all: rule.clone() }
    });
    rules.collect()
}

/// The rules of the alerts, in their order: a rule reads only what stands above it.
///
/// # Panics
///
/// When the file is not one of rules.
pub fn rules() -> Vec<Rule> {
    of("prometheus/alerts.rules.yaml")
}

/// The prices.
///
/// # Panics
///
/// When the file is not one of prices.
pub fn prices() -> Vec<Price> {
    let prices = of("prometheus/prices.rules.yaml").into_iter().map(|rule| {
        assert_eq!((rule.name.as_str(), rule.alert), ("llm:usd_per_million_tokens", false));
        let label = |key: &str| rule.all["labels"][key].as_str().unwrap_or_default().to_owned();
        let value = rule.query.strip_prefix("vector(").and_then(|rest| rest.strip_suffix(')'));
        Price {
            model: label("gen_ai_request_model"),
            token_type: label("gen_ai_token_type"),
            usd: value.and_then(|value| value.parse().ok()).expect("a price"),
        }
    });
    prices.collect()
}
