//! OTLP as the environment says it: which variable holds, and what is said of one that makes no sense.

use llmobs_runtime::backend::otlp::{Compression, Otlp, Protocol, Temporality};
use llmobs_runtime::{ConfigureError, Telemetry};
use llmobs_tests::otlp::{Payload, Receiver, Request};
use llmobs_tests::{alone, each_alone};
use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};

fn with(test: &str, variables: &[(&str, String)], body: impl FnOnce()) {
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    alone(test, &variables, body);
}

fn install(otlp: Otlp) -> Result<Telemetry, ConfigureError> {
    llmobs_runtime::builder().otlp(otlp).install()
}

fn record(telemetry: Telemetry) {
    global::tracer("of-test").start("span").end();
    global::meter("of-test").u64_counter("counted").build().add(1, &[]);
    telemetry.shutdown().expect("receivers");
}

fn only(receiver: &Receiver) -> Request {
    let requests = receiver.requests();
    assert_eq!(requests.len(), 1, "{:?}", requests.iter().map(|one| &one.path).collect::<Vec<_>>());
    requests.into_iter().next().expect("one")
}

/// Ports that nobody else listens on, for receivers of a child whose environment names them.
fn ports<const N: usize>() -> [u16; N] {
    const KEPT: &str = "LLMOBS_TESTS_PORTS";
    if let Ok(kept) = std::env::var(KEPT) {
        let mut kept = kept.split(',').map(|port| port.parse().expect("a port"));
        return std::array::from_fn(|_| kept.next().expect("a port"));
    }
    let listeners: [std::net::TcpListener; N] = std::array::from_fn(|_| {
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback")
    });
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

/// The variable by which a child knows its ports.
fn kept<const N: usize>(ports: [u16; N]) -> (&'static str, String) {
    ("LLMOBS_TESTS_PORTS", ports.map(|port| port.to_string()).join(","))
}

fn http(port: u16) -> Receiver {
    Receiver::http_at(([127, 0, 0, 1], port).into())
}

#[test]
fn one_variable_for_all_signals() {
    let [port] = ports();
    let variables = [
        kept([port]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{port}/base/")),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20key,x=1".to_owned()),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".to_owned()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json".to_owned()),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "DELTA".to_owned()),
    ];
    with("one_variable_for_all_signals", &variables, || {
        let receiver = http(port);
        record(install(Otlp::new()).expect("a pipeline"));
        let requests = receiver.requests();
        let mut paths: Vec<_> = requests.iter().map(|request| request.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/base/v1/metrics", "/base/v1/traces"]);
        for request in &requests {
            assert_eq!(request.header("api-key"), Some("a key"));
            assert_eq!(request.header("x"), Some("1"));
            assert_eq!(request.header("content-encoding"), Some("gzip"));
            assert_eq!(request.header("content-type"), Some("application/json"));
        }
        let points = receiver.points();
        let counted = points.iter().find(|point| point.metric == "counted").expect("a point");
        assert_eq!(counted.temporality, "DELTA");
    });
}

#[test]
fn the_variable_of_a_signal_holds_against_the_one_for_all() {
    let [general, traces, grpc] = ports();
    let variables = [
        kept([general, traces, grpc]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{general}")),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("http://127.0.0.1:{traces}/as/it/stands")),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("127.0.0.1:{grpc}")),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc".to_owned()),
        ("OTEL_EXPORTER_OTLP_METRICS_INSECURE", "True".to_owned()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "general=1".to_owned()),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "special=1".to_owned()),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".to_owned()),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none".to_owned()),
        // Set to nothing is not set.
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", String::new()),
    ];
    with("the_variable_of_a_signal_holds_against_the_one_for_all", &variables, || {
        let (general, traces) = (http(general), http(traces));
        let grpc = Receiver::grpc_at(([127, 0, 0, 1], grpc).into());
        record(install(Otlp::new()).expect("a pipeline"));
        let request = only(&traces);
        assert_eq!(request.path, "/as/it/stands");
        assert_eq!((request.header("general"), request.header("special")), (None, Some("1")));
        assert_eq!(request.header("content-encoding"), None);
        let request = only(&grpc);
        assert!(matches!(request.payload, Payload::Metrics(_)));
        assert_eq!((request.header("general"), request.header("special")), (Some("1"), None));
        assert_eq!(request.header("grpc-encoding"), Some("gzip"));
        assert!(general.requests().is_empty());
    });
}

