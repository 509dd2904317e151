//! What is known of every variable: the one table, of which the documentation shows most columns.

use super::names::{self, BLRP, BSP};

/// A variable, or the same variable for each signal.
#[derive(Debug)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what the documentation says is compared with it")
)]
pub(crate) struct Variable {
    pub(crate) names: &'static [&'static str],
    pub(crate) meaning: &'static str,
    /// What holds where it is unset.
    pub(crate) default: &'static str,
    /// The cargo feature with which it is read; several where one is enough.
    pub(crate) features: &'static [&'static str],
    pub(crate) kind: Kind,
    /// File and name of the test that proves it.
    pub(crate) test: &'static str,
}

/// What a variable accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Anything.
    Text,
    /// What its reader accepts, who also tells what is wrong with it.
    Theirs,
    /// A whole number, at least this.
    Whole(u64),
    /// The same in milliseconds.
    Milliseconds(u64),
    Port,
    /// Names of backends for a signal.
    Exporters(Signal),
    Sampler,
    SamplerArgument,
    /// `key=value` pairs with percent-encoding.
    Attributes,
    Propagators,
    OptIn,
    Capture,
    Detectors,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// What telemetry consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub(crate) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }

    /// The variable that says where it goes.
    #[cfg(feature = "sdk")]
    pub(crate) fn exporter(self) -> &'static str {
        match self {
            Self::Traces => names::TRACES_EXPORTER,
            Self::Metrics => names::METRICS_EXPORTER,
            Self::Logs => names::LOGS_EXPORTER,
        }
    }
}

impl Variable {
    /// Whether anything that is compiled in reads it.
    pub(crate) fn is_read(&self) -> bool {
        self.features.iter().any(|feature| compiled(feature))
    }

    /// Whether it also counts where the application's own providers are recorded into.
    pub(crate) fn is_of_calls(&self) -> bool {
        self.features == ENABLE
    }
}

/// The cargo features that bring a reader of a variable, and whether each is on.
const FEATURES: &[(&str, bool)] = &[
    ("enable", cfg!(feature = "enable")),
    ("sdk", cfg!(feature = "sdk")),
    ("console", cfg!(feature = "console")),
    ("azure-monitor", cfg!(feature = "azure-monitor")),
    ("otlp-http", cfg!(feature = "otlp-http")),
    ("otlp-grpc", cfg!(feature = "otlp-grpc")),
    ("prometheus", cfg!(feature = "prometheus")),
    ("jaeger", cfg!(feature = "jaeger")),
    ("grafana", cfg!(feature = "grafana")),
    ("datadog", cfg!(feature = "datadog")),
    ("langfuse", cfg!(feature = "langfuse")),
];

/// Whether a cargo feature of this crate is on.
pub(crate) fn compiled(feature: &str) -> bool {
    FEATURES.contains(&(feature, true))
}

const ENABLE: &[&str] = &["enable"];
const SDK: &[&str] = &["sdk"];
const AZURE: &[&str] = &["azure-monitor"];
const OTLP: &[&str] = &["otlp-http", "otlp-grpc"];
const PROMETHEUS: &[&str] = &["prometheus"];
const JAEGER: &[&str] = &["jaeger"];
const GRAFANA: &[&str] = &["grafana"];
const DATADOG: &[&str] = &["datadog"];
const LANGFUSE: &[&str] = &["langfuse"];

