//! The dashboard for Grafana.

use serde_json::Value;

use super::{Query, read};

const FILE: &str = "grafana/llm-applications.json";

/// What the variables for the naming of metrics say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// As the dashboard has it first: with units and suffixes or without.
    Either,
    /// `_seconds` and `_total`, as Prometheus names what OpenTelemetry sends.
    Suffixed,
    /// The bare names.
    Bare,
}

impl Naming {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Either, Self::Suffixed, Self::Bare];

    /// The place among the options of a variable.
    fn place(self) -> usize {
        match self {
            Self::Either => 0,
            Self::Suffixed => 1,
            Self::Bare => 2,
        }
    }
}

/// A variable whose values the server is asked for.
#[derive(Clone, Debug)]
pub struct LabelValues {
    /// The variable.
    pub name: String,
    /// The series to look at.
    pub selector: String,
    /// The label.
    pub label: String,
}

/// The dashboard as Grafana imports it.
#[derive(Clone, Debug)]
pub struct Dashboard(pub Value);

impl Dashboard {
    /// Reads it.
    ///
    /// # Panics
    ///
    /// When it is not JSON.
    pub fn read() -> Self {
        Self(serde_json::from_str(&read(FILE)).expect("the dashboard is JSON"))
    }

    fn list(&self, pointer: &str) -> &[Value] {
        self.0.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The panels, rows among them.
    pub fn panels(&self) -> &[Value] {
        self.list("/panels")
    }

    /// The variables.
    pub fn variables(&self) -> &[Value] {
        self.list("/templating/list")
    }

    /// Every query of every panel, as it is sent where nothing is filtered.
    ///
    /// # Panics
    ///
    /// When a variable is left.
    pub fn queries(&self, naming: Naming) -> Vec<Query> {
        let mut queries = Vec::new();
        for panel in self.panels() {
            let title = panel["title"].as_str().unwrap_or_default();
            for target in panel["targets"].as_array().into_iter().flatten() {
                let id = target["refId"].as_str().unwrap_or_default();
                queries.push(Query {
                    place: format!("{FILE}, {title}, {id}"),
                    text: self.substituted(target["expr"].as_str().unwrap_or_default(), naming),
                });
            }
        }
        queries
    }

    /// The queries of the variables.
    ///
    /// # Panics
    ///
    /// When one is of a form that is not known here.
    pub fn label_values(&self, naming: Naming) -> Vec<LabelValues> {
        let of_type = |variable: &&Value| variable["type"] == "query";
        let variables = self.variables().iter().filter(of_type).map(|variable| {
            let name = variable["name"].as_str().unwrap_or_default().to_owned();
            let query = variable["query"]["query"].as_str().unwrap_or_default();
            let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
            let parts = inner.and_then(|inner| inner.rsplit_once(", "));
            let (selector, label) = parts.unwrap_or_else(|| panic!("{name}: {query}"));
            let selector = self.substituted(selector, naming);
            LabelValues { name, selector, label: label.to_owned() }
        });
        variables.collect()
    }

    /// A text with the variables replaced as Grafana does it.
    fn substituted(&self, text: &str, naming: Naming) -> String {
        let mut text = text.to_owned();
        // The windows of a dashboard of an hour whose source is scraped every 15 s.
        for (built_in, value) in [("$__rate_interval", "1m"), ("$__range", "1h")] {
            text = text.replace(built_in, value);
        }
        for variable in self.variables() {
            let name = variable["name"].as_str().unwrap_or_default();
            let value = match variable["type"].as_str() {
                Some("custom") => &variable["options"][naming.place()]["value"],
                Some("query") => &variable["allValue"],
                _ => continue,
            };
            let value = value.as_str().unwrap_or_default();
            for form in [format!("${{{name}:raw}}"), format!("${{{name}}}"), format!("${name}")] {
                text = text.replace(&form, value);
            }
        }
        assert!(!text.contains('$'), "a variable that is not known: {text}");
        text
    }
}
