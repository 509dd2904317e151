//! Servers that cannot be installed from a registry, and are tested where the environment says that they are there.
//!
//! | variable | what it names | where OTLP goes, unless the second variable says so |
//! |---|---|---|
//! | `JAEGER_URL` | Jaeger's query service, usually at port 16686 | port 4318 of the same host; `JAEGER_OTLP_URL` |
//! | `TEMPO_URL` | Tempo, usually at port 3200 | port 4318 of the same host; `TEMPO_OTLP_URL` |
//! | `LOKI_URL` | Loki, usually at port 3100 | `/otlp` of the same; `LOKI_OTLP_URL` |
//! | `GRAFANA_URL` | Grafana with Tempo, Loki and Prometheus behind it, usually at port 3000 | port 4318 of the same host; `GRAFANA_OTLP_URL` |
//! | `OTEL_COLLECTOR_URL` | a Collector's OTLP receiver, usually at port 4318 | the same; what it tells of itself at `OTEL_COLLECTOR_METRICS_URL` |
//!
//! `GRAFANA_TOKEN` lets in where Grafana wants that.

pub(super) mod collector;
pub(super) mod grafana;
pub(super) mod jaeger;
pub(super) mod loki;
pub(super) mod tempo;

use crate::child::Workload;
use crate::http::Http;
use crate::server::{Stage, signals, unique};

/// How many rounds each of them is sent.
pub(super) const ROUNDS: u8 = 2;

/// A server that somebody else runs.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) http: Http,
    /// Where it is asked.
    pub(super) base: String,
    /// Where OTLP goes.
    pub(super) otlp: String,
    /// What lets in.
    pub(super) token: Option<String>,
}

impl Given {
    /// What the environment says. `otlp` is the variable of where to send, and the port or the path where it says
    /// nothing.
    pub(super) fn of(stage: &Stage, variable: &str, otherwise: Otlp) -> Result<Self, String> {
        let base = stage.given.clone().ok_or("it is not given")?;
        let said = std::env::var(variable).ok().filter(|said| !said.trim().is_empty());
        let otlp = match said {
            Some(said) => said.trim().trim_end_matches('/').to_owned(),
            None => otherwise.beside(&base)?,
        };
        Ok(Self { http: stage.http.clone(), base, otlp, token: None })
    }

    /// The JSON that a `GET` below the address is answered with.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<serde_json::Value, String> {
        let url = format!("{}{path}", self.base);
        let url =
            reqwest::Url::parse_with_params(&url, query).map_err(|error| error.to_string())?;
        let mut request = self.http.request(reqwest::Method::GET, url.as_str());
        request = request.header("accept", "application/json");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        crate::http::json(request).await
    }

    /// Sends the workload's signals there; returns the name of its service, and the ids of its traces.
    pub(super) async fn send(
        &self,
        stage: &Stage,
        signals_wanted: [bool; 3],
    ) -> Result<(String, Vec<String>), String> {
        let [traces, metrics, logs] = signals_wanted;
        let service = unique("llmobs");
        let mut environment = signals(traces, metrics, logs);
        environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", self.otlp.clone()));
        environment.push(("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()));
        let mut workload: Workload = stage.workload(&service, &environment).await?;
        let mut ids = Vec::new();
        for _ in 0..ROUNDS {
            let mut told = workload.round().await?;
            let round: Vec<String> =
                serde_json::from_value(told["traces"].take()).unwrap_or_default();
            ids.extend(round);
        }
        workload.end().await?;
        Ok((service, ids))
    }
}

/// Where OTLP goes, from where a server is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Otlp {
    /// Another port of the host.
    Port(u16),
    /// A path of the same server.
    Path(&'static str),
}

impl Otlp {
    fn beside(self, base: &str) -> Result<String, String> {
        match self {
            Self::Path(path) => Ok(format!("{base}{path}")),
            Self::Port(port) => {
                let wrong = |error: &dyn std::fmt::Display| format!("{base}: {error}");
                let mut url = reqwest::Url::parse(base).map_err(|error| wrong(&error))?;
                url.set_port(Some(port)).map_err(|()| wrong(&"it has no port"))?;
                url.set_path("");
                Ok(url.as_str().trim_end_matches('/').to_owned())
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use serde_json::Value;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn otlp_goes_beside() {
        let beside = |otlp: Otlp, base| otlp.beside(base).expect("an address");
        assert_eq!(beside(Otlp::Port(4318), "http://a.test:16686/x"), "http://a.test:4318");
        assert_eq!(beside(Otlp::Path("/otlp"), "http://a.test:3100"), "http://a.test:3100/otlp");
        assert!(Otlp::Port(1).beside("nowhere").is_err());
    }

    /// A server that answers paths with JSON, and everything else with 404; the path of each request that came.
    pub(in crate::server::given) async fn stand_in(answers: Vec<(&'static str, Value)>) -> Given {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = Arc::new(answers);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answers = Arc::clone(&answers);
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                        let mut part = [0; 4096];
                        match stream.read(&mut part).await {
                            Ok(0) | Err(_) => return,
                            Ok(length) => request.extend_from_slice(&part[..length]),
                        }
                    }
                    let request = String::from_utf8_lossy(&request).into_owned();
                    let path = request.split(' ').nth(1).unwrap_or_default();
                    let answer = answers.iter().find(|(known, _)| path.starts_with(known));
                    let (status, body) = match answer {
                        Some((_, answer)) => ("200 OK", answer.to_string()),
                        None => ("404 Not Found", format!("nothing at {path}")),
                    };
                    let length = body.len();
                    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
                    let head = format!("{head}connection: close\r\n\r\n");
                    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                });
            }
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Http::new().expect("a client");
        Given { http, otlp: base.clone(), base, token: None }
    }

    /// A call as OTLP in JSON has it: the ones that the answers of stand-ins are made of.
    pub(in crate::server::given) fn otlp_span(trace: &str, id: &str, name: &str) -> Value {
        serde_json::json!({
            "traceId": trace, "spanId": id, "name": name, "kind": "SPAN_KIND_CLIENT",
            "attributes": [{ "key": "gen_ai.operation.name", "value": { "stringValue": "chat" } }],
            "status": {},
        })
    }
}
