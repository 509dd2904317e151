//! The values of the metrics.

use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{Modality, Usage, call};
use llmobs_tests::{Point, Recorder};

fn usage() -> Usage {
    Usage {
        input: Some(1_000),
        output: Some(100),
        cache_read: Some(600),
        cache_write: Some(200),
        reasoning: Some(40),
        text: Modality { input: Some(700), output: Some(90), cache_read: Some(500) },
        image: Modality { input: Some(250), output: Some(0), cache_read: None },
        audio: Modality::default(),
    }
}

fn chat(usage: &Usage) {
    let mut call = call(&operation::CHAT).provider("openai").model("gpt-4o").start();
    call.set(attr::GEN_AI_RESPONSE_MODEL, "gpt-4o-2024-08-06");
    call.usage(usage);
    call.end();
}

/// The attributes that every point of the chat above has, and one more.
fn attributes<'a>(more: Option<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-4o"),
        ("gen_ai.response.model", "gpt-4o-2024-08-06"),
    ];
    all.extend(more);
    all.sort_unstable();
    all
}

#[track_caller]
fn assert_point(point: &Point, more: Option<(&str, &str)>, value: f64) {
    let found: Vec<_> =
        point.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(found, attributes(more), "{}", point.metric);
    assert_eq!((point.sum.to_bits(), point.count), (value.to_bits(), 1), "{}", point.metric);
}

#[test]
fn released_tokens_are_one_histogram_by_type() {
    let recorder = Recorder::new();
    chat(&usage());
    let points = recorder.points_of("gen_ai.client.token.usage");
    assert_eq!(points.len(), 2);
    assert_point(&points[0], Some(("gen_ai.token.type", "input")), 1_000.0);
    assert_point(&points[1], Some(("gen_ai.token.type", "output")), 100.0);
    assert_eq!(points[0].unit, "{token}");
    let duration = recorder.points_of("gen_ai.client.operation.duration");
    assert_eq!(duration.len(), 1);
    assert_point(&duration[0], None, duration[0].sum);
    assert_eq!(duration[0].unit, "s");
    assert_eq!(recorder.points().len(), 3);
}

#[test]
fn latest_tokens_are_counters_by_modality_and_the_rest_is_unknown() {
    let recorder = Recorder::latest();
    chat(&usage());
    let expected: [(&str, &[(&str, f64)]); 5] = [
        ("input_tokens", &[("image", 250.0), ("text", 700.0), ("unknown", 50.0)]),
        ("output_tokens", &[("text", 90.0), ("unknown", 10.0)]),
        ("cache_read.input_tokens", &[("text", 500.0), ("unknown", 100.0)]),
        ("cache_write.input_tokens", &[("unknown", 200.0)]),
        ("reasoning.output_tokens", &[("unknown", 40.0)]),
    ];
    for (name, parts) in expected {
        let points = recorder.points_of(&format!("gen_ai.client.inference.usage.{name}"));
        assert_eq!(points.len(), parts.len(), "{name}: {points:?}");
        for (point, (modality, value)) in points.iter().zip(parts) {
            assert_point(point, Some(("gen_ai.token.modality", modality)), *value);
            assert_eq!((point.unit.as_str(), point.bounds.len()), ("{token}", 0));
        }
    }
    for (name, value) in [("input", 1_000.0), ("output", 100.0)] {
        let points =
            recorder.points_of(&format!("gen_ai.client.inference.operation.{name}_tokens"));
        assert_eq!(points.len(), 1);
        assert_point(&points[0], None, value);
        assert_eq!(points[0].bounds.len(), 14);
    }
    let duration = recorder.points_of("gen_ai.client.inference.duration");
    assert_point(&duration[0], None, duration[0].sum);
    assert_eq!(recorder.points().len(), 3 + 2 + 2 + 1 + 1 + 2 + 1);
}

#[test]
fn parts_that_exceed_their_total_do_not_bend_it() {
    let recorder = Recorder::latest();
    let part = |input| Modality { input: Some(input), ..Modality::default() };
    chat(&Usage {
        input: Some(10),
        text: part(8),
        image: part(7),
        audio: part(6),
        ..Usage::default()
    });
    let points = recorder.points_of("gen_ai.client.inference.usage.input_tokens");
    let found: Vec<_> =
        points.iter().map(|it| (it.attribute("gen_ai.token.modality").unwrap(), it.sum)).collect();
    assert_eq!(found, [("image", 2.0), ("text", 8.0)]);
    // Parts without a total are not one.
    chat(&Usage { text: Modality { output: Some(3), ..Modality::default() }, ..Usage::default() });
    assert!(recorder.points_of("gen_ai.client.inference.usage.output_tokens").is_empty());
}

