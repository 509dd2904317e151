//! A workload as its parent sees it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use llmobs_servers_install::Group;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};

/// How long a workload may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What would say something of telemetry, and is taken out of a workload's environment.
const OTHERS: [&str; 9] = [
    "OTEL_",
    "DD_",
    "LANGFUSE_",
    "GRAFANA_",
    "JAEGER_",
    "APPLICATIONINSIGHTS_",
    "APPINSIGHTS_",
    "OPENAI_",
    "LLMOBS_",
];

/// A process that makes calls when it is told to.
#[derive(Debug)]
pub struct Workload {
    group: Group,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Workload {
    /// Starts a workload as this service, with these variables; what it complains of goes to a file.
    ///
    /// # Errors
    ///
    /// Where it does not start, or cannot configure telemetry.
    pub async fn start(
        name: &str,
        service: &str,
        environment: &[(&str, String)],
        log: &Path,
    ) -> Result<Self, String> {
        let start = || {
            let mut command = Command::new(std::env::current_exe()?);
            for (name, _) in std::env::vars_os() {
                let text = name.to_string_lossy();
                if OTHERS.iter().any(|other| text.starts_with(other)) {
                    command.env_remove(&name);
                }
            }
            let complaints = std::fs::File::create(log)?;
            command
                .args(["--workload", name])
                .env("OTEL_SERVICE_NAME", service)
                // Sent when it is asked for, and at no other time.
                .env("OTEL_METRIC_EXPORT_INTERVAL", "600000")
                .env("OTEL_EXPORTER_OTLP_TIMEOUT", "30000")
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(complaints);
            let mut group = Group::start(&mut command)?;
            let child = group.child();
            let (input, output) = (child.stdin.take(), child.stdout.take());
            let (Some(input), Some(output)) = (input, output) else {
                return Err(std::io::Error::other("it has no pipes"));
            };
            let lines = BufReader::new(ChildStdout::from_std(output)?).lines();
            Ok(Self { group, input: ChildStdin::from_std(input)?, lines })
        };
        let mut workload = start().map_err(|error| format!("the workload: {error}"))?;
        workload.told("ready").await.map_err(|error| {
            let complaints = std::fs::read_to_string(log).unwrap_or_default();
            format!("{error} {}", complaints.trim().lines().last().unwrap_or_default())
        })?;
        Ok(workload)
    }

    /// The next thing that it tells, which must be this.
    async fn told(&mut self, what: &str) -> Result<Value, String> {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.map_err(|_| format!("the workload is not {what} in time"))?;
        let line = line.map_err(|error| format!("the workload: {error}"))?;
        let line = line.ok_or_else(|| format!("the workload ended before it was {what}"))?;
        let mut told: Value = serde_json::from_str(&line)
            .map_err(|error| format!("the workload said `{line}`: {error}"))?;
        let told = told.get_mut(what).map(Value::take);
        let told = told.ok_or_else(|| format!("the workload said `{line}`, and is not {what}"))?;
        match told.get("error").and_then(Value::as_str) {
            Some(error) => Err(format!("the workload: {error}")),
            None => Ok(told),
        }
    }

    /// Makes a round of calls, and delivers their telemetry; returns what it tells of them.
    ///
    /// # Errors
    ///
    /// Where that fails.
    pub async fn round(&mut self) -> Result<Value, String> {
        let wrote = self.input.write_all(b"round\n").await;
        wrote.map_err(|error| format!("the workload: {error}"))?;
        let mut done = self.told("done").await?;
        Ok(done["told"].take())
    }

    /// Ends it, which delivers what is left.
    ///
    /// # Errors
    ///
    /// Where that fails.
    pub async fn end(self) -> Result<(), String> {
        let Self { group, input, mut lines } = self;
        drop(input);
        let rest = async {
            while let Ok(Some(line)) = lines.next_line().await {
                let told: Value = serde_json::from_str(&line).unwrap_or_default();
                if let Some(error) = told.pointer("/ended/error").and_then(Value::as_str) {
                    return Err(format!("the workload: {error}"));
                }
                if told.get("ended").is_some() {
                    return Ok(());
                }
            }
            Err("the workload ended without a word".to_owned())
        };
        let ended = tokio::time::timeout(PATIENCE, rest).await;
        drop(group);
        ended.unwrap_or_else(|_| Err("the workload does not end".to_owned()))
    }
}
