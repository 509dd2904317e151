//! How much spans and content may hold.

use llmobs_runtime::content::{ContentCapture, Kind};
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{builder, call};
use llmobs_tests::{Recorder, alone};
use opentelemetry::trace::{
    Link, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
};
use opentelemetry::{KeyValue, global};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

fn many() -> Vec<KeyValue> {
    (0..200).map(|key| KeyValue::new(format!("k{key}"), key)).collect()
}

/// Attributes of a span, of a call, events, links, attributes of an event, of a link.
fn held() -> [usize; 6] {
    use opentelemetry::trace::Span as _;

    let spans = InMemorySpanExporter::default();
    let telemetry = builder().span_exporter(spans.clone()).install().unwrap();
    let (trace, span) = (TraceId::from(1), SpanId::from(1));
    let linked = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::NONE);
    let links = (0..200).map(|_| Link::new(linked.clone(), many(), 0)).collect();
    let tracer = global::tracer("app");
    let mut span = tracer.span_builder("span").with_links(links).start(&tracer);
    span.set_attributes(many());
    for _ in 0..200 {
        span.add_event("event", many());
    }
    span.end();
    let call = call(&operation::CHAT).model("m").start();
    call.context().expect("it records").span().set_attributes(many());
    call.end();
    telemetry.force_flush().unwrap();
    let spans = spans.get_finished_spans().unwrap();
    let of = |is: &dyn Fn(&SpanData) -> bool| spans.iter().find(|span| is(span)).unwrap();
    let (span, call) = (of(&|span| span.name == "span"), of(&|span| span.name == "chat m"));
    [
        span.attributes.len(),
        call.attributes.len(),
        span.events.len(),
        span.links.len(),
        span.events.iter().next().map_or(0, |event| event.attributes.len()),
        span.links.iter().next().map_or(0, |link| link.attributes.len()),
    ]
}

#[test]
fn spans_events_and_links_hold_what_the_environment_allows() {
    let test = "limits::spans_events_and_links_hold_what_the_environment_allows";
    let all = ("OTEL_ATTRIBUTE_COUNT_LIMIT", " 20 ");
    for (variables, expected) in [
        (&[][..], [128, 128, 128, 128, 128, 128]),
        (&[all], [20, 20, 128, 128, 20, 20]),
        (
            &[
                all,
                ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "21"),
                ("OTEL_SPAN_EVENT_COUNT_LIMIT", "22"),
                ("OTEL_SPAN_LINK_COUNT_LIMIT", "23"),
                ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "24"),
                ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "25"),
            ],
            [21, 21, 22, 23, 24, 25],
        ),
        (&[("OTEL_SPAN_EVENT_COUNT_LIMIT", "0")], [128, 128, 0, 128, 0, 128]),
    ] {
        let expected = format!("{expected:?}");
        let variables = [variables, &[("EXPECTED", expected.as_str())]].concat();
        alone(test, &variables, || {
            assert_eq!(format!("{:?}", held()), std::env::var("EXPECTED").unwrap());
        });
    }
}

#[test]
fn content_is_as_long_as_the_environment_allows() {
    let test = "limits::content_is_as_long_as_the_environment_allows";
    let (all, spans, logs) = (
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "400"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "300"),
        ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "200"),
    );
    for (variables, capture, most) in [
        (&[all][..], "SPAN_ONLY", 400),
        (&[all], "EVENT_ONLY", 400),
        (&[all, spans, logs], "SPAN_ONLY", 300),
        (&[all, spans, logs], "EVENT_ONLY", 200),
        (&[spans, logs], "SPAN_AND_EVENT", 200),
    ] {
        let most = most.to_string();
        let more = [
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", capture),
            ("MOST", most.as_str()),
        ];
        alone(test, &[variables, &more].concat(), || {
            let recorder =
                Recorder::built(|builder| builder.capture_content(ContentCapture::SpanAndEvent));
            let asked = "word ".repeat(1_000);
            call(&operation::CHAT).model("m").capture(Kind::Input, asked.as_str()).start().end();
            let key = "gen_ai.input.messages";
            let on_span = recorder.span().text(key);
            let in_event = recorder.events().first().and_then(|event| event.json(key));
            let lengths = [
                on_span.map(|text| text.chars().count()),
                in_event.map(|it| it.to_string().chars().count()),
            ];
            let most: usize = std::env::var("MOST").unwrap().parse().unwrap();
            let found: Vec<usize> = lengths.into_iter().flatten().collect();
            assert!(!found.is_empty());
            // As much as fits, and no more.
            for length in found {
                assert!((most / 2..=most).contains(&length), "{length} of {most}");
            }
        });
    }
}
