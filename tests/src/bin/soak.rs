//! Many processes through a collector that is a hop on the way: does everything arrive?
//!
//! ```sh
//! cargo run -p llmobs-servers -- --only rotel --install-only
//! cargo run --release -p llmobs-tests --bin soak -- [--processes 8] [--rate 5000] [--seconds 10] [--rotel PROGRAM]
//! ```
//!
//! Every process makes `rate` calls in a second, and sends their spans over OTLP to a collector (rotel, set up by
//! `examples/collector/rotel.env`), which sends them on to this program, which counts them by their ids. What it found
//! is printed as one line of JSON; it fails where a span is missing.

use std::process::ExitCode;

fn main() -> ExitCode {
    llmobs_tests::soak::main(std::env::args().skip(1))
}
