//! Agents as this crate records them.

use std::collections::BTreeMap;

use llmobs_runtime::backend::azure_monitor::MainAgent;
use llmobs_runtime::content::{Content, ContentCapture, Kind};
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{Fields, LlmRequest, call, instrument_llm};
use llmobs_tests::{Recorded, Recorder};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt, TraceContextExt};

pub(crate) const PREFIX: &str = "microsoft.gen_ai.main_agent.";

fn recorder() -> Recorder {
    let agents = MainAgent::new();
    Recorder::built(|builder| {
        builder
            .dialect(Dialect::Latest)
            .capture_content(ContentCapture::EventOnly)
            .span_processor(agents.clone())
            .log_processor(agents)
    })
}

/// What a span has of a main agent, without the prefix.
fn of(span: &Recorded) -> BTreeMap<String, String> {
    let all = span.attributes().into_iter();
    all.filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?.to_owned(), value))).collect()
}

pub(crate) fn map<const N: usize>(known: [(&str, &str); N]) -> BTreeMap<String, String> {
    known.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[instrument_llm(operation = invoke_agent, agent(name = name), conversation_id = conversation)]
async fn agent(name: &str, conversation: &str, depth: u8) {
    chat().await;
    tool(depth).await;
}

#[instrument_llm(provider = "openai", model = "m", response = none)]
async fn chat() {
    tokio::task::yield_now().await;
}

#[instrument_llm(operation = execute_tool)]
async fn tool(depth: u8) {
    chat().await;
    if depth > 0 {
        Box::pin(agent("inner", "c-2", depth - 1)).await;
    }
}

#[tokio::test]
async fn everything_below_has_the_topmost_agent_and_nothing_beside_it_has() {
    let recorder = recorder();
    chat().await;
    agent("outer", "c-1", 2).await;
    chat().await;
    agent("another", "c-3", 0).await;
    let spans = recorder.spans();
    assert_eq!(spans.len(), 1 + 12 + 1 + 4);
    let [before, first @ .., after, _, _, _, _] = &spans[..] else { panic!("more spans") };
    for alone in [before, after] {
        assert_eq!((alone.name(), of(alone)), ("chat m", map([])));
    }
    let outer = map([("name", "outer"), ("conversation_id", "c-1")]);
    for span in first {
        assert_eq!(of(span), outer, "{}", span.name());
    }
    assert!(first.iter().any(|span| span.name() == "invoke_agent inner"));
    assert_eq!(first.last().map(Recorded::name), Some("invoke_agent outer"));
    for span in &spans[14..] {
        let another = map([("name", "another"), ("conversation_id", "c-3")]);
        assert_eq!(of(span), another, "{}", span.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_side_by_side_do_not_mix_and_tasks_take_theirs_along() {
    let recorder = recorder();
    let run = |number: u32| {
        let agent = call(&operation::INVOKE_AGENT)
            .set(attr::GEN_AI_AGENT_NAME, &*format!("agent {number}"))
            .start();
        async move {
            let tasks = agent.run(async {
                let spawned = (0..5).map(|_| tokio::spawn(chat().with_context(Context::current())));
                spawned.collect::<Vec<_>>()
            });
            for task in tasks.await {
                task.await.unwrap();
            }
            agent.end();
        }
    };
    futures::future::join_all((0..20).map(run)).await;
    let spans = recorder.spans();
    assert_eq!(spans.len(), 120);
    for agent in spans.iter().filter(|span| span.name().starts_with("invoke_agent")) {
        let name = agent.text("gen_ai.agent.name").unwrap();
        let below: Vec<_> = spans.iter().filter(|span| span.is_below(agent)).collect();
        assert_eq!(below.len(), 5);
        for span in below.into_iter().chain([agent]) {
            assert_eq!(of(span), map([("name", &name)]));
        }
    }
}

#[tokio::test]
async fn what_begins_after_the_end_of_the_run_still_belongs_to_it() {
    let recorder = recorder();
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "a").start();
    let inside = agent.context().unwrap().clone();
    agent.end();
    chat().with_context(inside).await;
    let spans = recorder.spans();
    assert!(spans[1].is_below(&spans[0]));
    assert_eq!(of(&spans[1]), map([("name", "a")]));
}

#[test]
fn all_four_come_from_the_agent_and_none_from_another_one() {
    let recorder = recorder();
    let outer = call(&operation::INVOKE_AGENT).conversation_id("c-1").start();
    outer.scope(|| {
        let inner = call(&operation::INVOKE_AGENT)
            .set(attr::GEN_AI_AGENT_NAME, "inner")
            .set(attr::GEN_AI_AGENT_ID, "ag-2")
            .set(attr::GEN_AI_AGENT_VERSION, "2")
            .conversation_id("c-2")
            .start();
        inner.scope(|| call(&operation::CHAT).start().end());
        inner.end();
    });
    outer.end();
    let full = call(&operation::INVOKE_AGENT_CLIENT)
        .set(attr::GEN_AI_AGENT_NAME, "full")
        .set(attr::GEN_AI_AGENT_ID, "ag-3")
        .set(attr::GEN_AI_AGENT_VERSION, "3")
        .conversation_id("c-3")
        .start();
    full.scope(|| call(&operation::EXECUTE_TOOL).start().end());
    full.end();
    let spans = recorder.spans();
    for span in &spans[..3] {
        assert_eq!(of(span), map([("conversation_id", "c-1")]), "{}", span.name());
    }
    let all = map([("name", "full"), ("id", "ag-3"), ("version", "3"), ("conversation_id", "c-3")]);
    assert_eq!([of(&spans[3]), of(&spans[4])], [all.clone(), all]);
}

#[test]
fn a_conversation_or_a_workflow_alone_makes_no_run() {
    let recorder = recorder();
    let workflow = call(&operation::INVOKE_WORKFLOW).conversation_id("c").start();
    workflow.scope(|| {
        call(&operation::CHAT).start().end();
        let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "a").start();
        agent.scope(|| call(&operation::CHAT).start().end());
        agent.end();
    });
    workflow.end();
    let spans = recorder.spans();
    let agent = map([("name", "a"), ("conversation_id", "c")]);
    let expected = [map([]), agent.clone(), agent, map([])];
    assert_eq!(spans.iter().map(of).collect::<Vec<_>>(), expected);
}

struct Question(&'static str);

impl LlmRequest for Question {
    fn record(&self, _: &mut Fields) {}

    fn capture(&self, content: &mut Content) {
        content.add(Kind::Input, self.0);
    }
}

#[test]
fn the_events_of_a_call_have_the_agent_too() {
    let recorder = recorder();
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "a").start();
    agent.scope(|| call(&operation::CHAT).request(&Question("When?")).start().end());
    agent.end();
    call(&operation::CHAT).request(&Question("Where?")).start().end();
    let spans = recorder.spans();
    let events = recorder.events();
    let found: Vec<_> = events
        .iter()
        .map(|event| {
            (event.0.trace_context().unwrap().span_id, event.json(&format!("{PREFIX}name")))
        })
        .collect();
    let id = |span: &Recorded| span.0.span_context.span_id();
    assert_eq!(found, [(id(&spans[0]), Some("a".into())), (id(&spans[2]), None)]);
}

#[test]
fn a_call_that_is_not_current_is_no_parent() {
    let recorder = recorder();
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "a").start();
    assert!(!Context::current().span().span_context().is_valid());
    call(&operation::CHAT).start().end();
    agent.end();
    assert_eq!(of(&recorder.spans()[0]), map([]));
}
