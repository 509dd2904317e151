//! Makes numbered spans and sends them as Azure Monitor's exporter does, to be killed in the middle of it.
//!
//! `azure-producer CONNECTION_STRING DIRECTORY FIRST END` makes the spans from `FIRST` to before `END`. Whenever a
//! flush says that all so far are safe, it prints `safe N …`: all before `N`, and what was dropped for which reason.
//! At the end it waits until its input is closed, and meanwhile sends what is in the directory. Then it prints
//! `ended ACCEPTED DELIVERED …`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, DropReason, Statistics, Storage};
use llmobs_runtime::processor::BatchSpanProcessor;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter as _;
use opentelemetry_sdk::trace::SdkTracerProvider;

/// So many spans between two flushes.
const PORTION: u64 = 1_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [connection, directory, first, end] = arguments.as_slice() else {
        eprintln!("usage: azure-producer CONNECTION_STRING DIRECTORY FIRST END");
        return ExitCode::FAILURE;
    };
    let (Ok(first), Ok(end)) = (first.parse(), end.parse()) else {
        eprintln!("FIRST and END are numbers");
        return ExitCode::FAILURE;
    };
    match run(connection, directory.as_ref(), first, end) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(
    connection: &str,
    directory: &Path,
    first: u64,
    end: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let azure = AzureMonitor::new()
        .connection_string(connection)
        .storage(Storage::at(directory).max_bytes(1 << 30))
        .request_timeout(Duration::from_secs(1))
        .retry_delay(Duration::from_millis(10), Duration::from_millis(100))
        .resource_metric(false)
        .exporters()?;
    let provider = SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::new(azure.spans))
        .build();
    let tracer = provider.tracer("producer");
    for number in first..end {
        let mut span = tracer.start("work");
        // Numbers fit: there are fewer than a million.
        span.set_attribute(KeyValue::new("seq", i64::try_from(number)?));
        span.end();
        let made = number + 1;
        if made % PORTION == 0 || made == end {
            // A flush that takes too long says nothing about what became of the spans.
            let safe = (0..20).any(|_| provider.force_flush().is_ok());
            if !safe {
                return Err("20 flushes failed".into());
            }
            println!("safe {made} {}", drops(&azure.metrics.statistics()));
        }
    }
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing)?;
    provider.shutdown()?;
    azure.metrics.shutdown_with_timeout(Duration::from_secs(5))?;
    let all = azure.metrics.statistics();
    println!("ended {} {} {}", all.accepted, all.delivered, drops(&all));
    Ok(())
}

/// As `Rejected=3 SampledOut=1`.
fn drops(statistics: &Statistics) -> String {
    let counts = DropReason::ALL.iter().map(|reason| (reason, statistics.dropped(*reason)));
    let texts: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| format!("{reason:?}={count}"))
        .collect();
    texts.join(" ")
}
