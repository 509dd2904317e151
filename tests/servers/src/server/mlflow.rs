//! `MLflow`: takes traces by OTLP, as protobuf and as JSON, and adds up their tokens.

use serde_json::{Value, json};

use super::ddapm::TOKENS;
use super::{Stage, signals, unique};
use crate::expectation::{self, CONVERSATION, Knows, Outcome, SPANS};
use crate::otlp;
use crate::report::Sheet;
use crate::seen::SeenSpan;
use crate::service::{Service, free_port};

/// Starts it over the database that the first run set up.
async fn start(stage: &Stage, url: &str, port: u16) -> Result<Service, String> {
    let directory = stage.place.kept(stage.name);
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let mut command = stage.program("mlflow", "mlflow");
    for (name, value) in [
        ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
        ("MLFLOW_DISABLE_TELEMETRY", "true"),
        ("DO_NOT_TRACK", "true"),
    ] {
        command.env(name, value);
    }
    command
        .args(["server", "--host", "127.0.0.1", "--workers", "1", "--port", &port.to_string()])
        .arg("--backend-store-uri")
        .arg(format!("sqlite:///{}", directory.join("mlflow.db").display()))
        .arg("--default-artifact-root")
        .arg(directory.join("artifacts"));
    let mut service = stage.start("mlflow", &mut command)?;
    service.ready(&stage.http, &format!("{url}/health")).await?;
    Ok(service)
}

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let port = free_port()?;
    let url = &format!("http://127.0.0.1:{port}");
    let service = start(stage, url, port).await?;
    for protocol in ["http/protobuf", "http/json"] {
        let create = format!("{url}/api/2.0/mlflow/experiments/create");
        let made = stage.http.post(&create, &json!({ "name": unique("llmobs") })).await?;
        let experiment = made.get("experiment_id").and_then(Value::as_str).unwrap_or_default();
        let mut environment = signals(true, false, false);
        environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", url.clone()));
        environment.push(("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.to_owned()));
        let header = format!("x-mlflow-experiment-id={experiment}");
        environment.push(("OTEL_EXPORTER_OTLP_TRACES_HEADERS", header));
        environment
            .push(("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY".to_owned()));
        let mut workload = stage.workload("llmobs-mlflow", &environment).await?;
        workload.round().await?;
        workload.end().await?;
        let search = || async { search(stage, url, experiment).await };
        sheet
            .ask(format!("{protocol}: spans"), || async {
                let spans = spans(stage, url, &search().await?).await?;
                expectation::spans(&spans, 1, Knows { kind: false, attributes: true })
            })
            .await;
        sheet
            .ask(format!("{protocol}: tokens"), || async {
                expectation::tokens(&spans(stage, url, &search().await?).await?, 1, TOKENS)
            })
            .await;
        sheet
            .ask(format!("{protocol}: sums of the trace"), || async { sums(&search().await?) })
            .await;
    }
    stage.finish(url, service).await;
    Ok(())
}

/// The traces of an experiment: what is said of each.
async fn search(stage: &Stage, url: &str, experiment: &str) -> Result<Vec<Value>, String> {
    let body = json!({
        "locations": [{
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": { "experiment_id": experiment },
        }],
        "max_results": 100,
    });
    let answer = stage.http.post(&format!("{url}/api/3.0/mlflow/traces/search"), &body).await?;
    Ok(answer.get("traces").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// The spans of these traces.
async fn spans(stage: &Stage, url: &str, traces: &[Value]) -> Result<Vec<SeenSpan>, String> {
    let mut all = Vec::new();
    for trace in traces {
        let id = trace.get("trace_id").and_then(Value::as_str).unwrap_or_default();
        let get = format!("{url}/api/3.0/mlflow/traces/get?trace_id={id}");
        let answer = stage.http.get(&get).await?;
        let spans = answer.pointer("/trace/spans").and_then(Value::as_array);
        all.extend(spans.into_iter().flatten().map(otlp::span));
    }
    Ok(all)
}

/// What `MLflow` adds up over a trace. The total leaves out embeddings: it adds up the totals of spans, and a span
/// without output tokens has none.
fn sums(traces: &[Value]) -> Outcome {
    let found = traces.iter().find_map(|trace| trace.get("trace_metadata"));
    let found = found.ok_or("no trace has tokens")?;
    let text = |key: &str| found.get(key).and_then(Value::as_str);
    if text("mlflow.trace.session") != Some(CONVERSATION) {
        return Err(format!("the session is {:?}", text("mlflow.trace.session")));
    }
    let usage = text("mlflow.trace.tokenUsage").unwrap_or_default();
    let usage: Value = serde_json::from_str(usage).map_err(|error| error.to_string())?;
    let sum =
        |tokens: fn(&expectation::Row) -> Option<u64>| SPANS.iter().filter_map(tokens).sum::<u64>();
    let whole = |row: &expectation::Row| Some(row.input? + row.output?);
    let expected = json!({
        "input_tokens": sum(|row| row.input),
        "output_tokens": sum(|row| row.output),
        "total_tokens": sum(whole),
        "cache_read_input_tokens": sum(|row| row.cached),
    });
    if usage != expected {
        return Err(format!("{usage}, not {expected}"));
    }
    let cost = text("mlflow.trace.cost").unwrap_or_default();
    let cost: Value = serde_json::from_str(cost).unwrap_or_default();
    let cost = cost.get("total_cost").and_then(Value::as_f64).unwrap_or_default();
    if !(0.0..1.0).contains(&cost) || cost == 0.0 {
        return Err(format!("the cost is {cost}"));
    }
    Ok(format!(
        "{} in, {} out, {} cached, ${cost:.6}, session {CONVERSATION}",
        usage["input_tokens"], usage["output_tokens"], usage["cache_read_input_tokens"]
    ))
}
