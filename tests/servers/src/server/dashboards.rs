//! The dashboards and rules under `examples/dashboards/`: every query of theirs is run against servers that hold the
//! metrics of a workload whose figures are known, in both dialects of the conventions.
//!
//! | store | names | how the metrics come |
//! |---|---|---|
//! | VictoriaMetrics | with units and suffixes | OTLP |
//! | another | without | those of the first, renamed: no server here names them so by itself |
//! | Prometheus | with units and suffixes | it scrapes our page, and evaluates the rules |

use std::collections::BTreeMap;
use std::process::Command;

use llmobs_tests::dashboards::{self, Dashboard, Naming, Query, workload};
use reqwest::Method;
use serde_json::{Value, json};

use super::Stage;
use crate::child::Workload;
use crate::expectation::Outcome;
use crate::http;
use crate::promql::{PromQl, Sample};
use crate::report::Sheet;
use crate::service::{Service, free_port};
use crate::workload::DASHBOARDS;
use crate::workload::dashboards::{OTLP, PAGE};

/// How often the workload makes its calls, in each dialect.
const ROUNDS: u8 = 2;
const DIALECTS: [(&str, &str); 2] = [("released", ""), ("latest", "gen_ai_latest_experimental")];
const PRICE: &str = "llm:usd_per_million_tokens";

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    sheet.add("promtool, of the rules", promtool(stage, &["check", "rules"], "*.rules.yaml"));
    sheet.add("promtool, of the alerts", promtool(stage, &["test", "rules"], "alerts.test.yaml"));
    let by_otlp = victoria_metrics(stage, sheet).await;
    let by_page = prometheus(stage, sheet).await;
    by_otlp.and(by_page)
}

/// Runs `promtool` on files of ours.
fn promtool(stage: &Stage, words: &[&str], files: &str) -> Outcome {
    let directory = dashboards::directory("prometheus");
    let suffix = files.trim_start_matches('*');
    let entries = std::fs::read_dir(&directory).map_err(|error| error.to_string())?;
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.retain(|name| name.to_string_lossy().ends_with(suffix));
    let mut command: Command = stage.program("debian", "promtool");
    let output = command.current_dir(&directory).args(words).args(&names).output();
    let output = output.map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if output.status.success() && !names.is_empty() {
        return Ok(format!("{} files", names.len()));
    }
    Err(said.lines().take(12).collect::<Vec<_>>().join("; "))
}

/// The workload in each dialect; `variable` says where its metrics go.
async fn workloads(
    stage: &Stage,
    variable: &str,
    values: [String; 2],
) -> Result<Vec<Workload>, String> {
    let mut workloads = Vec::new();
    for ((dialect, opted), value) in DIALECTS.into_iter().zip(values) {
        let environment = [(variable, value), ("OTEL_SEMCONV_STABILITY_OPT_IN", opted.to_owned())];
        let service = format!("dashboards-{dialect}");
        let log = stage.scratch.join(format!("{service}-{variable}.log"));
        workloads.push(Workload::start(DASHBOARDS, &service, &environment, &log).await?);
    }
    Ok(workloads)
}

async fn victoria_metrics(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let start = async |name: &str, more: &[&str]| -> Result<(String, Service), String> {
        let url = format!("http://127.0.0.1:{}", free_port()?);
        let mut command = stage.program("debian", "victoria-metrics");
        command.args([
            &format!("-storageDataPath={}", stage.scratch.join(name).display()),
            &format!("-httpListenAddr={}", url.trim_start_matches("http://")),
            "-search.latencyOffset=0s",
            "-memory.allowedPercent=5",
        ]);
        let mut service = stage.start(name, command.args(more))?;
        service.ready(&stage.http, &format!("{url}/health")).await?;
        Ok((url, service))
    };
    let (url, suffixed) = start("suffixed", &["-opentelemetry.usePrometheusNaming"]).await?;
    let to = format!("{url}/opentelemetry");
    let mut workloads = workloads(stage, OTLP, [to.clone(), to]).await?;
    for _ in 0..ROUNDS {
        for workload in &mut workloads {
            workload.round().await?;
        }
        // Two points of a series must not have one time.
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    }
    for workload in workloads {
        workload.end().await?;
    }
    write(stage, &format!("{url}/api/v1/import/prometheus"), prices()).await?;
    stage.http.text(&format!("{url}/internal/force_flush")).await?;
    let store = Store { name: "VictoriaMetrics", naming: Naming::Suffixed, counts: true };
    store.ask(stage, sheet, &url).await;

    let (other, unsuffixed) = start("bare", &[]).await?;
    let ours = r#"{__name__=~"(gen_ai|otel_sdk)_.*"}"#;
    let address =
        reqwest::Url::parse_with_params(&format!("{url}/api/v1/export"), [("match[]", ours)]);
    let address = address.map_err(|error| error.to_string())?;
    let exported = stage.http.text(address.as_str()).await?;
    let prices = prices();
    write(stage, &format!("{other}/api/v1/import"), renamed(&exported)?).await?;
    write(stage, &format!("{other}/api/v1/import/prometheus"), prices).await?;
    stage.http.text(&format!("{other}/internal/force_flush")).await?;
    let store = Store { name: "VictoriaMetrics, bare", naming: Naming::Bare, counts: true };
    store.ask(stage, sheet, &other).await;
    stage.finish(url, suffixed).await;
    stage.finish(other, unsuffixed).await;
    Ok(())
}

