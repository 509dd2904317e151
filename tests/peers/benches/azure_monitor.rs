//! Spans on their way to Azure Monitor: our exporter, the crate `opentelemetry-application-insights`, and Microsoft's
//! Python exporter where Python has it.
//!
//! ```sh
//! cargo bench -p llmobs-peers --bench azure_monitor
//! PYTHON=path/to/python cargo bench -p llmobs-peers --bench azure_monitor   # with azure-monitor-opentelemetry-exporter
//! ```
//!
//! Each run is a process of its own, which exports spans of a chat in batches of 512 to a server on loopback that takes
//! everything, and waits until it has been delivered. Counted are that process's CPU time (user and system, all its
//! threads; on Linux), its peak memory, and the bytes that the server got. `clone` only makes the batches, which is part
//! of every other row in Rust; `encode` makes the envelopes and sends none.

mod server;

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use futures::executor::block_on;
use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Storage};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter, SpanLinks};

const BATCH: usize = 512;
const KEY: &str = "11111111-2222-3333-4444-555555555555";
/// Runs of each row; the median is shown.
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--role") {
        Some(place) => {
            let argument =
                |n: usize| arguments.get(place + n).map(String::as_str).unwrap_or_default();
            let (content, batches) = (number(argument(3)), number(argument(4)));
            run(argument(1), argument(2), content, batches);
        }
        // `cargo test --benches` asks whether it starts, not how fast it is.
        None if !arguments.iter().any(|argument| argument == "--bench") => {}
        None => compare(),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// What one run cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    microseconds_per_span: f64,
    peak_mib: f64,
    bytes_per_span: f64,
}

