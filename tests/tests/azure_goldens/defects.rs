//! The defects that other exporter has, each shown here not to be one of ours.
//!
//! Their numbers are those of the list that they were found in; what is missing here concerns the way to the service,
//! and sampling, and has its tests there.

use llmobs_tests::envelope::{Golden, Way, normalised};
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use serde_json::{Value, json};

use crate::sent;

/// What we send for a span of this kind with these attributes.
pub(crate) fn span(kind: &str, attributes: &[(&str, Value)]) -> Value {
    with(kind, attributes, &json!({}))
}

/// The same with other members of the span.
pub(crate) fn with(kind: &str, attributes: &[(&str, Value)], more: &Value) -> Value {
    let mut span = json!({
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331",
        "name": "a span",
        "kind": kind,
        "startTimeUnixNano": "1760000000123456000",
        "endTimeUnixNano": "1760000001357456000",
        "attributes": pairs(attributes),
    });
    let members = more.as_object().expect("members").clone();
    span.as_object_mut().expect("an object").extend(members);
    let mut envelopes = of(&json!({ "signal": "trace", "span": span }));
    envelopes.remove(0)
}

pub(crate) fn pairs(attributes: &[(&str, Value)]) -> Value {
    let pair = |(key, value): &(&str, Value)| {
        let value = match value {
            Value::String(text) => json!({ "stringValue": text }),
            Value::Bool(flag) => json!({ "boolValue": flag }),
            Value::Number(number) if number.is_i64() => json!({ "intValue": number.to_string() }),
            Value::Number(number) => json!({ "doubleValue": number }),
            other => other.clone(),
        };
        json!({ "key": key, "value": value })
    };
    attributes.iter().map(pair).collect()
}

pub(crate) fn log(record: &Value) -> Value {
    of(&json!({ "signal": "logs", "scope": { "name": "app" }, "logRecord": record })).remove(0)
}

pub(crate) fn metric(metric: &Value) -> Vec<Value> {
    of(&json!({ "signal": "metrics", "scope": { "name": "app" }, "metric": metric }))
}

fn of(input: &Value) -> Vec<Value> {
    let golden = Golden::parse(json!({ "input": input }).to_string().as_bytes()).expect("JSON");
    normalised(&golden.envelopes().expect("envelopes"), &[])
}

pub(crate) fn data(envelope: &Value) -> &Value {
    &envelope["data"]["baseData"]
}

fn property<'a>(envelope: &'a Value, key: &str) -> &'a Value {
    &data(envelope)["properties"][key]
}

#[test]
fn defect_01_type_from_provider_name() {
    for (kind, operation) in
        [("CLIENT", "chat"), ("INTERNAL", "invoke_agent"), ("INTERNAL", "chat")]
    {
        let envelope = span(
            kind,
            &[
                ("gen_ai.operation.name", operation.into()),
                ("gen_ai.provider.name", "azure.ai.openai".into()),
                ("az.namespace", "Microsoft.CognitiveServices".into()),
            ],
        );
        assert_eq!(data(&envelope)["type"], "GenAI | azure.ai.openai", "{kind}");
        assert_eq!(property(&envelope, "gen_ai.system"), "azure.ai.openai", "for the portal");
        assert_eq!(property(&envelope, "gen_ai.provider.name"), "azure.ai.openai");
    }
    // What was said stays.
    let both =
        [("gen_ai.provider.name", "openai".into()), ("gen_ai.system", "az.ai.inference".into())];
    let envelope = span("CLIENT", &both);
    assert_eq!(property(&envelope, "gen_ai.system"), "az.ai.inference");
    // And without any there is none.
    let envelope = span("INTERNAL", &[("gen_ai.operation.name", "execute_tool".into())]);
    assert_eq!(property(&envelope, "gen_ai.system"), &Value::Null);
    assert_eq!(data(&envelope)["type"], "InProc");
}

#[test]
fn defect_02_where_a_call_went_and_how_it_failed() {
    let envelope = &sent("trace_genai_chat_error")[0];
    assert_eq!(property(envelope, "error.type"), "openai.RateLimitError");
    assert_eq!(property(envelope, "server.address"), "api.openai.com");
    assert_eq!(property(envelope, "server.port"), "443");
    assert_eq!(property(envelope, "otel.status_description"), "Rate limit reached");
    assert_eq!(data(envelope)["target"], "api.openai.com");
    assert_eq!(data(envelope)["resultCode"], "openai.RateLimitError");
    assert_eq!(data(envelope)["success"], false);

    let elsewhere = span(
        "CLIENT",
        &[
            ("gen_ai.provider.name", "ollama".into()),
            ("server.address", "models.internal".into()),
            ("server.port", 11434.into()),
        ],
    );
    assert_eq!(data(&elsewhere)["target"], "models.internal:11434");
    assert_eq!(data(&elsewhere)["resultCode"], "0");
    assert_eq!(property(&elsewhere, "error.type"), &Value::Null, "absent is not empty");
}

