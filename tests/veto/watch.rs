//! A dependency that asks for a backend, whatever the final binary thinks of it.

use opentelemetry::global;
use opentelemetry::trace::{Span, Tracer};

/// Sends everything to the console.
pub fn set_up() -> llmobs_runtime::Telemetry {
    let console = llmobs_runtime::backend::console::Console::builder().width(80).build();
    let pipeline = llmobs_runtime::builder().service_name("veto").console(console);
    pipeline.install().expect("nothing else is configured")
}

/// What the process has that it had not before.
pub fn report() {
    if let Ok(threads) = std::fs::read_dir("/proc/self/task") {
        println!("threads = {}", threads.count());
    }
    println!("global = {}", global::tracer("veto").start("own").is_recording());
}
