//! What our Azure Monitor exporters send, held against what another exporter was seen to send for the same telemetry.
//!
//! `tests/data/azure_monitor/goldens` has a file for each case. Every difference stands in a list, with what we send
//! instead and why: [`accepted`]. A difference that does not stand there fails the test, and so does one that stands
//! there and is none any more.
//!
//! One file, or all whose name begins so:
//!
//! ```text
//! GOLDEN=trace_client_http_stable cargo test -p llmobs-tests --test azure_goldens differences
//! GOLDEN='log_*' cargo test -p llmobs-tests --test azure_goldens differences
//! ```
//!
//! `-` is what the file holds, `+` what we send. What goes over the wire for a file, as it is:
//! `cargo run -q -p llmobs-tests --bin azure-envelope -- tests/data/azure_monitor/goldens/….json`.

#[path = "azure_goldens/accepted.rs"]
mod accepted;
#[path = "azure_goldens/binary.rs"]
mod binary;
#[path = "azure_goldens/defects.rs"]
mod defects;
#[path = "azure_goldens/limits.rs"]
mod limits;
#[path = "azure_goldens/order.rs"]
mod order;

use std::path::PathBuf;

use llmobs_tests::envelope::{Difference, Golden, differences, normalised, of_recorded};
use serde_json::Value;

use accepted::{ACCEPTED, Accepted};

/// Where the files are.
fn directory() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "data", "azure_monitor", "goldens"].iter().collect()
}

/// The file of that name.
fn golden(name: &str) -> Golden {
    Golden::read(&directory().join(format!("{name}.json"))).expect("a file that is there")
}

/// What we send for the file of that name.
fn sent(name: &str) -> Vec<Value> {
    let file = golden(name);
    let envelopes = file.envelopes().unwrap_or_else(|problem| panic!("{name}: {problem}"));
    normalised(&envelopes, file.recorded())
}

/// The names of all files.
fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory())
        .expect("the directory")
        .filter_map(|entry| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// Whether `text` is `pattern`, in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|tail| fits(after, tail)))
        }),
    }
}

impl Accepted {
    fn covers(&self, name: &str, difference: &Difference) -> bool {
        fits(self.golden, name)
            && fits(self.path, &difference.path)
            && self.ours.is(difference.ours.as_ref())
    }
}

#[test]
fn differences_are_those_that_we_accept() {
    let wanted = std::env::var("GOLDEN").unwrap_or_else(|_| "*".to_owned());
    let names: Vec<String> = names().into_iter().filter(|name| fits(&wanted, name)).collect();
    assert!(!names.is_empty(), "no file is called {wanted}");

    let (mut report, mut compared, mut accepted) = (String::new(), 0, 0);
    let mut used = vec![false; ACCEPTED.len()];
    for name in &names {
        let file = golden(name);
        let ours = match file.envelopes() {
            Ok(envelopes) => normalised(&envelopes, file.recorded()),
            Err(problem) => {
                report.extend(["\n", name, ": ", &problem.to_string(), "\n"]);
                continue;
            }
        };
        let mut heading = format!("\n{name}\n");
        for difference in differences(&of_recorded(file.recorded()), &ours) {
            compared += 1;
            let mut expected = false;
            for (entry, used) in ACCEPTED.iter().zip(&mut used) {
                if entry.covers(name, &difference) {
                    (*used, expected) = (true, true);
                }
            }
            if expected {
                accepted += 1;
            } else {
                report.extend([
                    std::mem::take(&mut heading),
                    difference.to_string(),
                    "\n".to_owned(),
                ]);
            }
        }
    }
    let unused = ACCEPTED.iter().zip(used).filter(|(entry, used)| {
        // An entry for files that were not asked for says nothing.
        !used && names.iter().any(|name| fits(entry.golden, name))
    });
    for (entry, _) in unused {
        report.extend([format!("\naccepted, but no difference: {entry:?}\n")]);
    }
    let files = names.len();
    println!("{files} files, {compared} differences, {accepted} of them accepted");
    assert!(
        report.is_empty(),
        "{report}\n{files} files, {compared} differences, {accepted} of them accepted"
    );
}

#[test]
fn a_star_stands_for_anything() {
    assert!(fits("trace_*_http*", "trace_client_http_stable"));
    assert!(fits("0/*", "0/data"));
    assert!(!fits("trace_*_http", "trace_client_http_stable"));
    assert!(!fits("log", "logs"));
}
