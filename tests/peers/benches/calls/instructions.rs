//! Instructions per call.

use llmobs_bench::{Callgrind, Report, Run, Table, figure, ratio};

use super::figures::{Figures, label, run, state};

/// What is always counted: what goals speak of.
const HELD: [(&str, &str); 9] = [
    ("by-hand", "sampled"),
    ("traced", "sampled"),
    ("own", "sampled"),
    ("users", "sampled"),
    ("by-hand", "sampled-out"),
    ("traced", "sampled-out"),
    ("own", "sampled-out"),
    ("by-hand", "nobody"),
    ("own", "nobody"),
];

/// What is told besides.
const TOLD: [(&str, &str); 6] = [
    ("fastrace", "sampled"),
    ("called", "sampled"),
    ("users", "sampled-out"),
    ("called", "sampled-out"),
    ("traced", "nobody"),
    ("own", "off"),
];

const SHAPES: [&str; 2] = ["async", "sync"];
const TROUBLE: [&str; 4] = ["slow", "dead", "fails", "absent"];

/// Counts, prints, and keeps the figures.
pub(crate) fn measure(
    callgrind: Callgrind,
    gate: bool,
    figures: &mut Figures,
    report: &mut Report,
) {
    let rows: Vec<(&str, &str)> = if gate { HELD.to_vec() } else { [&HELD[..], &TOLD].concat() };
    let mut names: Vec<String> = Vec::new();
    for shape in SHAPES {
        names.push(format!("bare:sampled:{shape}:takes"));
        names.extend(rows.iter().map(|(who, how)| format!("{who}:{how}:{shape}:takes")));
    }
    if !gate {
        names.extend(TROUBLE.map(|backend| format!("own:sampled:async:{backend}")));
    }
    let mut runs: Vec<Run> = names.iter().map(|name| run("--count", name, &[])).collect();
    runs.extend(["full", "room"].map(|how| run("--drop", how, &[])));
    let counted = callgrind.count(&runs);
    for (name, counted) in names.iter().zip(&counted) {
        figures.put("instructions", name, counted.caller);
        figures.put("instructions of all", name, counted.all);
    }
    for kind in ["instructions", "instructions of all"] {
        let bare = SHAPES.map(|it| figures.get(kind, &format!("bare:sampled:{it}:takes")));
        for name in &names {
            let bare = if name.contains(":sync:") { bare[1] } else { bare[0] };
            figures.put(kind, name, figures.get(kind, name) - bare);
        }
    }
    if let [.., full, room] = counted[..] {
        figures.put("instructions", "drop", full.caller - room.caller);
    }
    report.table(table(&rows, figures));
    if !gate {
        report.table(trouble(figures));
    }
}

fn table(rows: &[(&str, &str)], figures: &Figures) -> Table {
    let note = "Per call, counted by callgrind, the bare function subtracted; of the calling thread, and of all \
                threads.";
    let columns =
        ["", "async", "÷ by hand", "÷ tracing", "all threads", "sync", "÷ by hand", "÷ tracing"];
    let mut table = Table::new("Instructions", note, &columns);
    for (who, how) in rows {
        let mut cells = vec![format!("{}{}", label(who), state(how))];
        for shape in SHAPES {
            let get =
                |who: &str| figures.get("instructions", &format!("{who}:{how}:{shape}:takes"));
            let own = get(who);
            cells.push(figure(own));
            cells.extend(["by-hand", "traced"].map(|peer| ratio(own / get(peer))));
            if shape == "async" {
                let name = format!("{who}:{how}:{shape}:takes");
                cells.push(figure(figures.get("instructions of all", &name)));
            }
        }
        table.row(cells);
    }
    table
}

fn trouble(figures: &Figures) -> Table {
    let note = "Of the calling thread, per call, our pipeline.";
    let mut table =
        Table::new("Instructions while the exporter is in trouble", note, &["", "async"]);
    let get = |backend: &str| figures.get("instructions", &format!("own:sampled:async:{backend}"));
    table.row(["takes everything".to_owned(), figure(get("takes"))]);
    for (backend, words) in TROUBLE.iter().zip([
        "takes a second",
        "never answers",
        "refuses everything",
        "there is none",
    ]) {
        table.row([words.to_owned(), figure(get(backend))]);
    }
    table.row(["a span for which the queue has no room".to_owned(), {
        figure(figures.get("instructions", "drop"))
    }]);
    table
}
