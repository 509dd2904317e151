//! Datadog's test agent: takes all three signals over HTTP and gRPC, and hands back what it was sent.

use serde_json::Value;

use super::{Stage, signals};
use crate::expectation::{self, Knows, LOG, Outcome};
use crate::otlp::{self, Temporality};
use crate::report::Sheet;
use crate::service::{Service, emptied, free_port};

/// The names of the token attributes in the conventions.
pub(super) const TOKENS: [&str; 3] = [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
];

/// A running agent.
#[derive(Debug)]
pub(super) struct Agent {
    service: Service,
    /// Where OTLP over HTTP goes.
    pub(super) http: String,
    /// Where OTLP over gRPC goes.
    pub(super) grpc: String,
}

impl Agent {
    /// Starts one.
    pub(super) async fn start(stage: &Stage) -> Result<Self, String> {
        let [agent, http, grpc, web] = [free_port()?, free_port()?, free_port()?, free_port()?];
        let snapshots = emptied(&stage.scratch.join("snapshots"))?;
        let mut command = stage.program("ddapm", "ddapm-test-agent");
        for (option, value) in [
            ("--host", "127.0.0.1".to_owned()),
            ("-p", agent.to_string()),
            ("--otlp-http-port", http.to_string()),
            ("--otlp-grpc-port", grpc.to_string()),
            ("--web-ui-port", web.to_string()),
            ("--snapshot-dir", snapshots.display().to_string()),
        ] {
            command.arg(option).arg(value);
        }
        command.arg("--disable-llmobs-data-forwarding");
        let mut service = stage.start("ddapm", &mut command)?;
        let [http, grpc] = [http, grpc].map(|port| format!("http://127.0.0.1:{port}"));
        service.ready(&stage.http, &format!("{http}/test/session/traces")).await?;
        Ok(Self { service, http, grpc })
    }

    /// The export requests of a signal.
    pub(super) async fn requests(&self, stage: &Stage, signal: &str) -> Result<Value, String> {
        stage.http.get(&format!("{}/test/session/{signal}", self.http)).await
    }

    /// Asks for everything that this service sent in so many rounds.
    pub(super) async fn ask(
        &self,
        stage: &Stage,
        sheet: &mut Sheet,
        (way, service): (&str, &str),
        rounds: u8,
        temporality: Temporality,
    ) {
        let spans = || async {
            let requests = self.requests(stage, "traces").await?;
            Ok::<_, String>(otlp::spans(&requests, service))
        };
        let n = usize::from(rounds);
        sheet
            .ask(format!("{way}: spans"), || async {
                expectation::spans(&spans().await?, n, Knows::ALL)
            })
            .await;
        sheet
            .ask(format!("{way}: tokens"), || async {
                expectation::tokens(&spans().await?, n, TOKENS)
            })
            .await;
        sheet
            .ask(format!("{way}: metrics"), || async {
                let requests = self.requests(stage, "metrics").await?;
                let (points, found) = otlp::histograms(&requests, service);
                if found != [temporality] {
                    return Err(format!("the temporality is {found:?}, not {temporality:?}"));
                }
                let told = expectation::points(&points, u64::from(rounds))?;
                Ok(format!("{temporality:?}: {told}"))
            })
            .await;
        sheet
            .ask(format!("{way}: logs"), || async {
                let requests = self.requests(stage, "logs").await?;
                let logs = otlp::logs(&requests, service);
                correlated(&logs, &spans().await?, n)
            })
            .await;
    }

    /// Ends it, unless it is to go on.
    pub(super) async fn finish(self, stage: &Stage) {
        stage.finish(self.http, self.service).await;
    }
}

/// Whether each log record of the workload stands in the span that it was written in.
pub(super) fn correlated(
    logs: &[crate::seen::SeenLog],
    spans: &[crate::seen::SeenSpan],
    rounds: usize,
) -> Outcome {
    let records: Vec<_> = logs.iter().filter(|log| log.body == LOG).collect();
    if records.len() != rounds {
        return Err(format!("`{LOG}` is there {} times, not {rounds}", records.len()));
    }
    for record in &records {
        let inside = spans.iter().find(|span| span.trace == record.trace && span.id == record.span);
        let inside = inside.map_or("none that is known", |span| span.name.as_str());
        if inside != "chat gpt-4o-mini" {
            return Err(format!("`{LOG}` stands in `{inside}`, not in `chat gpt-4o-mini`"));
        }
    }
    Ok(format!("{} records, each in its span", records.len()))
}

pub(super) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    const ROUNDS: u8 = 2;
    let agent = Agent::start(stage).await?;
    for (way, protocol, endpoint, temporality) in [
        ("http/protobuf", "http/protobuf", &agent.http, Temporality::Cumulative),
        ("http/json", "http/json", &agent.http, Temporality::Delta),
        ("grpc", "grpc", &agent.grpc, Temporality::Cumulative),
    ] {
        let service = format!("llmobs-{}", way.replace('/', "-"));
        let mut environment = signals(true, true, true);
        environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.clone()));
        environment.push(("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.to_owned()));
        let preference = format!("{temporality:?}").to_ascii_lowercase();
        environment.push(("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", preference));
        let mut workload = stage.workload(&service, &environment).await?;
        for _ in 0..ROUNDS {
            workload.round().await?;
        }
        workload.end().await?;
        agent.ask(stage, sheet, (way, &service), ROUNDS, temporality).await;
    }
    by_preset(stage, &agent, sheet, ROUNDS).await?;
    agent.finish(stage).await;
    Ok(())
}

/// By Datadog's own variables, as its own libraries read them; its metrics must be deltas.
async fn by_preset(
    stage: &Stage,
    agent: &Agent,
    sheet: &mut Sheet,
    rounds: u8,
) -> Result<(), String> {
    const SERVICE: &str = "llmobs-datadog";
    let address = agent.http.trim_start_matches("http://").to_owned();
    let environment = [
        ("OTEL_TRACES_EXPORTER", "datadog".to_owned()),
        ("OTEL_METRICS_EXPORTER", "datadog".to_owned()),
        ("OTEL_LOGS_EXPORTER", "datadog".to_owned()),
        ("DD_AGENT_HOST", "127.0.0.1".to_owned()),
        ("DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT", address),
        ("DD_ENV", "proof".to_owned()),
    ];
    let mut workload = stage.workload(SERVICE, &environment).await?;
    for _ in 0..rounds {
        workload.round().await?;
    }
    workload.end().await?;
    agent.ask(stage, sheet, ("preset datadog", SERVICE), rounds, Temporality::Delta).await;
    Ok(())
}
