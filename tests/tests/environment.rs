//! Configuration by environment variables, each in a process of its own.

#[path = "environment/azure.rs"]
mod azure;
#[path = "environment/batches.rs"]
mod batches;
#[path = "environment/chosen.rs"]
mod chosen;
#[path = "environment/faults.rs"]
mod faults;
#[path = "environment/limits.rs"]
mod limits;
#[path = "environment/otlp.rs"]
mod otlp;
#[path = "environment/products.rs"]
mod products;
#[path = "environment/prometheus.rs"]
mod prometheus;
#[path = "environment/propagators.rs"]
mod propagators;
#[path = "environment/resource.rs"]
mod resource;
#[path = "environment/sampling.rs"]
mod sampling;
#[path = "environment/table.rs"]
mod table;
#[path = "environment/unknown.rs"]
mod unknown;

use std::process::Command;

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{Telemetry, call};
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Tells the process of a test from that of all tests.
const CHILD: &str = "LLMOBS_TESTS_CHILD";

/// Whether this is the process that [`run`] started for a test.
fn is_run(test: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|name| name == test)
}

/// Runs a test in a process of its own with these variables and no others; what it wrote to standard error.
fn run(test: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().expect("this test binary"));
    child.args(["--exact", test, "--nocapture", "--test-threads", "1"]).env_clear();
    // What storage leaves behind stays in the build directory.
    child.env("TMPDIR", env!("CARGO_TARGET_TMPDIR")).env("NO_COLOR", "1").env(CHILD, test);
    let out = child.envs(variables.iter().copied()).output().expect("this test binary runs");
    let (said, wrote) =
        (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(
        out.status.success() && said.contains("1 passed"),
        "{test} on its own: {}\n{said}\n{wrote}",
        out.status
    );
    wrote.into_owned()
}

/// Writes warnings to standard error, one on a line.
fn warnings() -> DefaultGuard {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    tracing_subscriber::registry().with(LevelFilter::WARN).with(lines.without_time()).set_default()
}

/// What was warned of by us.
fn warned(wrote: &str) -> Vec<&str> {
    wrote.lines().filter_map(|line| line.trim_start().strip_prefix("WARN llmobs: ")).collect()
}

/// One call, its metric points, and a log record.
fn record(telemetry: &Telemetry) {
    call(&operation::CHAT).model("gpt-4o").start().end();
    if let Some(loggers) = telemetry.logger_provider() {
        let logger = loggers.logger("app");
        let mut record = logger.create_log_record();
        record.set_body("written".into());
        logger.emit(record);
    }
}

/// The one line, and one of everything.
fn configured() {
    let _warnings = warnings();
    let telemetry = llmobs_runtime::configure().expect("the environment is fine");
    record(&telemetry);
    telemetry.shutdown().expect("everything is taken");
}