#[test]
fn defect_03_arrays_and_flags_are_json() {
    let envelope = &sent("trace_attr_types")[0];
    let parsed = |key: &str| -> Value {
        let text = property(envelope, key).as_str().unwrap_or_else(|| panic!("{key}: a text"));
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{key}: {text}: {error}"))
    };
    assert_eq!(parsed("sa"), json!(["a", "b'c", "é"]));
    assert_eq!(parsed("ia"), json!([1, 2]));
    assert_eq!(parsed("da"), json!([1.5, 2.0]));
    assert_eq!(parsed("ba"), json!([true, false]));
    assert_eq!(parsed("ea"), json!([]));
    assert_eq!((parsed("t"), parsed("f")), (json!(true), json!(false)));

    // Nothing is no stack, and not the word for it.
    for event in &sent("trace_events_exception_bare")[1..] {
        let exception = &data(event)["exceptions"][0];
        assert_eq!(exception["hasFullStack"], false);
        assert_eq!(exception.get("stack"), None);
    }
}

#[test]
fn defect_06_exponential_histograms() {
    let point = json!({ "count": 4, "sum": 22.5, "min": 0.5, "max": 10.0 });
    let sent = metric(&json!({
        "name": "size", "type": "exponential_histogram", "temporality": "DELTA", "points": [point],
    }));
    assert_eq!(sent.len(), 1);
    let expected = json!({ "name": "size", "value": 22.5, "count": 4, "min": 0.5, "max": 10.0 });
    assert_eq!(data(&sent[0])["metrics"], json!([expected]));
}

#[test]
fn defect_07_what_is_no_number_costs_only_itself() {
    for value in ["NaN", "Infinity", "-Infinity"] {
        let point = |attribute: &str, value: &Value| {
            let attributes = pairs(&[("of", attribute.into())]);
            json!({ "attributes": attributes, "value": { "doubleValue": value } })
        };
        let points = [point("it", &value.into()), point("another", &json!(1.5))];
        let sent = metric(&json!({ "name": "load", "type": "gauge", "points": points }));
        let of = |name: &str| sent.iter().find(|one| property(one, "of") == name);
        let another = of("another").expect("the other point arrives");
        assert_eq!(data(another)["metrics"][0]["value"], 1.5, "{value}");
        // Everything that arrived was JSON, and so are all numbers in it.
        if let Some(it) = of("it") {
            assert!(data(it)["metrics"][0]["value"].is_f64(), "{value}: {it}");
        }
    }
    // As an attribute it is a text.
    let envelope = &sent("trace_attr_types")[0];
    assert!(property(envelope, "nan").is_string() && property(envelope, "inf").is_string());
}

#[test]
fn defect_14_targets_and_types() {
    let http = |more: &[(&str, Value)]| {
        let mut attributes = vec![
            ("http.request.method", "GET".into()),
            ("server.address", "api.example.com".into()),
        ];
        attributes.extend_from_slice(more);
        data(&span("CLIENT", &attributes))["target"].clone()
    };
    assert_eq!(http(&[]), "api.example.com", "without a port");
    let of_url =
        |url: &str, port: u16| http(&[("url.full", url.into()), ("server.port", port.into())]);
    assert_eq!(of_url("https://api.example.com/v1", 443), "api.example.com");
    assert_eq!(of_url("http://api.example.com/v1", 80), "api.example.com");
    assert_eq!(of_url("https://api.example.com:8443/v1", 8443), "api.example.com:8443");
    assert_eq!(of_url("http://api.example.com:443/v1", 443), "api.example.com:443");

    let rpc = span("CLIENT", &[("rpc.system", "grpc".into()), ("server.address", "g1".into())]);
    assert_eq!(data(&rpc)["type"], "grpc");
    assert_eq!(data(&rpc)["target"], "g1");
    let rpc = span(
        "CLIENT",
        &[("rpc.system.name", "connectrpc".into()), ("server.address", "g1".into())],
    );
    assert_eq!(data(&rpc)["type"], "connectrpc", "the newer name");

    let message =
        [("messaging.system", "kafka".into()), ("messaging.destination.name", "orders".into())];
    assert_eq!(data(&span("PRODUCER", &message))["target"], "orders", "the newer name");
    let source = data(&span("CONSUMER", &message))["source"].clone();
    assert!(source.as_str().is_some_and(|source| source.ends_with("orders")), "{source}");
}

