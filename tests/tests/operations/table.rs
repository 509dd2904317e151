//! Each operation with every attribute set that there is, against the committed list of the conventions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use llmobs_runtime::call;
use llmobs_runtime::conventions::{
    ATTRIBUTES, Attribute, Dialect, Double, Flag, Int, OPERATIONS, Operation, SpanKind, Text,
    Texts, ValueType,
};
use llmobs_tests::Recorder;
use opentelemetry::Value;
use opentelemetry::trace::SpanKind as OtelKind;

/// The list, in the format that `tests/conventions.rs` writes.
const LIST: &str = include_str!("../../data/conventions.txt");

/// One block of the list: the words after its first, and the lines below.
struct Block {
    kind: &'static str,
    head: Vec<&'static str>,
    lines: Vec<Vec<&'static str>>,
}

static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| {
    let mut blocks: Vec<Block> = Vec::new();
    for line in LIST.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        if line.starts_with(' ') {
            blocks.last_mut().expect("a block").lines.push(words);
        } else {
            blocks.push(Block { kind: words[0], head: words[1..].to_vec(), lines: Vec::new() });
        }
    }
    blocks
});

fn block(kind: &str, name: &str) -> &'static Block {
    BLOCKS.iter().find(|block| block.kind == kind && block.head[0] == name).expect("in the list")
}

fn word(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Latest => "latest=",
        Dialect::Released => "released=",
    }
}