async fn prometheus(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let ports = [free_port()?, free_port()?];
    let mut workloads = workloads(stage, PAGE, ports.map(|port| port.to_string())).await?;
    for workload in &mut workloads {
        workload.round().await?;
    }
    let rules = stage.scratch.join("rules");
    std::fs::create_dir_all(&rules).map_err(|error| error.to_string())?;
    for file in ["prices.rules.yaml", "alerts.rules.yaml"] {
        // Nobody wants to wait for a minute.
        let text =
            dashboards::read(&format!("prometheus/{file}")).replace("interval: 1m", "interval: 1s");
        std::fs::write(rules.join(file), text).map_err(|error| error.to_string())?;
    }
    let config = stage.scratch.join("prometheus.yml");
    let jobs: Vec<_> = DIALECTS
        .iter()
        .zip(ports)
        .map(|((dialect, _), port)| {
            format!("{{job_name: {dialect}, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}")
        })
        .collect();
    let text = format!(
        "global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}\nrule_files: ['{}/*.yaml']\nscrape_configs: [{}]\n",
        rules.display(),
        jobs.join(", ")
    );
    std::fs::write(&config, text).map_err(|error| error.to_string())?;
    let url = format!("http://127.0.0.1:{}", free_port()?);
    let mut command = stage.program("debian", "prometheus");
    command.args([
        &format!("--config.file={}", config.display()),
        &format!("--storage.tsdb.path={}", stage.scratch.join("prometheus").display()),
        &format!("--web.listen-address={}", url.trim_start_matches("http://")),
    ]);
    let mut service = stage.start("prometheus", &mut command)?;
    service.ready(&stage.http, &format!("{url}/-/ready")).await?;
    let promql = &PromQl::at(&stage.http, &url);
    let scraped = "count by (job) ({__name__=~\"gen_ai_client_.*_duration_seconds_count\"})";
    // What grows before it was seen once is not known to have grown.
    sheet
        .ask("Prometheus: both pages are scraped", || async move {
            match promql.query(scraped).await?.len() {
                2 => Ok("two jobs".to_owned()),
                other => Err(format!("{other} jobs")),
            }
        })
        .await;
    for workload in &mut workloads {
        workload.round().await?;
    }
    let store = Store { name: "Prometheus", naming: Naming::Suffixed, counts: false };
    store.ask(stage, sheet, &url).await;
    let (http, address) = (&stage.http, &format!("{url}/api/v1/rules"));
    sheet
        .ask("Prometheus: the rules", || async move { evaluated(&http.get(address).await?) })
        .await;
    for workload in workloads {
        workload.end().await?;
    }
    stage.finish(url, service).await;
    Ok(())
}

/// Whether every rule was evaluated without an error.
fn evaluated(answer: &Value) -> Outcome {
    let groups = answer.pointer("/data/groups").and_then(Value::as_array).into_iter().flatten();
    let rules: Vec<_> = groups.filter_map(|group| group["rules"].as_array()).flatten().collect();
    if let Some(ill) = rules.iter().find(|rule| rule["health"] != "ok") {
        return Err(format!("{}: {} {}", ill["name"], ill["health"], ill["lastError"]));
    }
    let all = dashboards::rules().len() + dashboards::prices().len();
    if rules.len() == all {
        Ok(format!("{all}, all well"))
    } else {
        Err(format!("{} of {all}", rules.len()))
    }
}

