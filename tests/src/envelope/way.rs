//! The way out: our exporters, and what receives what they send.

use llmobs_runtime::backend::azure_monitor::{
    AzureMonitor, Exporters, LogExporter, MetricExporter, SpanExporter, Storage,
};
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter as _, SdkLogRecord};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use serde_json::Value;

use super::field::Field;
use super::{Problem, block_on};
use crate::Memory;
use crate::ingestion::Ingestion;

/// The instrumentation key of the recorded envelopes.
const INSTRUMENTATION_KEY: &str = "11111111-2222-3333-4444-555555555555";

/// What can be set and shows in envelopes.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) resource_metric: bool,
    pub(super) application_id: Option<String>,
    metric_namespace: bool,
}

impl Settings {
    /// Variables that were set, of which our exporters know these; the others change nothing that we send.
    pub(super) fn env(&mut self, env: &Field<'_>) -> Result<(), Problem> {
        for (name, value) in env.members()? {
            let is_true = value.text_if_given()?.unwrap_or("").eq_ignore_ascii_case("true");
            match name {
                "APPLICATIONINSIGHTS_METRIC_NAMESPACE_OPT_IN" => self.metric_namespace = is_true,
                "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED" => {
                    self.resource_metric = !is_true;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Where the envelopes go.
enum Destination {
    Server(Ingestion),
    Memory(Memory),
}

/// Our exporters and where they send to.
pub struct Way {
    destination: Destination,
    spans: SpanExporter,
    logs: LogExporter,
    metrics: Option<MetricExporter>,
    /// Has the metric exporter in the end; exports once more when dropped.
    meters: Option<SdkMeterProvider>,
}

impl Way {
    pub(super) fn over_http(settings: &Settings) -> Result<Self, Problem> {
        let server = Ingestion::start();
        let mut connection_string = server.connection_string();
        if let Some(id) = &settings.application_id {
            connection_string.push_str(";ApplicationId=");
            connection_string.push_str(id);
        }
        let azure = AzureMonitor::new().connection_string(connection_string);
        Self::through(azure, Destination::Server(server), settings)
    }

    pub(super) fn into_memory(settings: &Settings) -> Result<Self, Problem> {
        let memory = Memory::default();
        let azure = AzureMonitor::new()
            .connection_string(format!("InstrumentationKey={INSTRUMENTATION_KEY}"))
            .write_to(memory.clone());
        Self::through(azure, Destination::Memory(memory), settings)
    }

    /// With nothing set and no HTTP.
    ///
    /// # Errors
    ///
    /// When there is no thread for it.
    pub fn plain() -> Result<Self, Problem> {
        Self::into_memory(&Settings::default())
    }

    fn through(
        azure: AzureMonitor,
        destination: Destination,
        settings: &Settings,
    ) -> Result<Self, Problem> {
        let Exporters { spans, logs, metrics, .. } = azure
            .storage(Storage::off())
            .resource_metric(settings.resource_metric)
            .metric_namespace(settings.metric_namespace)
            .exporters()
            .map_err(|error| Problem::new("", error.to_string()))?;
        Ok(Self { destination, spans, logs, metrics: Some(metrics), meters: None })
    }

    /// Exports spans.
    ///
    /// # Errors
    ///
    /// When the exporter does not take them.
    pub fn spans(&mut self, resource: &Resource, spans: Vec<SpanData>) -> Result<(), Problem> {
        self.spans.set_resource(resource);
        taken(block_on(self.spans.export(spans)))
    }

    /// Exports log records.
    ///
    /// # Errors
    ///
    /// When the exporter does not take them.
    pub fn logs(
        &mut self,
        resource: &Resource,
        logs: &[(&SdkLogRecord, &InstrumentationScope)],
    ) -> Result<(), Problem> {
        self.logs.set_resource(resource);
        taken(block_on(self.logs.export(LogBatch::new(logs))))
    }

    /// Exports what a meter provider records that was given our exporter.
    pub(super) fn metrics(
        &mut self,
        provider: impl FnOnce(MetricExporter) -> Result<SdkMeterProvider, Problem>,
    ) -> Result<(), Problem> {
        let Some(exporter) = self.metrics.take() else {
            return Err(Problem::new("", "metrics a second time"));
        };
        taken(self.meters.insert(provider(exporter)?).force_flush())
    }

    fn flushed(&self) -> Result<(), Problem> {
        taken(self.spans.force_flush())?;
        let statistics = self.spans.statistics();
        if statistics.delivered == statistics.accepted && statistics.dropped_in_all() == 0 {
            return Ok(());
        }
        Err(Problem::new("", format!("not everything was delivered: {statistics:?}")))
    }

    /// The envelopes that have arrived, when all have.
    ///
    /// # Errors
    ///
    /// When some have not.
    pub fn arrived(self) -> Result<Vec<Value>, Problem> {
        self.flushed()?;
        match &self.destination {
            Destination::Server(server) => Ok(server.envelopes()),
            Destination::Memory(memory) => {
                let mut envelopes = Vec::new();
                for line in memory.bytes().split(|byte| *byte == b'\n') {
                    if !line.is_empty() {
                        let batch: Vec<Value> = serde_json::from_slice(line)
                            .map_err(|error| Problem::new("", format!("not JSON: {error}")))?;
                        envelopes.extend(batch);
                    }
                }
                Ok(envelopes)
            }
        }
    }

    /// The lines that were written, when all have been.
    pub(super) fn written(self) -> Result<Vec<u8>, Problem> {
        self.flushed()?;
        match &self.destination {
            Destination::Memory(memory) => Ok(memory.bytes()),
            Destination::Server(_) => Err(Problem::new("", "this went over HTTP")),
        }
    }
}

fn taken(result: OTelSdkResult) -> Result<(), Problem> {
    result.map_err(|error| Problem::new("", format!("the exporter: {error}")))
}
