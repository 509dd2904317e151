//! Spans and log records as no application makes them: long, many, and in every character there is.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jsonschema::Validator;
use llmobs_tests::envelope::{CONTENT, Way};
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{schema, wrong};

static SCHEMA: LazyLock<Validator> = LazyLock::new(schema);

/// Around the limits that there are, and far beyond.
const LENGTHS: [usize; 14] =
    [0, 1, 149, 150, 151, 511, 512, 513, 1_023, 1_025, 2_049, 8_191, 8_193, 33_000];

/// Keys that mean something to the mapping.
const KNOWN: [&str; 46] = [
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.agent.name",
    "gen_ai.request.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.input.messages",
    "gen_ai.tool.call.result",
    "http.request.method",
    "http.method",
    "http.response.status_code",
    "http.status_code",
    "http.route",
    "http.url",
    "http.target",
    "http.host",
    "url.full",
    "url.path",
    "url.query",
    "url.scheme",
    "server.address",
    "server.port",
    "net.peer.name",
    "net.peer.port",
    "peer.service",
    "db.system",
    "db.system.name",
    "db.statement",
    "db.namespace",
    "messaging.system",
    "messaging.destination.name",
    "rpc.system",
    "az.namespace",
    "error.type",
    "enduser.id",
    "session.id",
    "user_agent.original",
    "client.address",
    "_MS.sampleRate",
    "microsoft.custom_measurements",
    "microsoft.custom_event.name",
    "microsoft.availability.id",
    "microsoft.availability.duration",
    "exception.type",
    "exception.message",
    "exception.stacktrace",
];

/// A few characters of any kind, so often that they reach a limit: a cut falls anywhere.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a".to_owned()),
        Just("é".to_owned()),
        Just("日本".to_owned()),
        Just("x😀".to_owned()),
        Just("\u{0}\u{1f}\u{7f}\u{2028}".to_owned()),
        Just("\"\\\n\r\t".to_owned()),
        Just("{\"a\":1}".to_owned()),
        Just("e\u{301}".to_owned()),
        "\\PC{1,8}",
        vec(any::<char>(), 1..6).prop_map(|characters| characters.into_iter().collect()),
    ];
    prop_oneof![
        4 => piece.clone(),
        1 => (piece, select(LENGTHS.to_vec()), 0_usize..4).prop_map(|(piece, length, over)| {
            piece.chars().cycle().take(length + over).collect()
        }),
        1 => Just(String::new()),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => select(KNOWN.to_vec()).prop_map(str::to_owned),
        1 => select(CONTENT.to_vec()).prop_map(str::to_owned),
        3 => text(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let double = prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(-0.0)];
    prop_oneof![
        6 => text().prop_map(Value::from),
        1 => Just("v😀".repeat(140_000).into()),
        2 => any::<i64>().prop_map(Value::from),
        2 => double.clone().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => vec(text(), 0..5).prop_map(|texts| {
            Value::Array(Array::String(texts.into_iter().map(Into::into).collect()))
        }),
        1 => vec(double, 0..5).prop_map(|doubles| Value::Array(Array::F64(doubles))),
        1 => vec(any::<i64>(), 0..3_000).prop_map(|ints| Value::Array(Array::I64(ints))),
        1 => vec(any::<bool>(), 0..5).prop_map(|flags| Value::Array(Array::Bool(flags))),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec((key(), value()).prop_map(|(key, value)| KeyValue::new(key, value)), 0..12)
}

/// From the first moment to years that no calendar of ours has met.
fn time() -> impl Strategy<Value = SystemTime> {
    let seconds = prop_oneof![
        4 => 1_600_000_000_u64..1_900_000_000,
        1 => 0_u64..253_402_300_799,
    ];
    (seconds, 0_u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos))
}

