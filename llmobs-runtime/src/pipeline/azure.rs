//! Azure Monitor as a part of our pipeline.

use std::fmt;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, ObservableCounter};
use opentelemetry_sdk::error::OTelSdkResult;

use super::configure::{Builder, builder};
use super::environment::{Environment, Fault};
use super::error::ConfigureError;
use super::own::Sampling;
use super::sdk::Parts;
use super::telemetry::Telemetry;
use crate::backend::azure_monitor::sampling::{self, FixedPercentageSampler, RateLimitedSampler};
use crate::backend::azure_monitor::{
    AzureMonitor, AzureMonitorError, DropReason, MainAgent, Share, Signals, Statistics, Watch,
};
use crate::environment::names;
use crate::processor::{BatchLogProcessor, BatchSpanProcessor};

/// Sends traces, metrics and logs to Azure Monitor, as the environment says; see [`AzureMonitor`] and [`Builder`].
///
/// ```no_run
/// let _telemetry = llmobs_runtime::configure_azure_monitor()?; // reads APPLICATIONINSIGHTS_CONNECTION_STRING
/// # Ok::<(), llmobs_runtime::ConfigureError>(())
/// ```
///
/// # Errors
///
/// [`ConfigureError::AlreadyConfigured`] the second time; [`ConfigureError::AzureMonitor`] without a connection
/// string, with one that is not understood, or with a credential that cannot be had.
pub fn configure_azure_monitor() -> Result<Telemetry, ConfigureError> {
    builder().azure_monitor(AzureMonitor::new()).install()
}

impl Builder {
    /// Sends to Azure Monitor, beside whatever else is given.
    ///
    /// Unless a [`sampler`](Self::sampler) is given, the one that [`AzureMonitor`] or `OTEL_TRACES_SAMPLER` names is
    /// used, of which those of [`sampling`](crate::backend::azure_monitor::sampling) also put their rate on what they
    /// keep. Unless a [`resource`](Self::resource) is given, what can be found out on Azure is added to it.
    ///
    /// Flushing and shutting down succeed as soon as everything is delivered or in storage: an outage is no failure.
    pub fn azure_monitor(mut self, azure: AzureMonitor) -> Self {
        self.sdk.azure = Some(azure);
        self
    }
}

impl Parts {
    /// Adds Azure Monitor where it is asked for. Returns whether it was.
    pub(super) fn add_azure(&mut self, environment: &Environment) -> Result<bool, ConfigureError> {
        let Some(azure) = self.azure.take() else { return Ok(false) };
        let Signals { traces, metrics, logs } = azure.wanted_signals();
        let (share, follow) = (azure.share(), azure.do_logs_follow_traces());
        let exporters = azure.exporters()?;
        let mut watched = Watched { exporters: exporters.watch(), queues: Vec::new() };
        let agents = MainAgent::new();
        if self.sampling.is_none() {
            self.sampling = sampling_of(share, environment);
        }
        if traces {
            let batches = BatchSpanProcessor::new(exporters.spans);
            watched.queues.push(batches.watch());
            self.add_processor(agents.around(batches));
        }
        if metrics {
            self.add_metric_exporter(exporters.metrics);
        }
        if logs {
            let batches = BatchLogProcessor::new(exporters.logs).follow_traces(follow);
            watched.queues.push(batches.watch());
            self.loggers = std::mem::take(&mut self.loggers).with_log_processor(agents);
            self.add_log_processor(batches);
        }
        self.on_azure = Some(watched);
        self.given = true;
        Ok(true)
    }
}

/// The conventions have no name for it: what an exporter has taken counts as exported.
const DROPPED: &str = "llmobs.exporter.dropped";

/// What is known of the way to Azure Monitor after its parts were given to the providers.
pub(super) struct Watched {
    exporters: Watch,
    queues: Vec<crate::processor::Watched>,
}

impl Watched {
    /// Delivers what log processors, which cannot ask for it, have handed over.
    pub(super) fn flush(&self, timeout: Duration) -> OTelSdkResult {
        self.exporters.flush(timeout)
    }

    /// Lets whoever collects metrics see what was lost behind the exporters.
    pub(super) fn tell(&self, meter: &Meter) {
        let exporters = self.exporters.clone();
        let counter = meter
            .u64_observable_counter(DROPPED)
            .with_unit("{item}")
            .with_description("How many items were lost after exporters had taken them.");
        let _: ObservableCounter<u64> = counter
            .with_callback(move |observer| {
                let statistics = exporters.statistics();
                for reason in DropReason::ALL {
                    let count = statistics.dropped(reason);
                    if count > 0 {
                        let error = KeyValue::new("error.type", reason.name());
                        let component = KeyValue::new("otel.component.type", "azure_monitor");
                        observer.observe(count, &[component, error]);
                    }
                }
            })
            .build();
    }

    fn statistics(&self) -> Statistics {
        let lost = self.queues.iter().fold(0_u64, |sum, queue| sum.saturating_add(queue.lost()));
        self.exporters.statistics().and_dropped(DropReason::QueueFull, lost)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("statistics", &self.statistics()).finish()
    }
}

impl Telemetry {
    /// What became of everything on its way to Azure Monitor so far; `None` where nothing goes there.
    ///
    /// ```
    /// use llmobs_runtime::backend::azure_monitor::AzureMonitor;
    ///
    /// let azure = AzureMonitor::new().write_to(std::io::sink());
    /// let telemetry = llmobs_runtime::builder().azure_monitor(azure).install()?;
    /// // … the application …
    /// let statistics = telemetry.azure_monitor_statistics().unwrap_or_default();
    /// assert_eq!(statistics.dropped_in_all(), 0);
    /// # Ok::<(), llmobs_runtime::ConfigureError>(())
    /// ```
    pub fn azure_monitor_statistics(&self) -> Option<Statistics> {
        self.sdk.as_ref()?.on_azure.as_ref().map(Watched::statistics)
    }
}

/// What is wrong in the environment, for which nothing may be sent.
pub(super) fn fault(error: AzureMonitorError) -> Fault {
    match error {
        AzureMonitorError::NoConnectionString => {
            Fault::new(names::CONNECTION_STRING, " is not set, and `azure_monitor` is asked for")
        }
        AzureMonitorError::ConnectionString { given_by, cause } => {
            Fault::new(given_by, format!(": {cause}"))
        }
        other => {
            let (variable, said) = (names::AUTHENTICATION_STRING, other.to_string());
            let wrong = said.strip_prefix(variable).map(str::to_owned);
            Fault::new(variable, wrong.unwrap_or_else(|| format!(": {said}")))
        }
    }
}

/// The sampler that is named by a number or by the environment.
fn sampling_of(share: Option<Share>, environment: &Environment) -> Option<Sampling> {
    Some(match share {
        Some(Share::Ratio(ratio)) => Sampling::blind(FixedPercentageSampler::new(ratio)),
        Some(Share::PerSecond(limit)) => Sampling::blind(RateLimitedSampler::new(limit)),
        None => {
            let named = sampling::from_env(&|name| environment.get(name).map(str::to_owned));
            return named.map(Sampling::blind_boxed);
        }
    })
}
