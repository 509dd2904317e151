//! Grafana with what it shows: Tempo, Loki and Prometheus behind its own proxy; see
//! <https://grafana.com/docs/grafana/latest/developers/http_api/data_source/>.

use serde_json::Value;

use super::{Given, Otlp, ROUNDS, loki, tempo};
use crate::expectation;
use crate::promql::PromQl;
use crate::report::Sheet;
use crate::server::Stage;

pub(in crate::server) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let mut given = Given::of(stage, "GRAFANA_OTLP_URL", Otlp::Port(4318))?;
    given.token = std::env::var("GRAFANA_TOKEN").ok().filter(|token| !token.is_empty());
    let health = given.get("/api/health", &[]).await?;
    let version = health.get("version").and_then(Value::as_str);
    sheet.version = version.map(str::to_owned).unwrap_or_default();
    let sources = given.get("/api/datasources", &[]).await?;
    let [traces, logs, metrics] = ["tempo", "loki", "prometheus"]
        .map(|kind| source(&sources, kind).map(|uid| behind(&given, &uid)));
    if traces.is_none() && logs.is_none() && metrics.is_none() {
        return Err("it has no data source of Tempo, Loki or Prometheus".to_owned());
    }
    let wanted = [traces.is_some(), metrics.is_some(), logs.is_some()];
    let (service, ids) = given.send(stage, wanted).await?;
    if let Some(given) = &traces {
        tempo::ask(given, sheet, &ids).await;
    }
    if let Some(given) = &logs {
        loki::ask(given, sheet, &service, &ids).await;
    }
    if let Some(given) = &metrics {
        let promql = &PromQl::at(&given.http, &given.base).with_token(given.token.clone());
        // What a service is called becomes the job.
        let selector = &format!("job=\"{service}\"");
        sheet
            .ask("metrics: PromQL", || async move {
                let points = promql.histograms(selector).await?;
                expectation::points(&points, u64::from(ROUNDS))
            })
            .await;
    }
    Ok(())
}

/// The first data source of a kind.
fn source(sources: &Value, kind: &str) -> Option<String> {
    let mut all = sources.as_array().into_iter().flatten();
    let found = all.find(|it| it.get("type").and_then(Value::as_str) == Some(kind))?;
    found.get("uid").and_then(Value::as_str).map(str::to_owned)
}

/// What is behind Grafana's proxy.
fn behind(given: &Given, uid: &str) -> Given {
    Given { base: format!("{}/api/datasources/proxy/uid/{uid}", given.base), ..given.clone() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{otlp_span, stand_in};
    use super::*;

    #[tokio::test]
    async fn what_is_behind_the_proxy_is_asked() {
        let sources = json!([
            {"id": 1, "uid": "m", "type": "prometheus"}, {"id": 2, "uid": "t", "type": "tempo"}
        ]);
        let span = otlp_span("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "chat o3");
        let trace = json!({ "batches": [{ "scopeSpans": [{ "spans": [span] }] }] });
        let vector = json!({"data": {"resultType": "vector", "result": [{
            "metric": {"__name__": "gen_ai_client_token_usage_count", "job": "s"},
            "value": [1.0, "3"]
        }]}});
        let given = stand_in(vec![
            ("/api/datasources/proxy/uid/t/api/traces/", trace),
            ("/api/datasources/proxy/uid/m/api/v1/query?", vector),
            ("/api/datasources", sources),
        ])
        .await;
        let sources = given.get("/api/datasources", &[]).await.expect("two");
        assert_eq!(source(&sources, "loki"), None);
        let tempo = behind(&given, &source(&sources, "tempo").expect("one"));
        let found = tempo::spans(&tempo, &["one".to_owned()]).await.expect("one");
        assert_eq!(found.len(), 1);
        let metrics = behind(&given, &source(&sources, "prometheus").expect("one"));
        let promql = PromQl::at(&metrics.http, &metrics.base);
        let points = promql.histograms("job=\"s\"").await.expect("one");
        assert_eq!(points[0].metric, "gen_ai.client.token.usage");
        assert_eq!(points[0].count.to_string(), "3");
    }
}
