//! What can be said of the way to Azure Monitor, in code and in the environment.

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::Transport;

use super::authentication;
use super::connection::ConnectionString;
use super::error::AzureMonitorError;
use super::export::Exporters;
use super::mapping::Options;
use super::storage::Storage;
use super::transmission::{Target, Transmitter};
use crate::environment::names::{
    CONNECTION_STRING, INSTRUMENTATION_KEY, LOGS_EXPORTER, METRIC_NAMESPACE, METRICS_EXPORTER,
    RESOURCE_METRIC_DISABLED, TRACES_EXPORTER,
};

/// How long one request may take, with its connection and its token.
const TIMEOUT: Duration = Duration::from_secs(30);
/// In less time nothing can be sent.
const LEAST_TIMEOUT: Duration = Duration::from_millis(10);
/// How long to wait before the next attempt: doubled from the first to the second.
const RETRY_DELAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// How many traces are kept, said by a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Share {
    Ratio(f64),
    PerSecond(f64),
}

/// What is said of the way to Azure Monitor; what is not said comes from the environment, then from defaults.
///
/// | variable | meaning |
/// |---|---|
/// | `APPLICATIONINSIGHTS_CONNECTION_STRING` | where to, see [`ConnectionString`] |
/// | `APPINSIGHTS_INSTRUMENTATIONKEY` | the same, older: an instrumentation key alone |
/// | `APPLICATIONINSIGHTS_AUTHENTICATION_STRING` | `Authorization=AAD`, with `ClientId=…` for one that is user-assigned: the managed identity sends (feature `azure-identity`) |
/// | `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER` | `none`: that signal is not sent |
/// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | the sampler, see [`sampling`](super::sampling) |
/// | `OTEL_EXPERIMENTAL_RESOURCE_DETECTORS` | what to find out of the resource, see [`AzureResourceDetector`](super::AzureResourceDetector) |
/// | `APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED` | `true`: no metric with the resource's attributes |
/// | `APPLICATIONINSIGHTS_METRIC_NAMESPACE_OPT_IN` | `true`: metrics have their scope's name as namespace |
/// | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | the proxy, unless a [`transport`](Self::transport) is given |
///
/// In a pipeline of ours there are also those of [`Builder`](crate::Builder) and of the [processors](crate::processor),
/// and `OTEL_METRIC_EXPORT_INTERVAL` in milliseconds (60,000 unless said). `OTEL_TRACES_SAMPLER` and the detectors
/// belong to such a pipeline, too: [exporters](Self::exporters) alone read neither, nor `OTEL_…_EXPORTER`.
///
/// Microsoft's other variables have no effect: there are no statistics, live metrics or remote configuration to switch
/// off (`…_STATSBEAT_DISABLED_ALL`, `…_SDKSTATS_DISABLED`, `…_CONTROLPLANE_DISABLED`), and metrics cannot be kept from
/// Log Analytics (`…_METRICS_TO_LOGANALYTICS_ENABLED`).
///
/// What goes wrong on the way is told by events of `tracing` with the target `llmobs`, seldom and without what is
/// carried, and counted in [`Statistics`](super::Statistics).
#[must_use = "nothing is sent before this is given to a builder or asked for its exporters"]
pub struct AzureMonitor {
    connection_string: Option<String>,
    endpoint: Option<String>,
    credential: Option<Arc<dyn TokenCredential>>,
    transport: Option<Transport>,
    timeout: Duration,
    retry_delay: (Duration, Duration),
    storage: Storage,
    writer: Option<Box<dyn Write + Send>>,
    resource_on_items: bool,
    resource_metric: Option<bool>,
    metric_namespace: Option<bool>,
    signals: Signals,
    share: Option<Share>,
    logs_follow_traces: bool,
}

/// Which signals are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signals {
    pub(crate) traces: bool,
    pub(crate) metrics: bool,
    pub(crate) logs: bool,
}