#[test]
fn defect_15_a_server_that_fails_has_not_succeeded() {
    let served = |status: i64| {
        let attributes =
            [("http.request.method", "GET".into()), ("http.response.status_code", status.into())];
        data(&span("SERVER", &attributes))["success"].clone()
    };
    let expected = [
        (200, true),
        (302, true),
        (399, true),
        (400, false),
        (404, false),
        (500, false),
        (503, false),
    ];
    for (status, success) in expected {
        assert_eq!(served(status), success, "{status}");
    }
}

#[test]
fn defect_16_events_have_their_names_and_bodies() {
    let event = |body: Value, name: &str| {
        log(&json!({ "timeUnixNano": "1760000000123456000", "body": body, "eventName": name }))
    };
    let named = event(json!({}), "order.placed");
    assert_eq!(property(&named, "event.name"), "order.placed");
    assert_ne!(data(&named)["message"], "n/a", "{named}");
    let with_body = event(json!({ "stringValue": "an order" }), "order.placed");
    assert_eq!(data(&with_body)["message"], "an order");
    assert_eq!(property(&with_body, "event.name"), "order.placed");

    // Outside of a span it belongs to no operation.
    for tag in ["ai.operation.id", "ai.operation.parentId"] {
        assert_eq!(with_body["tags"].get(tag), None, "{tag}");
    }

    // The result of an evaluation, as the conventions emit it.
    let attributes = pairs(&[
        ("gen_ai.evaluation.name", "Relevance".into()),
        ("gen_ai.evaluation.score.value", 4.5.into()),
    ]);
    let result = log(&json!({ "eventName": "gen_ai.evaluation.result", "attributes": attributes }));
    assert_eq!(result["data"]["baseType"], "EventData");
    assert_eq!(data(&result)["name"], "gen_ai.evaluation.result");
    assert_eq!(property(&result, "gen_ai.evaluation.score.value"), "4.5");
}

#[test]
fn defect_19_the_exporter_names_itself() {
    let version = golden_version();
    assert!(version.contains(":ext"), "{version}");
    assert!(!version.contains("_py") && !version.contains(":dst"), "{version}");
}

/// The tag as it goes over the wire.
fn golden_version() -> String {
    let envelopes = crate::golden("trace_server_plain").envelopes().expect("envelopes");
    envelopes[0]["tags"]["ai.internal.sdkVersion"].as_str().expect("a tag").to_owned()
}

#[test]
fn defect_21_links_fit_and_cuts_are_counted_in_characters() {
    let envelope = &sent("trace_links_many")[0];
    let links = property(envelope, "_MS.links").as_str().expect("links");
    assert!(links.chars().count() <= 8192, "{}", links.len());
    let parsed: Vec<Value> = serde_json::from_str(links).expect("JSON");
    assert_eq!(parsed.len(), 102);
    assert_eq!(parsed[101]["id"], format!("{:016x}", 102));

    // The longest value there is, of characters of two, three and four bytes; and one character more.
    for character in ["é", "日", "😀"] {
        let fits = character.repeat(8191);
        let envelope = span("INTERNAL", &[("k", fits.clone().into())]);
        assert_eq!(property(&envelope, "k"), &Value::from(fits), "{character}: not cut");
        let envelope = span("INTERNAL", &[("k", character.repeat(8193).into())]);
        let cut = property(&envelope, "k").as_str().expect("a text");
        let units = cut.encode_utf16().count();
        assert!(cut.starts_with(character) && units <= 8192 * 2 && cut.chars().count() <= 8192);
        assert!(cut.chars().all(|one| character.contains(one)), "no half characters");
    }
}

#[test]
fn resource_attributes_arrive_as_a_metric() {
    let envelopes = sent("trace_otelresource_metric");
    assert_eq!(data(&envelopes[0])["metrics"][0]["name"], "_OTELRESOURCE_");
    assert_eq!(property(&envelopes[0], "cloud.region"), "westeurope");
    assert_eq!(
        property(&envelopes[0], "microsoft.applicationId"),
        "99999999-8888-7777-6666-555555555555"
    );
}

#[test]
fn an_export_of_nothing_sends_nothing() {
    let mut way = Way::plain().expect("a thread");
    let resource =
        Resource::builder_empty().with_attribute(KeyValue::new("service.name", "s")).build();
    way.spans(&resource, Vec::new()).expect("taken");
    way.logs(&resource, &[]).expect("taken");
    assert_eq!(way.arrived().expect("nothing").len(), 0);
}
