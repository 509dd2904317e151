//! OTLP over all three protocols: what arrives, value by value.

use llmobs_runtime::backend::otlp::{Compression, Otlp, Protocol, Temporality};
use llmobs_tests::alone;
use llmobs_tests::otlp::{Attributes, Payload, Receiver};
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::trace::{Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Array, Context, KeyValue, Value, global};
use serde_json::json;
use tracing_subscriber::layer::SubscriberExt as _;

/// Records what has every kind of value, and sends it.
fn record(receiver: &Receiver, protocol: Protocol, compression: Compression) {
    let otlp = Otlp::at(receiver.endpoint())
        .protocol(protocol)
        .compression(compression)
        .temporality(Temporality::Delta)
        .header("X-Key", "the key");
    let telemetry =
        llmobs_runtime::builder().service_name("shop").otlp(otlp).install().expect("a pipeline");
    let tracer = global::tracer("of-test");
    let mut parent = tracer.span_builder("parent").with_kind(SpanKind::Server).start(&tracer);
    parent.set_attributes([
        KeyValue::new("text", "grüße"),
        KeyValue::new("int", i64::MAX),
        KeyValue::new("double", 0.5),
        KeyValue::new("flag", true),
        KeyValue::new("ints", Value::Array(Array::I64(vec![1, -2]))),
        KeyValue::new("texts", Value::Array(Array::String(vec!["a".into(), "b".into()]))),
    ]);
    parent.add_event("happened", vec![KeyValue::new("n", 3)]);
    let context = Context::new().with_span(parent);
    let mut child = tracer.start_with_context("child", &context);
    child.set_status(Status::error("broken"));
    let at = child.span_context().clone();
    child.end();
    context.span().end();
    let counter = global::meter("of-test").u64_counter("counted").with_unit("{thing}").build();
    counter.add(2, &[KeyValue::new("of", "a")]);
    counter.add(3, &[KeyValue::new("of", "a")]);
    let histogram = global::meter("of-test")
        .f64_histogram("measured")
        .with_unit("s")
        .with_boundaries(vec![1.0, 2.0])
        .build();
    histogram.record(1.5, &[]);
    let logger = telemetry.logger_provider().expect("logs").logger("of-test");
    let mut log = logger.create_log_record();
    log.set_event_name("an.event");
    log.set_body("a body".into());
    log.set_severity_number(Severity::Warn);
    log.set_trace_context(at.trace_id(), at.span_id(), None);
    log.add_attribute("list", AnyValue::ListAny(Box::new(vec![1.into(), "x".into()])));
    logger.emit(log);
    telemetry.force_flush().expect("a receiver");
    // The second interval of a delta.
    counter.add(1, &[KeyValue::new("of", "a")]);
    telemetry.shutdown().expect("a receiver");
}

/// All that was recorded came, as it was.
fn came(receiver: &Receiver) {
    let spans = receiver.wait_for_spans(2);
    let of = |name: &str| spans.iter().find(|span| span.name == name).expect(name);
    let (parent, child) = (of("parent"), of("child"));
    assert_eq!(spans.len(), 2);
    assert_eq!((parent.kind.as_str(), child.kind.as_str()), ("SERVER", "INTERNAL"));
    assert_eq!((parent.trace_id.len(), parent.span_id.len()), (32, 16));
    assert_eq!((&child.trace_id, &child.parent), (&parent.trace_id, &parent.span_id));
    assert_eq!(parent.parent, "");
    let attributes: Attributes = [
        ("text", json!("grüße")),
        ("int", json!(i64::MAX)),
        ("double", json!(0.5)),
        ("flag", json!(true)),
        ("ints", json!([1, -2])),
        ("texts", json!(["a", "b"])),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    assert_eq!(parent.attributes, attributes);
    assert_eq!(parent.resource["service.name"], "shop");
    assert_eq!(parent.scope.0, "of-test");
    assert_eq!((parent.status.as_str(), child.status.as_str()), ("UNSET", "ERROR"));
    assert_eq!(child.proto.status.as_ref().expect("a status").message, "broken");
    assert_eq!(parent.proto.events[0].name, "happened");
    assert!(parent.proto.end_time_unix_nano >= child.proto.end_time_unix_nano);

    let points = receiver.points();
    let counted: Vec<_> = points.iter().filter(|point| point.metric == "counted").collect();
    assert_eq!(counted.iter().map(|point| point.value).collect::<Vec<_>>(), [5.0, 1.0]);
    for point in &counted {
        assert_eq!((point.kind, point.temporality.as_str()), ("sum", "DELTA"));
        assert_eq!((point.unit.as_str(), &point.attributes["of"]), ("{thing}", &json!("a")));
        assert_eq!(point.resource["service.name"], "shop");
    }
    let measured: Vec<_> = points.iter().filter(|point| point.metric == "measured").collect();
    assert_eq!(measured.len(), 1);
    assert_eq!((measured[0].kind, measured[0].temporality.as_str()), ("histogram", "DELTA"));
    assert_eq!((measured[0].value, measured[0].count), (1.5, 1));
    assert_eq!(
        (&measured[0].bounds[..], &measured[0].buckets[..]),
        (&[1.0, 2.0][..], &[0, 1, 0][..])
    );

    let logs = receiver.logs();
    assert_eq!(logs.len(), 1);
    assert_eq!((logs[0].event.as_str(), &logs[0].body), ("an.event", &json!("a body")));
    assert_eq!((&logs[0].trace_id, &logs[0].span_id), (&child.trace_id, &child.span_id));
    assert_eq!(logs[0].severity.0, 13);
    assert_eq!(logs[0].attributes["list"], json!([1, "x"]));
    assert_eq!(logs[0].resource["service.name"], "shop");
    assert_eq!(logs[0].scope.0, "of-test");

    for request in receiver.requests() {
        assert!(!matches!(request.payload, Payload::Unknown(_)), "{:?}", request.payload);
        assert_eq!(request.header("x-key"), Some("the key"));
        let agent = request.header("user-agent").expect("who sends");
        assert!(
            agent.starts_with("llmobs/") && agent.contains("OTel-OTLP-Exporter-Rust"),
            "{agent}"
        );
    }
}

/// What carries telemetry must not become telemetry, or there is no end to it.
#[test]
fn sending_is_not_recorded() {
    alone("sending_is_not_recorded", &[], || {
        for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
            let receiver = match protocol {
                Protocol::Grpc => Receiver::grpc(),
                _ => Receiver::http(),
            };
            let otlp = Otlp::at(receiver.endpoint()).protocol(protocol);
            let telemetry = llmobs_runtime::builder().otlp(otlp).install().expect("a pipeline");
            // All levels of everything; the thread that sends has no other subscriber.
            let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
            tracing::subscriber::with_default(subscriber, || {
                tracing::info_span!("of the application").in_scope(|| tracing::info!("an event"));
                for _ in 0..3 {
                    telemetry.force_flush().expect("a receiver");
                }
            });
            telemetry.shutdown().expect("a receiver");
            let spans: Vec<_> = receiver.spans().into_iter().map(|span| span.name).collect();
            assert_eq!(spans, ["of the application"]);
            assert_eq!(receiver.logs().len(), 1);
        }
    });
}

