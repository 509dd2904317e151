//! A process that is over before a backend could be: `short-lived END CALLS` makes so many calls and as many streams,
//! and then ends as `END` says.
//!
//! - `returns`: `main` returns at once;
//! - `panics`: `main` panics;
//! - `exits`: it shuts telemetry down, and calls `exit`;
//! - `terminated`: it prints `ready`, waits for SIGTERM, and returns;
//! - `invoked`: the calls are made anew for each line that it reads; it flushes, and answers with `done`.
//!
//! Where telemetry goes is said by the environment.

use std::future::ready;
use std::io::BufRead;

use futures::StreamExt;
use futures::executor::block_on;
use futures::stream::{self, Stream};
use llmobs_runtime::backend::otlp::Otlp;
use llmobs_runtime::{Telemetry, instrument_llm};
use serde_json::{Value, json};

#[instrument_llm(provider = "openai", model = "short", response = none)]
async fn called(answer: u32) -> u32 {
    answer
}

#[instrument_llm(provider = "openai", model = "short", stream)]
fn streamed() -> impl Stream<Item = Value> {
    let chunk = |reason: Value| {
        json!({"object": "chat.completion.chunk", "model": "short", "choices": [{
            "index": 0, "delta": {"content": "a"}, "finish_reason": reason,
        }]})
    };
    stream::iter([chunk(Value::Null), chunk("stop".into())])
}

fn work(calls: u32) {
    for number in 0..calls {
        block_on(called(number));
        block_on(streamed().for_each(|_| ready(())));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let builder = llmobs_runtime::builder();
    let builder = match std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT") {
        Some(_) => builder.otlp(Otlp::new()),
        None => builder,
    };
    let telemetry = builder.install()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [end, calls] = arguments.as_slice() else { return Err("END and CALLS are missing".into()) };
    let calls = calls.parse()?;
    if end == "invoked" {
        return invoked(&telemetry, calls);
    }
    work(calls);
    match end.as_str() {
        "returns" => Ok(()),
        "panics" => panic!("on purpose"),
        "exits" => {
            telemetry.shutdown()?;
            std::process::exit(0)
        }
        #[cfg(unix)]
        "terminated" => terminated(),
        other => Err(format!("nobody ends like {other:?}").into()),
    }
}

fn invoked(telemetry: &Telemetry, calls: u32) -> Result<(), Box<dyn std::error::Error>> {
    for line in std::io::stdin().lock().lines() {
        line?;
        work(calls);
        telemetry.force_flush()?;
        println!("done");
    }
    Ok(())
}

#[cfg(unix)]
fn terminated() -> Result<(), Box<dyn std::error::Error>> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        println!("ready");
        terminate.recv().await;
        Ok(())
    })
}