fn compare() {
    println!("{} cores; batches of {BATCH}; median of {RUNS} runs", cores());
    for (size, content, batches) in [("1.7 KB", 200, 200), ("17 KB", 8_000, 40)] {
        println!("\n{size} a span, uncompressed as Python writes it");
        println!(
            "{:<12}{:>14}{:>20}{:>12}{:>14}",
            "", "CPU µs/span", "spans/CPU second", "peak MiB", "bytes/span"
        );
        let mut ours = Cost::default();
        for role in ["clone", "encode", "llmobs", "crate", "python"] {
            let batches = if role == "python" { (batches / 10).max(8) } else { batches };
            let Some(cost) = median(role, content, batches) else { continue };
            if role == "llmobs" {
                ours = cost;
            }
            let ratio = match role {
                "clone" | "encode" | "llmobs" => String::new(),
                _ => format!(
                    "  {:.1} × llmobs",
                    cost.microseconds_per_span / ours.microseconds_per_span
                ),
            };
            println!(
                "{role:<12}{:>14.2}{:>20.0}{:>12.1}{:>14.0}{ratio}",
                cost.microseconds_per_span,
                1e6 / cost.microseconds_per_span,
                cost.peak_mib,
                cost.bytes_per_span,
            );
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn median(role: &str, content: usize, batches: usize) -> Option<Cost> {
    let mut costs: Vec<Cost> =
        (0..RUNS).map(|_| once(role, content, batches)).collect::<Option<_>>()?;
    costs.sort_by(|a, b| a.microseconds_per_span.total_cmp(&b.microseconds_per_span));
    costs.get(RUNS / 2).copied()
}

/// Runs a role in a process of its own.
fn once(role: &str, content: usize, batches: usize) -> Option<Cost> {
    let server = server::Server::start();
    let arguments = [server.endpoint(), content.to_string(), batches.to_string()];
    let mut command = if role == "python" {
        let mut python = Command::new(std::env::var_os("PYTHON")?);
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/azure_monitor.py"));
        python
    } else {
        let mut this = Command::new(std::env::current_exe().expect("this program"));
        this.args(["--role", role]);
        this
    };
    let output =
        command.args(&arguments).stderr(Stdio::inherit()).output().expect("the process starts");
    assert!(output.status.success(), "{role} failed");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().filter_map(|number| number.parse::<f64>().ok());
    let (seconds, peak_kib) = (numbers.next()?, numbers.next()?);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let (spans, bytes) = ((batches * BATCH) as f64, server.bytes() as f64);
    Some(Cost {
        microseconds_per_span: seconds * 1e6 / spans,
        peak_mib: peak_kib / 1024.0,
        bytes_per_span: bytes / spans,
    })
}

/// Exports, and prints what it cost since the process was ready.
fn run(role: &str, endpoint: &str, content: usize, batches: usize) {
    let spans: Vec<SpanData> = (0..BATCH as u64).map(|place| span(place, content)).collect();
    let resource = Resource::builder_empty().with_service_name("bench").build();
    let connection = format!("InstrumentationKey={KEY};IngestionEndpoint={endpoint}");
    let before = cpu_seconds();
    match role {
        "clone" => (0..batches).for_each(|_| drop(black_box(spans.clone()))),
        "encode" | "llmobs" => {
            let azure = AzureMonitor::new().connection_string(connection).storage(Storage::off());
            let azure = if role == "encode" { azure.write_to(std::io::sink()) } else { azure };
            let mut exporter = azure.exporters().expect("exporters").spans;
            exporter.set_resource(&resource);
            for _ in 0..batches {
                block_on(exporter.export(spans.clone())).expect("taken");
                // As the crate waits for each of its batches.
                exporter.force_flush().expect("delivered");
            }
            assert_eq!(exporter.statistics().dropped_in_all(), 0);
        }
        "crate" => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("runtime");
            let exporter =
                opentelemetry_application_insights::Exporter::new_from_connection_string(
                    connection,
                    reqwest::Client::new(),
                )
                .expect("exporter");
            // It does not send to http: the address in the connection string becomes https.
            #[expect(deprecated, reason = "the only way to a server on loopback")]
            let mut exporter = exporter.with_endpoint(endpoint).expect("an address");
            SpanExporter::set_resource(&mut exporter, &resource);
            for _ in 0..batches {
                runtime.block_on(SpanExporter::export(&exporter, spans.clone())).expect("taken");
            }
        }
        other => panic!("no such role: {other}"),
    }
    println!("{} {}", cpu_seconds() - before, peak_kib());
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// A chat with fifteen attributes and two with content.
fn span(place: u64, content: usize) -> SpanData {
    let words = |seed: u64| words(place.wrapping_mul(31).wrapping_add(seed), content);
    let messages = |role: &str, seed| {
        format!(r#"[{{"role":"{role}","parts":[{{"type":"text","content":"{}"}}]}}]"#, words(seed))
    };
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000 + place);
    let attributes: Vec<(&'static str, Value)> = vec![
        ("gen_ai.operation.name", "chat".into()),
        ("gen_ai.provider.name", "openai".into()),
        ("gen_ai.request.model", "gpt-4o-mini".into()),
        ("gen_ai.response.model", "gpt-4o-mini-2024-07-18".into()),
        ("gen_ai.response.id", format!("chatcmpl-{place:024x}").into()),
        ("gen_ai.request.temperature", 0.2.into()),
        ("gen_ai.request.top_p", 1.0.into()),
        ("gen_ai.request.max_tokens", 256.into()),
        ("gen_ai.response.finish_reasons", Value::Array(Array::String(vec!["stop".into()]))),
        ("gen_ai.usage.input_tokens", 97.into()),
        ("gen_ai.usage.output_tokens", 52.into()),
        ("gen_ai.conversation.id", format!("conv_{place:024x}").into()),
        ("gen_ai.output.type", "text".into()),
        ("server.address", "api.openai.com".into()),
        ("server.port", 443.into()),
        ("gen_ai.input.messages", messages("user", 1).into()),
        ("gen_ai.output.messages", messages("assistant", 2).into()),
    ];
    SpanData {
        span_context: SpanContext::new(
            TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c + u128::from(place)),
            SpanId::from(0xb7ad_6b71_6920_3331 + place),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        ),
        parent_span_id: SpanId::from(0x00f0_67aa_0ba9_02b7),
        parent_span_is_remote: false,
        span_kind: SpanKind::Client,
        name: "chat gpt-4o-mini".into(),
        start_time: start,
        end_time: start + Duration::from_millis(1_234),
        attributes: attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("bench").build(),
    }
}

/// Words in an order that no compressor knows; the same for all peers.
fn words(mut seed: u64, length: usize) -> String {
    const WORDS: [&str; 16] = [
        "weather", "the", "of", "a", "in", "Lisbon", "model", "answer", "which", "tokens", "and",
        "is", "seldom", "wind", "from", "sea",
    ];
    let mut text = String::with_capacity(length + 8);
    while text.len() < length {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS.get((seed >> 60) as usize).copied().unwrap_or_default());
        text.push(' ');
    }
    text.truncate(length);
    text
}
