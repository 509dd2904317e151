//! The conventions as facts, one a line, and a run held against them.

use std::collections::BTreeSet;
use std::path::Path;

use llmobs_tests::Recorded;
use opentelemetry::trace::SpanKind;
use opentelemetry::{Array, Value};

use crate::programs::Run;

/// Our own attributes, for which the conventions have no name: prefixed, and no more than these.
const OWN: [&str; 1] = ["llmobs.response.chunk_count"];

/// What the conventions say in one dialect.
pub(crate) struct Facts {
    lines: BTreeSet<String>,
    /// Operations that are not released are recorded in the terms of the newest conventions: what these say.
    newest: BTreeSet<String>,
}

/// The operations that the released conventions do not have.
const UNRELEASED: [&str; 9] = [
    "create_memory",
    "create_memory_store",
    "delete_memory",
    "delete_memory_store",
    "fetch_response",
    "plan",
    "search_memory",
    "update_memory",
    "upsert_memory",
];

fn read(dialect: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join(format!("data/conventions/{dialect}.txt"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(str::to_owned).collect()
}

impl Facts {
    pub(crate) fn of(dialect: &str) -> Self {
        Self { lines: read(dialect), newest: read("latest") }
    }

    /// The facts that hold for an operation.
    fn terms(&self, operation: Option<&str>) -> &BTreeSet<String> {
        let unreleased = operation.is_some_and(|it| UNRELEASED.contains(&it));
        if unreleased { &self.newest } else { &self.lines }
    }

    /// The attributes of a signal, such as `span gen_ai.client.inference`, with their levels.
    pub(crate) fn attributes(&self, signal: &str) -> Vec<(&str, &str)> {
        let released = levels(&self.lines, signal);
        if released.is_empty() { levels(&self.newest, signal) } else { released }
    }

    pub(crate) fn has(&self, signal: &str, key: &str) -> bool {
        self.attributes(signal).iter().any(|(known, _)| *known == key)
    }

    /// The type of a span, by its operation and its kind.
    fn span_type(&self, span: &Recorded) -> Option<String> {
        let operation = span.text("gen_ai.operation.name")?;
        let kind = kind(span);
        // Which type an operation belongs to is not data in the released conventions.
        let ending = format!(" operation {operation}");
        let mut types = self.newest.iter().filter_map(|line| line.strip_suffix(&ending));
        let terms = self.terms(Some(&operation));
        types.find(|it| said(terms, &format!("{it} kind")).contains(&kind)).map(str::to_owned)
    }

    /// The keys that a run recorded, by signal.
    pub(crate) fn by_signal(&self, run: &Run) -> Vec<(String, Vec<String>)> {
        let spans = run.spans.iter().map(|span| {
            let signal = self.span_type(span).unwrap_or_else(|| "span of no type".to_owned());
            (signal, span.attributes().into_keys().collect())
        });
        let points = run.points.iter().map(|point| {
            (format!("metric {}", point.metric), point.attributes.keys().cloned().collect())
        });
        let events = run.events.iter().map(|event| {
            let keys = event.0.attributes_iter().map(|(key, _)| key.to_string()).collect();
            (format!("event {}", event.name().unwrap_or_default()), keys)
        });
        spans.chain(points).chain(events).collect()
    }

    /// Whatever a run recorded that the conventions do not have, or have otherwise, or require and was not recorded.
    pub(crate) fn strangers(&self, run: &Run) -> Vec<String> {
        let mut wrong = Vec::new();
        for span in &run.spans {
            let Some(signal) = self.span_type(span) else {
                wrong.push(format!("{} {} is of no type", kind(span), span.name()));
                continue;
            };
            let terms = self.terms(span.text("gen_ai.operation.name").as_deref());
            let attributes = span.attributes();
            wrong.extend(compare(terms, &signal, attributes.keys().map(String::as_str)));
            let name = span_name(terms, &signal, span);
            if name.as_deref() != Some(span.name()) {
                wrong.push(format!("{} and not {name:?}", span.name()));
            }
            let ours = span.0.attributes.iter();
            wrong.extend(ours.filter_map(|it| otherwise(terms, it.key.as_str(), &it.value)));
        }
        for point in &run.points {
            let signal = format!("metric {}", point.metric);
            let terms = self.terms(point.attribute("gen_ai.operation.name"));
            wrong.extend(compare(terms, &signal, point.attributes.keys().map(String::as_str)));
            let bounds = point.bounds.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
            let found = [("unit", &point.unit), ("buckets", &bounds)];
            for (what, found) in found {
                if said(terms, &format!("{signal} {what}")) != [found.as_str()] {
                    wrong.push(format!("{signal} has the {what} {found}"));
                }
            }
            let values = point.attributes.iter();
            wrong.extend(values.filter_map(|(key, value)| unheard_of(terms, key, value)));
        }
        for event in &run.events {
            let signal = format!("event {}", event.name().unwrap_or_default());
            let keys = event.0.attributes_iter().map(|(key, _)| key.as_str());
            wrong.extend(compare(&self.lines, &signal, keys));
        }
        wrong
    }
}

/// What facts say of a subject: the rest of each line that begins so.
fn said<'a>(facts: &'a BTreeSet<String>, subject: &str) -> Vec<&'a str> {
    let prefix = format!("{subject} ");
    let from = facts.range(prefix.clone()..);
    let found = from.take_while(|line| line.starts_with(&prefix));
    found.filter_map(|line| line.strip_prefix(&prefix)).collect()
}

