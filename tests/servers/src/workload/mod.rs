//! The workloads: processes of their own, since telemetry is configured once for a process.
//!
//! The parent says by environment variables where telemetry goes, and talks with the workload over its standard input
//! and output, a line of JSON for each:
//!
//! | parent | workload |
//! |---|---|
//! | | `{"ready": …}` when telemetry is configured |
//! | `round` | `{"done": …}` when a round of calls is over and flushed |
//! | end of input | `{"ended": …}` when telemetry is shut down |

pub(crate) mod dashboards;
mod gateway;
mod operations;
mod setup;

use std::process::ExitCode;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

pub(crate) use gateway::{BUSY, EMBEDDINGS, MODEL};

/// The workload whose calls are [`SPANS`](crate::expectation::SPANS).
pub const OPERATIONS: &str = "operations";
/// The workload that calls an OpenAI-compatible service at `OPENAI_BASE_URL`.
pub const GATEWAY: &str = "gateway";

/// The workload of which the dashboards' figures are known: [`llmobs_tests::dashboards::workload`].
pub const DASHBOARDS: &str = "dashboards";

/// Runs the workload of this name until the input ends.
pub async fn main(name: &str) -> ExitCode {
    match serve(name).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a round is made of.
enum Calls {
    Operations,
    Gateway(Box<gateway::Gateway>),
    Dashboards,
}

async fn serve(name: &str) -> Result<(), String> {
    let telemetry = if name == DASHBOARDS { dashboards::install()? } else { setup::install()? };
    setup::subscribe(&telemetry);
    let calls = match name {
        OPERATIONS => Calls::Operations,
        GATEWAY => Calls::Gateway(Box::new(gateway::Gateway::from_env()?)),
        DASHBOARDS => Calls::Dashboards,
        other => return Err(format!("there is no workload `{other}`")),
    };
    say("ready", &json!({}));
    let mut lines: Lines<BufReader<Stdin>> = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await.map_err(|error| error.to_string())?.is_some() {
        let told = match &calls {
            Calls::Operations => operations::round().await,
            Calls::Gateway(gateway) => gateway.round().await,
            Calls::Dashboards => {
                dashboards::round();
                Value::Null
            }
        };
        let flushed = telemetry.force_flush().map_err(|error| error.to_string());
        say("done", &json!({ "told": told, "error": flushed.err() }));
    }
    let ended = telemetry.shutdown().map_err(|error| error.to_string());
    say("ended", &json!({ "error": ended.err() }));
    Ok(())
}

/// A line to the parent.
#[expect(clippy::print_stdout, reason = "that is how it is told")]
fn say(what: &str, value: &Value) {
    println!("{}", json!({ what: value }));
}