#[test]
fn zero_is_not_absent() {
    let recorder = Recorder::new();
    chat(&Usage { input: Some(0), ..Usage::default() });
    let points = recorder.points_of("gen_ai.client.token.usage");
    assert_eq!(points.len(), 1);
    assert_point(&points[0], Some(("gen_ai.token.type", "input")), 0.0);
    assert_eq!(recorder.span().int("gen_ai.usage.input_tokens"), Some(0));
    assert_eq!(recorder.span().value("gen_ai.usage.output_tokens"), None);
}

#[test]
fn sums_grow_call_by_call() {
    let recorder = Recorder::latest();
    for input in 1..=100 {
        chat(&Usage { input: Some(input), ..Usage::default() });
    }
    let counter = recorder.points_of("gen_ai.client.inference.usage.input_tokens");
    assert_eq!(counter.len(), 1);
    assert_point(&counter[0], Some(("gen_ai.token.modality", "unknown")), 5_050.0);
    let histogram = recorder.points_of("gen_ai.client.inference.operation.input_tokens");
    assert_eq!((histogram[0].sum, histogram[0].count), (5_050.0, 100));
}

#[test]
fn embeddings_have_input_tokens_only() {
    for recorder in [Recorder::new as fn() -> Recorder, Recorder::latest] {
        let recorder = recorder();
        let mut call = call(&operation::EMBEDDINGS).provider("openai").model("e").start();
        call.usage(&Usage { input: Some(9), output: Some(1), ..Usage::default() });
        call.end();
        assert_eq!(recorder.span().int("gen_ai.usage.input_tokens"), Some(9));
        assert_eq!(recorder.span().value("gen_ai.usage.output_tokens"), None);
        for point in recorder.points_of("gen_ai.client.token.usage") {
            assert_eq!((point.attribute("gen_ai.token.type"), point.sum), (Some("input"), 9.0));
        }
    }
}

#[test]
fn tools_agents_and_workflows_have_metrics_of_their_own_in_latest() {
    let recorder = Recorder::latest();
    call(&operation::EXECUTE_TOOL)
        .set(attr::GEN_AI_TOOL_NAME, "weather")
        .set(attr::GEN_AI_TOOL_TYPE, "function")
        .start()
        .end();
    call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "planner").model("m").start().end();
    let mut workflow =
        call(&operation::INVOKE_WORKFLOW).set(attr::GEN_AI_WORKFLOW_NAME, "daily").start();
    workflow.fail_as("stuck");
    workflow.end();
    let found: Vec<_> = recorder
        .points()
        .into_iter()
        .map(|point| {
            (point.metric, point.attributes.into_iter().collect::<Vec<_>>(), point.bounds.len())
        })
        .collect();
    let pairs = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
    };
    let agent = [("gen_ai.agent.name", "planner")];
    let expected = [
        (
            "gen_ai.execute_tool.duration".to_owned(),
            pairs(&[("gen_ai.tool.name", "weather"), ("gen_ai.tool.type", "function")]),
            14,
        ),
        (
            "gen_ai.invoke_agent.duration".to_owned(),
            pairs(&[agent[0], ("gen_ai.request.model", "m")]),
            13,
        ),
        ("gen_ai.invoke_agent.inference_calls".to_owned(), pairs(&agent), 8),
        ("gen_ai.invoke_agent.tool_calls".to_owned(), pairs(&agent), 8),
        (
            "gen_ai.invoke_workflow.duration".to_owned(),
            pairs(&[("error.type", "stuck"), ("gen_ai.workflow.name", "daily")]),
            11,
        ),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_port_needs_its_host_and_error_type_stays_off_token_metrics() {
    let recorder = Recorder::new();
    let mut call = call(&operation::CHAT).provider("p").set(attr::SERVER_PORT, &8080).start();
    call.usage(&usage());
    call.fail_as("429");
    call.end();
    assert_eq!(recorder.span().value("server.port"), None);
    for point in recorder.points() {
        assert_eq!(point.attribute("server.port"), None);
        let failed = point.metric == "gen_ai.client.operation.duration";
        assert_eq!(point.attribute("error.type"), failed.then_some("429"), "{}", point.metric);
    }
}

#[test]
fn names_follow_the_dialect() {
    for (recorder, written, top_k, decoding) in [
        (
            Recorder::new as fn() -> Recorder,
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.request.top_k",
            opentelemetry::Value::F64(7.0),
        ),
        (
            Recorder::latest,
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.retrieval.top_k",
            opentelemetry::Value::I64(7),
        ),
    ] {
        let recorder = recorder();
        chat(&usage());
        call(&operation::RETRIEVAL).set(attr::GEN_AI_RETRIEVAL_TOP_K, &7).start().end();
        call(&operation::CHAT).set(attr::GEN_AI_REQUEST_TOP_K, &7).start().end();
        let spans = recorder.spans();
        assert_eq!(spans[0].int(written), Some(200));
        assert_eq!(spans[1].value(top_k), Some(&decoding));
        assert_eq!(spans[2].value("gen_ai.request.top_k"), Some(&decoding));
        assert_eq!(spans[1].0.attributes.len(), 2);
    }
}
