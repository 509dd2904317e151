//! The cost of one annotated function.

use llmobs_bench::{Goal, Measure, Report, Table, Verdict, figure, median};

use super::place::{FUNCTIONS, Place};
use super::sources::{SUBJECTS, Shape, Subject};

/// Turns of each crate.
const TURNS: usize = 5;
/// Goals: ours against which, and the limit.
const GOALS: [(&str, f64); 2] = [("with_tracing", 0.5), ("with_fastrace", 1.0)];

pub(crate) fn measure(place: &Place, report: &mut Report) {
    for (command, shape, title) in [
        ("check", Shape::Async, "`cargo check`, async functions"),
        ("check", Shape::Sync, "`cargo check`, ordinary functions"),
        ("build", Shape::Async, "`cargo build`, async functions"),
    ] {
        let medians = turns(place, command, shape);
        let plain = medians.first().copied().unwrap_or(f64::NAN);
        let each = |seconds: f64| (seconds - plain) * 1e3 / f64::from(FUNCTIONS);
        let of = |name: &str| {
            let found = SUBJECTS.iter().zip(&medians).find(|(subject, _)| subject.name == name);
            found.map_or(f64::NAN, |(_, seconds)| each(*seconds))
        };
        let note = format!(
            "Processor time of a crate of {FUNCTIONS} functions, seconds, and over the plain one milliseconds per \
             function; medians of {TURNS} turns."
        );
        let columns = ["crate", "whole", "per function", "÷ tracing", "÷ fastrace"];
        let mut table = Table::new(title, &note, &columns);
        for (Subject { shown, name, .. }, whole) in SUBJECTS.iter().zip(&medians) {
            let ratios = GOALS.map(|(peer, _)| figure(of(name) / of(peer)));
            table.row(
                [(*shown).to_owned(), figure(*whole), figure(of(name))].into_iter().chain(ratios),
            );
        }
        report.table(table);
        if command != "check" {
            continue;
        }
        for (peer, limit) in GOALS {
            for name in ["recorded", "written_out"] {
                let goal = Goal {
                    what: goal_name(name, shape),
                    against: SUBJECTS.iter().find(|it| it.name == peer).map_or("", |it| it.shown),
                    measure: Measure::Time,
                    limit,
                    reached: None,
                    headline: name == "recorded" && shape == Shape::Async,
                };
                report.verdict(Verdict { goal, measured: of(name) / of(peer) });
            }
        }
    }
}

fn goal_name(subject: &str, shape: Shape) -> &'static str {
    match (subject, shape) {
        ("recorded", Shape::Async) => "checking an annotated async function",
        ("recorded", Shape::Sync) => "checking an annotated function",
        (_, Shape::Async) => "the same, 12 attributes written out, async",
        (_, Shape::Sync) => "the same, 12 attributes written out",
    }
}

/// Seconds for each crate.
fn turns(place: &Place, command: &str, shape: Shape) -> Vec<f64> {
    let run = |subject: &Subject| place.cargo(command, &["-q", "-p", subject.name]);
    // Dependencies come first and do not count.
    for subject in &SUBJECTS {
        place.functions(subject, shape, 0);
        run(subject);
    }
    let mut times = [const { Vec::new() }; SUBJECTS.len()];
    for turn in 1..=TURNS {
        for (subject, times) in SUBJECTS.iter().zip(&mut times) {
            place.functions(subject, shape, turn);
            times.push(run(subject));
        }
    }
    times.map(median).to_vec()
}
