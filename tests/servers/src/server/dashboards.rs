//! The queries of `examples/dashboards/`, asked of a Prometheus and a `VictoriaMetrics` that hold the metrics of calls
//! in both dialects; Prometheus also evaluates the rules.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use llmobs_tests::dashboards::{Dashboard, Naming, Price, Query, directory, prices, rules};
use reqwest::Method;
use serde_json::Value;

use super::{Stage, signals};
use crate::child::Workload;
use crate::expectation::Outcome;
use crate::http;
use crate::promql::PromQl;
use crate::report::Sheet;
use crate::service::free_port;
use crate::workload::DASHBOARDS;

/// So often the calls are made: a rate takes two values, and the change between them.
const ROUNDS: u8 = 3;
/// The two files of rules.
const RULES: [&str; 2] = ["alerts.rules.yaml", "prices.rules.yaml"];
/// What selects the newest conventions.
const LATEST: (&str, &str) = ("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental");

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    if let Some(installed) = stage.installed.get("debian") {
        sheet.version = format!(
            "{}, {}",
            installed.version_of("prometheus"),
            installed.version_of("victoria-metrics")
        );
    }
    sheet.add("promtool check rules", promtool(stage, &["check", "rules"], &RULES));
    sheet.add("promtool test rules", promtool(stage, &["test", "rules"], &["alerts.test.yaml"]));
    prometheus(stage, sheet).await?;
    victoria_metrics(stage, sheet).await
}

