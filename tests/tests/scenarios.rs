//! The scenarios of OpenTelemetry's GenAI conformance suite, as the programs in `examples/scenarios` run them.
//!
//! What each records is written down to the last attribute in `snapshots/`, in both dialects; and it is held against
//! the facts of the conventions in `data/conventions/`: nothing but what stands there is recorded, and all that stands
//! there and that the exchange can know.
//!
//! The suite: <https://github.com/open-telemetry/semantic-conventions-conformance>, `domains/gen-ai`.

#[path = "scenarios/facts.rs"]
mod facts;
#[path = "scenarios/otlp.rs"]
mod otlp;
#[path = "scenarios/programs.rs"]
mod programs;
#[path = "scenarios/report.rs"]
mod report;
#[path = "scenarios/unknowable.rs"]
mod unknowable;

use std::collections::{BTreeMap, BTreeSet};

use llmobs_runtime::conventions::Dialect;

use crate::facts::Facts;
use crate::programs::{SCENARIOS, Scenario, run};
use crate::unknowable::{OPT_IN, UNKNOWABLE, why};

const DIALECTS: [Dialect; 2] = [Dialect::Released, Dialect::Latest];

/// What the best published row of the suite covers, that of the Python instrumentation of `openai`: attributes on
/// inference spans, on embeddings spans, and metrics. As the suite measured it, and as the tests of the
/// instrumentation itself state it now.
const PUBLISHED: [[usize; 3]; 2] = [[21, 9, 2], [25, 9, 4]];

fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Latest => "latest",
        Dialect::Released => "released",
    }
}

#[test]
fn each_records_this() {
    for Scenario { name: scenario, run: program } in SCENARIOS {
        for dialect in DIALECTS {
            let recorded = run(dialect, *program);
            insta::assert_snapshot!(
                format!("{scenario}_{}", name(dialect)),
                report::text(&recorded)
            );
        }
    }
}

#[test]
fn nothing_is_recorded_that_the_conventions_do_not_have() {
    for dialect in DIALECTS {
        let facts = Facts::of(name(dialect));
        let strangers = |scenario: &Scenario| {
            let strangers = facts.strangers(&run(dialect, scenario.run));
            (!strangers.is_empty()).then_some((scenario.name, strangers))
        };
        let wrong: Vec<_> = SCENARIOS.iter().filter_map(strangers).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", name(dialect));
    }
}

/// The attributes that were recorded, by span type, metric or event; those of the conventions only.
type Covered = BTreeMap<String, BTreeSet<String>>;

fn covered(dialect: Dialect, facts: &Facts) -> Covered {
    let mut covered = Covered::new();
    for Scenario { run: program, .. } in SCENARIOS {
        for (signal, attributes) in facts.by_signal(&run(dialect, *program)) {
            let known = attributes.into_iter().filter(|key| facts.has(&signal, key));
            covered.entry(signal.clone()).or_default().extend(known);
        }
    }
    covered
}

#[test]
fn everything_is_recorded_that_can_be_known() {
    let mut lacking = Vec::new();
    for dialect in DIALECTS {
        let facts = Facts::of(name(dialect));
        for (signal, attributes) in covered(dialect, &facts) {
            let levels = facts.attributes(&signal).into_iter();
            let lacked = levels.filter(|(key, _)| !attributes.contains(*key));
            let lacked = lacked.map(|(key, level)| [&*signal, key, level].map(str::to_owned));
            lacking.extend(lacked);
        }
    }
    let unexplained: Vec<_> =
        lacking.iter().filter(|[signal, key, level]| why(signal, key, level).is_none()).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    // And no reason is given for what is there.
    let idle: Vec<_> = UNKNOWABLE
        .iter()
        .chain(OPT_IN)
        .filter(|(pattern, known, _)| {
            !lacking.iter().any(|[signal, key, _]| key == known && facts::matches(pattern, signal))
        })
        .collect();
    assert!(idle.is_empty(), "{idle:#?}");
}

#[test]
fn more_is_covered_than_by_the_best_that_is_published() {
    for dialect in DIALECTS {
        let facts = Facts::of(name(dialect));
        let covered = covered(dialect, &facts);
        let count = |signal: &str| covered.get(signal).map_or(0, BTreeSet::len);
        let inference = count("span gen_ai.client.inference");
        let embeddings = count("span gen_ai.embeddings.client");
        // Of the operations that the published row is about.
        let of_clients = |name: &str| name.starts_with("metric gen_ai.client.");
        let clients = covered.keys().filter(|name| of_clients(name)).count();
        let metrics = covered.keys().filter(|name| name.starts_with("metric ")).count();
        let spans = covered.keys().filter(|name| name.starts_with("span ")).count();
        println!(
            "{}: {inference} attributes on inference spans, {embeddings} on embeddings, {clients} metrics of clients, \
             {metrics} in all; {spans} span types",
            name(dialect)
        );
        let ours = [inference, embeddings, clients];
        let suite = PUBLISHED[0];
        assert!(ours.iter().zip(suite).all(|(ours, theirs)| *ours > theirs), "{ours:?}");
        let now = PUBLISHED[1];
        assert!(ours[0] > now[0] && ours[1] > now[1] && ours[2] >= now[2], "{ours:?}");
    }
}
