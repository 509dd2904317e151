//! The cost of a first build of the runtime.

use llmobs_bench::{Goal, Measure, Report, Table, Verdict, figure, median};

use super::place::{FIRST, Place};

/// First builds.
const BUILDS: usize = 3;

pub(crate) fn measure(place: &Place, report: &mut Report) {
    let (mut all, mut own) = (Vec::new(), Vec::new());
    for _ in 0..BUILDS {
        let directory = place.empty("target-first");
        let directory = directory.display().to_string();
        let build = ["-q", "-p", FIRST, "--target-dir", &directory];
        all.push(place.cargo("build", &build));
        let ours =
            ["-q", "-p", "llmobs-runtime", "-p", "llmobs-macros", "--target-dir", &directory];
        place.cargo("clean", &ours);
        own.push(place.cargo("build", &build));
    }
    let (all, own) = (median(all), median(own));
    let dependencies = all - own;
    let note = format!(
        "`cargo build` of llmobs-runtime with `console`, debug; processor seconds, medians of {BUILDS}. What is ours \
         is built once more when the rest is there; cargo's own work counts as ours."
    );
    let mut table = Table::new("A first build", &note, &["part", "seconds"]);
    for (part, seconds) in [
        ("all", all),
        ("llmobs-runtime and llmobs-macros", own),
        ("their dependencies", dependencies),
    ] {
        table.row([part.to_owned(), figure(seconds)]);
    }
    report.table(table);
    let goal = Goal {
        what: "a first build, `console`",
        against: "its dependencies alone",
        measure: Measure::Time,
        limit: 1.15,
        reached: None,
        headline: true,
    };
    report.verdict(Verdict { goal, measured: all / dependencies });
}
