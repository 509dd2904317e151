//! What OpenTelemetry recorded, as Azure Monitor's envelopes.
//!
//! Each kind of telemetry has a file; all write through [`envelope`], which encodes straight to bytes. Properties go
//! through [`properties`], which holds the service's limits.

mod caller;
mod common;
mod cut;
mod envelope;
mod exception;
mod fields;
mod json;
mod limits;
mod log;
mod measurements;
mod metric;
mod properties;
mod resource_metric;
mod span;
mod tags;
#[cfg(test)]
mod testing;
mod time;
mod value;

use std::fmt;
use std::time::SystemTime;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource as SdkResource;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;

use super::item::Item;
use common::{Resource, Surroundings};
pub(super) use cut::cut;

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
pub(super) struct Mapper {
    /// From the end of an envelope's name to within its tags.
    common: Vec<u8>,
    /// What of the resource each item has among its properties.
    on_items: Resource,
    /// The properties of the resource's metric, as a JSON object.
    metric: Option<Vec<u8>>,
    metric_namespace: bool,
}

impl Mapper {
    pub(super) fn new(
        instrumentation_key: &str,
        resource: &SdkResource,
        options: &Options,
    ) -> Self {
        let env = |name: &str| std::env::var(name).ok();
        let around = Surroundings { env: &env, host: common::host(&env) };
        Self::within(instrumentation_key, resource, options, &around)
    }

    fn within(
        key: &str,
        resource: &SdkResource,
        options: &Options,
        around: &Surroundings<'_>,
    ) -> Self {
        let on_items = options.resource_on_items.then(|| Resource::new(resource));
        let metric = options
            .resource_metric
            .then(|| resource_metric::properties(resource, options.application_id.as_deref()));
        Self {
            common: common::head(key, resource, around),
            on_items: on_items.unwrap_or_default(),
            metric,
            metric_namespace: options.metric_namespace,
        }
    }

    /// The start of an envelope after its name.
    fn common(&self) -> &[u8] {
        &self.common
    }

    /// What of the resource each item has among its properties; nothing unless that is wanted.
    fn resource(&self) -> &Resource {
        &self.on_items
    }

    /// Whether a metric has its scope's name as its namespace.
    fn wants_namespace(&self) -> bool {
        self.metric_namespace
    }

    /// The metric that carries the resource, where it is wanted.
    pub(super) fn resource_metric(&self, out: &mut Vec<Item>) {
        if let Some(properties) = &self.metric {
            out.push(resource_metric::item(self, properties, SystemTime::now()));
        }
    }

    /// A span and its events.
    pub(super) fn span(&self, span: &SpanData, out: &mut Vec<Item>) {
        span::span(self, span, out);
    }

    /// A log record.
    pub(super) fn log(
        &self,
        record: &SdkLogRecord,
        scope: &InstrumentationScope,
        out: &mut Vec<Item>,
    ) {
        log::log(self, record, scope, out);
    }

    /// One item for each point.
    pub(super) fn metrics(&self, metrics: &ResourceMetrics, out: &mut Vec<Item>) {
        metric::metrics(self, metrics, out);
    }
}

/// Without the instrumentation key.
impl fmt::Debug for Mapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapper").finish_non_exhaustive()
    }
}
