//! Products by their own variables: what each is sent, and what is said when something is missing.

use llmobs_runtime::backend::otlp::{Otlp, OtlpError, is_in_env};
use llmobs_tests::otlp::{Receiver, Request};
use llmobs_tests::{alone, each_alone};
use opentelemetry::global;
use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
use opentelemetry::trace::{Span as _, Tracer as _};

/// Variables that describe another place, with a key for it.
const ELSEWHERE: [(&str, &str); 4] = [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=for-another-place"),
    ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=for-another-place"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
];

/// Whatever stands in the environment of the tests; set to nothing, it is not set.
const PRODUCTS: [&str; 24] = [
    "ALLOY_URL",
    "DD_AGENT_HOST",
    "DD_API_KEY",
    "DD_ENV",
    "DD_LLMOBS_AGENTLESS_ENABLED",
    "DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT",
    "DD_SERVICE",
    "DD_SITE",
    "DD_TAGS",
    "DD_TRACE_AGENT_URL",
    "DD_VERSION",
    "GRAFANA_CLOUD_API_KEY",
    "GRAFANA_CLOUD_API_TOKEN",
    "GRAFANA_CLOUD_INSTANCE_ID",
    "GRAFANA_CLOUD_OTLP_ENDPOINT",
    "GRAFANA_CLOUD_ZONE",
    "JAEGER_AGENT_HOST",
    "JAEGER_ENDPOINT",
    "JAEGER_URL",
    "LANGFUSE_BASE_URL",
    "LANGFUSE_HOST",
    "LOKI_URL",
    "MIMIR_URL",
    "TEMPO_URL",
];

/// Only these variables, among those for another place.
fn only<'a>(variables: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let nothing: Vec<_> = PRODUCTS.iter().map(|name| (*name, "")).collect();
    [&nothing[..], &ELSEWHERE[..], variables].concat()
}

type Preset = fn() -> Result<Otlp, OtlpError>;

const PRESETS: [(&str, Preset); 4] = [
    ("jaeger", Otlp::jaeger),
    ("grafana", Otlp::grafana),
    ("datadog", Otlp::datadog),
    ("langfuse", Otlp::langfuse),
];

/// Sends one of each signal; the requests, by path.
fn sent(otlp: Otlp, receiver: &Receiver) -> Vec<Request> {
    let telemetry = llmobs_runtime::builder().otlp(otlp).install().expect("a pipeline");
    global::tracer("of-test").start("span").end();
    global::meter("of-test").u64_counter("counted").build().add(1, &[]);
    if let Some(logs) = telemetry.logger_provider() {
        let logger = logs.logger("of-test");
        let mut record = logger.create_log_record();
        record.set_body("a body".into());
        logger.emit(record);
    }
    telemetry.shutdown().expect("a receiver");
    let mut requests = receiver.requests();
    requests.sort_by(|one, other| one.path.cmp(&other.path));
    for request in &requests {
        assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
        assert_eq!(request.header("api-key"), None);
    }
    requests
}

fn paths(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|request| request.path.as_str()).collect()
}

/// Where a preset sends, as its `Debug` shows it.
fn endpoint(otlp: &Otlp) -> String {
    let shown = format!("{otlp:?}");
    let (_, rest) = shown.split_once("endpoint: Some(\"").expect("an endpoint");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn jaeger_gets_traces_only() {
    alone("jaeger_gets_traces_only", &only(&[("JAEGER_URL", "http://jaeger:4318/")]), || {
        let jaeger = Otlp::jaeger().expect("all is said");
        assert_eq!(endpoint(&jaeger), "http://jaeger:4318");
        let receiver = Receiver::http();
        let requests = sent(jaeger.endpoint(receiver.endpoint()), &receiver);
        assert_eq!(paths(&requests), ["/v1/traces"]);
        assert_eq!(requests[0].header("authorization"), None);
    });
}

#[test]
fn otlp_is_described_by_what_the_choice_of_backends_goes_by() {
    const CASES: [(&str, &str, bool); 6] = [
        ("UNRELATED", "1", false),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", " ", false),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1", false),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c:4318", true),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b", true),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc", true),
    ];
    const TEST: &str = "otlp_is_described_by_what_the_choice_of_backends_goes_by";
    let none = || PRODUCTS.iter().map(|name| (*name, ""));
    each_alone(
        TEST,
        &CASES,
        |(name, value, _)| none().chain([(*name, *value)]).collect(),
        |(name, _, described)| {
            assert_eq!(is_in_env("otlp"), *described, "{name}");
            assert!(!is_in_env("jaeger") && !is_in_env("prometheus"));
        },
    );
}

