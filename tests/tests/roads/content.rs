//! Captured content, on spans and in events.

use futures::{StreamExt, stream};
use llmobs_runtime::content::{ContentCapture, ContentLimits, Kind};
use llmobs_runtime::conventions::attr;
use llmobs_runtime::{Builder, LlmChunk, Streamed};
use opentelemetry_sdk::trace::Sampler;

use super::both::{Seen, block_on, both, chat, plainly};

struct Piece(&'static str);

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        match answer.content() {
            Some(content) if !self.0.is_empty() => content.text_delta(0, self.0),
            _ => {}
        }
        if self.0.is_empty() {
            answer.finish_reason(0, "stop");
        }
    }
}

fn talk() {
    let mut call = chat().capture(Kind::Input, "When is high water?").start();
    call.capture(Kind::Output, &"At noon. ".repeat(40));
    call.set(attr::GEN_AI_RESPONSE_ID, "r-1");
    call.end();
    let answer = chat().capture(Kind::Input, "And then?").stream(stream::iter([
        Piece("At "),
        Piece("night."),
        Piece(""),
    ]));
    assert_eq!(block_on(answer.count()), 3);
    let mut failed = chat().capture(Kind::Input, "And why?").start();
    failed.fail_as("500");
    failed.end();
}

fn captured(capture: ContentCapture, more: impl Fn(Builder) -> Builder) -> Seen {
    both(
        |builder| {
            let limits = ContentLimits::new().attribute_bytes(200);
            more(builder.capture_content(capture).content_limits(limits))
        },
        talk,
    )
}

const INPUT: &str = "gen_ai.input.messages";

#[test]
fn on_spans() {
    let seen = captured(ContentCapture::SpanOnly, |builder| builder);
    assert_eq!((seen.spans.len(), seen.events.len()), (3, 0));
    assert!(seen.spans[0].values(INPUT)[0].contains("high water"));
    assert!(seen.spans[0].values("gen_ai.output.messages")[0].contains("noon"));
    assert_eq!(seen.spans[0].values("llmobs.content.truncated").len(), 1);
    assert!(seen.spans[1].values("gen_ai.output.messages")[0].contains("At night."));
}

#[test]
fn in_events() {
    let seen = captured(ContentCapture::EventOnly, |builder| builder);
    assert_eq!((seen.spans.len(), seen.events.len()), (3, 3));
    assert!(seen.spans.iter().all(|span| span.values(INPUT).is_empty()));
    assert!(seen.events.iter().all(|event| event.attributes.iter().any(|it| it.0 == INPUT)));
}

#[test]
fn on_both_and_redacted() {
    let seen = captured(ContentCapture::SpanAndEvent, |builder| {
        builder.redact_with(|kind, mut content| {
            if kind == Kind::Output {
                return Err("not this".into());
            }
            content.texts_mut(|text| *text = text.replace("water", "[WATER]"));
            Ok(())
        })
    });
    assert_eq!((seen.spans.len(), seen.events.len()), (3, 3));
    assert!(seen.spans[0].values(INPUT)[0].contains("high [WATER]"));
}

#[test]
fn in_events_of_calls_that_are_sampled_out() {
    let seen =
        captured(ContentCapture::SpanAndEvent, |builder| builder.sampler(Sampler::AlwaysOff));
    assert_eq!((seen.spans.len(), seen.events.len()), (0, 3));
}

#[test]
fn as_an_estimate_of_its_tokens() {
    let seen = captured(ContentCapture::NoContent, |builder| builder.estimate_tokens(true));
    assert!(seen.spans[0].values("gen_ai.usage.input_tokens").len() == 1, "{:?}", seen.spans[0]);
    let seen = both(|builder| builder.estimate_tokens(true).sampler(Sampler::AlwaysOff), talk);
    assert!(seen.points.iter().any(|point| point.metric.ends_with("token.usage")));
}

#[test]
fn nowhere() {
    let seen = plainly(talk);
    assert!(seen.spans.iter().all(|span| span.values(INPUT).is_empty()));
    assert!(seen.events.is_empty());
}

#[test]
fn by_a_redactor_that_calls_a_model_itself() {
    let seen = captured(ContentCapture::SpanOnly, |builder| {
        builder.redact_with(|_, _| {
            let _telemetry = opentelemetry::Context::enter_telemetry_suppressed_scope();
            chat().start().end();
            Ok(())
        })
    });
    assert_eq!(seen.spans.len(), 3);
}
