//! The variables of products that take OTLP.

use llmobs_runtime::configure;
use llmobs_tests::alone;
use llmobs_tests::otlp::{Receiver, Request};

use super::{configured, is_run, run};

fn paths(receiver: &Receiver) -> Vec<String> {
    let mut paths: Vec<String> = receiver.requests().into_iter().map(|one| one.path).collect();
    paths.sort_unstable();
    paths
}

const ALL: [&str; 3] = ["/v1/logs", "/v1/metrics", "/v1/traces"];

/// Fails with a message that has all of `parts`, and no secret.
fn refused(test: &str, variables: &[(&str, &str)], parts: &[&str]) {
    let joined = parts.join("|");
    let more = [("PARTS", joined.as_str())];
    alone(test, &[variables, &more].concat(), || {
        let error = configure().unwrap_err().to_string();
        assert!(error.starts_with("in the environment: ") && !error.contains("hunter2"), "{error}");
        for part in std::env::var("PARTS").unwrap().split('|') {
            assert!(error.contains(part), "{error} has no {part}");
        }
    });
}

#[test]
fn jaeger_is_where_its_variable_says() {
    let test = "products::jaeger_is_where_its_variable_says";
    if is_run(test) {
        return configured();
    }
    let receiver = Receiver::http();
    let endpoint = receiver.endpoint();
    run(test, &[("JAEGER_URL", &endpoint)]);
    assert_eq!(paths(&receiver), ["/v1/traces"]);
    // Those of retired clients have another port.
    for (variable, value) in [
        ("OTEL_EXPORTER_JAEGER_ENDPOINT", "no address"),
        ("JAEGER_ENDPOINT", "no address"),
        ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "no host"),
        ("JAEGER_AGENT_HOST", "no host"),
    ] {
        let wrote = std::panic::catch_unwind(|| run(test, &[(variable, value)])).unwrap_err();
        let wrote = wrote.downcast_ref::<String>().unwrap();
        assert!(wrote.contains(&format!("in the environment: {variable} is `{value}`")), "{wrote}");
    }
}

#[test]
fn grafana_is_where_its_variables_say() {
    let test = "products::grafana_is_where_its_variables_say";
    if is_run(test) {
        return configured();
    }
    let has_key = |request: &Request| {
        // `42:a-token`
        request.header("authorization") == Some("Basic NDI6YS10b2tlbg==")
    };
    for token in ["GRAFANA_CLOUD_API_KEY", "GRAFANA_CLOUD_API_TOKEN"] {
        let receiver = Receiver::http();
        let endpoint = receiver.endpoint();
        run(
            test,
            &[
                ("GRAFANA_CLOUD_OTLP_ENDPOINT", &endpoint),
                ("GRAFANA_CLOUD_INSTANCE_ID", "42"),
                (token, "a-token"),
            ],
        );
        assert_eq!(paths(&receiver), ALL);
        assert!(receiver.requests().iter().all(has_key));
    }
    let receiver = Receiver::http();
    let endpoint = receiver.endpoint();
    run(test, &[("ALLOY_URL", &endpoint)]);
    assert_eq!(paths(&receiver), ALL);

    let [tempo, mimir, loki] = [0; 3].map(|_| Receiver::http());
    let endpoints = [&tempo, &mimir, &loki].map(Receiver::endpoint);
    run(
        test,
        &[("TEMPO_URL", &endpoints[0]), ("MIMIR_URL", &endpoints[1]), ("LOKI_URL", &endpoints[2])],
    );
    let came = [&tempo, &mimir, &loki].map(paths).concat();
    assert_eq!(came, ["/v1/traces", "/otlp/v1/metrics", "/otlp/v1/logs"]);
    // A signal without a server goes nowhere.
    let tempo = Receiver::http();
    let endpoint = tempo.endpoint();
    run(test, &[("TEMPO_URL", &endpoint)]);
    assert_eq!(paths(&tempo), ["/v1/traces"]);
}

