//! Rotel, a collector, as the first hop; Datadog's test agent is the second.

use super::ddapm::Agent;
use super::{Stage, signals};
use crate::otlp::Temporality;
use crate::report::Sheet;
use crate::service::free_port;

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    const ROUNDS: u8 = 2;
    let agent = Agent::start(stage).await?;
    let (http, grpc) = (free_port()?, free_port()?);
    let mut command = stage.program("rotel", "python");
    // The program lies among the modules, wherever this version of Python has them.
    let find =
        "import os, rotel; print(os.path.join(os.path.dirname(rotel.__file__), 'rotel-agent'))";
    let found = command.args(["-c", find]).output().map_err(|error| error.to_string())?;
    let path = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let mut command = stage.program("rotel", &path);
    command
        .env("ROTEL_EXPORTERS", "out:otlp")
        .env("ROTEL_EXPORTER_OUT_ENDPOINT", &agent.http)
        .env("ROTEL_EXPORTER_OUT_PROTOCOL", "http")
        .arg("start")
        .arg("--pid-file")
        .arg(stage.scratch.join("rotel.pid"))
        .args(["--otlp-grpc-endpoint", &format!("127.0.0.1:{grpc}")])
        .args(["--otlp-http-endpoint", &format!("127.0.0.1:{http}")])
        .args([
            "--exporters-traces",
            "out",
            "--exporters-metrics",
            "out",
            "--exporters-logs",
            "out",
        ]);
    let collector = stage.start("rotel", &mut command)?;
    // It answers no `GET`, so whether somebody listens is all there is to know.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while tokio::net::TcpStream::connect(("127.0.0.1", http)).await.is_err() {
        if std::time::Instant::now() >= until {
            return Err("rotel does not listen".to_owned());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for (protocol, port) in [("http/protobuf", http), ("grpc", grpc)] {
        let service = format!("llmobs-{}", protocol.replace('/', "-"));
        let mut environment = signals(true, true, true);
        environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{port}")));
        environment.push(("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.to_owned()));
        let mut workload = stage.workload(&service, &environment).await?;
        for _ in 0..ROUNDS {
            workload.round().await?;
        }
        workload.end().await?;
        let way = (protocol, service.as_str());
        agent.ask(stage, sheet, way, ROUNDS, Temporality::Cumulative).await;
    }
    stage.finish(format!("http://127.0.0.1:{http}"), collector).await;
    agent.finish(stage).await;
    Ok(())
}
