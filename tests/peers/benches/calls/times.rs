//! Processor time per call.

use llmobs_bench::{Child, Report, Table, figure, median, ratio};

use super::figures::{Figures, label, run, state};

const TURNS: usize = 101;
const COLD_TURNS: usize = 61;
const TOTAL_TURNS: usize = 15;
const THREAD_TURNS: usize = 15;
/// So few that a queue takes all that is never exported.
const TROUBLE_TURNS: usize = 41;

const SAMPLED: [&str; 6] = ["by-hand", "traced", "fastrace", "own", "users", "called"];

/// A variant that takes its turns.
struct Turns {
    child: Child,
    figures: Vec<Vec<f64>>,
}

fn start(names: &[String], layout: &str) -> Vec<Turns> {
    let start = |name: &String| {
        let child = Child::start(&run("--serve", name, &[layout]));
        Turns { child, figures: Vec::new() }
    };
    names.iter().map(start).collect()
}

/// So many turns of each, one after the other; of each figure that a turn has, the median.
fn take(variants: &mut [Turns], question: &str, turns: usize) -> Vec<Vec<f64>> {
    for _ in 0..turns {
        for variant in &mut *variants {
            let figures = variant.child.ask(question);
            variant.figures.push(figures);
        }
    }
    let of = |variant: &mut Turns| {
        let turns = std::mem::take(&mut variant.figures);
        let columns = turns.first().map_or(0, Vec::len);
        (0..columns).map(|at| median(turns.iter().map(|turn| turn[at]))).collect()
    };
    variants.iter_mut().map(of).collect()
}

fn end(variants: Vec<Turns>) {
    for variant in variants {
        variant.child.end();
    }
}

/// Takes times, prints, and keeps the figures.
pub(crate) fn measure(figures: &mut Figures, report: &mut Report) {
    hot(figures, report);
    cold_and_total(figures, report);
    threads(figures, report);
    trouble(figures, report);
}

fn hot(figures: &mut Figures, report: &mut Report) {
    let mut rows: Vec<(&str, &str)> = SAMPLED.map(|who| (who, "sampled")).to_vec();
    rows.extend(SAMPLED.map(|who| (who, "sampled-out")));
    rows.extend([("by-hand", "nobody"), ("traced", "nobody"), ("own", "nobody"), ("own", "off")]);
    let mut names =
        vec!["bare:sampled:async:takes".to_owned(), "bare:sampled:sync:takes".to_owned()];
    for shape in ["async", "sync"] {
        names.extend(rows.iter().map(|(who, how)| format!("{who}:{how}:{shape}:takes")));
    }
    let mut variants = start(&names, "one-core");
    let medians = take(&mut variants, "burst", TURNS);
    end(variants);
    for (name, turn) in names.iter().zip(&medians) {
        let bare = if name.contains(":sync:") { &medians[1] } else { &medians[0] };
        figures.put("ns", name, turn[0] - bare[0]);
    }
    let note = format!(
        "Nanoseconds of processor time of the calling thread per call, the bare function subtracted; exporter on \
         the same core, medians of {TURNS} turns of 500 calls."
    );
    let columns = ["", "async", "÷ by hand", "÷ tracing", "sync", "÷ by hand", "÷ tracing"];
    let mut table = Table::new("Time", &note, &columns);
    for (who, how) in rows {
        let mut cells = vec![format!("{}{}", label(who), state(how))];
        for shape in ["async", "sync"] {
            let get = |who: &str| figures.get("ns", &format!("{who}:{how}:{shape}:takes"));
            cells.push(figure(get(who)));
            cells.extend(["by-hand", "traced"].map(|peer| ratio(get(who) / get(peer))));
        }
        table.row(cells);
    }
    report.table(table);
}