impl AzureMonitor {
    /// Everything as the environment says.
    pub fn new() -> Self {
        Self {
            connection_string: None,
            endpoint: None,
            credential: None,
            transport: None,
            timeout: TIMEOUT,
            retry_delay: RETRY_DELAY,
            storage: Storage::default(),
            writer: None,
            resource_on_items: false,
            resource_metric: None,
            metric_namespace: None,
            signals: Signals { traces: true, metrics: true, logs: true },
            share: None,
            logs_follow_traces: false,
        }
    }

    /// The connection string, instead of `APPLICATIONINSIGHTS_CONNECTION_STRING`.
    pub fn connection_string(mut self, text: impl Into<String>) -> Self {
        self.connection_string = Some(text.into());
        self
    }

    /// The address to send to, instead of the one in the connection string: for a proxy or a private link.
    pub fn ingestion_endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Who sends, by Entra ID: any credential of the Azure SDK. Tokens travel over HTTPS only.
    pub fn credential(mut self, credential: Arc<dyn TokenCredential>) -> Self {
        self.credential = Some(credential);
        self
    }

    /// What carries the requests, instead of `azure_core`'s own: for certificates or proxies of one's own.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// How long one request may take, with its connection and its token. 30 s unless said; less than 10 ms counts as
    /// that.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.max(LEAST_TIMEOUT);
        self
    }

    /// The pause after the first failure and the longest one; it doubles in between, and chance shortens it. 1 s and
    /// 60 s unless said; less than 10 ms counts as that. A `Retry-After` of the service is honoured instead, except
    /// `0`.
    pub fn retry_delay(mut self, first: Duration, longest: Duration) -> Self {
        self.retry_delay = (first, longest.max(first));
        self
    }

    /// Where and how much to keep of what could not be sent.
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// Sends nothing: writes each batch as one line, a JSON array of the envelopes that would be sent. No connection
    /// string is needed then, but one that is there is read, and its instrumentation key is in the envelopes; nothing
    /// goes into storage.
    pub fn write_to(mut self, writer: impl Write + Send + 'static) -> Self {
        self.writer = Some(Box::new(writer));
        self
    }

    /// Whether each item has the resource's attributes among its properties; without this the metric
    /// `_OTELRESOURCE_` has them, once for each batch of spans.
    pub fn resource_on_items(mut self, on: bool) -> Self {
        self.resource_on_items = on;
        self
    }

    /// Whether the metric `_OTELRESOURCE_` is sent.
    pub fn resource_metric(mut self, on: bool) -> Self {
        self.resource_metric = Some(on);
        self
    }

    /// Whether metrics have their scope's name as namespace.
    pub fn metric_namespace(mut self, on: bool) -> Self {
        self.metric_namespace = Some(on);
        self
    }

    /// Whether spans are sent; they are unless said.
    pub fn traces(mut self, on: bool) -> Self {
        self.signals.traces = on;
        self
    }

    /// Whether metrics are sent; they are unless said.
    pub fn metrics(mut self, on: bool) -> Self {
        self.signals.metrics = on;
        self
    }

    /// Whether log records are sent; they are unless said.
    pub fn logs(mut self, on: bool) -> Self {
        self.signals.logs = on;
        self
    }

    /// Keeps this share of all traces, from 0 to 1, as [`FixedPercentageSampler`](super::sampling::FixedPercentageSampler)
    /// does.
    pub fn sampling_ratio(mut self, ratio: f64) -> Self {
        self.share = Some(Share::Ratio(ratio));
        self
    }

    /// Keeps about so many traces each second, as [`RateLimitedSampler`](super::sampling::RateLimitedSampler) does.
    pub fn traces_per_second(mut self, limit: f64) -> Self {
        self.share = Some(Share::PerSecond(limit));
        self
    }

    /// Whether a log record written in a span that is not sampled is left out with it; without this all are sent.
    pub fn logs_follow_traces(mut self, on: bool) -> Self {
        self.logs_follow_traces = on;
        self
    }

    /// What is sent, unless `OTEL_…_EXPORTER` is `none`.
    pub(crate) fn wanted_signals(&self) -> Signals {
        let on =
            |name| !std::env::var(name).is_ok_and(|said| said.trim().eq_ignore_ascii_case("none"));
        let Signals { traces, metrics, logs } = self.signals;
        Signals {
            traces: traces && on(TRACES_EXPORTER),
            metrics: metrics && on(METRICS_EXPORTER),
            logs: logs && on(LOGS_EXPORTER),
        }
    }

    /// What is wrong with the variables, without starting anything.
    pub(crate) fn wrong(&self) -> Option<AzureMonitorError> {
        let env = |name: &str| std::env::var(name).ok();
        let identity = || authentication::from_env(&env).err().map(AzureMonitorError::from);
        self.connection(&env).err().or_else(identity)
    }

    pub(crate) fn share(&self) -> Option<Share> {
        self.share
    }

    pub(crate) fn do_logs_follow_traces(&self) -> bool {
        self.logs_follow_traces
    }

    /// The exporters alone, for a pipeline of one's own; starts the thread that sends.
    ///
    /// ```
    /// use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Exporters};
    /// use llmobs_runtime::processor::BatchSpanProcessor;
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// // The two that are not named are dropped here: the last one that is shut down ends the sending.
    /// let Exporters { spans, .. } = AzureMonitor::new().write_to(std::io::stderr()).exporters()?;
    /// let tracers =
    ///     SdkTracerProvider::builder().with_span_processor(BatchSpanProcessor::new(spans)).build();
    /// // … the application records its spans …
    /// tracers.shutdown()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no connection string or it is not understood, when the environment names a credential that
    /// cannot be had, and when the system refuses the thread.
    pub fn exporters(self) -> Result<Exporters, AzureMonitorError> {
        self.exporters_in(&|name| std::env::var(name).ok())
    }

    fn exporters_in(
        self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Exporters, AzureMonitorError> {
        let connection = self.connection(env)?;
        let is_true = |name| env(name).is_some_and(|said| said.trim().eq_ignore_ascii_case("true"));
        let credential = match self.credential {
            None => authentication::from_env(env)?,
            given => given,
        };
        let options = Options {
            resource_on_items: self.resource_on_items,
            resource_metric: self
                .resource_metric
                .unwrap_or_else(|| !is_true(RESOURCE_METRIC_DISABLED)),
            metric_namespace: self.metric_namespace.unwrap_or_else(|| is_true(METRIC_NAMESPACE)),
            application_id: connection.application_id().map(str::to_owned),
        };
        let target = Target {
            instrumentation_key: connection.instrumentation_key().to_owned(),
            endpoint: connection.ingestion_endpoint().to_owned(),
            credential,
            scope: connection.token_scope(),
            transport: self.transport,
            timeout: self.timeout,
            retry_delay: self.retry_delay,
            storage: self.storage,
            writer: self.writer,
        };
        let transmitter = Transmitter::start(target).map_err(AzureMonitorError::Thread)?;
        Ok(Exporters::new(&transmitter, connection.instrumentation_key(), &options))
    }

    /// What is said in code wins, and then a variable is not even looked at.
    fn connection(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<ConnectionString, AzureMonitorError> {
        let said = |name| env(name).filter(|text| !text.trim().is_empty());
        let (given_by, text) = if let Some(text) = &self.connection_string {
            ("`AzureMonitor::connection_string`", text.clone())
        } else if let Some(text) = said(CONNECTION_STRING) {
            (CONNECTION_STRING, text)
        } else if let Some(key) = said(INSTRUMENTATION_KEY) {
            (INSTRUMENTATION_KEY, format!("InstrumentationKey={key}"))
        } else if self.writer.is_some() {
            ("nobody", "InstrumentationKey=00000000-0000-0000-0000-000000000000".to_owned())
        } else {
            return Err(AzureMonitorError::NoConnectionString);
        };
        let wrong = |cause| AzureMonitorError::ConnectionString { given_by, cause };
        let connection: ConnectionString = text.parse().map_err(wrong)?;
        match &self.endpoint {
            Some(endpoint) => connection
                .with_ingestion_endpoint(endpoint)
                .map_err(AzureMonitorError::IngestionEndpoint),
            None => Ok(connection),
        }
    }
}

impl Default for AzureMonitor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for AzureMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureMonitor")
            .field("storage", &self.storage)
            .field("signals", &self.signals)
            .field("share", &self.share)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "11111111-2222-3333-4444-555555555555";
    const TWO: &str = "22222222-2222-3333-4444-555555555555";

    fn connection(
        code: Option<&str>,
        env: &[(&str, &str)],
    ) -> Result<ConnectionString, AzureMonitorError> {
        let azure = AzureMonitor::new();
        let azure = match code {
            Some(code) => azure.connection_string(code),
            None => azure,
        };
        let find = |name: &str| {
            env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        azure.connection(&find)
    }

    #[test]
    fn code_comes_before_the_connection_string_and_that_before_the_key() {
        let of_env = format!("InstrumentationKey={ONE};IngestionEndpoint=https://env/");
        let of_code = format!("InstrumentationKey={TWO}");
        let env = [(CONNECTION_STRING, of_env.as_str()), (INSTRUMENTATION_KEY, TWO)];
        let from_env = connection(None, &env).expect("understood");
        assert_eq!(from_env.instrumentation_key(), ONE);
        assert_eq!(from_env.ingestion_endpoint().trim_end_matches('/'), "https://env");

        // The reference takes the address of the other string here: a key of one resource, the address of another.
        let from_code = connection(Some(&of_code), &env).expect("understood");
        assert_eq!(from_code.instrumentation_key(), TWO);
        assert_eq!(
            from_code.ingestion_endpoint().trim_end_matches('/'),
            "https://dc.services.visualstudio.com"
        );

        let key_alone = connection(None, &[(INSTRUMENTATION_KEY, ONE)]).expect("understood");
        assert_eq!(key_alone.instrumentation_key(), ONE);
        // An empty variable is as good as none.
        let empty = [(CONNECTION_STRING, ""), (INSTRUMENTATION_KEY, ONE)];
        assert_eq!(connection(None, &empty).expect("understood").instrumentation_key(), ONE);
    }

    #[test]
    fn a_bad_variable_does_no_harm_beside_a_good_argument() {
        let bad = [(CONNECTION_STRING, "bad")];
        assert!(matches!(
            connection(None, &bad),
            Err(AzureMonitorError::ConnectionString { given_by: CONNECTION_STRING, .. })
        ));
        let good = format!("InstrumentationKey={ONE}");
        assert_eq!(connection(Some(&good), &bad).expect("understood").instrumentation_key(), ONE);
        assert!(matches!(
            connection(None, &[(CONNECTION_STRING, "")]),
            Err(AzureMonitorError::NoConnectionString)
        ));
    }

    #[test]
    fn an_address_given_in_code_is_not_blamed_on_the_connection_string() {
        let azure = AzureMonitor::new()
            .connection_string(format!("InstrumentationKey={ONE}"))
            .ingestion_endpoint("proxy");
        let error = azure.connection(&|_| None).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "`AzureMonitor::ingestion_endpoint` is `proxy`: is not an address; accepted is an address like \
             `https://host`, `http://host:port/path`"
        );
    }

    #[test]
    fn nothing_secret_is_shown() {
        let azure = AzureMonitor::new().connection_string(format!("InstrumentationKey={ONE}"));
        assert!(!format!("{azure:?}").contains(ONE));
        let bad = connection(Some(&format!("InstrumentationKey={ONE}x")), &[]);
        let error = bad.expect_err("refused");
        assert!(!format!("{error} {error:?}").contains(ONE), "{error:?}");
    }
}
