//! Spans compared with the table.

use std::collections::BTreeMap;

use super::table::{CONVERSATION, Row, SPANS};
use super::{Outcome, told};
use crate::seen::SeenSpan;

/// What a server keeps of a span.
#[derive(Clone, Copy, Debug)]
pub struct Knows {
    /// The span kind of OpenTelemetry.
    pub kind: bool,
    /// Attributes by the names of the conventions.
    pub attributes: bool,
}

impl Knows {
    /// All of it.
    pub const ALL: Self = Self { kind: true, attributes: true };
}

/// Compares what a server has of some rounds with the table: each span that often, below the right one in the same
/// trace, with its kind, model, conversation, error and operation.
///
/// # Errors
///
/// What is wrong.
pub fn spans(seen: &[SeenSpan], rounds: usize, knows: Knows) -> Outcome {
    let by_id: BTreeMap<_, _> =
        seen.iter().map(|span| ((span.trace.as_str(), span.id.as_str()), span)).collect();
    let mut mistakes = Vec::new();
    for row in SPANS {
        let found: Vec<_> = seen.iter().filter(|span| span.name == row.name).collect();
        if found.len() != rounds {
            mistakes.push(format!("`{}` is there {} times, not {rounds}", row.name, found.len()));
        }
        for span in found {
            let parent = span.parent.as_deref().map(|parent| {
                by_id.get(&(span.trace.as_str(), parent)).map_or("unknown", |it| it.name.as_str())
            });
            compare(row, span, parent, knows, &mut mistakes);
        }
    }
    let unexpected = seen.iter().filter(|span| !SPANS.iter().any(|row| row.name == span.name));
    mistakes.extend(unexpected.map(|span| format!("`{}` is not expected", span.name)));
    told(&mistakes, || {
        let what = match knows {
            Knows { kind: true, .. } => "names, kinds, parents",
            Knows { kind: false, .. } => "names, parents",
        };
        format!("{} spans: {what}", seen.len())
    })
}

/// Compares one.
fn compare(
    row: &Row,
    span: &SeenSpan,
    parent: Option<&str>,
    knows: Knows,
    mistakes: &mut Vec<String>,
) {
    let mut wrong = |what: &str, expected: Option<&str>, found: Option<&str>| {
        if expected != found {
            let [expected, found] = [expected, found].map(|it| it.unwrap_or("nothing"));
            mistakes.push(format!("{what} of `{}` is {found}, not {expected}", row.name));
        }
    };
    wrong("the parent", row.parent, parent);
    if knows.kind {
        let kind = if row.client { "client" } else { "internal" };
        wrong("the kind", Some(kind), span.kind.as_deref());
    }
    if let Some(failed) = span.failed {
        let word = |failed| if failed { Some("an error") } else { None };
        wrong("the status", word(row.failure.is_some()), word(failed));
    }
    if knows.attributes {
        wrong("the operation", Some(row.operation), span.text("gen_ai.operation.name"));
        wrong("the model", row.model, span.text("gen_ai.request.model"));
        wrong("the error", row.failure, span.text("error.type"));
        let conversation = row.conversation.then_some(CONVERSATION);
        wrong("the conversation", conversation, span.text("gen_ai.conversation.id"));
        let number = |key| span.number(key).map(|number| number.to_string());
        let chunks = row.chunks.map(|chunks| chunks.to_string());
        let found = number("llmobs.response.chunk_count");
        wrong("the number of chunks", chunks.as_deref(), found.as_deref());
    }
}