#[test]
fn protobuf_over_http() {
    alone("protobuf_over_http", &[], || {
        let receiver = Receiver::http();
        record(&receiver, Protocol::HttpProtobuf, Compression::None);
        came(&receiver);
        for request in receiver.requests() {
            assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
            assert_eq!(request.header("content-encoding"), None);
            let path = match request.payload {
                Payload::Traces(_) => "/v1/traces",
                Payload::Metrics(_) => "/v1/metrics",
                _ => "/v1/logs",
            };
            assert_eq!(request.path, path);
        }
        // Each signal keeps its connection.
        assert_eq!(receiver.connections(), 3);
    });
}

#[test]
fn protobuf_over_http_with_gzip() {
    alone("protobuf_over_http_with_gzip", &[], || {
        let receiver = Receiver::http();
        record(&receiver, Protocol::HttpProtobuf, Compression::Gzip);
        came(&receiver);
        for request in receiver.requests() {
            // What is none, the receiver would not read.
            assert_eq!(request.header("content-encoding"), Some("gzip"));
        }
    });
}

#[test]
fn json_over_http() {
    alone("json_over_http", &[], || {
        let receiver = Receiver::http();
        record(&receiver, Protocol::HttpJson, Compression::None);
        came(&receiver);
        let requests = receiver.requests();
        let traces = requests.iter().find(|request| request.path == "/v1/traces").expect("traces");
        assert_eq!(traces.header("content-type"), Some("application/json"));
        // As the mapping of OTLP has it, whatever decodes it here.
        let spans = &traces.json()["resourceSpans"][0]["scopeSpans"][0]["spans"];
        let spans = spans.as_array().expect("spans");
        let parent = spans.iter().find(|span| span["name"] == "parent").expect("the parent");
        assert_eq!(parent["kind"], 2);
        assert_eq!(parent["traceId"].as_str().map(str::len), Some(32));
        assert!(
            parent["startTimeUnixNano"].as_str().is_some_and(|time| time.parse::<u64>().is_ok())
        );
        let attributes = parent["attributes"].as_array().expect("attributes");
        let int = attributes.iter().find(|attribute| attribute["key"] == "int").expect("int");
        assert_eq!(int["value"]["intValue"], i64::MAX.to_string());
    });
}

#[test]
fn grpc() {
    alone("grpc", &[], || {
        let receiver = Receiver::grpc();
        record(&receiver, Protocol::Grpc, Compression::None);
        came(&receiver);
        assert!(
            receiver.requests().iter().all(|request| request.header("grpc-encoding").is_none())
        );
    });
}

#[test]
fn grpc_with_gzip() {
    alone("grpc_with_gzip", &[], || {
        let receiver = Receiver::grpc();
        record(&receiver, Protocol::Grpc, Compression::Gzip);
        came(&receiver);
        for request in receiver.requests() {
            assert_eq!(request.header("grpc-encoding"), Some("gzip"));
        }
    });
}
