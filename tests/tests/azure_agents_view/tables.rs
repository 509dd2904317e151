//! The tables of Application Insights that the view reads.

use serde_json::{Map, Value};

/// A row of `dependencies` or `customEvents`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) success: bool,
    /// Milliseconds.
    pub(crate) duration: f64,
    /// How many this stands for: the rest was left out by sampling.
    pub(crate) item_count: u64,
    pub(crate) operation_id: String,
    pub(crate) operation_parent_id: String,
    custom_dimensions: Map<String, Value>,
}

impl Row {
    /// A custom dimension; all are texts, one that is not there is empty.
    pub(crate) fn text(&self, key: &str) -> String {
        self.custom_dimensions.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
    }

    pub(crate) fn int(&self, key: &str) -> Option<u64> {
        self.text(key).parse().ok()
    }

    pub(crate) fn double(&self, key: &str) -> Option<f64> {
        self.text(key).parse().ok()
    }

    pub(crate) fn operation(&self) -> String {
        self.text("gen_ai.operation.name")
    }

    /// As the service makes it of an envelope.
    fn of(envelope: &Value) -> Self {
        let (data, tags) = (&envelope["data"]["baseData"], &envelope["tags"]);
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let operation_id = text(&tags["ai.operation.id"]);
        let parent = text(&tags["ai.operation.parentId"]);
        // 100 in a hundred where nothing is said.
        let rate = envelope["sampleRate"].as_f64().unwrap_or(100.0);
        Self {
            name: text(&data["name"]),
            id: text(&data["id"]),
            success: data["success"].as_bool().unwrap_or(true),
            duration: millis(&text(&data["duration"])),
            item_count: format!("{:.0}", 100.0 / rate).parse().expect("a rate above 0"),
            // What is at the top has itself above it.
            operation_parent_id: if parent.is_empty() { operation_id.clone() } else { parent },
            operation_id,
            custom_dimensions: data["properties"].as_object().cloned().unwrap_or_default(),
        }
    }
}

/// Of `D.HH:MM:SS.mmm`.
fn millis(duration: &str) -> f64 {
    let (days, time) = duration.split_once('.').unwrap_or(("0", duration));
    let parts = [days].into_iter().chain(time.split(':'));
    let seconds = parts
        .zip([86_400.0, 3_600.0, 60.0, 1.0])
        .map(|(part, unit)| part.parse::<f64>().unwrap_or(f64::NAN) * unit);
    seconds.sum::<f64>() * 1_000.0
}

/// The two tables, in the order of arrival.
pub(crate) struct Tables {
    pub(crate) dependencies: Vec<Row>,
    pub(crate) custom_events: Vec<Row>,
}

impl Tables {
    pub(crate) fn of(envelopes: &[Value]) -> Self {
        let of_kind = |kind: &str| {
            let those = envelopes.iter().filter(|envelope| envelope["data"]["baseType"] == kind);
            those.map(Row::of).collect()
        };
        Self { dependencies: of_kind("RemoteDependencyData"), custom_events: of_kind("EventData") }
    }
}