/// What stands behind `latest=` or `released=`; `None` for a dash.
fn of(dialect: Dialect, words: &[&'static str]) -> Option<&'static str> {
    let said = words.iter().find_map(|it| it.strip_prefix(word(dialect))).expect("both dialects");
    (said != "-").then_some(said)
}

/// Key and type of an attribute; one that the dialect lacks has those of the other.
fn attribute(name: &str, dialect: Dialect) -> (&'static str, &'static str) {
    let head = &block("attribute", name).head;
    let said = of(dialect, head).or(of(Dialect::Latest, head)).or(of(Dialect::Released, head));
    said.and_then(|said| said.split_once(':')).expect("key:type")
}

fn number(place: u8) -> i64 {
    i64::from(place) + 1
}

/// The value that every attribute is set to, by its type.
fn expected(name: &str, ty: &str) -> Option<String> {
    let place = ATTRIBUTES.iter().position(|row| row.key == name).expect("in the table");
    // It takes its own way.
    if ATTRIBUTES[place].content {
        return None;
    }
    let place = u8::try_from(place).unwrap();
    Some(match ty {
        "string" => format!("a {name}"),
        "int" => number(place).to_string(),
        // The only ones that are set as integers are read as integers.
        "double" if ATTRIBUTES[usize::from(place)].ty == ValueType::Int => {
            number(place).to_string()
        }
        "double" => format!("{place}.5"),
        "boolean" => "true".to_owned(),
        "string[]" => format!("[\"{name}\",\"b\"]"),
        _ => return None,
    })
}

/// A call with all attributes set that have a plain type.
fn run(operation: &'static Operation) {
    let mut call = call(operation);
    for (place, row) in (0_u8..).zip(ATTRIBUTES) {
        call = match row.ty {
            ValueType::Text => call.set(Attribute::<Text>::new(place), &format!("a {}", row.key)),
            ValueType::Int => call.set(Attribute::<Int>::new(place), &number(place)),
            ValueType::Double => {
                call.set(Attribute::<Double>::new(place), &(f64::from(place) + 0.5))
            }
            ValueType::Flag => call.set(Attribute::<Flag>::new(place), &true),
            ValueType::Texts => call.set(Attribute::<Texts>::new(place), &[row.key, "b"]),
            ValueType::Json | ValueType::TextMap => call,
        };
    }
    call.start().end();
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::I64(_) => "int",
        Value::F64(_) => "double",
        Value::String(_) => "string",
        Value::Array(_) => "string[]",
        _ => "another",
    }
}

#[test]
fn each_span_has_the_attributes_that_its_operation_has_and_no_other() {
    assert_eq!(OPERATIONS.len(), BLOCKS.iter().filter(|block| block.kind == "operation").count());
    for dialect in [Dialect::Released, Dialect::Latest] {
        for operation in OPERATIONS {
            let recorder = Recorder::with(dialect, opentelemetry_sdk::trace::Sampler::AlwaysOn);
            run(operation);
            let span = recorder.span();
            let about = block("span", operation.span.id);

            let mut wanted = BTreeMap::new();
            for line in about.lines.iter().filter(|line| line[0] == "attribute") {
                let name = line[1];
                let (key, ty) = attribute(name, dialect);
                if of(dialect, line).is_some()
                    && name != "gen_ai.operation.name"
                    && let Some(value) = expected(name, ty)
                {
                    wanted.insert(key.to_owned(), (ty, value));
                }
            }
            wanted
                .insert("gen_ai.operation.name".to_owned(), ("string", operation.name.to_owned()));
            let found: BTreeMap<_, _> = span
                .attributes()
                .into_iter()
                .map(|(key, text)| {
                    let ty = type_of(span.value(&key).expect("an attribute"));
                    (key, (ty, text))
                })
                .collect();
            assert_eq!(found, wanted, "{} {dialect:?}", operation.span.id);

            let kind = match operation.span.kind {
                SpanKind::Client => OtelKind::Client,
                SpanKind::Internal => OtelKind::Internal,
                SpanKind::Server => OtelKind::Server,
            };
            assert_eq!(span.0.span_kind, kind);
            let kinds = about.lines.iter().filter(|line| line[0] == "kind").map(|line| line[1]);
            assert_eq!(kinds.take(1).collect::<Vec<_>>(), [format!("{kind:?}").to_lowercase()]);
            let target = about.lines.iter().find(|line| line[0] == "target");
            let name = match target {
                Some(line) => format!("{} a {}", operation.name, line[1]),
                None => operation.name.to_owned(),
            };
            assert_eq!(span.name(), name);

            let scope = &span.0.instrumentation_scope;
            let url = block("schema", &word(dialect)[..word(dialect).len() - 1]).head[1];
            assert_eq!(scope.name(), "llmobs");
            assert_eq!(scope.version(), Some(env!("CARGO_PKG_VERSION")));
            assert_eq!(scope.schema_url(), Some(url));
            let metrics = recorder.metric_scopes();
            let same = ["llmobs", env!("CARGO_PKG_VERSION"), url].map(str::to_owned);
            // `plan` has no metric, released tools and workflows neither.
            assert!(metrics.iter().all(|scope| *scope == same), "{metrics:?}");
        }
    }
}

#[test]
fn each_metric_has_the_unit_the_buckets_and_the_attributes_of_the_conventions() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        for operation in OPERATIONS {
            let recorder = Recorder::with(dialect, opentelemetry_sdk::trace::Sampler::AlwaysOn);
            run(operation);
            let points = recorder.points();

            let about = block("span", operation.span.id);
            let metrics = about.lines.iter().filter(|line| line[0] == "metric");
            let wanted: BTreeSet<_> = metrics
                .filter(|line| of(dialect, line) == Some("true"))
                .map(|line| line[1])
                // Nothing was streamed; the time to the first chunk is among the attributes given.
                .filter(|name| !name.ends_with("time_per_output_chunk"))
                .collect();
            let found: BTreeSet<_> = points.iter().map(|point| point.metric.as_str()).collect();
            assert_eq!(found, wanted, "{} {dialect:?}", operation.span.id);

            for point in points {
                let metric = block("metric", &point.metric);
                assert_eq!(metric.lines[0][4], point.unit);
                let bounds = metric.lines[1][1..].iter().map(|it| it.parse::<f64>().unwrap());
                assert_eq!(point.bounds, bounds.collect::<Vec<_>>(), "{}", point.metric);
                let mut wanted = BTreeMap::new();
                for line in &metric.lines[2..] {
                    let name = line[1];
                    if of(dialect, line).is_none_or(|level| level == "opt_in") {
                        continue;
                    }
                    let (key, ty) = attribute(name, dialect);
                    let value = match name {
                        "gen_ai.operation.name" => operation.name.to_owned(),
                        // Tells the points of one metric apart; see `metrics.rs`.
                        "gen_ai.token.type" | "gen_ai.token.modality" => {
                            point.attributes[key].clone()
                        }
                        name => expected(name, ty).expect("a plain type"),
                    };
                    wanted.insert(key.to_owned(), value);
                }
                assert_eq!(point.attributes, wanted, "{} {dialect:?}", point.metric);
            }
        }
    }
}

#[test]
fn a_span_without_its_target_is_named_by_the_operation_alone() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let recorder = Recorder::with(dialect, opentelemetry_sdk::trace::Sampler::AlwaysOn);
        for operation in OPERATIONS {
            call(operation).start().end();
        }
        for (span, operation) in recorder.spans().iter().zip(OPERATIONS) {
            assert_eq!(span.name(), operation.name);
            assert_eq!(span.0.attributes.len(), 1);
        }
        assert_eq!(recorder.spans().len(), OPERATIONS.len());
    }
}
