//! What a call costs: instructions per call, counted by callgrind, ours against OpenTelemetry written by hand.
//!
//! `cargo bench -p llmobs-tests --bench calls` (needs `valgrind`). Both sides record the same: a span with the
//! same attributes through the SDK's batch processor into an exporter that drops them, and the same three
//! histogram points. The cost of the bare function is subtracted from both. Each figure is the difference of
//! two runs with different numbers of calls, so that start and end do not count.

use std::process::Command;

#[path = "calls/workload.rs"]
mod workload;

/// Calls of the shorter and of the longer run.
const CALLS: (u64, u64) = (200, 1_200);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, run, variant, calls] = arguments.as_slice()
        && run == "--run"
    {
        workload::run(variant, calls.parse().expect("a number of calls"));
        return;
    }
    let Some(bare) = instructions("bare") else {
        println!("valgrind is not installed: nothing measured");
        return;
    };
    println!("instructions per call, the bare function ({bare:.0}) subtracted");
    println!("{:<28} {:>12} {:>10}", "variant", "instructions", "÷ by hand");
    let by_hand = instructions("by-hand").expect("valgrind ran before") - bare;
    for variant in [
        "by-hand",
        "attribute",
        "attribute-sampled-out",
        "by-hand-sampled-out",
        "attribute-nobody",
        "by-hand-nobody",
    ] {
        let cost = instructions(variant).expect("valgrind ran before") - bare;
        println!("{variant:<28} {cost:>12.0} {:>10.2}", cost / by_hand);
    }
}

/// Instructions per call of a variant; `None` without valgrind.
fn instructions(variant: &str) -> Option<f64> {
    let (short, long) = CALLS;
    let total = |calls: u64| {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe().ok()?)
            .args(["--run", variant, &calls.to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{variant}: {text}");
        let line = text.lines().find(|line| line.contains("Collected"))?;
        line.rsplit(' ').next()?.parse::<f64>().ok()
    };
    #[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
    let calls = (long - short) as f64;
    Some((total(long)? - total(short)?) / calls)
}