async fn write(stage: &Stage, url: &str, body: String) -> Result<(), String> {
    http::text(stage.http.request(Method::POST, url).body(body)).await.map(drop)
}

/// The table of prices as series, now.
fn prices() -> String {
    let prices = dashboards::prices().into_iter().map(|price| {
        let (model, token_type, usd) = (price.model, price.token_type, price.usd);
        format!(
            "{PRICE}{{gen_ai_request_model=\"{model}\",gen_ai_token_type=\"{token_type}\"}} {usd}\n"
        )
    });
    prices.collect()
}

/// Series, as `VictoriaMetrics` exports them, under the names that they have without units and suffixes.
fn renamed(exported: &str) -> Result<String, String> {
    let mut lines = String::new();
    for line in exported.lines() {
        let mut series: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let name = series["metric"]["__name__"].as_str().unwrap_or_default();
        let name = name.strip_suffix("_total").unwrap_or(name).replace("_seconds_", "_");
        series["metric"]["__name__"] = json!(name);
        lines.push_str(&series.to_string());
        lines.push('\n');
    }
    Ok(lines)
}

/// A server with the metrics of the workload.
struct Store {
    name: &'static str,
    naming: Naming,
    /// Whether a series that appears counts as having grown from nothing.
    counts: bool,
}

impl Store {
    async fn ask(&self, stage: &Stage, sheet: &mut Sheet, url: &str) {
        let (promql, dashboard) = (&PromQl::at(&stage.http, url), &Dashboard::read());
        for naming in [Naming::Either, self.naming] {
            let queries = &dashboard.queries(naming);
            sheet
                .ask(format!("{}: panels, names {naming:?}", self.name), || async move {
                    let found = all(promql, queries).await?;
                    self.figures(&found)?;
                    Ok(format!("{} queries, all with data", queries.len()))
                })
                .await;
            let variables = &dashboard.label_values(naming);
            let base = format!("{url}/api/v1/label");
            let base = &base;
            sheet
                .ask(format!("{}: variables, names {naming:?}", self.name), || async move {
                    for variable in variables {
                        let address = reqwest::Url::parse_with_params(
                            &format!("{base}/{}/values", variable.label),
                            [("match[]", &variable.selector)],
                        );
                        let address = address.map_err(|error| error.to_string())?;
                        let answer = stage.http.get(address.as_str()).await?;
                        let values = answer["data"].as_array().map_or(0, Vec::len);
                        let least = if variable.label == "gen_ai_provider_name" { 1 } else { 2 };
                        if values < least {
                            return Err(format!("{}: {answer}", variable.name));
                        }
                    }
                    Ok(format!("{}, all with values", variables.len()))
                })
                .await;
        }
        let wrong = match self.naming {
            Naming::Bare => Naming::Suffixed,
            _ => Naming::Bare,
        };
        let title = "examples/dashboards/grafana, Calls";
        let queries = dashboard.queries(wrong);
        let calls = queries.iter().find(|query| query.place.ends_with(", Calls, A")).cloned();
        let outcome = match calls {
            Some(query) => match promql.query(&query.text).await {
                Ok(found) if found.is_empty() => Ok("finds nothing, as it should".to_owned()),
                other => Err(format!("{title}: {other:?}")),
            },
            None => Err(format!("there is no {title}")),
        };
        sheet.add(format!("{}: the other names", self.name), outcome);
        let rules = &inlined();
        sheet
            .ask(format!("{}: what rules record", self.name), || async move {
                all(promql, rules).await?;
                Ok(format!("{} queries, all with data", rules.len()))
            })
            .await;
    }

