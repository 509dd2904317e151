//! Calls in calls, and spans of the application's between them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use futures::{StreamExt, stream};
use llmobs_runtime::call;
use llmobs_runtime::conventions::operation;
use llmobs_tests::{Recorder, Road};
use opentelemetry::trace::{SpanId, TraceContextExt, Tracer};
use opentelemetry::{KeyValue, global};
use opentelemetry_sdk::trace::SpanData;

use super::both::{Parent, block_on, both, chat, plainly};

fn theirs(name: &'static str, body: impl FnOnce()) {
    let tracer = global::tracer("theirs");
    tracer.in_span(name, |context| {
        context.span().set_attribute(KeyValue::new("theirs", true));
        body();
    });
}

fn tool(body: impl FnOnce()) {
    let call = call(&operation::EXECUTE_TOOL).start();
    call.scope(body);
    call.end();
}

fn agent(name: &str, body: impl FnOnce()) {
    let call = call(&operation::INVOKE_AGENT).agent(name).start();
    call.scope(body);
    call.end();
}

trait Agent {
    fn agent(self, name: &str) -> Self;
}

impl Agent for llmobs_runtime::CallBuilder {
    fn agent(self, name: &str) -> Self {
        self.set(llmobs_runtime::conventions::attr::GEN_AI_AGENT_NAME, name).conversation_id("c-1")
    }
}

#[test]
fn an_agent_with_all_that_it_does() {
    let latest = |builder: llmobs_runtime::Builder| {
        builder.dialect(llmobs_runtime::conventions::Dialect::Latest)
    };
    let seen = both(latest, || {
        agent("outer", || {
            chat().start().end();
            tool(|| {
                chat().start().end();
                agent("inner", || {
                    chat().start().end();
                    tool(|| {});
                });
            });
        });
        let agent = call(&operation::INVOKE_AGENT).agent("early").start();
        let late = agent.scope(|| chat().start());
        agent.end();
        late.scope(|| tool(|| {}));
        late.end();
    });
    let names: Vec<_> = seen.spans.iter().map(|span| span.name.as_str()).collect();
    let agents = names.iter().filter(|name| name.starts_with("invoke_agent")).count();
    assert_eq!((names.len(), agents), (10, 3), "{names:?}");
    assert_eq!(seen.spans[2].values("gen_ai.conversation.id"), ["c-1"]);
}

#[test]
fn counts_of_an_agent_are_those_at_its_end() {
    let seen = both(
        |builder| builder.dialect(llmobs_runtime::conventions::Dialect::Latest),
        || {
            let agent = call(&operation::INVOKE_AGENT).agent("a").start();
            let context = agent.context().unwrap().clone();
            agent.scope(|| (0..3).for_each(|_| chat().start().end()));
            agent.scope(|| tool(|| {}));
            agent.end();
            // No longer its own.
            let _below = context.attach();
            chat().start().end();
        },
    );
    let counts: BTreeMap<_, _> = seen
        .points
        .iter()
        .filter(|point| point.metric.contains("invoke_agent") && point.unit != "s")
        .map(|point| (point.metric.as_str(), point.sum.to_bits()))
        .collect();
    assert!(counts.values().any(|sum| *sum == 3_f64.to_bits()), "{:?}", seen.points);
}

#[test]
fn spans_of_both_kinds_in_turn() {
    let seen = plainly(|| {
        theirs("first", || {
            let outer = chat().start();
            outer.scope(|| {
                theirs("second", || {
                    chat().start().end();
                    theirs("third", || {});
                });
                chat().start().end();
            });
            outer.end();
            theirs("fourth", || {});
        });
    });
    let names: Vec<_> = seen.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["chat m", "third", "second", "chat m", "chat m", "fourth", "first"]);
    let parents: Vec<_> = seen.spans.iter().map(|span| span.parent).collect();
    let at = Parent::Exported;
    assert_eq!(parents, [at(2), at(2), at(4), at(4), at(6), at(6), Parent::None]);
}

