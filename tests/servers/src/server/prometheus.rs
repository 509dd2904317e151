//! Prometheus: scrapes the page, and answers queries; exemplars too. Its `promtool` looks at the page.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{Stage, seconds_now};
use crate::expectation::{self, Outcome};
use crate::promql::PromQl;
use crate::report::Sheet;
use crate::service::free_port;

const JOB: &str = "llmobs";

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let began = seconds_now();
    let page = free_port()?;
    let environment = [
        ("OTEL_METRICS_EXPORTER", "prometheus".to_owned()),
        ("OTEL_TRACES_EXPORTER", "none".to_owned()),
        ("OTEL_LOGS_EXPORTER", "none".to_owned()),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1".to_owned()),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", page.to_string()),
    ];
    let mut workload = stage.workload("llmobs-prometheus", &environment).await?;
    let mut traces = Vec::new();
    let mut round = workload.round().await?;
    traces.append(&mut ids(&mut round));

    let config = stage.scratch.join("prometheus.yml");
    let targets = format!(
        "global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}\nscrape_configs:\n  - job_name: {JOB}\n    \
         static_configs: [{{targets: ['127.0.0.1:{page}']}}]\n"
    );
    std::fs::write(&config, targets).map_err(|error| error.to_string())?;
    let url = &format!("http://127.0.0.1:{}", free_port()?);
    let mut command = stage.program("debian", "prometheus");
    command.args([
        &format!("--config.file={}", config.display()),
        &format!("--storage.tsdb.path={}", stage.scratch.join("data").display()),
        &format!("--web.listen-address={}", url.trim_start_matches("http://")),
        "--enable-feature=exemplar-storage",
    ]);
    let mut service = stage.start("prometheus", &mut command)?;
    service.ready(&stage.http, &format!("{url}/-/ready")).await?;

    let promql = &PromQl::at(&stage.http, url);
    for rounds in [1, 2] {
        if rounds > 1 {
            let mut round = workload.round().await?;
            traces.append(&mut ids(&mut round));
        }
        sheet
            .ask(format!("PromQL after round {rounds}"), || async move {
                let points = promql.histograms(&format!("job=\"{JOB}\"")).await?;
                expectation::points(&points, rounds)
            })
            .await;
    }
    let traces = &traces;
    sheet
        .ask("exemplars", || async move {
            let buckets = "gen_ai_client_operation_duration_seconds_bucket";
            let found = promql.exemplars(buckets, began - 60.0, seconds_now() + 60.0).await?;
            exemplars(&found, traces)
        })
        .await;
    let text = stage.http.text(&format!("http://127.0.0.1:{page}/metrics")).await?;
    sheet.add("promtool check metrics", promtool(&mut stage.program("debian", "promtool"), &text));
    workload.end().await?;
    stage.finish(url, service).await;
    Ok(())
}

/// The ids of traces that a round told of.
fn ids(told: &mut serde_json::Value) -> Vec<String> {
    let ids = told["traces"].take();
    serde_json::from_value(ids).unwrap_or_default()
}

/// Whether all exemplars are of traces of the workload.
fn exemplars(found: &[std::collections::BTreeMap<String, String>], traces: &[String]) -> Outcome {
    if found.is_empty() {
        return Err("there are none".to_owned());
    }
    for labels in found {
        let trace = labels.get("trace_id").map_or("no trace", String::as_str);
        if !traces.iter().any(|known| known == trace) || !labels.contains_key("span_id") {
            return Err(format!("{labels:?} is of none of the traces {traces:?}"));
        }
    }
    Ok(format!("{}, each of a trace of the workload", found.len()))
}

/// What `promtool` says of a page; it says nothing where all is well.
fn promtool(command: &mut Command, page: &str) -> Outcome {
    let mut check = || {
        let mut child = command
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(page.as_bytes())?;
        }
        child.wait_with_output()
    };
    let output = check().map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if output.status.success() {
        return Ok(format!("{} lines, no complaint", page.lines().count()));
    }
    Err(said.lines().take(3).collect::<Vec<_>>().join("; "))
}
