//! The convention table, compared with the conventions themselves.
//!
//! `data/conventions.txt` is the whole table as text: a change of the table shows there, line by
//! line. Run with `UPDATE_CONVENTIONS=1` to accept it.
//!
//! Where copies of the conventions lie beside the checkout (`../shared/conventions`), every fact
//! of theirs is compared with every fact of ours, both ways. [`ACCEPTED`] lists where we differ on
//! purpose.

#[path = "conventions/latest.rs"]
mod latest;
#[path = "conventions/reference.rs"]
mod reference;
#[path = "conventions/released.rs"]
mod released;
#[path = "conventions/table.rs"]
mod table;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use llmobs_runtime::conventions::{
    ATTRIBUTES, Attribute, AttributeId, AttributeRow, Dialect, Int, Level, METRICS, SPANS,
    SpanKind, Text, ValueType, attr, metric, operation, span, value,
};

#[test]
fn the_table_is_the_one_that_was_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/conventions.txt");
    let ours = table::text();
    if env::var_os("UPDATE_CONVENTIONS").is_some_and(|set| set == "1") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of the data");
        fs::write(&path, &ours).expect("the data can be written");
    }
    let theirs = fs::read_to_string(&path).unwrap_or_default();
    let end = ["(end)"];
    let pairs = ours.lines().chain(end).zip(theirs.lines().chain(end)).enumerate();
    let first: Vec<_> = pairs.filter(|(_, (ours, theirs))| ours != theirs).take(5).collect();
    let shown = first.iter().fold(String::new(), |mut shown, (place, (ours, theirs))| {
        write!(shown, "\nline {}\n  table:      {ours}\n  checked in: {theirs}", place + 1)
            .expect("a String");
        shown
    });
    assert!(
        ours == theirs,
        "the table differs from {}; UPDATE_CONVENTIONS=1 accepts it{shown}",
        path.display()
    );
}

#[test]
fn constants_lead_to_their_rows() {
    let model: Attribute<Text> = attr::GEN_AI_REQUEST_MODEL;
    let written: Attribute<Int> = attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS;
    assert_eq!(model.key(Dialect::Latest), "gen_ai.request.model");
    assert_eq!(written.key(Dialect::Released), "gen_ai.usage.cache_creation.input_tokens");
    assert_eq!(written.id(), AttributeId::find("gen_ai.usage.cache_write.input_tokens").unwrap());
    assert_eq!(metric::GEN_AI_CLIENT_TOKEN_USAGE.unit, "{token}");
    assert_eq!(span::MCP_SERVER.kind, SpanKind::Server);
    assert_eq!(operation::SEARCH_MEMORY.span.id, "gen_ai.memory.client");
    assert_eq!(value::gen_ai_output_type::JSON, "json");
    assert_eq!(value::gen_ai_token_type::OUTPUT, "output");
    assert_eq!(value::error_type::OTHER, "_OTHER");
    assert_eq!(value::mcp_method_name::LOGGING_SET_LEVEL, "logging/setLevel");
}

#[test]
fn what_may_be_long_is_no_dimension() {
    let dimension = |row: &AttributeRow| !row.high_cardinality;
    for row in ATTRIBUTES {
        assert!(!(row.content && dimension(row)), "{} is content", row.key);
        assert!(!(row.ty == ValueType::Double && dimension(row)), "{} is a double", row.key);
        assert!(row.values.is_empty() || dimension(row), "{} has well-known values", row.key);
    }
    for on in METRICS.iter().flat_map(|metric| metric.attributes) {
        let opt_in = [on.latest, on.released].contains(&Some(Level::OptIn));
        assert!(opt_in || dimension(on.id.row()), "{} is a metric's", on.id.row().key);
    }
}

#[test]
fn span_types_that_were_not_released_are_the_same_in_both_dialects() {
    for row in SPANS.iter().filter(|row| !row.in_released) {
        for on in row.attributes {
            assert_eq!(on.latest, on.released, "{} on {}", on.id.row().key, row.id);
        }
    }
}

/// Facts that only one side states, and why that is right.
struct Deviation {
    dialect: Dialect,
    why: &'static str,
    /// Only the table says so.
    extra: &'static [&'static str],
    /// Only the conventions say so.
    missing: &'static [&'static str],
}