#[test]
fn what_code_says_holds_against_variables() {
    let [variable, code] = ports();
    let variables = [
        kept([variable, code]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{variable}")),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("http://127.0.0.1:{variable}/t")),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=variable,b=variable".to_owned()),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".to_owned()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json".to_owned()),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta".to_owned()),
    ];
    with("what_code_says_holds_against_variables", &variables, || {
        let (variable, code) = (http(variable), http(code));
        let otlp = Otlp::new()
            .endpoint(code.endpoint())
            .header("A", "code")
            .compression(Compression::None)
            .protocol(Protocol::HttpProtobuf)
            .temporality(Temporality::Cumulative);
        record(install(otlp).expect("a pipeline"));
        assert!(variable.requests().is_empty());
        assert_eq!(code.spans().len(), 1);
        for request in code.requests() {
            assert!(["/v1/traces", "/v1/metrics"].contains(&request.path.as_str()));
            assert_eq!(request.header("a"), Some("code"));
            assert_eq!(request.header("b"), Some("variable"));
            assert_eq!(request.header("content-encoding"), None);
            assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
        }
        let points = code.points();
        let counted = points.iter().find(|point| point.metric == "counted").expect("a point");
        assert_eq!(counted.temporality, "CUMULATIVE");
    });
}

#[test]
fn another_place_gets_none_of_the_keys_in_variables() {
    let [port] = ports();
    let variables = [
        kept([port]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{port}")),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret".to_owned()),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=secret".to_owned()),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".to_owned()),
    ];
    with("another_place_gets_none_of_the_keys_in_variables", &variables, || {
        let (named, other, grpc) = (http(port), Receiver::http(), Receiver::grpc());
        let telemetry = llmobs_runtime::builder()
            .otlp(Otlp::new())
            .otlp(Otlp::at(other.endpoint()))
            .otlp(Otlp::at(grpc.endpoint()).protocol(Protocol::Grpc))
            .install()
            .expect("a pipeline");
        record(telemetry);
        // Each gets all of it.
        assert_eq!((named.spans().len(), other.spans().len(), grpc.spans().len()), (1, 1, 1));
        assert!(named.requests().iter().all(|one| one.header("api-key") == Some("secret")));
        for one in other.requests().iter().chain(&grpc.requests()) {
            assert_eq!((one.header("api-key"), one.header("content-encoding")), (None, None));
        }
    });
}

#[test]
fn what_makes_no_sense_is_named_with_what_was_read_and_without_secrets() {
    const CASES: [(&str, &str, &str); 17] = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:secret@host:x", "http://***@host:x"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://host/?secret", "ftp://host/?***"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://", "http://"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://a b", "http://a b"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "sk-secret", "***"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=%zzsecret", "a=***"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "10s"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "-1", "-1"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "zstd"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "yes", "yes"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http", "http"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "HTTP/JSON", "HTTP/JSON"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "1", "1"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "both", "both"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m", "1m"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "-1", "-1"),
    ];
    const TEST: &str = "what_makes_no_sense_is_named_with_what_was_read_and_without_secrets";
    each_alone(
        TEST,
        &CASES,
        |(name, value, _)| vec![(*name, *value)],
        |(name, _, shown)| {
            for _ in 0..2 {
                // It also stands in nobody's way afterwards.
                let error = install(Otlp::new()).expect_err("an error").to_string();
                let is = |quote: char| format!("{name} is {quote}{shown}{quote}, ");
                assert!(error.contains(&is('"')) || error.contains(&is('`')), "{error}");
                assert!(!error.contains("secret"), "{error}");
            }
            drop(install(Otlp::at("http://127.0.0.1:9").metrics(false)));
        },
    );
}

#[test]
fn files_of_certificates_are_named_when_they_are_none() {
    let nothing = std::env::temp_dir().join("llmobs-no-such-file.pem").display().to_string();
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9".to_owned()),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", nothing.clone()),
    ];
    with("files_of_certificates_are_named_when_they_are_none", &variables, || {
        let error = install(Otlp::new()).expect_err("an error").to_string();
        assert!(error.contains("OTEL_EXPORTER_OTLP_CERTIFICATE"), "{error}");
        assert!(error.contains(&nothing), "{error}");
    });
}

#[test]
fn a_machine_without_certificates_sends_where_none_are_needed() {
    const NONE: &str = "/no/such/certificates";
    let variables = [("SSL_CERT_FILE", NONE.to_owned()), ("SSL_CERT_DIR", NONE.to_owned())];
    with("a_machine_without_certificates_sends_where_none_are_needed", &variables, || {
        let receiver = Receiver::http();
        record(install(Otlp::at(receiver.endpoint())).expect("a pipeline"));
        assert_eq!(receiver.spans().len(), 1);
        let error = install(Otlp::at("https://127.0.0.1:9")).expect_err("an error").to_string();
        assert!(error.contains("https://127.0.0.1:9") && error.contains("certificates"), "{error}");
    });
}

#[test]
fn no_key_is_shown() {
    let otlp = Otlp::at("https://me:secret@host/path?key=secret")
        .traces_endpoint("https://me:secret@host")
        .header("api-key", "secret")
        .header("authorization", "Basic secret");
    let shown = format!("{otlp:?} {otlp:#?}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.contains("api-key") && shown.contains("***@host/path"), "{shown}");
    let builder = llmobs_runtime::builder().otlp(otlp);
    let shown = format!("{builder:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
