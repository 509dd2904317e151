//! `VictoriaMetrics`: takes metrics by OTLP, and answers queries in Prometheus's language.

use super::{Stage, signals};
use crate::expectation;
use crate::promql::PromQl;
use crate::report::Sheet;
use crate::service::free_port;

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    const SERVICE: &str = "llmobs-victoria";
    let mut command = stage.program("debian", "victoria-metrics");
    let url = format!("http://127.0.0.1:{}", free_port()?);
    let address = url.trim_start_matches("http://");
    command.args([
        &format!("-storageDataPath={}", stage.scratch.join("data").display()),
        &format!("-httpListenAddr={address}"),
        "-opentelemetry.usePrometheusNaming",
        "-search.latencyOffset=0s",
        "-memory.allowedPercent=10",
    ]);
    let mut service = stage.start("victoria-metrics", &mut command)?;
    service.ready(&stage.http, &format!("{url}/health")).await?;
    let mut environment = signals(false, true, false);
    environment
        .push(("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("{url}/opentelemetry/v1/metrics")));
    environment.push(("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf".to_owned()));
    let mut workload = stage.workload(SERVICE, &environment).await?;
    let promql = PromQl::at(&stage.http, &url);
    // Cumulative: the second flush replaces the first.
    for rounds in [1, 2] {
        workload.round().await?;
        stage.http.text(&format!("{url}/internal/force_flush")).await?;
        let promql = &promql;
        sheet
            .ask(format!("PromQL after flush {rounds}"), || async move {
                let selector = format!("\"service.name\"=\"{SERVICE}\"");
                let selector = selector.replace("\"service.name\"", "service_name");
                let points = promql.histograms(&selector).await?;
                expectation::points(&points, rounds)
            })
            .await;
    }
    workload.end().await?;
    stage.finish(url, service).await;
    Ok(())
}
