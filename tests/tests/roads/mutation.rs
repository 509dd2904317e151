//! The application adds to the span of a call as to any other.

use std::time::{Duration, SystemTime};

use llmobs_runtime::conventions::attr;
use llmobs_tests::{Recorder, Road};
use opentelemetry::trace::{
    SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};

use super::both::{chat, one, only, plainly};

/// A span that is elsewhere.
pub(crate) fn elsewhere(flags: TraceFlags, state: &str) -> SpanContext {
    let state = state.parse::<TraceState>().unwrap_or_default();
    SpanContext::new(TraceId::from(7), SpanId::from(9), flags, true, state)
}

#[test]
fn with_attributes_also_of_our_names() {
    let span = one(|| {
        let mut call = chat().start();
        call.scope(|| {
            let context = Context::current();
            assert!(context.span().is_recording());
            context.span().set_attribute(KeyValue::new("gen_ai.request.model", "theirs"));
            context.span().set_attribute(KeyValue::new("gen_ai.response.id", "theirs"));
            context.span().set_attributes([
                KeyValue::new("a", 1),
                KeyValue::new("a", 2),
                KeyValue::new("b", true),
            ]);
        });
        call.set(attr::GEN_AI_RESPONSE_ID, "ours");
        call.end();
    });
    assert_eq!(span.values("gen_ai.request.model"), ["m", "theirs"]);
    assert_eq!(span.values("gen_ai.response.id"), ["theirs", "ours"]);
    assert_eq!(
        (span.values("a"), span.values("b")),
        (vec!["1".into(), "2".into()], vec!["true".into()])
    );
}

#[test]
fn with_events_links_and_a_name() {
    let span = one(|| {
        let call = chat().start();
        let link = elsewhere(TraceFlags::SAMPLED, "a=b");
        call.scope(|| {
            let context = Context::current();
            context.span().add_event("first", vec![KeyValue::new("a", 1)]);
            context.span().add_event_with_timestamp("second", SystemTime::UNIX_EPOCH, Vec::new());
            context.span().record_error(&std::io::Error::other("of theirs"));
            context.span().add_link(link.clone(), vec![KeyValue::new("a", 1)]);
            context.span().update_name("theirs");
            context.span().update_name(String::from("theirs at last"));
        });
        call.end();
    });
    assert_eq!(span.name, "theirs at last");
    let names: Vec<_> = span.events.iter().map(|event| event.0.as_str()).collect();
    assert_eq!(names, ["first", "second", "exception"]);
    assert_eq!(span.events[2].1, [KeyValue::new("exception.message", "of theirs")]);
    assert_eq!(span.links.len(), 1);
    assert_eq!(span.links[0].span_context, elsewhere(TraceFlags::SAMPLED, "a=b"));
}

#[test]
fn with_a_status_that_wins_where_it_is_greater() {
    let error = Status::error;
    let status = |said: &[Status], failed: Option<&'static str>| {
        one(|| {
            let mut call = chat().start();
            call.scope(|| {
                for status in said {
                    Context::current().span().set_status(status.clone());
                }
            });
            if let Some(failed) = failed {
                call.fail_as(failed);
            }
            call.end();
        })
        .status
    };
    assert_eq!(status(&[Status::Ok], None), Status::Ok);
    assert_eq!(status(&[Status::Ok], Some("500")), Status::Ok);
    assert_eq!(status(&[Status::Ok, error("a")], None), Status::Ok);
    assert_eq!(status(&[error("zzz")], None), error("zzz"));
    assert_eq!(status(&[error("zzz")], Some("500")), error("zzz"));
    assert_eq!(status(&[error("1")], Some("500")), error("500"));
    assert_eq!(status(&[error("b"), error("a")], None), error("b"));
    assert_eq!(status(&[Status::Unset], Some("500")), error("500"));
}

#[test]
fn until_the_application_ends_it() {
    let at = SystemTime::now() + Duration::from_secs(7);
    let body = || {
        let mut call = chat().start();
        let context = call.context().unwrap().clone();
        context.span().set_attribute(KeyValue::new("before", true));
        context.span().end_with_timestamp(at);
        assert!(!context.span().is_recording());
        context.span().set_attribute(KeyValue::new("after", true));
        context.span().add_event("after", Vec::new());
        context.span().add_link(elsewhere(TraceFlags::SAMPLED, ""), Vec::new());
        context.span().update_name("after");
        context.span().set_status(Status::Ok);
        context.span().end();
        call.set(attr::GEN_AI_RESPONSE_ID, "r-1");
        call.fail_as("500");
        call.end();
    };
    let span = only(plainly(body));
    assert_eq!((span.name.as_str(), &span.status), ("chat m", &Status::Unset));
    assert_eq!((span.events.len(), span.links.len()), (0, 0));
    assert_eq!(span.keys().last_chunk(), Some(&["gen_ai.request.model", "shop.tenant", "before"]));
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        body();
        assert_eq!(recorder.span().0.end_time, at);
        // The call itself went on.
        let duration = &recorder.points_of("gen_ai.client.operation.duration")[0];
        assert_eq!(duration.attribute("error.type"), Some("500"));
        assert!(duration.sum < 7.0);
    }
}

#[test]
fn and_not_after_its_end() {
    let span = one(|| {
        let call = chat().start();
        let context = call.context().unwrap().clone();
        let id = context.span().span_context().clone();
        call.end();
        for _ in 0..2 {
            assert!(!context.span().is_recording());
            assert_eq!(context.span().span_context(), &id);
            context.span().set_attribute(KeyValue::new("after", true));
            context.span().add_event("after", Vec::new());
            context.span().add_link(elsewhere(TraceFlags::SAMPLED, ""), Vec::new());
            context.span().update_name("after");
            context.span().set_status(Status::Ok);
            context.span().end();
        }
    });
    assert_eq!((span.name.as_str(), &span.status), ("chat m", &Status::Unset));
    assert_eq!((span.keys().len(), span.events.len(), span.links.len()), (4, 0, 0));
}

#[test]
fn from_another_thread() {
    let span = one(|| {
        let call = chat().start();
        let context = call.context().unwrap().clone();
        std::thread::spawn(move || {
            let _entered = context.attach();
            Context::current().span().set_attribute(KeyValue::new("elsewhere", true));
        })
        .join()
        .unwrap();
        std::thread::spawn(move || call.end()).join().unwrap();
    });
    assert_eq!(span.keys().last(), Some(&"elsewhere"));
}

#[test]
fn of_each_call_its_own() {
    let seen = plainly(|| {
        let (outer, inner) = (chat().start(), chat().start());
        for (call, name) in [(&outer, "outer"), (&inner, "inner"), (&outer, "outer")] {
            call.context().unwrap().span().set_attribute(KeyValue::new("whose", name));
        }
        inner.end();
        outer.end();
        chat().start().end();
    });
    let whose: Vec<_> = seen.spans.iter().map(|span| span.values("whose")).collect();
    assert_eq!(whose, [vec!["inner"], vec!["outer", "outer"], vec![]]);
}