/// Compares the tokens of each span and their sums; `keys` are the names that the server has for input, output and
/// cached tokens.
///
/// # Errors
///
/// What is wrong.
pub fn tokens(seen: &[SeenSpan], rounds: usize, keys: [&str; 3]) -> Outcome {
    let mut mistakes = Vec::new();
    let mut sums = [0_u64; 3];
    for span in seen {
        let Some(row) = SPANS.iter().find(|row| row.name == span.name) else { continue };
        let all = [row.input, row.output, row.cached];
        for ((expected, key), sum) in all.into_iter().zip(keys).zip(&mut sums) {
            let found = span.number(key);
            if found != expected {
                let [expected, found] = [expected, found]
                    .map(|it| it.map_or_else(|| "nothing".to_owned(), |it| it.to_string()));
                mistakes.push(format!("`{key}` of `{}` is {found}, not {expected}", row.name));
            }
            *sum = sum.saturating_add(found.unwrap_or_default());
        }
    }
    let rounds = u64::try_from(rounds).unwrap_or(u64::MAX);
    let of = |tokens: fn(&Row) -> Option<u64>| {
        SPANS.iter().filter_map(tokens).sum::<u64>().saturating_mul(rounds)
    };
    let expected = [of(|row| row.input), of(|row| row.output), of(|row| row.cached)];
    if sums != expected {
        mistakes.push(format!("the sums are {sums:?}, not {expected:?}"));
    }
    let [input, output, cached] = sums;
    told(&mistakes, || format!("{input} in, {output} out, {cached} cached"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The spans of a round as they should arrive.
    fn right() -> Vec<SeenSpan> {
        let mut seen = Vec::new();
        for row in SPANS {
            let mut attributes = BTreeMap::from([("gen_ai.operation.name", json!(row.operation))]);
            attributes.extend(row.model.map(|it| ("gen_ai.request.model", json!(it))));
            attributes.extend(row.failure.map(|it| ("error.type", json!(it))));
            attributes.extend(row.chunks.map(|it| ("llmobs.response.chunk_count", json!(it))));
            attributes.extend(row.input.map(|it| ("in", json!(it))));
            attributes.extend(row.output.map(|it| ("out", json!(it))));
            attributes.extend(row.cached.map(|it| ("cached", json!(it))));
            if row.conversation {
                attributes.insert("gen_ai.conversation.id", json!(CONVERSATION));
            }
            seen.push(SeenSpan {
                name: row.name.to_owned(),
                trace: "t".to_owned(),
                id: row.name.to_owned(),
                parent: row.parent.map(str::to_owned),
                kind: Some(if row.client { "client" } else { "internal" }.to_owned()),
                failed: Some(row.failure.is_some()),
                attributes: attributes
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
            });
        }
        seen
    }

    #[test]
    fn what_is_right_is_told_and_each_mistake_is_seen() {
        let compared = spans(&right(), 1, Knows::ALL).expect("right");
        assert_eq!(compared, "21 spans: names, kinds, parents");
        let found = tokens(&right(), 1, ["in", "out", "cached"]).expect("right");
        assert_eq!(found, "299 in, 116 out, 180 cached");

        let wrong = |change: fn(&mut Vec<SeenSpan>)| {
            let mut seen = right();
            change(&mut seen);
            spans(&seen, 1, Knows::ALL)
                .and_then(|_| tokens(&seen, 1, ["in", "out", "cached"]))
                .expect_err("wrong")
        };
        assert!(wrong(|seen| drop(seen.pop())).contains("is there 0 times, not 1"));
        assert!(wrong(|seen| seen[3].parent = None).contains("the parent of `plan Planner`"));
        assert!(wrong(|seen| seen[3].trace = "u".into()).contains("is unknown, not"));
        assert!(wrong(|seen| seen[3].kind = Some("client".into())).contains("the kind of"));
        assert!(wrong(|seen| seen[3].failed = Some(true)).contains("is an error, not nothing"));
        assert!(wrong(|seen| seen[6].attributes.clear()).contains("the model of"));
        assert!(wrong(|seen| seen[6].name = "other".into()).contains("`other` is not expected"));
        let other = wrong(|seen| drop(seen[6].attributes.insert("in".into(), json!(121))));
        assert!(other.contains("is 121, not 120") && other.contains("the sums are"), "{other}");
        assert!(spans(&right(), 2, Knows::ALL).is_err());
    }
}
