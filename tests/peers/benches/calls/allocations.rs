//! How often a call allocates, and how much: of the calling thread, warmed up, the bare function subtracted.
//!
//! `cargo bench -p llmobs-peers --no-default-features --bench call_allocations`; `-- --gate` writes no results. A
//! program of its own: an allocator that counts would count among the instructions of the other.

use std::process::ExitCode;

use llmobs_bench::{Child, Goal, Measure, Report, Table, Verdict, figure};

use figures::{Figures, label, run, state};
use variant::Session;

#[path = "by_hand.rs"]
mod by_hand;
#[path = "fast.rs"]
mod fast;
#[path = "figures.rs"]
mod figures;
#[path = "sink.rs"]
mod sink;
#[path = "traced.rs"]
mod traced;
#[path = "variant.rs"]
mod variant;
#[path = "workload.rs"]
mod workload;

/// Calls that go before.
const WARM: u64 = 600;
/// Calls that count.
const CALLS: u64 = 200;

const ROWS: [&str; 16] = [
    "by-hand:sampled:async",
    "traced:sampled:async",
    "fastrace:sampled:async",
    "own:sampled:async",
    "own:sampled:sync",
    "own:sampled:wide",
    "users:sampled:async",
    "users:sampled:sync",
    "users:sampled:wide",
    "called:sampled:async",
    "by-hand:sampled-out:async",
    "traced:sampled-out:async",
    "own:sampled-out:async",
    "by-hand:nobody:async",
    "own:nobody:async",
    "own:off:async",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if let [measure, name] = arguments.as_slice()
        && measure == "--measure"
    {
        of(name);
        return ExitCode::SUCCESS;
    }
    let mut figures = Figures::default();
    let bare = [measured("bare:sampled:async"), measured("bare:sampled:sync")];
    let note = "Of the calling thread, per call, warmed up, the bare function subtracted.";
    let mut table = Table::new("Allocations", note, &["", "allocations", "bytes"]);
    for row in ROWS {
        let bare = if row.ends_with(":sync") { bare[1] } else { bare[0] };
        let [allocations, bytes] = measured(row);
        let (allocations, bytes) = (allocations - bare[0], bytes - bare[1]);
        figures.put("allocations", row, allocations);
        let mut words = row.split(':');
        let (who, how) = (words.next().unwrap_or(row), words.next().unwrap_or(row));
        let shape = match words.next() {
            Some("sync") => ", no future",
            Some("wide") => ", 30 attributes",
            _ => "",
        };
        table.row([
            format!("{}{}{shape}", label(who), state(how)),
            figure(allocations),
            figure(bytes),
        ]);
    }
    let mut report = Report::default();
    report.table(table);
    judge(&figures, &mut report);
    let passed = report.judged();
    if !arguments.iter().any(|it| it == "--gate") {
        report.write("allocations", "How often a call allocates").expect("the results are written");
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Allocations and bytes per call, in a process of the variant's own.
fn measured(name: &str) -> [f64; 2] {
    let text = Child::start(&run("--measure", name, &[])).end();
    let mut words = text.split_whitespace().map(|word| word.parse().expect("a number"));
    [(); 2].map(|()| words.next().expect("two numbers"))
}

/// The measured process.
fn of(name: &str) {
    let variant = format!("{name}:takes").parse().expect("a variant");
    let session = Session::start(variant, false);
    for _ in 0..WARM {
        session.call();
    }
    // The queue is empty, and the exporter is not at work.
    session.flush();
    let counted = allocation_counter::measure(|| {
        for _ in 0..CALLS {
            session.call();
        }
    });
    session.end(WARM + CALLS);
    println!("{} {}", per_call(counted.count_total), per_call(counted.bytes_total));
}

#[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
fn per_call(total: u64) -> f64 {
    total as f64 / CALLS as f64
}

fn judge(figures: &Figures, report: &mut Report) {
    let get = |of: &str| figures.get("allocations", of);
    let own = get("own:sampled:async");
    let users = get("users:sampled:async");
    let promises = [
        ("a call, our pipeline", 2.0, None, own, true),
        (
            "a call of a function that is no future, our pipeline",
            2.0,
            None,
            get("own:sampled:sync"),
            false,
        ),
        ("18 attributes more, our pipeline", 0.0, Some(0.1), get("own:sampled:wide") - own, false),
        // OpenTelemetry's global tracer puts each span into one box more.
        ("a call, the user's pipeline", 5.0, Some(6.1), users, true),
        (
            "a call of a function that is no future, the user's pipeline",
            5.0,
            Some(6.1),
            get("users:sampled:sync"),
            false,
        ),
        // The six of them that are texts, which the span owns.
        (
            "18 attributes more, the user's pipeline",
            0.0,
            Some(6.1),
            get("users:sampled:wide") - users,
            false,
        ),
    ];
    for (what, limit, reached, measured, headline) in promises {
        let measure = Measure::Allocations;
        report.verdict(Verdict {
            goal: Goal { what, against: "", measure, limit, reached, headline },
            measured,
        });
    }
}
