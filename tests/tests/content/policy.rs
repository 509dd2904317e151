//! When content is captured, and where it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use llmobs_runtime::call;
use llmobs_runtime::content::{ContentCapture, Kind, Kinds};
use llmobs_runtime::conventions::{Dialect, operation};
use llmobs_tests::{Recorder, alone};
use serde_json::Value;

use super::{answered, asked, capturing, chat, expected};

const VARIABLE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// Whether the span holds the content, all or nothing.
#[track_caller]
fn on_span(recorder: &Recorder, dialect: Dialect) -> bool {
    let span = recorder.span();
    let found: Vec<_> = expected(dialect)
        .into_iter()
        .map(|(key, value)| {
            let text = span.text(key)?;
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{key}");
            Some(())
        })
        .collect();
    assert!(found.iter().all(|it| *it == found[0]), "{found:?}");
    found[0].is_some()
}

#[test]
fn nothing_unless_somebody_says_so() {
    let recorder = Recorder::new();
    let call = asked();
    assert!(Kind::ALL.into_iter().all(|kind| !call.captures(kind)));
    answered(call);
    assert!(!on_span(&recorder, Dialect::Released) && recorder.events().is_empty());
}

#[test]
fn the_builder_says_where() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        for (capture, spans, events) in [
            (ContentCapture::NoContent, false, 0),
            (ContentCapture::SpanOnly, true, 0),
            (ContentCapture::EventOnly, false, 1),
            (ContentCapture::SpanAndEvent, true, 1),
        ] {
            let recorder = capturing(dialect, capture);
            answered(asked());
            let found = (on_span(&recorder, dialect), recorder.events().len());
            assert_eq!(found, (spans, events), "{capture:?}");
        }
    }
}

fn said(test: &str, value: &str, built: Option<ContentCapture>, spans: bool, events: usize) {
    alone(test, &[(VARIABLE, value)], || {
        let recorder = Recorder::built(|builder| match built {
            Some(capture) => builder.capture_content(capture),
            None => builder,
        });
        answered(asked());
        assert_eq!(
            (on_span(&recorder, Dialect::Released), recorder.events().len()),
            (spans, events)
        );
    });
}

#[test]
fn the_environment_says_where() {
    said("policy::the_environment_says_where", "span_and_event", None, true, 1);
}

#[test]
fn the_environment_says_false() {
    said(
        "policy::the_environment_says_false",
        "false",
        Some(ContentCapture::SpanAndEvent),
        false,
        0,
    );
}

#[test]
fn the_environment_and_the_builder_agree_on_the_least() {
    let built = Some(ContentCapture::SpanAndEvent);
    said("policy::the_environment_and_the_builder_agree_on_the_least", "SPAN_ONLY", built, true, 0);
}

#[test]
fn the_environment_says_something_unknown() {
    said("policy::the_environment_says_something_unknown", "yes please", None, false, 0);
}

#[test]
fn a_call_may_want_less() {
    let recorder = capturing(Dialect::Released, ContentCapture::SpanOnly);
    let mut call = chat()
        .capture_only(Kinds::NONE.with(Kind::Output))
        .capture(Kind::Input, "not wanted")
        .start();
    assert!(call.captures(Kind::Output) && !call.captures(Kind::Input));
    call.capture(Kind::Output, "wanted");
    call.end();
    chat().capture_only(Kinds::NONE).capture(Kind::Input, "not wanted").start().end();
    let spans = recorder.spans();
    assert_eq!(spans[0].value("gen_ai.input.messages"), None);
    assert!(spans[0].text("gen_ai.output.messages").unwrap().contains("wanted"));
    assert!(spans[1].attributes().keys().all(|key| !key.ends_with("messages")));
}

#[test]
fn an_operation_has_only_the_content_that_the_conventions_give_it() {
    let recorder = capturing(Dialect::Latest, ContentCapture::SpanOnly);
    let mut call = call(&operation::EXECUTE_TOOL).capture(Kind::Arguments, "Husum").start();
    assert!(call.captures(Kind::Result) && !call.captures(Kind::Input));
    call.capture(Kind::Result, "noon");
    call.capture(Kind::Input, "nothing of a tool's");
    call.end();
    let attributes = recorder.span().attributes();
    // The schemas want an object.
    assert_eq!(attributes["gen_ai.tool.call.arguments"], "{\"value\":\"Husum\"}");
    assert_eq!(attributes["gen_ai.tool.call.result"], "{\"value\":\"noon\"}");
    assert!(!attributes.contains_key("gen_ai.input.messages"));
}

#[test]
fn what_is_sampled_out_is_neither_collected_nor_shown_to_a_hook() {
    let shown = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&shown);
    let recorder = Recorder::built(|builder| {
        builder
            .capture_content(ContentCapture::SpanOnly)
            .sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff)
            .redact_with(move |_, _| {
                counter.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
    });
    let call = asked();
    assert!(!call.captures(Kind::Output));
    answered(call);
    assert!(recorder.spans().is_empty());
    assert_eq!(shown.load(Ordering::Relaxed), 0);
}