    /// Whether the figures are those of the workload.
    fn figures(&self, found: &BTreeMap<String, Vec<Sample>>) -> Result<(), String> {
        let value = |place: &str, label: Option<(&str, &str)>| {
            let samples =
                found.iter().find(|(known, _)| known.ends_with(place)).map(|(_, samples)| samples);
            let samples = samples.ok_or_else(|| format!("there is no {place}"))?;
            let of = |sample: &&Sample| {
                label
                    .is_none_or(|(key, value)| sample.labels.get(key).is_some_and(|it| it == value))
            };
            let sample = samples
                .iter()
                .find(of)
                .ok_or_else(|| format!("{place}: {label:?} is not there"))?;
            Ok::<f64, String>(sample.value)
        };
        // What Prometheus extrapolates grows from one query to the next.
        let beside = if self.counts { 1e-6 } else { 1e-2 };
        let is_about = |place: &str, label, expected: f64, about: f64| {
            let value = value(place, label)?;
            let near = (value - expected).abs() <= about * expected.abs().max(1e-6);
            if near { Ok(()) } else { Err(format!("{place} {label:?} is {value}, not {expected}")) }
        };
        let is = |place: &str, label, expected: f64| is_about(place, label, expected, 1e-6);
        // Rates of two services whose flushes are not as far apart from each other.
        let is_share = |place: &str, expected| is_about(place, None, expected, 1e-2);
        let model = |name| Some(("gen_ai_request_model", name));
        let agent = |name| Some(("gen_ai_agent_name", name));
        let tool = |name| Some(("gen_ai_tool_name", name));
        is_share(", Failed, A", workload::FAILED / workload::CALLS)?;
        is(", Failed by model, A", model(workload::FAILING_MODEL), 1.0)?;
        is(", Failed by model, A", model(workload::MODEL), 0.0)?;
        is_share(", Cached and reasoned, A", workload::CACHED / workload::INPUT)?;
        is_share(", Cached and reasoned, B", workload::REASONED / workload::OUTPUT)?;
        let [works, fails] = workload::AGENTS;
        is(", Failed runs, A", agent(works), 0.0)?;
        is(", Failed runs, A", agent(fails), 1.0)?;
        is(", Calls in a run, A", agent(works), 2.0)?;
        is(", Calls in a run, A", agent(fails), 1.0)?;
        is(", Calls in a run, B", agent(works), 2.0)?;
        let [works, fails] = workload::TOOLS;
        is(", Failed calls, A", tool(works), 0.0)?;
        is(", Failed calls, A", tool(fails), 1.0)?;
        // Of money: what the tokens beside it come to.
        let price = |token_type: &str| {
            let of = |price: &&dashboards::Price| {
                price.model == workload::MODEL && price.token_type == token_type
            };
            let prices = dashboards::prices();
            prices
                .iter()
                .find(of)
                .map(|price| price.usd / 1e6)
                .ok_or_else(|| format!("no price of {token_type}"))
        };
        let input = value(", All models, E", model(workload::MODEL))? * price("input")?;
        let output = value(", All models, F", model(workload::MODEL))? * price("output")?;
        is_about(", All models, G", model(workload::MODEL), input + output, beside)?;
        value(", Tokens without a price, A", model(workload::UNPRICED_MODEL))?;
        if value(", All models, G", model(workload::UNPRICED_MODEL)).is_ok() {
            return Err("a model without a price has a cost".to_owned());
        }
        if self.counts {
            let (rounds, both) = (f64::from(ROUNDS), 2.0 * f64::from(ROUNDS));
            is(", Calls, A", None, both * workload::CALLS)?;
            is(", Input tokens, A", None, both * workload::INPUT + rounds * workload::EMBEDDED)?;
            is(", Output tokens, A", None, both * workload::OUTPUT)?;
            let [input, output] = workload::PRICED;
            is(", All models, E", model(workload::MODEL), both * input)?;
            is(", All models, F", model(workload::MODEL), both * output)?;
            is(", All models, A", model(workload::FAILING_MODEL), both)?;
        }
        Ok(())
    }
}

/// What every query gives; each must give something.
async fn all(promql: &PromQl, queries: &[Query]) -> Result<BTreeMap<String, Vec<Sample>>, String> {
    let mut found = BTreeMap::new();
    for query in queries {
        let samples = promql.query(&query.text).await;
        let samples = samples.map_err(|error| format!("{}: {error}", query.place))?;
        if samples.is_empty() || samples.iter().any(|sample| sample.value.is_nan()) {
            return Err(format!("{}: {samples:?} for {}", query.place, query.text));
        }
        found.insert(query.place.clone(), samples);
    }
    Ok(found)
}

/// What rules record, each with what it reads of others in its place: a server here may evaluate no rules.
fn inlined() -> Vec<Query> {
    let mut queries: Vec<Query> = Vec::new();
    for rule in dashboards::rules().into_iter().filter(|rule| !rule.alert) {
        let mut text = rule.query;
        for earlier in &queries {
            text = text.replace(&earlier.place, &format!("({})", earlier.text));
        }
        queries.push(Query { place: rule.name, text });
    }
    queries
}