/// All of them.
pub(crate) const TABLE: &[Variable] = &[
    Variable {
        names: &[names::SDK_DISABLED],
        meaning: "`true`: nothing is recorded, no backend is started; propagators are set all the same",
        default: "`false`",
        features: ENABLE,
        kind: Kind::Boolean,
        test: "configure::the_environment_switches_everything_off",
    },
    Variable {
        names: &[names::TRACES_EXPORTER],
        meaning: "where traces go: names of backends with commas between, or `none`",
        default: "see above",
        features: SDK,
        kind: Kind::Exporters(Signal::Traces),
        test: "environment::chosen::each_signal_goes_where_its_variable_says",
    },
    Variable {
        names: &[names::METRICS_EXPORTER],
        meaning: "the same for metrics",
        default: "see above",
        features: SDK,
        kind: Kind::Exporters(Signal::Metrics),
        test: "environment::chosen::each_signal_goes_where_its_variable_says",
    },
    Variable {
        names: &[names::LOGS_EXPORTER],
        meaning: "the same for log records and events",
        default: "see above",
        features: SDK,
        kind: Kind::Exporters(Signal::Logs),
        test: "environment::chosen::each_signal_goes_where_its_variable_says",
    },
    Variable {
        names: &[names::SERVICE_NAME],
        meaning: "`service.name` of the resource",
        default: "`unknown_service:` and the program’s name",
        features: SDK,
        kind: Kind::Text,
        test: "environment::resource::the_service_has_the_name_that_the_environment_gives_it",
    },
    Variable {
        names: &[names::RESOURCE_ATTRIBUTES],
        meaning: "attributes of the resource: `key=value` with commas between; `,`, `=`, `%` and whatever else as `%2C`",
        default: "none",
        features: SDK,
        kind: Kind::Attributes,
        test: "environment::resource::attributes_are_read_and_their_percent_signs_decoded",
    },
    Variable {
        names: &[names::RESOURCE_DETECTORS],
        meaning: "what to find out of the host: `azure_aks`, `azure_app_service`, `azure_functions`, `azure_vm`, `*` for all",
        default: "all but `azure_vm`, where Azure Monitor is a backend",
        features: AZURE,
        kind: Kind::Detectors,
        test: "environment::azure::the_detectors_are_those_that_the_environment_names",
    },
    Variable {
        names: &[names::TRACES_SAMPLER],
        meaning: "`always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, `parentbased_always_off`, `parentbased_traceidratio`; with feature `azure-monitor` also `microsoft.fixed_percentage`, `microsoft.rate_limited`",
        default: "`parentbased_always_on`",
        features: SDK,
        kind: Kind::Sampler,
        test: "environment::sampling::each_sampler_keeps_what_its_name_says",
    },
    Variable {
        names: &[names::TRACES_SAMPLER_ARG],
        meaning: "the share of traces, from 0 to 1; of `microsoft.rate_limited` the traces per second",
        default: "1; 5",
        features: SDK,
        kind: Kind::SamplerArgument,
        test: "environment::sampling::each_sampler_keeps_what_its_name_says",
    },
    Variable {
        names: &[names::PROPAGATORS],
        meaning: "how the context travels to other processes: `tracecontext`, `baggage` with a comma between, or `none`",
        default: "`tracecontext,baggage`",
        features: SDK,
        kind: Kind::Propagators,
        test: "environment::propagators::the_context_travels_as_the_environment_says",
    },
    Variable {
        names: &[BSP.queue],
        meaning: "the most spans that wait for their export",
        default: "65536",
        features: SDK,
        kind: Kind::Whole(1),
        test: "environment::batches::spans_wait_as_the_environment_says",
    },
    Variable {
        names: &[BSP.batch],
        meaning: "the most spans of one export",
        default: "512",
        features: SDK,
        kind: Kind::Whole(1),
        test: "environment::batches::spans_wait_as_the_environment_says",
    },
    Variable {
        names: &[BSP.delay],
        meaning: "how long a span waits at most for its batch to be full, in ms; 0 counts as 1",
        default: "1000",
        features: SDK,
        kind: Kind::Milliseconds(0),
        test: "environment::batches::spans_wait_as_the_environment_says",
    },
    Variable {
        names: &[BSP.timeout],
        meaning: "how long OTLP tries to deliver a batch of spans, in ms; 0 for ever",
        default: "300000",
        features: OTLP,
        kind: Kind::Milliseconds(0),
        test: "environment::otlp::a_batch_is_tried_for_as_long_as_the_environment_says",
    },
    Variable {
        names: &[BLRP.queue],
        meaning: "the most log records that wait for their export",
        default: "65536",
        features: SDK,
        kind: Kind::Whole(1),
        test: "environment::batches::log_records_wait_as_the_environment_says",
    },
    Variable {
        names: &[BLRP.batch],
        meaning: "the most log records of one export",
        default: "512",
        features: SDK,
        kind: Kind::Whole(1),
        test: "environment::batches::log_records_wait_as_the_environment_says",
    },
    Variable {
        names: &[BLRP.delay],
        meaning: "how long a log record waits at most for its batch to be full, in ms; 0 counts as 1",
        default: "1000",
        features: SDK,
        kind: Kind::Milliseconds(0),
        test: "environment::batches::log_records_wait_as_the_environment_says",
    },
    Variable {
        names: &[BLRP.timeout],
        meaning: "how long OTLP tries to deliver a batch of log records, in ms; 0 for ever",
        default: "300000",
        features: OTLP,
        kind: Kind::Milliseconds(0),
        test: "environment::otlp::a_batch_is_tried_for_as_long_as_the_environment_says",
    },
    Variable {
        names: &[names::METRIC_EXPORT_INTERVAL],
        meaning: "the time from one export of metrics to the next, in ms",
        default: "60000; on the console 10000",
        features: SDK,
        kind: Kind::Milliseconds(1),
        test: "environment::batches::metrics_are_exported_as_often_as_the_environment_says",
    },
    Variable {
        names: &[names::METRIC_EXPORT_TIMEOUT],
        meaning: "how long OTLP tries to deliver metrics, in ms; 0 for ever",
        default: "30000",
        features: OTLP,
        kind: Kind::Milliseconds(0),
        test: "environment::otlp::a_batch_is_tried_for_as_long_as_the_environment_says",
    },
    Variable {
        names: &[names::ATTRIBUTE_COUNT_LIMIT],
        meaning: "the most attributes of a span, of an event and of a link, where no variable of theirs says it",
        default: "128",
        features: SDK,
        kind: Kind::Whole(0),
        test: "environment::limits::spans_events_and_links_hold_what_the_environment_allows",
    },
    Variable {
        names: &[names::SPAN_ATTRIBUTE_COUNT_LIMIT],
        meaning: "the most attributes of a span",
        default: "128",
        features: SDK,
        kind: Kind::Whole(0),
        test: "environment::limits::spans_events_and_links_hold_what_the_environment_allows",
    },
    Variable {
        names: &[names::SPAN_EVENT_COUNT_LIMIT],
        meaning: "the most events of a span",
        default: "128",
        features: SDK,
        kind: Kind::Whole(0),
        test: "environment::limits::spans_events_and_links_hold_what_the_environment_allows",
    },
    Variable {
        names: &[names::SPAN_LINK_COUNT_LIMIT],
        meaning: "the most links of a span",
        default: "128",
        features: SDK,
        kind: Kind::Whole(0),
        test: "environment::limits::spans_events_and_links_hold_what_the_environment_allows",
    },
    Variable {
        names: &[names::EVENT_ATTRIBUTE_COUNT_LIMIT],
        meaning: "the most attributes of an event of a span",
        default: "128",
        features: SDK,
        kind: Kind::Whole(0),
        test: "environment::limits::spans_events_and_links_hold_what_the_environment_allows",
    },
    Variable {
        names: &[names::LINK_ATTRIBUTE_COUNT_LIMIT],
        meaning: "the most attributes of a link",
        default: "128",
        features: SDK,
        kind: Kind::Whole(0),
        test: "environment::limits::spans_events_and_links_hold_what_the_environment_allows",
    },
    Variable {
        names: &[names::ATTRIBUTE_VALUE_LENGTH_LIMIT],
        meaning: "the most characters of an attribute with content, where no variable of its place says it",
        default: "what `ContentLimits` say",
        features: ENABLE,
        kind: Kind::Whole(0),
        test: "environment::limits::content_is_as_long_as_the_environment_allows",
    },
    Variable {
        names: &[names::SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT],
        meaning: "the most characters of an attribute with content on a span",
        default: "what `ContentLimits` say",
        features: ENABLE,
        kind: Kind::Whole(0),
        test: "environment::limits::content_is_as_long_as_the_environment_allows",
    },
    Variable {
        names: &[names::LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT],
        meaning: "the most characters of an attribute with content in an event",
        default: "what `ContentLimits` say",
        features: ENABLE,
        kind: Kind::Whole(0),
        test: "environment::limits::content_is_as_long_as_the_environment_allows",
    },
    Variable {
        names: &[names::SEMCONV_OPT_IN],
        meaning: "`gen_ai_latest_experimental`, among others with commas between: the newest GenAI conventions",
        default: "the released ones",
        features: ENABLE,
        kind: Kind::OptIn,
        test: "configure::the_environment_picks_the_dialect",
    },
    Variable {
        names: &[names::CAPTURE],
        meaning: "where prompts and answers may go: `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`; `true` is `EVENT_ONLY`, `false` is `NO_CONTENT`, and so is what is unknown",
        default: "`NO_CONTENT`",
        features: ENABLE,
        kind: Kind::Capture,
        test: "content::policy::the_environment_says_where",
    },
    Variable {
        names: &names::OTLP_ENDPOINT,
        meaning: "where OTLP goes; as it stands where it is of one signal, else over HTTP with `/v1/traces`, `/v1/metrics`, `/v1/logs` behind it",
        default: "`http://localhost:4318`; over gRPC `http://localhost:4317`",
        features: OTLP,
        kind: Kind::Theirs,
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_PROTOCOL,
        meaning: "`http/protobuf`, `http/json`, `grpc`",
        default: "`http/protobuf` if compiled in, else `grpc`",
        features: OTLP,
        kind: Kind::OneOf(&["http/protobuf", "http/json", "grpc"]),
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_HEADERS,
        meaning: "headers of each request: `key=value` with commas between, percent-encoded; secret",
        default: "none",
        features: OTLP,
        kind: Kind::Theirs,
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_TIMEOUT,
        meaning: "how long one request may take, in ms; 0 for ever",
        default: "10000",
        features: OTLP,
        kind: Kind::Milliseconds(0),
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_COMPRESSION,
        meaning: "`gzip`, `none`",
        default: "`none`",
        features: OTLP,
        kind: Kind::OneOf(&["gzip", "none"]),
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_INSECURE,
        meaning: "`true`: an address without `https://` or `http://`, over gRPC, is one without TLS",
        default: "`false`",
        features: OTLP,
        kind: Kind::Boolean,
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_CERTIFICATE,
        meaning: "a file in PEM: the only certificates that are trusted",
        default: "those that the system trusts",
        features: OTLP,
        kind: Kind::Theirs,
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_CLIENT_CERTIFICATE,
        meaning: "a file in PEM: the certificate to show to a server that asks for one",
        default: "none",
        features: OTLP,
        kind: Kind::Theirs,
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &names::OTLP_CLIENT_KEY,
        meaning: "a file in PEM: its key",
        default: "none",
        features: OTLP,
        kind: Kind::Theirs,
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &[names::OTLP_TEMPORALITY],
        meaning: "`cumulative`, `delta`, `lowmemory`",
        default: "`cumulative`",
        features: OTLP,
        kind: Kind::OneOf(&["cumulative", "delta", "lowmemory"]),
        test: "environment::otlp::the_environment_says_where_otlp_goes_and_how",
    },
    Variable {
        names: &[names::PROMETHEUS_HOST],
        meaning: "the address at which the page for Prometheus is served",
        default: "`localhost`",
        features: PROMETHEUS,
        kind: Kind::Theirs,
        test: "environment::prometheus::the_environment_says_where_the_page_is",
    },
    Variable {
        names: &[names::PROMETHEUS_PORT],
        meaning: "its port",
        default: "9464",
        features: PROMETHEUS,
        kind: Kind::Port,
        test: "environment::prometheus::the_environment_says_where_the_page_is",
    },
    Variable {
        names: &[names::JAEGER],
        meaning: "where Jaeger takes OTLP over HTTP",
        default: "`http://localhost:4318`",
        features: JAEGER,
        kind: Kind::Theirs,
        test: "environment::products::jaeger_is_where_its_variable_says",
    },
    Variable {
        names: &names::JAEGER_RETIRED_ADDRESSES,
        meaning: "of clients that Jaeger no longer takes spans from: the host, with port 4318",
        default: "none",
        features: JAEGER,
        kind: Kind::Theirs,
        test: "environment::products::jaeger_is_where_its_variable_says",
    },
    Variable {
        names: &names::JAEGER_RETIRED_HOSTS,
        meaning: "the same, a host alone",
        default: "none",
        features: JAEGER,
        kind: Kind::Theirs,
        test: "environment::products::jaeger_is_where_its_variable_says",
    },
    Variable {
        names: &[names::GRAFANA_GATEWAY],
        meaning: "the address of Grafana Cloud’s gateway for OTLP",
        default: "that of the zone",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::GRAFANA_ZONE],
        meaning: "the zone of the stack in Grafana Cloud",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::GRAFANA_INSTANCE],
        meaning: "the instance id of the stack",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &names::GRAFANA_TOKEN,
        meaning: "a token of an access policy; secret",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::ALLOY],
        meaning: "where Alloy takes OTLP over HTTP, all signals",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::TEMPO],
        meaning: "where Tempo takes traces",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::MIMIR],
        meaning: "where Mimir takes metrics",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::LOKI],
        meaning: "where Loki takes log records",
        default: "none",
        features: GRAFANA,
        kind: Kind::Theirs,
        test: "environment::products::grafana_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_AGENT_URL],
        meaning: "an Agent of Datadog’s: the host, with the port for OTLP",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_AGENT_HOST],
        meaning: "the same, a host alone",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_AGENT_OTLP],
        meaning: "what tells the Agent where to take OTLP: here for the port",
        default: "4318",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_AGENTLESS],
        meaning: "`true`: not to the Agent that there is",
        default: "`false`",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_KEY],
        meaning: "an API key, for Datadog’s own intake; secret",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_SITE],
        meaning: "the site of that intake",
        default: "`datadoghq.com`",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_SERVICE],
        meaning: "`service.name` of the resource, unless OpenTelemetry’s variables say it",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_ENV],
        meaning: "`deployment.environment.name`, likewise",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_VERSION],
        meaning: "`service.version`, likewise",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::DATADOG_TAGS],
        meaning: "other attributes, likewise: `key:value` with commas or spaces between",
        default: "none",
        features: DATADOG,
        kind: Kind::Theirs,
        test: "environment::products::datadog_is_where_its_variables_say",
    },
    Variable {
        names: &[names::LANGFUSE_PUBLIC],
        meaning: "the public key of a project",
        default: "none",
        features: LANGFUSE,
        kind: Kind::Theirs,
        test: "environment::products::langfuse_is_where_its_variables_say",
    },
    Variable {
        names: &[names::LANGFUSE_SECRET],
        meaning: "its secret key; secret",
        default: "none",
        features: LANGFUSE,
        kind: Kind::Theirs,
        test: "environment::products::langfuse_is_where_its_variables_say",
    },
    Variable {
        names: &names::LANGFUSE_SERVER,
        meaning: "the server",
        default: "`https://cloud.langfuse.com`",
        features: LANGFUSE,
        kind: Kind::Theirs,
        test: "environment::products::langfuse_is_where_its_variables_say",
    },
    Variable {
        names: &[names::CONNECTION_STRING],
        meaning: "where Azure Monitor is; secret",
        default: "none",
        features: AZURE,
        kind: Kind::Theirs,
        test: "azure_configure::one_line_and_a_variable_send_everything_when_main_returns",
    },
    Variable {
        names: &[names::INSTRUMENTATION_KEY],
        meaning: "the same, older: an instrumentation key alone; secret",
        default: "none",
        features: AZURE,
        kind: Kind::Theirs,
        test: "environment::azure::an_instrumentation_key_alone_says_where_to_send",
    },
    Variable {
        names: &[names::AUTHENTICATION_STRING],
        meaning: "`Authorization=AAD`, with `ClientId=…` for an identity that is user-assigned: the managed identity sends (feature `azure-identity`)",
        default: "the instrumentation key",
        features: AZURE,
        kind: Kind::Theirs,
        test: "environment::azure::an_identity_is_asked_for_by_its_variable",
    },
    Variable {
        names: &[names::RESOURCE_METRIC_DISABLED],
        meaning: "`true`: Azure Monitor gets no metric with the resource’s attributes",
        default: "`false`",
        features: AZURE,
        kind: Kind::Boolean,
        test: "azure_configure::signals_are_switched_off_by_the_standard_variables",
    },
    Variable {
        names: &[names::METRIC_NAMESPACE],
        meaning: "`true`: metrics have their scope’s name as namespace",
        default: "`false`",
        features: AZURE,
        kind: Kind::Boolean,
        test: "environment::azure::metrics_have_a_namespace_where_the_environment_says_so",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The table as the documentation shows it.
    fn written() -> String {
        let mut text = String::from(
            "| variable | meaning | unless set | feature | test |\n|---|---|---|---|---|\n",
        );
        for row in TABLE {
            let code = |names: &[&str]| {
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            };
            let cells = [
                &*code(row.names),
                row.meaning,
                row.default,
                &*code(row.features),
                &*code(&[row.test]),
            ];
            text += "| ";
            text += &cells.join(" | ");
            text += " |\n";
        }
        text
    }

    #[test]
    fn the_documentation_shows_this_table() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/environment/variables.md");
        if std::env::var_os("LLMOBS_WRITE_TABLE").is_some() {
            std::fs::write(&file, written()).expect("the sources can be written");
        }
        let shown = std::fs::read_to_string(&file).expect("the file is there");
        assert!(
            shown == written(),
            "{} is not this table: run this test with LLMOBS_WRITE_TABLE=1",
            file.display()
        );
    }

    #[test]
    fn a_variable_stands_once_and_is_read_with_a_feature_that_there_is() {
        let mut names = BTreeSet::new();
        for row in TABLE {
            for name in row.names {
                assert!(names.insert(name), "{name} stands twice");
            }
            for feature in row.features {
                let manifest = include_str!("../../Cargo.toml");
                assert!(manifest.contains(&format!("\n{feature} = [")), "{feature} is a feature");
            }
        }
    }
}
