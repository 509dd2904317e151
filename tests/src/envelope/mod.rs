//! A recorded telemetry item in a neutral form, and what our exporters make of it.
//!
//! The files in `tests/data/azure_monitor/goldens` each hold an `input`, which is telemetry in the form of OTLP's
//! JSON, and the `envelopes` that another exporter made of it. [`Golden::read`] reads such a file,
//! [`Golden::envelopes`] feeds the input into our own exporters and gives back what reached the ingestion endpoint.

mod agents;
mod attributes;
mod block_on;
mod field;
mod logs;
mod metrics;
mod normal;
mod spans;
mod way;

use std::fmt;
use std::path::Path;

use opentelemetry_sdk::Resource;
use serde_json::Value;

use field::Field;
use way::Settings;

pub use block_on::block_on;
pub use normal::{Difference, differences, host, normalised, of_recorded};
pub use way::Way;

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `input.span.kind`, say. Empty for the file as a whole.
    pub field: String,
    /// What.
    pub what: String,
}

impl Problem {
    fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for Problem {}

/// The properties that hold what people and models wrote: of these the service keeps 262 144 characters.
pub const CONTENT: [&str; 7] = [
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.evaluation.explanation",
];

/// One file.
#[derive(Clone, Debug)]
pub struct Golden {
    content: Value,
}

impl Golden {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or is not JSON.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let text = std::fs::read(path).map_err(|error| Problem::new("", error.to_string()))?;
        Self::parse(&text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// When it is not JSON.
    pub fn parse(text: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(text) {
            Ok(content) => Ok(Self { content }),
            Err(error) => Err(Problem::new("", format!("not JSON: {error}"))),
        }
    }

    /// The input; a file may also be nothing but that.
    pub fn input(&self) -> &Value {
        match &self.content["input"] {
            Value::Null if self.content["signal"].is_string() => &self.content,
            input => input,
        }
    }

    /// The envelopes that the file holds.
    pub fn recorded(&self) -> &[Value] {
        self.content["envelopes"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Sends the input through our exporters over HTTP to an endpoint on loopback: the envelopes that arrived there,
    /// in that order.
    ///
    /// # Errors
    ///
    /// When the input is not understood, and when not everything arrived.
    pub fn envelopes(&self) -> Result<Vec<Value>, Problem> {
        let mut way = Way::over_http(&self.settings()?)?;
        self.feed(&mut way)?;
        way.arrived()
    }

    /// The same without HTTP: the lines that our exporters write, each one batch.
    ///
    /// # Errors
    ///
    /// When the input is not understood.
    pub fn written(&self) -> Result<Vec<u8>, Problem> {
        let mut way = Way::into_memory(&self.settings()?)?;
        self.feed(&mut way)?;
        way.written()
    }

    fn feed(&self, way: &mut Way) -> Result<(), Problem> {
        let input = Field::root("input", self.input());
        match input.at("signal")?.text()? {
            "trace" | "traces" if agents::is_one(&input)? => agents::run(&input, way, false),
            "trace" | "traces" if input.at("spans")?.is_given() => spans::several(&input, way),
            "trace" | "traces" => spans::one(&input, way),
            "log" | "logs" => logs::one(&input, way),
            "metric" | "metrics" => metrics::one(&input, way),
            "trace+logs" => agents::run(&input, way, true),
            other => Err(input
                .at("signal")?
                .wrong(&format!("`{other}` is none of `trace`, `logs`, `metrics`, `trace+logs`"))),
        }
    }

    /// What was set when the file was recorded: what `input.env` says. Of the metric with the resource's attributes
    /// and of the application id in it the inputs say nothing: the envelopes show whether they were there.
    fn settings(&self) -> Result<Settings, Problem> {
        let input = Field::root("input", self.input());
        let mut settings = Settings::default();
        for envelope in self.recorded() {
            let data = &envelope["data"]["baseData"];
            if data["metrics"][0]["name"] == "_OTELRESOURCE_" {
                settings.resource_metric = true;
                let id = data["properties"]["microsoft.applicationId"].as_str();
                settings.application_id = id.map(str::to_owned);
            }
        }
        settings.env(&input.at("env")?)?;
        Ok(settings)
    }
}

/// The resource of an input, and nothing more than that.
fn resource(input: &Field<'_>) -> Result<Resource, Problem> {
    let attributes = attributes::of_spans(&input.at("resource")?.at("attributes")?)?;
    Ok(Resource::builder_empty().with_attributes(attributes).build())
}
