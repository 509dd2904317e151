//! Memory with a backend that never answers: it has an end.

use std::fs;
use std::time::Duration;

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{builder, call};
use llmobs_tests::alone;

use llmobs_tests::sinks::{Does, Sink};

/// Bytes of the process that are in memory, at most so far; 0 where the system does not tell.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok());
    kib.unwrap_or(0) * 1_024
}

const MIB: usize = 1 << 20;
/// What the queue of spans holds, by default.
const HELD: usize = 64 * MIB;
/// What a thread's finished calls may weigh before it helps.
const RING: usize = 16 * MIB;

#[test]
fn spans_for_a_backend_that_never_answers_take_what_they_may_and_no_more() {
    alone(
        "memory::spans_for_a_backend_that_never_answers_take_what_they_may_and_no_more",
        &[],
        || {
            const CALLS: usize = 60_000;
            const TEXT: usize = 10_000;
            let hung = Sink::new(Does::Block);
            let telemetry = builder()
                .shutdown_deadline(Duration::from_millis(50))
                .span_exporter(hung.clone())
                .install()
                .unwrap();
            let before = peak();
            for _ in 0..CALLS {
                let mut call = call(&operation::CHAT).model("m").start();
                call.attribute("text", "x".repeat(TEXT));
                call.end();
            }
            let grown = peak() - before;
            let most = HELD + RING + 24 * MIB;
            println!("{} MiB made, {} MiB held at most", CALLS * TEXT / MIB, grown / MIB);
            assert!(CALLS * TEXT > 5 * most, "much more than that was made");
            assert!(grown <= most, "{} MiB", grown / MIB);
            hung.open();
            drop(telemetry);
            assert!(
                hung.spans() > 5_000,
                "{}: what was held is exported when it is over",
                hung.spans()
            );
        },
    );
}