#[test]
fn what_grafana_misses_is_told() {
    let test = "products::what_grafana_misses_is_told";
    let zone = ("GRAFANA_CLOUD_ZONE", "prod-eu-west-2");
    if std::env::var("PARTS").is_ok() {
        return refused(test, &[], &[]);
    }
    refused(test, &[zone], &["GRAFANA_CLOUD_INSTANCE_ID is not set"]);
    refused(test, &[("GRAFANA_CLOUD_ZONE", "a zone")], &["GRAFANA_CLOUD_ZONE is `a zone`"]);
    refused(
        test,
        &[("TEMPO_URL", "http://127.0.0.1:1"), ("OTEL_LOGS_EXPORTER", "grafana")],
        &["OTEL_LOGS_EXPORTER names `grafana`, and no variable says where grafana takes logs"],
    );
    refused(test, &[("OTEL_TRACES_EXPORTER", "grafana")], &["GRAFANA_CLOUD_ZONE", "TEMPO_URL"]);
}

#[test]
fn datadog_is_where_its_variables_say() {
    let test = "products::datadog_is_where_its_variables_say";
    if is_run(test) {
        return configured();
    }
    for (variable, value) in
        [("DD_TRACE_AGENT_URL", "http://127.0.0.1:8126"), ("DD_AGENT_HOST", "127.0.0.1")]
    {
        let receiver = Receiver::http();
        let otlp = format!("0.0.0.0:{}", receiver.address().port());
        run(
            test,
            &[
                (variable, value),
                ("DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT", &otlp),
                ("DD_SERVICE", "shop"),
                ("DD_ENV", "test"),
                ("DD_VERSION", "1.2"),
                ("DD_TAGS", "team:search,tier:1"),
                ("DD_LLMOBS_AGENTLESS_ENABLED", "false"),
            ],
        );
        assert_eq!(paths(&receiver), ALL);
        let mut histograms = receiver.points();
        histograms.retain(|point| point.kind == "histogram");
        assert!(!histograms.is_empty());
        assert!(histograms.iter().all(|point| point.temporality == "DELTA"), "{histograms:?}");
        let resource = &receiver.spans()[0].resource;
        for (key, value) in [
            ("service.name", "shop"),
            ("deployment.environment.name", "test"),
            ("service.version", "1.2"),
            ("team", "search"),
            ("tier", "1"),
        ] {
            assert_eq!(resource[key], value);
        }
    }
    let key = ("DD_API_KEY", "hunter2");
    for (variables, told) in [
        (vec![key, ("DD_SITE", "nowhere")], "DD_SITE is `nowhere`"),
        (vec![("DD_AGENT_HOST", "h"), ("DD_LLMOBS_AGENTLESS_ENABLED", "true")], "DD_API_KEY"),
        (vec![key, ("DD_LLMOBS_AGENTLESS_ENABLED", "on")], "DD_LLMOBS_AGENTLESS_ENABLED is `on`"),
    ] {
        let wrote = std::panic::catch_unwind(|| run(test, &variables)).unwrap_err();
        let wrote = wrote.downcast_ref::<String>().unwrap();
        assert!(wrote.contains("in the environment: ") && wrote.contains(told), "{wrote}");
        assert!(!wrote.contains("hunter2"), "{wrote}");
    }
}

#[test]
fn langfuse_is_where_its_variables_say() {
    let test = "products::langfuse_is_where_its_variables_say";
    if is_run(test) {
        return configured();
    }
    let keys = [("LANGFUSE_PUBLIC_KEY", "pk-lf-a"), ("LANGFUSE_SECRET_KEY", "sk-lf-b")];
    for server in ["LANGFUSE_BASE_URL", "LANGFUSE_HOST", "LANGFUSE_BASEURL"] {
        let receiver = Receiver::http();
        let endpoint = receiver.endpoint();
        run(test, &[&keys[..], &[(server, endpoint.as_str())]].concat());
        assert_eq!(paths(&receiver), ["/api/public/otel/v1/traces"]);
        let sent = receiver.requests().remove(0);
        // `pk-lf-a:sk-lf-b`
        assert_eq!(sent.header("authorization"), Some("Basic cGstbGYtYTpzay1sZi1i"));
    }
    let wrote = std::panic::catch_unwind(|| run(test, &keys[..1])).unwrap_err();
    let wrote = wrote.downcast_ref::<String>().unwrap();
    assert!(
        wrote.contains("in the environment: Langfuse: LANGFUSE_SECRET_KEY is not set"),
        "{wrote}"
    );
}
