//! What the compiler pays: processor time for an annotated function and what that becomes, and for a first build of the
//! runtime with each of its features.
//!
//! ```sh
//! cargo bench -p llmobs-peers --no-default-features --bench compile
//! ```
//!
//! Crates of 200 functions, plain and annotated in several ways, are checked and built, their dependencies being built
//! already; they take turns, and the medians are shown per function, the plain one subtracted. The user and system
//! time of all processes is counted, without incremental compilation. Needs Linux, and fetches the crates that we
//! compare with where they are not there. Fails nothing: times are not held.

#[path = "compile/clean.rs"]
mod clean;
#[path = "compile/expansion.rs"]
mod expansion;
#[path = "compile/features.rs"]
mod features;
#[path = "compile/functions.rs"]
mod functions;
#[path = "compile/place.rs"]
mod place;
#[path = "compile/sources.rs"]
mod sources;

use llmobs_bench::Report;
use place::Place;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |word: &str| arguments.iter().any(|argument| argument == word);
    // `cargo test --benches` asks whether it starts, not how fast it is; and nothing here is counted.
    if !asked("--bench") || asked("--gate") {
        return;
    }
    if place::children().is_none() {
        println!(
            "the processor time of other processes is only known on Linux: nothing is measured"
        );
        return;
    }
    let place = Place::new();
    let mut report = Report::default();
    functions::measure(&place, &mut report);
    expansion::measure(&place, &mut report);
    clean::measure(&place, &mut report);
    features::measure(&place, &mut report);
    report.judged();
    report.write("compile", "Compiling").expect("the results are written");
}
