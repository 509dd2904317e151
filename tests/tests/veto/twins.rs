//! What is callable where calls are recorded is callable where they are compiled out.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

/// The types whose methods users call.
const TYPES: [&str; 7] =
    ["Builder", "Call", "CallBuilder", "Destinations", "Incoming", "Scope", "Telemetry"];

/// The public methods of these types in the sources below `folder`, as `Type::method`.
fn methods(folder: &str) -> BTreeSet<String> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../llmobs-runtime/src");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(runtime.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let (mut of, mut ends, mut hidden) = (None, String::new(), false);
        for line in fs::read_to_string(path).unwrap().lines() {
            let code = line.trim_start();
            if let Some(head) = code.strip_prefix("impl ") {
                of = TYPES.iter().find(|name| head == format!("{name} {{"));
                ends = line.replace(code, "}");
            } else if line == ends {
                of = None;
            }
            hidden |= code == "#[doc(hidden)]";
            if let Some(signature) = code.strip_prefix("pub fn ") {
                let name = signature.split(['(', '<']).next().unwrap();
                found.extend(of.filter(|_| !hidden).map(|of| format!("{of}::{name}")));
                hidden = false;
            }
        }
    }
    found
}

#[test]
fn what_is_compiled_out_can_be_called() {
    let folders = ["call", "pipeline", "propagation", "scope"];
    let recording: BTreeSet<_> = folders.into_iter().flat_map(methods).collect();
    for method in [
        "Call::end",
        "CallBuilder::start",
        "Builder::install",
        "Destinations::of",
        "Incoming::scope",
        "Scope::run",
        "Telemetry::shutdown",
    ] {
        assert!(recording.contains(method), "{method} was looked for in the right place");
    }
    let missing: Vec<_> = recording.difference(&methods("off")).cloned().collect();
    assert!(missing.is_empty(), "llmobs-runtime/src/off lacks {missing:?}");
}