const ACCEPTED: &[Deviation] = &[
    Deviation {
        dialect: Dialect::Latest,
        why: "an event is written when everything is known; no sampler looks at it",
        extra: &[],
        missing: &[
            "event gen_ai.client.inference.operation.details sampling gen_ai.operation.name",
            "event gen_ai.client.inference.operation.details sampling gen_ai.provider.name",
            "event gen_ai.client.inference.operation.details sampling gen_ai.request.model",
            "event gen_ai.client.inference.operation.details sampling server.address",
            "event gen_ai.client.inference.operation.details sampling server.port",
        ],
    },
    Deviation {
        dialect: Dialect::Released,
        why: "the well-known values are one list for both dialects, and any value is allowed",
        extra: &[
            "attribute gen_ai.operation.name value create_memory",
            "attribute gen_ai.operation.name value create_memory_store",
            "attribute gen_ai.operation.name value delete_memory",
            "attribute gen_ai.operation.name value delete_memory_store",
            "attribute gen_ai.operation.name value fetch_response",
            "attribute gen_ai.operation.name value plan",
            "attribute gen_ai.operation.name value search_memory",
            "attribute gen_ai.operation.name value update_memory",
            "attribute gen_ai.operation.name value upsert_memory",
            "attribute gen_ai.provider.name value moonshot_ai",
        ],
        missing: &[],
    },
    Deviation {
        dialect: Dialect::Released,
        why: "known when the span starts, and latest wants it there; one column for both",
        extra: &[
            "span gen_ai.create_agent.client sampling gen_ai.agent.name",
            "span gen_ai.execute_tool.internal sampling gen_ai.tool.name",
            "span gen_ai.execute_tool.internal sampling gen_ai.tool.type",
            "span gen_ai.invoke_agent.client sampling gen_ai.agent.name",
            "span gen_ai.invoke_agent.internal sampling gen_ai.agent.name",
        ],
        missing: &[],
    },
    Deviation {
        dialect: Dialect::Released,
        why: "said in prose: CLIENT, or INTERNAL for a model in the process; the operations are \
              the first three well-known values",
        extra: &[
            "span gen_ai.client.inference kind internal",
            "span gen_ai.client.inference operation chat",
            "span gen_ai.client.inference operation generate_content",
            "span gen_ai.client.inference operation text_completion",
        ],
        missing: &[],
    },
];

fn compare(dialect: Dialect, theirs: &table::Facts) {
    let ours = table::facts(dialect);
    let accepted = || ACCEPTED.iter().filter(|deviation| deviation.dialect == dialect);
    let extra: table::Facts =
        accepted().flat_map(|deviation| deviation.extra).map(|&fact| fact.to_owned()).collect();
    let missing: table::Facts =
        accepted().flat_map(|deviation| deviation.missing).map(|&fact| fact.to_owned()).collect();
    for deviation in accepted() {
        assert!(!deviation.why.is_empty());
    }
    let mut wrong = String::new();
    let mut tell = |what: &str, facts: Vec<&String>| {
        for fact in facts {
            write!(wrong, "\n{what}: {fact}").expect("a String");
        }
    };
    let only_ours: table::Facts = ours.difference(theirs).cloned().collect();
    let only_theirs: table::Facts = theirs.difference(&ours).cloned().collect();
    tell("only in the table", only_ours.difference(&extra).collect());
    tell("only in the conventions", only_theirs.difference(&missing).collect());
    tell("accepted, but no longer extra", extra.difference(&only_ours).collect());
    tell("accepted, but no longer missing", missing.difference(&only_theirs).collect());
    assert!(wrong.is_empty(), "{dialect:?}: of {} facts{wrong}", theirs.len());
    println!("{dialect:?}: {} facts of the conventions, {} of the table", theirs.len(), ours.len());
}

/// `data/conventions/` holds both, one fact a line, for tests that must not take the table's word for it.
#[test]
fn the_facts_that_lie_here_are_those_of_the_conventions() {
    let Some(folder) = reference::beside() else {
        println!("skipped: no copy of the conventions lies beside the checkout");
        return;
    };
    let newest = latest::load(&folder);
    let both = [
        ("latest", latest::facts(&newest)),
        ("released", released::facts(&released::load(&folder), &newest)),
    ];
    for (dialect, facts) in both {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = path.join(format!("data/conventions/{dialect}.txt"));
        let facts = facts.into_iter().map(|fact| fact + "\n").collect::<String>();
        if env::var_os("UPDATE_CONVENTIONS").is_some_and(|set| set == "1") {
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of the data");
            fs::write(&path, &facts).expect("the data can be written");
        }
        let here = fs::read_to_string(&path).unwrap_or_default();
        assert!(here == facts, "{} differs; UPDATE_CONVENTIONS=1 accepts it", path.display());
    }
}

#[test]
fn the_table_says_what_the_latest_conventions_say() {
    let Some(folder) = reference::beside() else {
        println!("skipped: no copy of the conventions lies beside the checkout");
        return;
    };
    compare(Dialect::Latest, &latest::facts(&latest::load(&folder)));
}

#[test]
fn the_table_says_what_the_released_conventions_say() {
    let Some(folder) = reference::beside() else {
        println!("skipped: no copy of the conventions lies beside the checkout");
        return;
    };
    let facts = released::facts(&released::load(&folder), &latest::load(&folder));
    compare(Dialect::Released, &facts);
}