/// The attributes of a signal with their levels.
fn levels<'a>(facts: &'a BTreeSet<String>, signal: &str) -> Vec<(&'a str, &'a str)> {
    let found = said(facts, &format!("{signal} attribute"));
    found.into_iter().filter_map(|line| line.split_once(' ')).collect()
}

/// What is too much on a signal, and what of the required is missing.
fn compare<'a>(
    terms: &BTreeSet<String>,
    signal: &str,
    keys: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let keys: BTreeSet<_> = keys.collect();
    let levels = levels(terms, signal);
    let known = |key: &str| OWN.contains(&key) || levels.iter().any(|(it, _)| *it == key);
    let strange = keys.iter().filter(|key| !known(key)).map(|key| format!("{signal} has {key}"));
    let missing = levels.iter().filter(|(key, level)| *level == "required" && !keys.contains(key));
    let missing = missing.map(|(key, _)| format!("{signal} lacks {key}"));
    strange.chain(missing).collect()
}

/// The name that the format gives a span; what it names and is not there is left out.
fn span_name(terms: &BTreeSet<String>, signal: &str, span: &Recorded) -> Option<String> {
    let format = said(terms, &format!("{signal} name")).into_iter().next()?;
    let words = format.split(' ').filter_map(|word| {
        let key = word.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        key.map_or(Some(word.to_owned()), |key| span.text(key))
    });
    Some(words.collect::<Vec<_>>().join(" "))
}

/// A value of another type, or one that is not among those that the conventions list.
fn otherwise(terms: &BTreeSet<String>, key: &str, value: &Value) -> Option<String> {
    if OWN.contains(&key) {
        return None;
    }
    let ty = match value {
        Value::Bool(_) => "boolean",
        Value::I64(_) => "int",
        Value::F64(_) => "double",
        Value::String(_) => "string",
        Value::Array(Array::String(_)) => "string[]",
        _ => "something else",
    };
    let wanted = said(terms, &format!("attribute {key} type"));
    // Structured values are JSON text on a span.
    let as_json = wanted == ["any"] && ty == "string";
    if wanted != [ty] && !as_json {
        return Some(format!("{key} is {ty} and not {wanted:?}"));
    }
    unheard_of(terms, key, &value.as_str())
}

/// A value that is not among those that the conventions list. Of errors they list only the one that stands for all
/// others.
fn unheard_of(terms: &BTreeSet<String>, key: &str, value: &str) -> Option<String> {
    let listed = said(terms, &format!("attribute {key} value"));
    let wrong = key != "error.type" && !listed.is_empty() && !listed.contains(&value);
    wrong.then(|| format!("{key} is {value}, which is none of {listed:?}"))
}

/// Whether a signal is the one of this name, or one whose name begins so.
pub(crate) fn matches(pattern: &str, signal: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == signal, |start| signal.starts_with(start))
}

fn kind(span: &Recorded) -> &'static str {
    match span.0.span_kind {
        SpanKind::Client => "client",
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}