/// Where each span was exported.
fn places(spans: &[SpanData]) -> BTreeMap<[u8; 8], usize> {
    spans
        .iter()
        .enumerate()
        .map(|(at, span)| (span.span_context.span_id().to_bytes(), at))
        .collect()
}

/// Children before their parents, and within their time; how many had a parent.
fn assert_in_order(recorder: &Recorder) -> usize {
    let spans: Vec<_> = recorder.spans().into_iter().map(|span| span.0).collect();
    let places = places(&spans);
    let mut below = 0;
    for (at, span) in spans.iter().enumerate() {
        if span.parent_span_id == SpanId::INVALID {
            continue;
        }
        let parent = places[&span.parent_span_id.to_bytes()];
        assert!(at < parent, "{} at {at}, its parent at {parent}", span.name);
        let parent = &spans[parent];
        assert!(parent.start_time <= span.start_time, "{span:#?}\n{parent:#?}");
        assert!(span.end_time <= parent.end_time, "{span:#?}\n{parent:#?}");
        below += 1;
    }
    below
}

#[test]
fn children_end_before_their_parents_whichever_kind_they_are() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    for number in 0..50 {
        theirs("first", || {
            agent("a", || {
                theirs("second", || {
                    chat().start().end();
                    chat().start().end();
                });
                if number % 7 == 0 {
                    recorder.spans();
                }
            });
        });
    }
    assert_eq!(assert_in_order(&recorder), 200);
}

#[test]
fn across_threads_too() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    for number in 0..60 {
        theirs("first", || {
            let outer = chat().start();
            let context = outer.context().unwrap().clone();
            let inside: Vec<_> = (0..4)
                .map(|_| {
                    let context = context.clone();
                    thread::spawn(move || {
                        let _below = context.attach();
                        let inner = chat().start();
                        inner.scope(|| theirs("second", || chat().start().end()));
                        let context = inner.context().unwrap().clone();
                        thread::spawn(move || {
                            let _below = context.attach();
                            chat().start().end();
                        })
                        .join()
                        .unwrap();
                        inner.end();
                    })
                })
                .collect();
            for thread in inside {
                thread.join().unwrap();
            }
            if number % 11 == 0 {
                recorder.spans();
            }
            outer.end();
        });
    }
    assert_eq!(assert_in_order(&recorder), 60 * 17);
}

#[test]
fn where_each_is_delivered_on_its_own() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    for _ in 0..200 {
        let outer = chat().start();
        outer.scope(|| {
            for _ in 0..2 {
                let inner = chat().start();
                inner.scope(|| chat().start().end());
                recorder.spans();
                inner.end();
                recorder.spans();
            }
        });
        outer.end();
        recorder.spans();
    }
    assert_eq!(assert_in_order(&recorder), 800);
}

struct Last;

impl llmobs_runtime::LlmChunk for Last {
    fn record(&self, answer: &mut llmobs_runtime::Streamed<'_>) {
        answer.finish_reason(0, "stop");
    }
}

#[test]
fn a_stream_that_was_over_before_what_is_in_it() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    // Of two rings, so that what comes out of them is put in order.
    thread::spawn(|| chat().start().end()).join().unwrap();
    let inside = Arc::new(Mutex::new(None));
    let held = Arc::clone(&inside);
    let answer =
        stream::iter([Last]).inspect(move |_| *held.lock().unwrap() = Some(chat().start()));
    let mut answer = chat().stream(answer);
    assert!(block_on(answer.next()).is_some());
    // The stream ended with its last item; it is held for longer than the call inside it.
    inside.lock().unwrap().take().unwrap().end();
    drop(answer);
    let spans = recorder.spans();
    assert_eq!(spans.len(), 3);
    assert!(spans[1].is_below(&spans[2]), "{spans:#?}");
}
