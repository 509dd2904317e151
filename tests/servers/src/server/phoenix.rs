//! Arize Phoenix: takes traces by OTLP, and reads the conventions into a model of its own.
//!
//! Its gRPC port cannot be bound to this machine alone, whatever it is told: it listens on all addresses, here at a
//! random port, as long as it runs. It is not used.

use serde_json::{Value, json};

use super::ddapm::TOKENS;
use super::{Stage, signals, unique};
use crate::expectation::{self, CONVERSATION, Knows, Outcome, SPANS};
use crate::report::Sheet;
use crate::seen::SeenSpan;
use crate::service::{Service, free_port};

/// The kinds of Phoenix, by operation.
const KINDS: &[(&str, &str)] = &[
    ("chat", "LLM"),
    ("text_completion", "LLM"),
    ("generate_content", "LLM"),
    ("embeddings", "EMBEDDING"),
    ("retrieval", "RETRIEVER"),
    ("execute_tool", "TOOL"),
    ("invoke_agent", "AGENT"),
    ("create_agent", "AGENT"),
];

/// Starts it over the database that the first run set up: a fresh one takes three times as long.
async fn start(stage: &Stage, url: &str, port: u16) -> Result<Service, String> {
    let directory = stage.place.kept(stage.name);
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let mut command = stage.program("phoenix", "phoenix");
    for (name, value) in [
        ("PHOENIX_WORKING_DIR", directory.display().to_string()),
        ("PHOENIX_HOST", "127.0.0.1".to_owned()),
        ("PHOENIX_PORT", port.to_string()),
        ("PHOENIX_GRPC_PORT", free_port()?.to_string()),
        ("PHOENIX_TELEMETRY_ENABLED", "false".to_owned()),
        ("PHOENIX_ALLOW_EXTERNAL_RESOURCES", "false".to_owned()),
        ("PHOENIX_DISABLE_AGENT_ASSISTANT", "true".to_owned()),
    ] {
        command.env(name, value);
    }
    let mut service = stage.start("phoenix", command.arg("serve"))?;
    service.ready(&stage.http, &format!("{url}/healthz")).await?;
    Ok(service)
}

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    const ROUNDS: u8 = 2;
    let port = free_port()?;
    let url = &format!("http://127.0.0.1:{port}");
    let service = start(stage, url, port).await?;
    let project = unique("llmobs");
    let mut environment = signals(true, false, false);
    environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", url.clone()));
    environment.push(("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()));
    environment.push(("OTEL_RESOURCE_ATTRIBUTES", format!("openinference.project.name={project}")));
    environment
        .push(("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY".to_owned()));
    let mut workload = stage.workload("llmobs-phoenix", &environment).await?;
    for _ in 0..ROUNDS {
        workload.round().await?;
    }
    workload.end().await?;
    let spans = || async {
        let all = format!("{url}/v1/projects/{project}/spans?limit=200");
        let answer = stage.http.get(&all).await?;
        let data = answer.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok::<_, String>(data.iter().map(seen).collect::<Vec<_>>())
    };
    let rounds = usize::from(ROUNDS);
    sheet
        .ask("REST: spans", || async {
            expectation::spans(&spans().await?, rounds, Knows { kind: false, attributes: true })
        })
        .await;
    sheet
        .ask("REST: tokens", || async { expectation::tokens(&spans().await?, rounds, TOKENS) })
        .await;
    sheet.ask("REST: kinds of Phoenix", || async { kinds(&spans().await?) }).await;
    sheet.ask("REST: prompt and answer", || async { content(&spans().await?) }).await;
    sheet
        .ask("GraphQL: sums of project and session", || async {
            let fields = "name traceCount recordCount tokenCountPrompt tokenCountCompletion \
                          sessions(first:5){edges{node{sessionId}}}";
            let query = format!("{{projects{{edges{{node{{{fields}}}}}}}}}");
            let (to, body) = (format!("{url}/graphql"), json!({ "query": query }));
            sums(&stage.http.post(&to, &body).await?, &project, u64::from(ROUNDS))
        })
        .await;
    if stage.kept.is_none() {
        // The next run begins with as little.
        let request =
            stage.http.request(reqwest::Method::DELETE, &format!("{url}/v1/projects/{project}"));
        let _ = crate::http::text(request).await;
    }
    stage.finish(url, service).await;
    Ok(())
}

fn seen(span: &Value) -> SeenSpan {
    let text = |path: &str| span.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let attributes = span.get("attributes").and_then(Value::as_object);
    SeenSpan {
        name: text("/name").unwrap_or_default(),
        trace: text("/context/trace_id").unwrap_or_default(),
        id: text("/context/span_id").unwrap_or_default(),
        parent: text("/parent_id"),
        kind: text("/span_kind"),
        failed: text("/status_code").map(|code| code == "ERROR"),
        attributes: attributes.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
    }
}

/// The kind that Phoenix gives each span, and the session that it makes of a conversation.
fn kinds(spans: &[SeenSpan]) -> Outcome {
    let mut known = 0;
    for row in SPANS {
        let kind = KINDS.iter().find(|(operation, _)| *operation == row.operation);
        let kind = kind.map_or("UNKNOWN", |(_, kind)| kind);
        for span in spans.iter().filter(|span| span.name == row.name) {
            if span.kind.as_deref() != Some(kind) {
                return Err(format!("`{}` is {:?}, not {kind}", row.name, span.kind));
            }
            let session = row.conversation.then_some(CONVERSATION);
            if span.text("session.id") != session {
                return Err(format!("`{}` is not in session {session:?}", row.name));
            }
            known += usize::from(kind != "UNKNOWN");
        }
    }
    Ok(format!("LLM, AGENT, TOOL, RETRIEVER, EMBEDDING: {known} of {} spans", spans.len()))
}

/// What was asked and answered, as Phoenix shows it.
fn content(spans: &[SeenSpan]) -> Outcome {
    let chat = spans.iter().find(|span| span.name == "chat gpt-4o-mini").ok_or("no chat")?;
    for (key, expected) in [
        ("llm.input_messages.0.message.role", "user"),
        ("llm.input_messages.0.message.content", "How is the weather in Husum?"),
        ("llm.output_messages.0.message.content", "It rains."),
        ("llm.model_name", "gpt-4o-mini"),
    ] {
        if chat.text(key) != Some(expected) {
            return Err(format!("{key} is {:?}, not {expected}", chat.text(key)));
        }
    }
    Ok("messages with their roles".to_owned())
}

/// The sums over all. Of tokens Phoenix adds up those of spans of kind LLM: embeddings are not among them.
fn sums(answer: &Value, project: &str, rounds: u64) -> Outcome {
    let nodes = answer.pointer("/data/projects/edges").and_then(Value::as_array);
    let nodes = nodes.into_iter().flatten().filter_map(|edge| edge.get("node"));
    let node = nodes
        .into_iter()
        .find(|node| node.get("name").and_then(Value::as_str) == Some(project))
        .ok_or_else(|| format!("no project {project}"))?;
    let of = |tokens: fn(&expectation::Row) -> Option<u64>| {
        let models = SPANS.iter().filter(|row| row.operation != "embeddings");
        models.filter_map(tokens).sum::<u64>() * rounds
    };
    let spans = u64::try_from(SPANS.len()).unwrap_or(u64::MAX) * rounds;
    let traces = 2 * rounds;
    let (input, output) = (of(|row| row.input), of(|row| row.output));
    for (key, expected) in [
        ("traceCount", traces),
        ("recordCount", spans),
        ("tokenCountPrompt", input),
        ("tokenCountCompletion", output),
    ] {
        let found = node.get(key).and_then(Value::as_f64).unwrap_or(-1.0);
        if found.to_string() != expected.to_string() {
            return Err(format!("{key} is {found}, not {expected}"));
        }
    }
    let session = node.pointer("/sessions/edges/0/node/sessionId").and_then(Value::as_str);
    if session != Some(CONVERSATION) {
        return Err(format!("the session is {session:?}, not {CONVERSATION}"));
    }
    Ok(format!("{traces} traces, {spans} spans, {input} in, {output} out, session {CONVERSATION}"))
}
