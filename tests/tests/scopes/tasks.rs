//! Across awaits, threads and tasks of their own.

use futures::future::join;
use futures::{StreamExt, stream};
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{call, instrument_llm, scope};
use llmobs_tests::{Recorded, Recorder};
use opentelemetry::context::FutureExt;
use serde_json::json;

use super::{all, full, told};

#[instrument_llm(provider = "openai", model = "m", name = name, response = none)]
async fn chat(name: &'static str) {
    tokio::task::yield_now().await;
    tool();
}

#[instrument_llm(operation = execute_tool, name = "tool")]
fn tool() {}

fn named<'a>(spans: &'a [Recorded], name: &str) -> Vec<&'a Recorded> {
    spans.iter().filter(|span| span.0.name == name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_keeps_its_scope_and_lends_it_to_nobody() {
    let recorder = Recorder::new();
    let other = scope().user_id("other");
    join(
        full().run(async {
            chat("in").await;
            chat("in").await;
        }),
        join(chat("out"), other.run(chat("other"))),
    )
    .await;
    let spans = recorder.spans();
    for span in named(&spans, "in") {
        assert_eq!(told(span), all());
    }
    assert_eq!(told(named(&spans, "out")[0]), [const { None }; 4]);
    assert_eq!(told(named(&spans, "other")[0])[1].as_deref(), Some("other"));
    let mut users: Vec<_> =
        named(&spans, "tool").iter().map(|span| told(span)[1].clone()).collect();
    users.sort();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(users, [None, text("other"), text("u-3"), text("u-3")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_of_its_own_has_what_is_carried_to_it() {
    let recorder = Recorder::new();
    full()
        .run(async {
            let outer = call(&operation::INVOKE_AGENT).name("outer").start();
            outer
                .run(async {
                    tokio::spawn(chat("bare")).await.unwrap();
                    tokio::spawn(chat("with_current_context").with_current_context())
                        .await
                        .unwrap();
                    tokio::spawn(scope().tag("late").run(chat("run"))).await.unwrap();
                    let context = scope().tag("late").context();
                    tokio::spawn(chat("context").with_context(context.clone())).await.unwrap();
                    std::thread::spawn(move || {
                        let _entered = context.attach();
                        call(&operation::CHAT).name("thread").start().end();
                    })
                    .join()
                    .unwrap();
                })
                .await;
            outer.end();
        })
        .await;
    let spans = recorder.spans();
    let outer = named(&spans, "outer")[0].0.span_context.span_id();
    let of = |name: &str| {
        let span = named(&spans, name)[0];
        (told(span), span.0.parent_span_id == outer)
    };
    assert_eq!(of("bare"), ([const { None }; 4], false));
    assert_eq!(of("with_current_context"), (all(), true));
    let mut late = all();
    late[2] = Some("[\"beta\",\"eu\",\"late\"]".to_owned());
    for name in ["run", "context", "thread"] {
        assert_eq!(of(name), (late.clone(), true), "{name}");
    }
}

#[tokio::test]
async fn the_order_of_wrappers_does_not_matter_within_a_task() {
    let recorder = Recorder::new();
    // Made outside of the call, and polled in it.
    let scoped = full().run(chat("inner"));
    let outer = call(&operation::INVOKE_AGENT).name("outer").start();
    outer.run(scoped).await;
    outer.end();
    let spans = recorder.spans();
    let (inner, outer) = (named(&spans, "inner")[0], named(&spans, "outer")[0]);
    assert_eq!(inner.0.parent_span_id, outer.0.span_context.span_id());
    assert_eq!(told(inner), all());
    assert_eq!(told(outer), [const { None }; 4], "it is around the scope");
}

#[tokio::test]
async fn a_stream_is_of_the_scope_that_it_was_made_in_unless_a_nearer_one_reads_it() {
    let recorder = Recorder::new();
    let chunks = || stream::iter([Ok::<_, std::io::Error>(json!({ "choices": [] }))]);
    let answer = |name| full().in_scope(|| call(&operation::CHAT).name(name).stream(chunks()));
    answer("outside").collect::<Vec<_>>().await;
    let around = call(&operation::INVOKE_AGENT).name("around").start();
    around.run(answer("in a call").map(|_| tool()).collect::<Vec<_>>()).await;
    around.end();
    scope().user_id("u-4").run(answer("in a scope").collect::<Vec<_>>()).await;
    let spans = recorder.spans();
    for name in ["outside", "in a call"] {
        assert_eq!(told(named(&spans, name)[0]), all(), "{name}");
    }
    let around = named(&spans, "around")[0].0.span_context.span_id();
    assert_eq!(named(&spans, "in a call")[0].0.parent_span_id, around);
    assert_eq!(told(named(&spans, "tool")[0]), [const { None }; 4], "the reader's");
    assert_eq!(told(named(&spans, "in a scope")[0])[1].as_deref(), Some("u-4"));
}

#[test]
fn a_scope_ends_where_it_ends() {
    let recorder = Recorder::new();
    let panicked = std::panic::catch_unwind(|| full().in_scope(|| panic!("in the scope")));
    assert!(panicked.is_err());
    tool();
    assert_eq!(told(&recorder.span()), [const { None }; 4]);
}