#[test]
fn jaeger_is_found_by_what_its_retired_clients_read() {
    const CASES: [(&str, &str, &str); 6] = [
        ("UNRELATED", "1", "http://localhost:4318"),
        ("OTEL_EXPORTER_JAEGER_ENDPOINT", "http://j:14268/api/traces", "http://j:4318"),
        ("JAEGER_ENDPOINT", "https://j/api/traces?format=x", "https://j:4318"),
        ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "agent", "http://agent:4318"),
        ("JAEGER_AGENT_HOST", "::1", "http://[::1]:4318"),
        ("JAEGER_URL", "http://[::1]:4318", "http://[::1]:4318"),
    ];
    const TEST: &str = "jaeger_is_found_by_what_its_retired_clients_read";
    each_alone(
        TEST,
        &CASES,
        |(name, value, _)| only(&[(*name, *value)]),
        |(name, _, expected)| {
            assert_eq!(endpoint(&Otlp::jaeger().expect("an address")), *expected);
            assert_eq!(is_in_env("jaeger"), *name != "UNRELATED");
        },
    );
}

#[test]
fn grafana_cloud_gets_everything_with_the_instance_and_its_token() {
    let variables = only(&[
        ("GRAFANA_CLOUD_ZONE", "prod-eu-west-2"),
        ("GRAFANA_CLOUD_INSTANCE_ID", "123456"),
        ("GRAFANA_CLOUD_API_KEY", "glc_secret"),
    ]);
    alone("grafana_cloud_gets_everything_with_the_instance_and_its_token", &variables, || {
        let grafana = Otlp::grafana().expect("all is said");
        assert_eq!(endpoint(&grafana), "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp");
        assert!(!format!("{grafana:?}").contains("secret"));
        let receiver = Receiver::http();
        let gateway = format!("{}/otlp", receiver.endpoint());
        let requests = sent(grafana.endpoint(gateway), &receiver);
        assert_eq!(paths(&requests), ["/otlp/v1/logs", "/otlp/v1/metrics", "/otlp/v1/traces"]);
        for request in &requests {
            // Of `123456:glc_secret`.
            let basic = Some("Basic MTIzNDU2OmdsY19zZWNyZXQ=");
            assert_eq!(request.header("authorization"), basic);
            assert_eq!(request.header("content-encoding"), Some("gzip"));
        }
        let points = receiver.points();
        assert!(points.iter().all(|point| point.temporality != "DELTA"));
    });
}

