//! What OpenTelemetry recorded, as Azure Monitor's envelopes.

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;

use super::item::Item;

/// What of the mapping can be chosen.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// Resource attributes as properties of every item.
    pub(super) resource_on_items: bool,
    /// Resource attributes as a metric of their own at the head of each batch of spans.
    pub(super) resource_metric: bool,
    /// The scope's name as the namespace of metrics.
    pub(super) metric_namespace: bool,
    /// The application id of the connection string.
    pub(super) application_id: Option<String>,
}

/// Makes envelopes for one instrumentation key and one resource.
#[derive(Debug)]
pub(super) struct Mapper {}

impl Mapper {
    pub(super) fn new(instrumentation_key: &str, resource: &Resource, options: &Options) -> Self {
        let _ = (instrumentation_key, resource, options);
        Self {}
    }

    /// The metric that carries the resource, where it is wanted.
    pub(super) fn resource_metric(&self, out: &mut Vec<Item>) {
        let _ = out;
    }

    /// A span and its events.
    pub(super) fn span(&self, span: &SpanData, out: &mut Vec<Item>) {
        let _ = (span, out);
    }

    /// A log record.
    pub(super) fn log(
        &self,
        record: &SdkLogRecord,
        scope: &InstrumentationScope,
        out: &mut Vec<Item>,
    ) {
        let _ = (record, scope, out);
    }

    /// One item for each point.
    pub(super) fn metrics(&self, metrics: &ResourceMetrics, out: &mut Vec<Item>) {
        let _ = (metrics, out);
    }
}

/// The item in no more than `longest` bytes: its longest properties are cut. `None` where that cannot be done.
pub(super) fn cut(item: &Item, longest: usize) -> Option<Item> {
    let _ = (item, longest);
    None
}
