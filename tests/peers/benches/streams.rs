//! What a stream costs that is recorded: time, instructions and allocations per chunk, and the memory and time of ten
//! thousand streams at once.
//!
//! ```sh
//! cargo bench -p llmobs-peers --no-default-features --bench streams             # all
//! cargo bench -p llmobs-peers --no-default-features --bench streams -- --gate   # what is counted, and held
//! ```
//!
//! The floor is entering the OpenTelemetry context for each poll and reading the clock once per chunk, written by
//! hand. All variants stand in one run, one after the other in short turns, so that whatever slows the machine slows
//! all; times are medians over the turns. Instructions need `valgrind`.

#[path = "streams/count.rs"]
mod count;
#[path = "streams/many.rs"]
mod many;
#[path = "streams/peers.rs"]
mod peers;
#[path = "streams/pieces.rs"]
mod pieces;
#[path = "streams/time.rs"]
mod time;
#[path = "streams/variant.rs"]
mod variant;

use std::process::ExitCode;

use llmobs_bench::Report;
use variant::Setup;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, variant, chunks] = arguments.as_slice()
        && run == count::RUN
    {
        count::run(variant, chunks.parse().expect("a number of chunks"));
        return ExitCode::SUCCESS;
    }
    // `cargo test --benches` asks whether it starts, not how fast it is.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let gate = arguments.iter().any(|argument| argument == "--gate");
    let setup = Setup::new();
    let mut report = Report::default();
    count::instructions(&mut report);
    count::allocations(&setup, &mut report);
    many::memory(&setup, &mut report);
    if !gate {
        time::chunks(&setup, &mut report);
        many::times(&setup, &mut report);
    }
    drop(setup);
    let passed = report.judged();
    if !gate {
        report.write("streams", "Streams").expect("the results are written");
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
