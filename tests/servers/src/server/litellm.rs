//! `LiteLLM`: a gateway that speaks `OpenAI`'s language, in front of models that it plays itself. Here the calls are
//! real, and what arrives is compared with what the gateway answered.

use serde_json::Value;

use super::ddapm::Agent;
use super::{Stage, signals, unique};
use crate::child::Workload;
use crate::expectation::Outcome;
use crate::otlp;
use crate::report::Sheet;
use crate::seen::SeenSpan;
use crate::service::free_port;
use crate::workload::{BUSY, EMBEDDINGS, GATEWAY, MODEL};

/// The calls, by what they are told as; and what must have been told of each for the comparison to mean something.
const CALLS: &[(&str, &[&str])] = &[
    (
        "chat",
        &[
            "gen_ai.response.id",
            "gen_ai.response.model",
            "gen_ai.response.finish_reasons",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        ],
    ),
    (
        "stream",
        &[
            "gen_ai.response.id",
            "gen_ai.response.model",
            "gen_ai.response.finish_reasons",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "llmobs.response.chunk_count",
        ],
    ),
    ("embeddings", &["gen_ai.response.model", "gen_ai.usage.input_tokens"]),
    (
        "responses",
        &[
            "gen_ai.response.id",
            "gen_ai.response.model",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        ],
    ),
];

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    const SERVICE: &str = "llmobs-litellm";
    let config = stage.scratch.join("litellm.yaml");
    let model = |name: &str, rest: &str| {
        format!(
            "  - model_name: {name}\n    litellm_params: {{model: openai/{name}, api_key: none, {rest}}}\n"
        )
    };
    let models = format!(
        "model_list:\n{}{}{}router_settings: {{num_retries: 0}}\n",
        model(MODEL, "mock_response: 'It rains in Husum, and it will not stop before Sunday.'"),
        model(EMBEDDINGS, "mock_response: [0.25, 0.5]"),
        model(BUSY, "mock_response: 'litellm.RateLimitError'"),
    );
    std::fs::write(&config, models).map_err(|error| error.to_string())?;
    let key = unique("sk-on-this-machine");
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let mut command = stage.program("litellm", "litellm");
    command
        .env("LITELLM_MASTER_KEY", &key)
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env("DISABLE_ADMIN_UI", "True")
        .arg("--config")
        .arg(&config)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--num_workers", "1", "--telemetry", "False"]);
    let mut service = stage.start("litellm", &mut command)?;
    let agent = Agent::start(stage).await?;
    service.ready(&stage.http, &format!("{url}/health/liveliness")).await?;

    let mut environment = signals(true, false, false);
    environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", agent.http.clone()));
    environment.push(("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()));
    environment.push(("OPENAI_BASE_URL", format!("{url}/v1")));
    environment.push(("OPENAI_API_KEY", key));
    let log = stage.scratch.join("workload.log");
    let mut workload = Workload::start(GATEWAY, SERVICE, &environment, &log).await?;
    let told = workload.round().await?;
    workload.end().await?;
    let spans = || async {
        let requests = agent.requests(stage, "traces").await?;
        Ok::<_, String>(otlp::spans(&requests, SERVICE))
    };
    let of = |call: &str| {
        let all = told.as_array().into_iter().flatten();
        all.into_iter().find(|it| it["call"] == *call).cloned().unwrap_or_default()
    };
    for (call, keys) in CALLS {
        let answer = &of(call);
        sheet
            .ask(format!("{call}: the answer and its span"), || async {
                same(call, keys, answer, &spans().await?)
            })
            .await;
    }
    let refusal = &of("refused");
    sheet
        .ask("429: the refusal and its span", || async { refused(refusal, &spans().await?) })
        .await;
    stage.finish(url, service).await;
    agent.finish(stage).await;
    Ok(())
}

/// The only span of a call.
fn only<'a>(call: &str, spans: &'a [SeenSpan]) -> Result<&'a SeenSpan, String> {
    let name = format!("gateway {call}");
    let mut found = spans.iter().filter(|span| span.name == name);
    match (found.next(), found.next()) {
        (Some(span), None) => Ok(span),
        (None, _) => Err(format!("there is no span `{name}`")),
        (Some(_), Some(_)) => Err(format!("there are several spans `{name}`")),
    }
}

/// Whether a span says what the gateway answered.
fn same(call: &str, keys: &[&str], answer: &Value, spans: &[SeenSpan]) -> Outcome {
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        return Err(format!("the gateway: {error}"));
    }
    let span = only(call, spans)?;
    for key in keys {
        let told = answer.get(key).filter(|told| !told.is_null());
        let told = told.ok_or_else(|| format!("the gateway told no {key}"))?;
        let found = span.attributes.get(*key);
        if found != Some(told) {
            return Err(format!("{key} is {found:?}, and the gateway told {told}"));
        }
    }
    if span.failed != Some(false) {
        return Err("it has failed".to_owned());
    }
    let [input, output] = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"]
        .map(|key| answer.get(key).map_or("no".to_owned(), Value::to_string));
    Ok(format!("{} attributes as told; {input} in, {output} out", keys.len()))
}

/// Whether the span of a call that was refused says why.
fn refused(answer: &Value, spans: &[SeenSpan]) -> Outcome {
    let span = only("refused", spans)?;
    let code = answer.get("code").and_then(Value::as_str);
    let code = code.ok_or_else(|| format!("the gateway did not refuse: {answer}"))?;
    if span.failed != Some(true) || span.text("error.type") != Some(code) {
        return Err(format!(
            "error.type is {:?}, and the gateway told {code}",
            span.text("error.type")
        ));
    }
    if span.number("gen_ai.usage.input_tokens").is_some() {
        return Err("it has tokens".to_owned());
    }
    Ok(format!("error.type {code}, no tokens"))
}
