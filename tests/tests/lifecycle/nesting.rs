//! Agents, tools and chats inside one another.

use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{call, instrument_llm};
use llmobs_tests::{Recorded, Recorder};
use opentelemetry::trace::TraceContextExt;

#[instrument_llm(operation = invoke_agent, agent(name = name), conversation_id = conversation)]
async fn agent(name: &str, conversation: Option<&str>, depth: u8) {
    think().await;
    tool(depth).await;
    plan();
}

#[instrument_llm(provider = "openai", model = "m", response = none)]
async fn think() {
    tokio::task::yield_now().await;
}

#[instrument_llm(operation = execute_tool)]
async fn tool(depth: u8) {
    think().await;
    if depth > 0 {
        Box::pin(agent("inner", None, depth - 1)).await;
    }
}

#[instrument_llm(operation = plan)]
fn plan() {}

fn named<'a>(spans: &'a [Recorded], name: &str) -> Vec<&'a Recorded> {
    spans.iter().filter(|span| span.name() == name).collect()
}

#[tokio::test]
async fn parents_are_right_and_what_an_agent_knows_is_handed_down() {
    let recorder = Recorder::latest();
    agent("outer", Some("c-1"), 1).await;
    think().await;
    let spans = recorder.spans();
    let outer = named(&spans, "invoke_agent outer")[0];
    let inner = named(&spans, "invoke_agent inner")[0];
    let tools = named(&spans, "execute_tool tool");
    let chats = named(&spans, "chat m");
    // In the order in which they ended.
    let [inner_tool, outer_tool] = tools[..] else { panic!("two tools") };
    let [first, in_outer_tool, in_inner, in_inner_tool, outside] = chats[..] else {
        panic!("five chats")
    };
    assert!(outer.0.parent_span_id == opentelemetry::trace::SpanId::INVALID);
    for (child, parent) in [
        (first, outer),
        (outer_tool, outer),
        (in_outer_tool, outer_tool),
        (inner, outer_tool),
        (in_inner, inner),
        (inner_tool, inner),
        (in_inner_tool, inner_tool),
    ] {
        assert!(child.is_below(parent), "{} below {}", child.name(), parent.name());
    }
    assert_eq!(outside.0.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    assert_ne!(outside.0.span_context.trace_id(), outer.0.span_context.trace_id());

    let plans: Vec<_> = spans.iter().filter(|span| span.name().starts_with("plan")).collect();
    assert_eq!(
        plans.iter().map(|span| span.name()).collect::<Vec<_>>(),
        ["plan inner", "plan outer"]
    );
    assert_eq!(inner_tool.text("gen_ai.agent.name").as_deref(), Some("inner"));
    assert_eq!(outer_tool.text("gen_ai.agent.name").as_deref(), Some("outer"));
    for inside in
        [outer, inner, inner_tool, outer_tool, first, in_outer_tool, in_inner, in_inner_tool]
    {
        assert_eq!(
            inside.text("gen_ai.conversation.id").as_deref(),
            Some("c-1"),
            "{}",
            inside.name()
        );
    }
    assert_eq!(outside.value("gen_ai.conversation.id"), None);
    // A chat has no agent's name.
    assert_eq!(first.value("gen_ai.agent.name"), None);
}

fn counts(recorder: &Recorder, what: &str) -> Vec<(String, f64, u64)> {
    let points = recorder.points_of(&format!("gen_ai.invoke_agent.{what}_calls"));
    points
        .into_iter()
        .map(|point| (point.attributes["gen_ai.agent.name"].clone(), point.sum, point.count))
        .collect()
}

#[tokio::test]
async fn a_call_counts_for_the_nearest_agent_and_once() {
    let recorder = Recorder::latest();
    agent("outer", None, 2).await;
    think().await;
    // Each agent thinks itself and in its tool.
    let twice = ("inner".to_owned(), 4.0, 2);
    assert_eq!(counts(&recorder, "inference"), [twice, ("outer".to_owned(), 2.0, 1)]);
    let twice = ("inner".to_owned(), 2.0, 2);
    assert_eq!(counts(&recorder, "tool"), [twice, ("outer".to_owned(), 1.0, 1)]);
}

#[test]
fn a_workflow_inside_an_agent_is_the_agents_work() {
    let recorder = Recorder::latest();
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "a").start();
    agent.scope(|| {
        let workflow = call(&operation::INVOKE_WORKFLOW).conversation_id("w-1").start();
        workflow.scope(|| {
            call(&operation::CHAT).start().end();
            call(&operation::EXECUTE_TOOL).start().end();
        });
        workflow.end();
        call(&operation::CHAT).start().end();
    });
    agent.end();
    assert_eq!(counts(&recorder, "inference"), [("a".to_owned(), 2.0, 1)]);
    assert_eq!(counts(&recorder, "tool"), [("a".to_owned(), 1.0, 1)]);
    let spans = recorder.spans();
    let [inside, tool, workflow, after, agent] = &spans[..] else { panic!("five spans") };
    for known in [inside, tool, workflow] {
        assert_eq!(known.text("gen_ai.conversation.id").as_deref(), Some("w-1"));
    }
    assert_eq!(tool.text("gen_ai.agent.name").as_deref(), Some("a"));
    assert_eq!(
        (after.value("gen_ai.conversation.id"), agent.value("gen_ai.conversation.id")),
        (None, None)
    );
}

