//! What a sampler sees when a span starts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{Usage, call, instrument_llm};
use llmobs_tests::Recorder;
use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

type Seen = (String, SpanKind, BTreeMap<String, String>);

/// Records what it is asked, and samples nothing.
#[derive(Clone, Debug, Default)]
struct Watching(Arc<Mutex<Vec<Seen>>>);

impl ShouldSample for Watching {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let attributes = attributes
            .iter()
            .map(|it| (it.key.to_string(), it.value.as_str().into_owned()))
            .collect();
        self.0.lock().unwrap().push((name.to_owned(), kind.clone(), attributes));
        SamplingResult {
            decision: SamplingDecision::Drop,
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

#[instrument_llm(
    provider = "openai",
    model = model,
    server = "http://localhost:81",
    response = none,
    attributes("shop.tenant" = 3)
)]
fn ask(model: &str) -> usize {
    model.len()
}

#[test]
fn a_sampler_sees_all_that_is_known_at_the_start() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let watching = Watching::default();
        let _recorder = Recorder::with(dialect, watching.clone());
        assert_eq!(ask("gpt-4o"), 6);
        let seen = watching.0.lock().unwrap().remove(0);
        let expected = [
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-4o"),
            ("server.address", "localhost"),
            ("server.port", "81"),
            ("shop.tenant", "3"),
        ];
        assert_eq!((seen.0.as_str(), seen.1), ("chat gpt-4o", SpanKind::Client));
        let seen: Vec<_> =
            seen.2.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_sampler_sees_the_agent_that_a_tool_runs_in() {
    let watching = Watching::default();
    let _recorder = Recorder::with(Dialect::Latest, watching.clone());
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "planner").start();
    agent.scope(|| {
        let tool = call(&operation::EXECUTE_TOOL)
            .set(attr::GEN_AI_TOOL_NAME, "weather")
            .set(attr::GEN_AI_TOOL_TYPE, "function");
        tool.start().end();
    });
    agent.end();
    let seen = watching.0.lock().unwrap();
    assert_eq!(seen[1].2["gen_ai.agent.name"], "planner");
    assert_eq!(seen[1].2["gen_ai.tool.name"], "weather");
    assert_eq!(seen[1].2["gen_ai.tool.type"], "function");
}

#[test]
fn what_is_sampled_out_counts_in_every_metric() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let recorder = Recorder::with(dialect, Watching::default());
        for tokens in [5, 7] {
            let mut call = call(&operation::CHAT).provider("p").model("m").start();
            call.usage(&Usage { input: Some(tokens), ..Usage::default() });
            call.end();
        }
        assert!(recorder.spans().is_empty());
        let (tokens, duration) = match dialect {
            Dialect::Released => ("gen_ai.client.token.usage", "gen_ai.client.operation.duration"),
            Dialect::Latest => (
                "gen_ai.client.inference.operation.input_tokens",
                "gen_ai.client.inference.duration",
            ),
        };
        let tokens = recorder.points_of(tokens);
        assert_eq!((tokens.len(), tokens[0].sum, tokens[0].count), (1, 12.0, 2));
        assert_eq!(recorder.points_of(duration)[0].count, 2);
    }
}
