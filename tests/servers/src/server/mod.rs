//! The servers: how each is started, sent to, and asked.

mod dashboards;
mod ddapm;
mod given;
mod litellm;
mod mlflow;
mod phoenix;
mod prometheus;
mod rotel;
mod victoria_metrics;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use given::{collector, grafana, jaeger, loki, tempo};
use llmobs_servers_install::{Installed, Place};

use crate::child::Workload;
use crate::http::Http;
use crate::report::Sheet;
use crate::service::Service;
use crate::workload;

/// A server that is installed here, or found by a variable of the environment.
pub struct Server {
    /// Its name.
    pub name: &'static str,
    /// The packages that it takes; its version is that of the first.
    pub packages: &'static [&'static str],
    /// The variable that says where it is, where it is not installed here.
    pub given: Option<&'static str>,
    /// Whether it is a server of its own, and not others once more.
    pub counts: bool,
    /// Starts it, sends to it, asks it.
    pub prove: for<'a> fn(&'a Stage, &'a mut Sheet) -> BoxFuture<'a, Result<(), String>>,
}

macro_rules! server {
    ($name:literal, $module:ident, $packages:expr, $given:expr) => {
        Server {
            name: $name,
            packages: &$packages,
            given: $given,
            counts: true,
            prove: |stage, sheet| Box::pin($module::prove(stage, sheet)),
        }
    };
}

/// All servers, those first that take longest.
pub const SERVERS: &[Server] = &[
    server!("phoenix", phoenix, ["phoenix"], None),
    server!("litellm", litellm, ["litellm", "ddapm"], None),
    server!("mlflow", mlflow, ["mlflow"], None),
    server!("ddapm", ddapm, ["ddapm"], None),
    server!("rotel", rotel, ["rotel", "ddapm"], None),
    server!("victoria-metrics", victoria_metrics, ["debian"], None),
    server!("prometheus", prometheus, ["debian"], None),
    Server { counts: false, ..server!("dashboards", dashboards, ["debian"], None) },
    server!("jaeger", jaeger, [], Some("JAEGER_URL")),
    server!("tempo", tempo, [], Some("TEMPO_URL")),
    server!("loki", loki, [], Some("LOKI_URL")),
    server!("grafana", grafana, [], Some("GRAFANA_URL")),
    server!("collector", collector, [], Some("OTEL_COLLECTOR_URL")),
];

/// Servers that are to go on running, with where they are.
pub type Kept = Arc<Mutex<Vec<(String, Service)>>>;

/// What a server's part has at hand.
#[derive(Debug)]
pub struct Stage {
    /// The server's name.
    pub name: &'static str,
    /// Where it writes in this run.
    pub scratch: PathBuf,
    /// Where packages, and what servers keep, are.
    pub place: Place,
    /// For requests.
    pub http: Http,
    /// What is installed.
    pub installed: BTreeMap<&'static str, Installed>,
    /// The address that the environment gave.
    pub given: Option<String>,
    /// Where servers go that are to go on running; none where they are to end.
    pub kept: Option<Kept>,
}

impl Stage {
    /// A program of a package.
    pub(crate) fn program(&self, package: &str, name: &str) -> Command {
        let path = self.installed.get(package).map(|installed| installed.program(name));
        let mut command = Command::new(path.unwrap_or_else(|| name.into()));
        // What the machine's own settings say of telemetry is not for the servers.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("OTEL_") {
                command.env_remove(name);
            }
        }
        command.current_dir(&self.scratch);
        command
    }

    /// Starts a server, with what it prints in a file beside what it writes.
    pub(crate) fn start(&self, name: &str, command: &mut Command) -> Result<Service, String> {
        Service::start(command, &self.scratch.join(format!("{name}.log")))
            .map_err(|error| format!("{name} {error}"))
    }

    /// Starts the workload of all operations as a service of its own.
    pub(crate) async fn workload(
        &self,
        service: &str,
        environment: &[(&str, String)],
    ) -> Result<Workload, String> {
        let log = self.scratch.join(format!("{service}.log"));
        Workload::start(workload::OPERATIONS, service, environment, &log).await
    }

    /// Ends a server, unless it is to go on.
    pub(crate) async fn finish(&self, url: impl Into<String>, service: Service) {
        if let Some(kept) = &self.kept
            && let Ok(mut kept) = kept.lock()
        {
            kept.push((format!("{} {}", self.name, url.into()), service));
            return;
        }
        service.stop().await;
    }
}

/// A word that no run before had.
pub(crate) fn unique(word: &str) -> String {
    format!("{word}-{:x}", seconds_now().to_bits())
}

/// Seconds since 1970.
pub(crate) fn seconds_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// What an OTLP workload is told beside where to send.
pub(crate) fn signals(traces: bool, metrics: bool, logs: bool) -> Vec<(&'static str, String)> {
    let word = |on| if on { "otlp" } else { "none" }.to_owned();
    vec![
        ("OTEL_TRACES_EXPORTER", word(traces)),
        ("OTEL_METRICS_EXPORTER", word(metrics)),
        ("OTEL_LOGS_EXPORTER", word(logs)),
    ]
}
