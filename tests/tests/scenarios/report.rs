//! A run as text, with what differs from run to run left out.

use std::fmt::Write as _;

use llmobs_tests::Recorded;
use opentelemetry::trace::{SpanId, Status};
use opentelemetry::{Array, Value};

use crate::programs::Run;

pub(crate) fn text(run: &Run) -> String {
    let mut out = String::new();
    let mut roots: Vec<&Recorded> =
        run.spans.iter().filter(|span| span.0.parent_span_id == SpanId::INVALID).collect();
    roots.sort_by_key(|span| span.0.start_time);
    for root in roots {
        span(run, root, 0, &mut out);
    }
    for event in &run.events {
        let of = event.0.trace_context().map(|traced| traced.span_id);
        let of = run.spans.iter().find(|span| Some(span.0.span_context.span_id()) == of);
        let of = of.map_or("nothing", Recorded::name);
        let name = event.name().unwrap_or("nameless");
        line(&mut out, 0, &format!("event {name} of {of}"));
        let mut attributes: Vec<_> = event.0.attributes_iter().collect();
        attributes.sort_by_key(|(key, _)| key.as_str());
        for (key, _) in attributes {
            let value = event.json(key.as_str()).expect("it is there");
            let value = steady(key.as_str()).unwrap_or_else(|| value.to_string());
            line(&mut out, 1, &format!("{key} = {value}"));
        }
    }
    for point in &run.points {
        let sum = if point.unit == "s" { "<seconds>".to_owned() } else { point.sum.to_string() };
        let count = point.count;
        line(
            &mut out,
            0,
            &format!("metric {} {count} point(s), {sum} {}", point.metric, point.unit),
        );
        for (key, value) in &point.attributes {
            line(&mut out, 1, &format!("{key} = {}", steady(key).unwrap_or_else(|| value.clone())));
        }
    }
    out
}

fn span(run: &Run, span: &Recorded, depth: usize, out: &mut String) {
    let status = match &span.0.status {
        Status::Unset => String::new(),
        Status::Ok => " ok".to_owned(),
        Status::Error { description } => format!(" error {description}"),
    };
    let kind = format!("{:?}", span.0.span_kind).to_lowercase();
    line(out, depth, &format!("span {kind} {}{status}", span.name()));
    let mut attributes: Vec<_> = span.0.attributes.iter().collect();
    attributes.sort_by_key(|attribute| attribute.key.as_str());
    for attribute in attributes {
        let key = attribute.key.as_str();
        let value = steady(key).unwrap_or_else(|| shown(&attribute.value));
        line(out, depth + 1, &format!("{key} = {value}"));
    }
    let mut below: Vec<_> = run.spans.iter().filter(|it| it.is_below(span)).collect();
    below.sort_by_key(|span| span.0.start_time);
    for child in below {
        self::span(run, child, depth + 1, out);
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    writeln!(out, "{:1$}{text}", "", depth * 2).expect("a String");
}

/// What stands for a value that is another each time.
fn steady(key: &str) -> Option<String> {
    match key {
        "server.port" => Some("<port>".to_owned()),
        "gen_ai.response.time_to_first_chunk" => Some("<seconds>".to_owned()),
        _ => None,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", text.as_str()),
        Value::F64(double) => format!("{double:?}"),
        Value::Array(Array::String(texts)) => {
            format!(
                "{:?}",
                texts.iter().map(opentelemetry::StringValue::as_str).collect::<Vec<_>>()
            )
        }
        other => other.to_string(),
    }
}
