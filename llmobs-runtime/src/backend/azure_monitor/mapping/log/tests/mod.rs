mod kinds;

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::{InstrumentationScope, Key, SpanId, TraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLoggerProvider};
use serde_json::{Value, json};

use super::super::super::names;
use super::super::{Mapper, Options};

const TRACE: TraceId =
    TraceId::from_bytes(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes());
const SPAN: SpanId = SpanId::from_bytes(0xb7ad_6b71_6920_3331_u64.to_be_bytes());

fn at(micros: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(micros)
}

/// The envelope of a record that has a time and a severity and whatever `fill` gives it.
fn envelope(fill: impl FnOnce(&mut SdkLogRecord)) -> Value {
    let provider = SdkLoggerProvider::builder().build();
    let mut record = provider.logger("").create_log_record();
    record.set_timestamp(at(1_760_000_000_123_456));
    record.set_severity_number(Severity::Info);
    fill(&mut record);
    let options = Options {
        resource_on_items: false,
        resource_metric: true,
        metric_namespace: false,
        application_id: None,
    };
    let resource = Resource::builder_empty().with_service_name("checkout").build();
    let mapper = Mapper::new("the-key", &resource, &options);
    let mut items = Vec::new();
    mapper.log(&record, &InstrumentationScope::builder("app.logger").build(), &mut items);
    assert_eq!(items.len(), 1);
    let envelope: Value = serde_json::from_slice(&items[0].json).expect("an envelope is JSON");
    assert_eq!(envelope["iKey"], "the-key");
    assert_eq!(envelope["tags"]["ai.cloud.role"], "checkout");
    envelope
}

/// What it tells; its type must be this.
fn data(ty: &str, fill: impl FnOnce(&mut SdkLogRecord)) -> Value {
    let envelope = envelope(fill);
    assert_eq!(envelope["data"]["baseType"], format!("{ty}Data"));
    assert_eq!(envelope["name"], format!("Microsoft.ApplicationInsights.{ty}"));
    envelope["data"]["baseData"].clone()
}