#[test]
fn a_workflow_outside_of_agents_hands_down_its_conversation_only() {
    let recorder = Recorder::latest();
    let workflow = call(&operation::INVOKE_WORKFLOW)
        .set(attr::GEN_AI_WORKFLOW_NAME, "w")
        .conversation_id("c")
        .start();
    workflow.scope(|| {
        call(&operation::EXECUTE_TOOL).start().end();
        call(&operation::CHAT).conversation_id("of its own").start().end();
    });
    workflow.end();
    let spans = recorder.spans();
    assert_eq!(spans[0].text("gen_ai.conversation.id").as_deref(), Some("c"));
    assert_eq!(spans[0].value("gen_ai.agent.name"), None);
    assert_eq!(spans[1].text("gen_ai.conversation.id").as_deref(), Some("of its own"));
    assert!(recorder.points_of("gen_ai.invoke_agent.inference_calls").is_empty());
}

#[tokio::test]
async fn calls_side_by_side_in_one_task_are_siblings() {
    let recorder = Recorder::new();
    let agent = call(&operation::INVOKE_AGENT).start();
    agent.run(async { tokio::join!(think(), think(), think()) }).await;
    agent.end();
    let spans = recorder.spans();
    assert_eq!(spans.len(), 4);
    for chat in &spans[..3] {
        assert!(chat.is_below(&spans[3]));
    }
}

#[tokio::test]
async fn a_call_is_current_while_it_is_polled_and_not_between() {
    let _recorder = Recorder::new();
    let current = || opentelemetry::Context::current().span().span_context().span_id();
    let outside = current();
    let chat = call(&operation::CHAT).start();
    assert_eq!(current(), outside);
    let own = chat.context().unwrap().span().span_context().span_id();
    let mut future = Box::pin(chat.run(async {
        let before = current();
        tokio::task::yield_now().await;
        (before, current())
    }));
    assert!(futures::poll!(&mut future).is_pending());
    assert_eq!(current(), outside);
    assert_eq!(future.await, (own, own));
    assert_eq!(current(), outside);
    {
        let _entered = chat.enter();
        assert_eq!(current(), own);
    }
    assert_eq!(chat.scope(current), own);
    assert_eq!(current(), outside);
    chat.end();
}

#[test]
fn a_parent_of_the_applications_own_is_the_parent() {
    use opentelemetry::trace::{Tracer, TracerProvider};
    let recorder = Recorder::new();
    let tracer = opentelemetry::global::tracer_provider().tracer("app");
    tracer.in_span("request", |_| call(&operation::CHAT).start().end());
    let spans = recorder.spans();
    assert!(spans[0].is_below(&spans[1]));
    assert_eq!(spans[1].name(), "request");
}