fn context() -> impl Strategy<Value = SpanContext> {
    (any::<u128>(), any::<u64>(), any::<bool>()).prop_map(|(trace, span, remote)| {
        let (trace, span) = (TraceId::from(trace), SpanId::from(span));
        SpanContext::new(trace, span, TraceFlags::SAMPLED, remote, TraceState::NONE)
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let name = prop_oneof![Just("exception".to_owned()), text()];
    let event = (name, time(), attributes())
        .prop_map(|(name, time, attributes)| Event::new(name, time, attributes, 0));
    vec(event, 0..5)
}

/// Sometimes more than fit.
fn links() -> impl Strategy<Value = Vec<Link>> {
    let link = || {
        (context(), any::<i64>()).prop_map(|(context, time)| {
            Link::new(context, vec![KeyValue::new("enqueuedTime", time)], 0)
        })
    };
    prop_oneof![4 => vec(link(), 0..3), 1 => vec(link(), 90..200)]
}

fn span() -> impl Strategy<Value = SpanData> {
    let kind = select(vec![
        SpanKind::Client,
        SpanKind::Server,
        SpanKind::Producer,
        SpanKind::Consumer,
        SpanKind::Internal,
    ]);
    let status = prop_oneof![Just(Status::Unset), Just(Status::Ok), text().prop_map(Status::error)];
    let head = (context(), any::<u64>(), kind, text(), time(), time(), status);
    (head, attributes(), events(), links()).prop_map(|(head, attributes, events, links)| {
        let (span_context, parent, span_kind, name, start_time, end_time, status) = head;
        let mut span_events = SpanEvents::default();
        span_events.events = events;
        let mut span_links = SpanLinks::default();
        span_links.links = links;
        SpanData {
            span_context,
            parent_span_id: SpanId::from(parent),
            parent_span_is_remote: false,
            span_kind,
            name: name.into(),
            start_time,
            end_time,
            attributes,
            dropped_attributes_count: 0,
            events: span_events,
            links: span_links,
            status,
            instrumentation_scope: InstrumentationScope::default(),
        }
    })
}

fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        text().prop_map(AnyValue::from),
        any::<i64>().prop_map(AnyValue::Int),
        any::<f64>().prop_map(AnyValue::Double),
        any::<bool>().prop_map(AnyValue::Boolean),
        vec(any::<u8>(), 0..64).prop_map(|bytes| AnyValue::Bytes(Box::new(bytes))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|list| AnyValue::ListAny(Box::new(list))),
            vec((text(), inner), 0..4).prop_map(|members| {
                members.into_iter().map(|(key, value)| (Key::from(key), value)).collect()
            }),
        ]
    })
}

fn log() -> impl Strategy<Value = SdkLogRecord> {
    let severity = select(vec![Severity::Trace, Severity::Info, Severity::Warn4, Severity::Fatal4]);
    let name = proptest::option::of(select(vec!["gen_ai.evaluation.result", "order.placed", ""]));
    let body = proptest::option::of(any_value());
    let attributes = vec((key(), any_value()), 0..10);
    (time(), severity, name, body, attributes, proptest::option::of(context())).prop_map(
        |(time, severity, name, body, attributes, context)| {
            let logger = SdkLoggerProvider::builder().build().logger("random");
            let mut record = logger.create_log_record();
            record.set_timestamp(time);
            record.set_severity_number(severity);
            if let Some(name) = name {
                record.set_event_name(name);
            }
            if let Some(body) = body {
                record.set_body(body);
            }
            record.add_attributes(attributes);
            if let Some(context) = context {
                let (trace, span) = (context.trace_id(), context.span_id());
                record.set_trace_context(trace, span, Some(TraceFlags::SAMPLED));
            }
            record
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    let named = select(vec![
        "service.name",
        "service.namespace",
        "service.version",
        "service.instance.id",
        "k8s.pod.name",
        "device.id",
    ]);
    let attribute = (prop_oneof![named.prop_map(str::to_owned), text()], value());
    vec(attribute, 0..6).prop_map(|attributes| {
        let attributes = attributes.into_iter().map(|(key, value)| KeyValue::new(key, value));
        Resource::builder_empty().with_attributes(attributes).build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// One envelope for each span, in order, and one for each of its events.
    #[test]
    fn of_any_spans(spans in vec(span(), 1..6), resource in resource()) {
        let schema = &*SCHEMA;
        let expected: Vec<String> = spans.iter().map(|span| span.span_context.span_id().to_string()).collect();
        let items: usize = spans.iter().map(|span| 1 + span.events.len()).sum();
        let mut way = Way::plain().expect("a thread");
        way.spans(&resource, spans).expect("taken");
        let envelopes = way.arrived().expect("JSON, and all of it");
        for envelope in &envelopes {
            prop_assert_eq!(wrong(schema, envelope), [""; 0], "{}", short(envelope));
        }
        prop_assert_eq!(envelopes.len(), items);
        let ids: Vec<&str> =
            envelopes.iter().filter_map(|envelope| envelope["data"]["baseData"]["id"].as_str()).collect();
        prop_assert_eq!(ids, expected);
    }

    /// One envelope for each record.
    #[test]
    fn of_any_log_records(logs in vec(log(), 1..6), resource in resource()) {
        let schema = &*SCHEMA;
        let scope = InstrumentationScope::builder("random").build();
        let mut way = Way::plain().expect("a thread");
        let batch: Vec<_> = logs.iter().map(|record| (record, &scope)).collect();
        way.logs(&resource, &batch).expect("taken");
        let envelopes = way.arrived().expect("JSON, and all of it");
        for envelope in &envelopes {
            prop_assert_eq!(wrong(schema, envelope), [""; 0], "{}", short(envelope));
        }
        prop_assert_eq!(envelopes.len(), logs.len());
    }
}

fn short(envelope: &serde_json::Value) -> String {
    envelope.to_string().chars().take(2_000).collect()
}
