//! The public API without a feature: all of it compiles, runs and does nothing.

use crate::scratch;

/// What the calls and the pipeline are without a feature.
const API: [&str; 4] = [
    include_str!("../../../llmobs-runtime/src/off/call.rs"),
    include_str!("../../../llmobs-runtime/src/off/pipeline.rs"),
    include_str!("../../../llmobs-runtime/src/off/propagation.rs"),
    include_str!("../../../llmobs-runtime/src/off/scope.rs"),
];

/// Programs that are to use all of it: one to be run, the other to be compared with one that uses none.
const PROGRAMS: [&str; 2] = [
    include_str!("../../compiled-out/by_hand.rs"),
    include_str!("../../compiled-out/corpus/by_hand.rs"),
];

#[test]
fn the_public_api_does_nothing() {
    let artifacts = scratch().build("by-hand", &[], str::to_owned);
    assert_eq!(artifacts.stdout, "nothing\n");
    assert_eq!(artifacts.warnings, "");
}

#[test]
fn nothing_of_the_public_api_is_left_out() {
    // What is there with some feature only can be used with that.
    let name = |[before, line]: [&'static str; 2]| {
        let name = line.trim_start().strip_prefix("pub fn ")?.split(['(', '<']).next();
        name.filter(|_| !before.trim_start().starts_with("#[cfg(feature"))
    };
    let pairs = |source: &'static str| source.lines().zip(source.lines().skip(1));
    let lines = API.into_iter().flat_map(pairs);
    let names: Vec<_> = lines.filter_map(|(before, line)| name([before, line])).collect();
    assert!(names.len() > 50, "{names:?}");
    for program in PROGRAMS {
        for name in &names {
            assert!(program.contains(&format!("{name}(")), "nothing uses `{name}`");
        }
    }
}