fn map<const N: usize>(members: [(&'static str, AnyValue); N]) -> AnyValue {
    let members = members.into_iter().map(|(key, value)| (Key::from(key), value));
    AnyValue::Map(Box::new(members.collect::<HashMap<_, _>>()))
}

#[test]
fn a_record_is_a_message_with_its_attributes() {
    let envelope = envelope(|record| {
        record.set_body("hello".into());
        record.add_attribute("user", "bob");
        record.add_attribute("n", 3);
        record.add_attribute("ok", true);
        let list = vec![AnyValue::Int(1), AnyValue::Int(2)];
        record.add_attribute("arr", AnyValue::ListAny(Box::new(list)));
        // A span's properties would lack these.
        record.add_attribute("http.custom", "kept");
        record.add_attribute("thread.id", 1);
    });
    assert_eq!(envelope["time"], "2025-10-09T08:53:20.123456Z");
    assert_eq!(
        envelope["data"],
        json!({
            "baseData": {
                "ver": 2,
                "message": "hello",
                "severityLevel": 1,
                "measurements": {},
                "properties": {
                    "user": "bob", "n": "3", "ok": "true", "arr": "[1,2]",
                    "http.custom": "kept", "thread.id": "1", "logger_name": "app.logger",
                },
            },
            "baseType": "MessageData",
        })
    );
}

#[test]
fn severities_are_the_levels_of_the_service() {
    use Severity::{Debug, Debug4, Error, Error4, Fatal, Fatal4, Info, Info4, Trace, Warn, Warn4};
    for (severity, level) in [
        (Trace, 0),
        (Debug, 0),
        (Debug4, 0),
        (Info, 1),
        (Info4, 1),
        (Warn, 2),
        (Warn4, 2),
        (Error, 3),
        (Error4, 3),
        (Fatal, 4),
        (Fatal4, 4),
    ] {
        let data = data("Message", |record| record.set_severity_number(severity));
        assert_eq!(data["severityLevel"], level, "{severity:?}");
    }
    let provider = SdkLoggerProvider::builder().build();
    let record = provider.logger("").create_log_record();
    let scope = InstrumentationScope::default();
    assert_eq!(super::Read::of(&record, &scope).severity(), 0);
}

#[test]
fn a_body_is_text_or_json() {
    let nested = || {
        map([
            ("b", AnyValue::ListAny(Box::new(vec![1.into(), "a:\"b:c\",d\\".into()]))),
            ("a", map([("deep", AnyValue::Boolean(true))])),
        ])
    };
    for (body, message) in [
        (" håll 日本 😀\n".into(), "håll 日本 😀"),
        (AnyValue::Boolean(true), "true"),
        (AnyValue::Double(1.5), "1.5"),
        (AnyValue::Int(-7), "-7"),
        (AnyValue::Bytes(Box::new(b"\0abc".to_vec())), "AGFiYw=="),
        (map([("score", 1.into())]), r#"{"score": 1}"#),
        (nested(), r#"{"a": {"deep": true}, "b": [1, "a:\"b:c\",d\\"]}"#),
    ] {
        let data = data("Message", |record| record.set_body(body));
        assert_eq!(data["message"], message);
    }
}

#[test]
fn the_service_gets_a_message_where_there_is_none() {
    let list = AnyValue::ListAny(Box::default());
    for body in ["".into(), "  ".into(), 0.into(), 0.0.into(), AnyValue::Boolean(false), list] {
        assert_eq!(data("Message", |record| record.set_body(body))["message"], "n/a");
    }
    assert_eq!(data("Message", |_| {})["message"], "n/a");
}

#[test]
fn outside_a_span_there_is_no_operation() {
    let tags = |fill: &dyn Fn(&mut SdkLogRecord)| {
        let tags = envelope(|record| fill(record))["tags"].clone();
        (tags.get("ai.operation.id").cloned(), tags.get("ai.operation.parentId").cloned())
    };
    assert_eq!(tags(&|_| {}), (None, None));
    let invalid = |record: &mut SdkLogRecord| {
        record.set_trace_context(TraceId::INVALID, SpanId::INVALID, None);
    };
    assert_eq!(tags(&invalid), (None, None));
    let trace = Some(json!("0af7651916cd43dd8448eb211c80319c"));
    let no_span = |record: &mut SdkLogRecord| {
        record.set_trace_context(TRACE, SpanId::INVALID, None);
    };
    assert_eq!(tags(&no_span), (trace.clone(), None));
    let within = |record: &mut SdkLogRecord| record.set_trace_context(TRACE, SPAN, None);
    assert_eq!(tags(&within), (trace, Some(json!("b7ad6b7169203331"))));
}

#[test]
fn who_caused_it_is_in_the_tags_and_people_only_there() {
    let envelope = envelope(|record| {
        record.add_attribute("enduser.id", "alice");
        record.add_attribute("enduser.pseudo.id", "p1");
        record.add_attribute("enduser.role", "admin");
        record.add_attribute("session.id", "s1");
        record.add_attribute("ai.operation.name", "GET /a");
        record.add_attribute("client.address", "1.2.3.4");
        record.add_attribute("user_agent.synthetic.type", "test");
    });
    let tags = &envelope["tags"];
    for (tag, value) in [
        ("ai.user.authUserId", "alice"),
        ("ai.user.id", "p1"),
        ("ai.session.id", "s1"),
        ("ai.operation.name", "GET /a"),
        ("ai.location.ip", "1.2.3.4"),
        ("ai.operation.syntheticSource", "True"),
    ] {
        assert_eq!(tags[tag], value, "{tag}");
    }
    assert_eq!(
        envelope["data"]["baseData"]["properties"],
        json!({
            "ai.operation.name": "GET /a", "client.address": "1.2.3.4",
            "user_agent.synthetic.type": "test", "logger_name": "app.logger",
        })
    );
}

#[test]
fn what_tracing_names_by_itself_is_a_place_in_the_code() {
    let bare = data("Message", |record| {
        record.set_event_name("event src/C:/main.rs:12");
        record.set_target("shop::cart");
    });
    assert_eq!(bare["message"], "event src/C:/main.rs:12");
    assert_eq!(
        bare["properties"],
        json!({
            "code.file.path": "src/C:/main.rs", "code.line.number": "12",
            "logger_name": "shop::cart",
        })
    );
    // What only looks like it is a name.
    for name in ["event of the year", "event a:b", "event :3", "event a:", "evento a:3"] {
        let named = data("Message", |record| record.set_event_name(name));
        assert_eq!(named["properties"]["event.name"], name);
    }
    let of_log_crate = data("Message", |record| {
        record.set_event_name("log event");
        record.set_target("log");
        record.add_attribute("log.target", "hyper::client");
    });
    assert_eq!(of_log_crate["message"], "n/a");
    assert_eq!(
        of_log_crate["properties"],
        json!({"log.target": "hyper::client", "logger_name": "hyper::client"})
    );
}

#[test]
fn the_scope_is_the_logger_unless_the_record_names_one() {
    let named = data("Message", |record| record.add_attribute("logger_name", "mine"));
    assert_eq!(named["properties"], json!({"logger_name": "mine"}));
    let targeted = data("Message", |record| record.set_target(""));
    assert_eq!(targeted["properties"], json!({"logger_name": "app.logger"}));
}

#[test]
fn times_and_sample_rates() {
    let observed = envelope(|record| record.set_observed_timestamp(at(1)));
    assert_eq!(observed["time"], "2025-10-09T08:53:20.123456Z");
    let provider = SdkLoggerProvider::builder().build();
    let mut record = provider.logger("").create_log_record();
    record.set_observed_timestamp(at(1_760_000_000_123_457));
    let resource = Resource::builder_empty().build();
    let options = Options {
        resource_on_items: false,
        resource_metric: false,
        metric_namespace: false,
        application_id: None,
    };
    let mut items = Vec::new();
    let scope = InstrumentationScope::default();
    Mapper::new("k", &resource, &options).log(&record, &scope, &mut items);
    let only_observed: Value = serde_json::from_slice(&items[0].json).expect("JSON");
    assert_eq!(only_observed["time"], "2025-10-09T08:53:20.123457Z");
    // A scope without a name is a name that is empty, as in the reference.
    let properties = &only_observed["data"]["baseData"]["properties"];
    assert_eq!(*properties, json!({"logger_name": ""}));

    let rated = |rate: AnyValue| {
        let envelope = envelope(|record| record.add_attribute("_MS.sampleRate", rate));
        let properties = &envelope["data"]["baseData"]["properties"];
        assert_eq!(*properties, json!({"logger_name": "app.logger"}));
        envelope.get("sampleRate").cloned()
    };
    assert_eq!(rated(25.0.into()), Some(json!(25.0)));
    assert_eq!(rated("33.5".into()), Some(json!(33.5)));
    for wrong in [0.0.into(), 101.into(), f64::NAN.into(), "much".into()] {
        assert_eq!(rated(wrong), None);
    }
}

#[test]
fn limits_cut_and_never_within_a_character() {
    let long = names::long().next().expect("some are long");
    let data = data("Message", |record| {
        record.set_body("é".repeat(40_000).into());
        record.add_attribute("big", "v".repeat(9_000));
        record.add_attribute(long, "g".repeat(300_000));
        record.add_attribute("k".repeat(151), "x");
    });
    assert_eq!(data["message"], "é".repeat(32_768));
    assert_eq!(
        data["properties"],
        json!({
            "big": "v".repeat(8_192), long: "g".repeat(262_144),
            "logger_name": "app.logger",
        })
    );
}

#[test]
fn measurements_are_numbers_from_a_map_or_from_json() {
    let of_map = data("Message", |record| {
        let members = map([("tokens", 12.into()), ("f", 1.5.into()), ("no", "x".into())]);
        record.add_attribute("microsoft.custom_measurements", members);
    });
    assert_eq!(of_map["measurements"], json!({"tokens": 12.0, "f": 1.5}));
    assert_eq!(of_map["properties"], json!({"logger_name": "app.logger"}));
}