#[test]
fn servers_of_grafana_get_each_its_signal() {
    let test = "servers_of_grafana_get_each_its_signal";
    let variables = only(&[("TEMPO_URL", "http://t:4318"), ("LOKI_URL", "http://l:3100/")]);
    alone(test, &variables, || {
        let shown = format!("{:?}", Otlp::grafana().expect("two servers"));
        assert!(shown.contains(r#"traces_endpoint: Some("http://t:4318/v1/traces")"#), "{shown}");
        assert!(shown.contains(r#"logs_endpoint: Some("http://l:3100/otlp/v1/logs")"#), "{shown}");
        assert!(shown.contains("traces: true, metrics: false, logs: true"), "{shown}");
        let receiver = Receiver::http();
        let grafana = Otlp::grafana()
            .expect("two servers")
            .traces_endpoint(format!("{}/t", receiver.endpoint()))
            .logs_endpoint(format!("{}/l", receiver.endpoint()));
        let requests = sent(grafana, &receiver);
        assert_eq!(paths(&requests), ["/l", "/t"]);
        assert_eq!(requests[0].header("authorization"), None);
    });
}

#[test]
fn datadogs_intake_gets_deltas_and_traces_of_models() {
    let variables = only(&[
        ("DD_API_KEY", "dd-secret"),
        ("DD_SITE", "datadoghq.eu"),
        ("DD_SERVICE", "shop"),
        ("DD_ENV", "staging"),
        ("DD_TAGS", "team:search,version:0.9 tier:1"),
        ("OTEL_RESOURCE_ATTRIBUTES", "tier=2"),
    ]);
    alone("datadogs_intake_gets_deltas_and_traces_of_models", &variables, || {
        let datadog = Otlp::datadog().expect("all is said");
        assert_eq!(endpoint(&datadog), "https://otlp.datadoghq.eu");
        assert!(!format!("{datadog:?}").contains("secret"));
        let receiver = Receiver::http();
        let requests = sent(datadog.endpoint(receiver.endpoint()), &receiver);
        assert_eq!(paths(&requests), ["/v1/logs", "/v1/metrics", "/v1/traces"]);
        let sources = requests.iter().map(|request| request.header("dd-otlp-source"));
        assert_eq!(sources.collect::<Vec<_>>(), [None, None, Some("llmobs")]);
        for request in &requests {
            assert_eq!(request.header("dd-api-key"), Some("dd-secret"));
            assert_eq!(request.header("content-encoding"), Some("gzip"));
        }
        let points = receiver.points();
        let counted = points.iter().find(|point| point.metric == "counted").expect("a point");
        assert_eq!(counted.temporality, "DELTA");
        let resource = &receiver.spans()[0].resource;
        assert_eq!(resource["service.name"], "shop");
        assert_eq!(resource["deployment.environment.name"], "staging");
        assert_eq!(resource["service.version"], "0.9");
        assert_eq!(resource["team"], "search");
        // What is said in OpenTelemetry's own words holds.
        assert_eq!(resource["tier"], "2");
    });
}

#[test]
fn datadogs_agent_is_preferred_where_one_is_named() {
    const CASES: [(&[(&str, &str)], &str); 7] = [
        (&[("DD_AGENT_HOST", "agent"), ("DD_API_KEY", "k")], "http://agent:4318"),
        (&[("DD_TRACE_AGENT_URL", "http://a:8126")], "http://a:4318"),
        (
            &[
                ("DD_AGENT_HOST", "a"),
                ("DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT", "0.0.0.0:5318"),
            ],
            "http://a:5318",
        ),
        (
            &[
                ("DD_AGENT_HOST", "agent"),
                ("DD_API_KEY", "k"),
                ("DD_LLMOBS_AGENTLESS_ENABLED", "1"),
            ],
            "https://otlp.datadoghq.com",
        ),
        (&[("DD_API_KEY", "k")], "https://otlp.datadoghq.com"),
        // As their admission controller sets it: a socket for tracers of Datadog's.
        (
            &[("DD_TRACE_AGENT_URL", "unix:///var/run/datadog/apm.socket"), ("DD_AGENT_HOST", "a")],
            "http://a:4318",
        ),
        // Tags without a value are the Agent's affair.
        (&[("DD_AGENT_HOST", "a"), ("DD_TAGS", "simple team:search,:x")], "http://a:4318"),
    ];
    const TEST: &str = "datadogs_agent_is_preferred_where_one_is_named";
    each_alone(
        TEST,
        &CASES,
        |(variables, _)| only(variables),
        |(_, expected)| {
            let datadog = Otlp::datadog().expect("all is said");
            assert_eq!(endpoint(&datadog), *expected);
            assert!(is_in_env("datadog"));
            let receiver = Receiver::http();
            let requests = sent(datadog.endpoint(receiver.endpoint()), &receiver);
            let agent = expected.starts_with("http:");
            assert_eq!(requests.iter().all(|one| one.header("dd-api-key").is_none()), agent);
            assert!(receiver.points().iter().any(|point| point.temporality == "DELTA"));
        },
    );
}

#[test]
fn langfuse_gets_traces_only_with_both_keys() {
    let variables = only(&[
        ("LANGFUSE_PUBLIC_KEY", "pk-lf-1"),
        ("LANGFUSE_SECRET_KEY", "sk-lf-secret"),
        ("LANGFUSE_HOST", "https://us.cloud.langfuse.com/"),
    ]);
    alone("langfuse_gets_traces_only_with_both_keys", &variables, || {
        let langfuse = Otlp::langfuse().expect("all is said");
        assert_eq!(endpoint(&langfuse), "https://us.cloud.langfuse.com/api/public/otel");
        assert!(!format!("{langfuse:?}").contains("secret"));
        let receiver = Receiver::http();
        let base = format!("{}/api/public/otel", receiver.endpoint());
        let requests = sent(langfuse.endpoint(base), &receiver);
        assert_eq!(paths(&requests), ["/api/public/otel/v1/traces"]);
        // Of `pk-lf-1:sk-lf-secret`.
        let basic = Some("Basic cGstbGYtMTpzay1sZi1zZWNyZXQ=");
        assert_eq!(requests[0].header("authorization"), basic);
    });
}

#[test]
fn what_is_missing_or_makes_no_sense_is_named_with_where_to_get_it() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
    const CASES: [Case; 13] = [
        ("grafana", &[], &["GRAFANA_CLOUD_ZONE", "grafana.com", "ALLOY_URL", "TEMPO_URL"]),
        ("grafana", &[("GRAFANA_CLOUD_ZONE", "z")], &["GRAFANA_CLOUD_INSTANCE_ID", "grafana.com"]),
        (
            "grafana",
            &[("GRAFANA_CLOUD_ZONE", "z"), ("GRAFANA_CLOUD_INSTANCE_ID", "1")],
            &["GRAFANA_CLOUD_API_KEY is not set", "traces:write"],
        ),
        ("grafana", &[("GRAFANA_CLOUD_ZONE", "a.b/c")], &["GRAFANA_CLOUD_ZONE is \"a.b/c\""]),
        ("grafana", &[("LOKI_URL", "loki:3100")], &["LOKI_URL is \"loki:3100\""]),
        ("datadog", &[], &["DD_API_KEY", "API Keys", "DD_AGENT_HOST"]),
        ("datadog", &[("DD_API_KEY", "secret"), ("DD_SITE", "eu")], &["DD_SITE is \"eu\""]),
        ("datadog", &[("DD_TRACE_AGENT_URL", "unix:///x")], &["DD_API_KEY", "DD_AGENT_HOST"]),
        ("datadog", &[("DD_AGENT_HOST", "a b")], &["DD_AGENT_HOST is \"a b\""]),
        ("langfuse", &[], &["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "Settings > API Keys"]),
        ("langfuse", &[("LANGFUSE_SECRET_KEY", "secret")], &["LANGFUSE_PUBLIC_KEY is not set"]),
        ("langfuse", &[("LANGFUSE_PUBLIC_KEY", "pk")], &["LANGFUSE_SECRET_KEY is not set"]),
        (
            "langfuse",
            &[("LANGFUSE_BASE_URL", "u:secret@host"), ("LANGFUSE_PUBLIC_KEY", "pk")],
            &["LANGFUSE_BASE_URL is \"***@host\""],
        ),
    ];
    const TEST: &str = "what_is_missing_or_makes_no_sense_is_named_with_where_to_get_it";
    each_alone(
        TEST,
        &CASES,
        |(_, variables, _)| only(variables),
        |(name, _, parts)| {
            let preset = PRESETS.iter().find(|(known, _)| known == name).expect("a preset").1;
            let error = preset().expect_err("an error").to_string();
            for part in *parts {
                assert!(error.contains(part), "{part:?} is not in {error:?}");
            }
            assert!(!error.contains("secret"), "{error}");
        },
    );
}