fn cold_and_total(figures: &mut Figures, report: &mut Report) {
    let who = [&["bare"][..], &SAMPLED].concat();
    let names: Vec<String> = who.iter().map(|who| format!("{who}:sampled:async:takes")).collect();
    let mut variants = start(&names, "two-cores");
    let cold = take(&mut variants, "cold", COLD_TURNS);
    let total = take(&mut variants, "total", TOTAL_TURNS);
    end(variants);
    for (at, name) in names.iter().enumerate() {
        figures.put("cold ns", name, cold[at][0] - cold[0][0]);
        let caller = total[at][0] - total[0][0];
        let others = total[at][1] - total[0][1];
        figures.put("other threads' ns", name, others);
        figures.put("total ns", name, caller + others);
    }
    let note = "Nanoseconds per call. *Cold*: of one call after 48 MiB were walked. *With the exporter*: processor time \
                of all threads, the exporter on another core.";
    let columns = ["", "cold", "÷ by hand", "with the exporter", "÷ by hand", "of it the exporter"];
    let mut table = Table::new("Cold, and with the exporter", note, &columns);
    for name in &names[1..] {
        let get = |kind| figures.get(kind, name);
        let by_hand = |kind| figures.get(kind, "by-hand:sampled:async:takes");
        let (cold, total) = (get("cold ns"), get("total ns"));
        let who = name.split(':').next().unwrap_or(name);
        table.row([
            label(who).to_owned(),
            figure(cold),
            ratio(cold / by_hand("cold ns")),
            figure(total),
            ratio(total / by_hand("total ns")),
            figure(get("other threads' ns")),
        ]);
    }
    report.table(table);
}

fn threads(figures: &mut Figures, report: &mut Report) {
    let who = ["bare", "by-hand", "traced", "fastrace", "own", "users"];
    let names: Vec<String> = who.iter().map(|who| format!("{who}:sampled:async:takes")).collect();
    let mut variants = start(&names, "two-cores");
    let (mut alone, mut pair) = (Vec::new(), Vec::new());
    for _ in 0..THREAD_TURNS {
        alone.push(take(&mut variants, "alone", 1));
        pair.push(take(&mut variants, "pair", 1));
    }
    end(variants);
    let of = |turns: &[Vec<Vec<f64>>], at: usize| median(turns.iter().map(|turn| turn[at][0]));
    let note =
        "Nanoseconds of processor time per call and thread, each thread on a core of its own.";
    let mut table = Table::new("Two threads", note, &["", "one thread", "two threads", "×"]);
    for (at, name) in names.iter().enumerate().skip(1) {
        let (alone, pair) = (of(&alone, at) - of(&alone, 0), of(&pair, at) - of(&pair, 0));
        figures.put("two threads", name, pair / alone);
        table.row([label(who[at]).to_owned(), figure(alone), figure(pair), figure(pair / alone)]);
    }
    report.table(table);
}

fn trouble(figures: &mut Figures, report: &mut Report) {
    let backends = ["takes", "slow", "dead", "fails", "absent"];
    let mut names = vec!["bare:sampled:async:takes".to_owned()];
    names.extend(backends.map(|backend| format!("own:sampled:async:{backend}")));
    let mut variants = start(&names, "two-cores");
    let medians = take(&mut variants, "burst", TROUBLE_TURNS);
    end(variants);
    let note = "Nanoseconds of the calling thread per call, our pipeline, the exporter on another core. What is not \
                exported keeps its memory, and the caller is the first to write to new memory.";
    let title = "Time while the exporter is in trouble";
    let mut table = Table::new(title, note, &["", "async", "÷ takes everything"]);
    let words = [
        "takes everything",
        "takes a second",
        "never answers",
        "refuses everything",
        "there is none",
    ];
    let cost = |at: usize| medians[at][0] - medians[0][0];
    for (at, words) in words.iter().enumerate() {
        figures.put("ns in trouble", backends[at], cost(at + 1));
        table.row([(*words).to_owned(), figure(cost(at + 1)), figure(cost(at + 1) / cost(1))]);
    }
    report.table(table);
}