/// Makes the calls, a second apart.
async fn rounds(workloads: &mut [Workload]) -> Result<(), String> {
    for _ in 0..ROUNDS {
        for workload in &mut *workloads {
            workload.round().await?;
        }
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    Ok(())
}

async fn prometheus(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let mut pages = Vec::new();
    let mut workloads = Vec::new();
    for dialect in ["released", "latest"] {
        let page = free_port()?;
        let mut environment = signals(false, false, false);
        environment.retain(|(name, _)| *name != "OTEL_METRICS_EXPORTER");
        environment.extend([
            ("OTEL_METRICS_EXPORTER", "prometheus".to_owned()),
            ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1".to_owned()),
            ("OTEL_EXPORTER_PROMETHEUS_PORT", page.to_string()),
        ]);
        if dialect == "latest" {
            environment.push((LATEST.0, LATEST.1.to_owned()));
        }
        let service = format!("llmobs-{dialect}");
        let log = stage.scratch.join(format!("{service}.log"));
        workloads.push(Workload::start(DASHBOARDS, &service, &environment, &log).await?);
        pages.push(format!("'127.0.0.1:{page}'"));
    }
    for name in RULES {
        let text = fs::read_to_string(directory("prometheus").join(name));
        // Evaluated as often as is worth waiting for.
        let text = text.map(|text| text.replace("interval: 1m", "interval: 1s"));
        text.and_then(|text| fs::write(stage.scratch.join(name), text))
            .map_err(|error| format!("{name}: {error}"))?;
    }
    let config = format!(
        "global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s}}\n\
         rule_files: [{}]\n\
         scrape_configs: [{{job_name: llmobs, static_configs: [{{targets: [{}]}}]}}]\n",
        RULES.join(", "),
        pages.join(", ")
    );
    let path = stage.scratch.join("prometheus.yml");
    fs::write(&path, config).map_err(|error| error.to_string())?;
    let url = &format!("http://127.0.0.1:{}", free_port()?);
    let mut command = stage.program("debian", "prometheus");
    command.args([
        &format!("--config.file={}", path.display()),
        &format!("--storage.tsdb.path={}", stage.scratch.join("prometheus").display()),
        &format!("--web.listen-address={}", url.trim_start_matches("http://")),
    ]);
    let mut service = stage.start("prometheus", &mut command)?;
    service.ready(&stage.http, &format!("{url}/-/ready")).await?;
    let promql = &PromQl::at(&stage.http, url);
    sheet
        .ask("Prometheus: scrapes both dialects", || async move {
            let up = promql.query("sum(up)").await?;
            let up = up.first().map_or(0.0, |sample| sample.value);
            if up < 2.0 { Err(format!("{up} of 2")) } else { Ok("2 targets".to_owned()) }
        })
        .await;
    rounds(&mut workloads).await?;
    ask(sheet, "Prometheus", promql, &[Naming::Either, Naming::Suffixed]).await;
    sheet
        .ask("Prometheus: rules", || async {
            evaluated(&stage.http.get(&format!("{url}/api/v1/rules")).await?)
        })
        .await;
    sheet.ask("Prometheus: what rules record", || recorded(promql)).await;
    for workload in workloads {
        workload.end().await?;
    }
    stage.finish(url, service).await;
    Ok(())
}

async fn victoria_metrics(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let url = &format!("http://127.0.0.1:{}", free_port()?);
    let mut command = stage.program("debian", "victoria-metrics");
    command.args([
        &format!("-storageDataPath={}", stage.scratch.join("victoria-metrics").display()),
        &format!("-httpListenAddr={}", url.trim_start_matches("http://")),
        "-opentelemetry.usePrometheusNaming",
        "-search.latencyOffset=0s",
        "-memory.allowedPercent=10",
    ]);
    let mut service = stage.start("victoria-metrics", &mut command)?;
    service.ready(&stage.http, &format!("{url}/health")).await?;
    let mut workloads = Vec::new();
    for dialect in ["released", "latest"] {
        let mut environment = signals(false, true, false);
        environment.push((
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            format!("{url}/opentelemetry/v1/metrics"),
        ));
        if dialect == "latest" {
            environment.push((LATEST.0, LATEST.1.to_owned()));
        }
        let service = format!("llmobs-victoria-{dialect}");
        let log = stage.scratch.join(format!("{service}.log"));
        workloads.push(Workload::start(DASHBOARDS, &service, &environment, &log).await?);
    }
    rounds(&mut workloads).await?;
    import_prices(stage, url).await?;
    stage.http.text(&format!("{url}/internal/force_flush")).await?;
    let promql = &PromQl::at(&stage.http, url);
    ask(sheet, "VictoriaMetrics", promql, &[Naming::Either]).await;
    for workload in workloads {
        workload.end().await?;
    }
    stage.finish(url, service).await;
    Ok(())
}

/// Writes the prices as what they are recorded as: here nobody evaluates rules.
async fn import_prices(stage: &Stage, url: &str) -> Result<(), String> {
    let mut page = String::new();
    for Price { model, token_type, usd } in prices() {
        let labels = format!("gen_ai_request_model=\"{model}\",gen_ai_token_type=\"{token_type}\"");
        page.push_str(&format!("llm:usd_per_million_tokens{{{labels}}} {usd}\n"));
    }
    let to = format!("{url}/api/v1/import/prometheus");
    http::text(stage.http.request(Method::POST, &to).body(page)).await.map(drop)
}

/// Asks all queries of the dashboard, under each of these namings.
async fn ask(sheet: &mut Sheet, server: &str, promql: &PromQl, namings: &[Naming]) {
    let dashboard = &Dashboard::read();
    for naming in namings {
        let queries = dashboard.queries(*naming);
        let queries = &queries;
        sheet
            .ask(format!("{server}: panels, {naming:?}"), || async move {
                answered(promql, queries).await
            })
            .await;
    }
}

/// Panels of what only goes wrong: without a sample all is well.
const MAY_BE_EMPTY: [&str; 1] = ["dropped"];

/// Whether all queries are understood, and all that have to have samples do.
async fn answered(promql: &PromQl, queries: &[Query]) -> Outcome {
    let (mut empty, mut full) = (Vec::new(), 0);
    for query in queries {
        let samples = promql.query(&query.text).await;
        let samples = samples.map_err(|error| format!("{}: {error}", query.place))?;
        if !samples.is_empty() {
            full += 1;
        } else if !MAY_BE_EMPTY.iter().any(|word| query.place.to_lowercase().contains(word)) {
            empty.push(query.place.clone());
        }
    }
    if queries.is_empty() || !empty.is_empty() {
        return Err(format!(
            "{} of {} have no samples: {}",
            empty.len(),
            queries.len(),
            empty.join("; ")
        ));
    }
    Ok(format!("{} queries, {full} with samples", queries.len()))
}

/// Whether each rule was evaluated, and without an error.
fn evaluated(answer: &Value) -> Outcome {
    let groups = answer.pointer("/data/groups").and_then(Value::as_array).into_iter().flatten();
    let all: Vec<_> = groups
        .flat_map(|group| group.get("rules").and_then(Value::as_array).into_iter().flatten())
        .collect();
    let wanted = rules().len();
    if all.len() < wanted {
        return Err(format!("{} rules, not {wanted} and the prices", all.len()));
    }
    for rule in &all {
        if rule.get("health").and_then(Value::as_str) != Some("ok") {
            return Err(format!("{} is {}: {}", rule["name"], rule["health"], rule["lastError"]));
        }
    }
    Ok(format!("{} evaluated", all.len()))
}

/// Whether the rules that record have recorded something.
async fn recorded(promql: &PromQl) -> Outcome {
    let names: BTreeSet<_> =
        rules().into_iter().filter(|rule| !rule.alert).map(|rule| rule.name).collect();
    let mut empty = Vec::new();
    for name in &names {
        if promql.query(name).await?.is_empty() {
            empty.push(name.as_str());
        }
    }
    if empty.is_empty() {
        return Ok(format!("{} series by name", names.len()));
    }
    Err(format!("nothing recorded as {}", empty.join(", ")))
}

/// What `promtool` says of files.
fn promtool(stage: &Stage, words: &[&str], files: &[&str]) -> Outcome {
    let mut command = stage.program("debian", "promtool");
    let output = command
        .current_dir(directory("prometheus"))
        .args(words)
        .args(files)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(files.join(", "));
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().replace('\n', "; ");
    Err(said.chars().take(600).collect())
}
