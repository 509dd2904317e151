//! The table as text, and as facts of one dialect.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use llmobs_runtime::conventions::{
    ATTRIBUTES, AttributeId, Dialect, EVENTS, EventRow, Instrument, Level, METRICS, NumberType,
    OPERATIONS, SPANS, SpanKind, SpanRow, ValueType,
};

/// What is said of the conventions, one thing a string.
pub(crate) type Facts = BTreeSet<String>;

fn type_name(ty: ValueType) -> &'static str {
    match ty {
        ValueType::Text => "string",
        ValueType::Int => "int",
        ValueType::Double => "double",
        ValueType::Flag => "boolean",
        ValueType::Texts => "string[]",
        ValueType::Json => "any",
        ValueType::TextMap => "template[string]",
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Required => "required",
        Level::Conditional => "conditionally_required",
        Level::Recommended => "recommended",
        Level::OptIn => "opt_in",
    }
}

fn kind_name(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "client",
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
    }
}

fn levels(latest: Option<Level>, released: Option<Level>) -> String {
    let name = |level: Option<Level>| level.map_or("-", level_name);
    format!("latest={} released={}", name(latest), name(released))
}

fn span_name(row: &SpanRow) -> String {
    let mut name = format!("{{{}}}", row.head.row().key);
    match (row.target, row.second_target) {
        (Some(_), Some(_)) => name.push_str(" {target}"),
        (Some(target), None) => write!(name, " {{{}}}", target.row().key).expect("a String"),
        _ => {}
    }
    name
}

/// The whole table, one fact a line.
pub(crate) fn text() -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(format!("schema latest {}", Dialect::Latest.schema_url()));
    line(format!("schema released {}", Dialect::Released.schema_url()));
    for row in ATTRIBUTES {
        let named = |name: Option<&str>, dialect| {
            name.map_or("-".to_owned(), |name| format!("{name}:{}", type_name(row.ty(dialect))))
        };
        let (latest, released) =
            (named(row.latest, Dialect::Latest), named(row.released, Dialect::Released));
        let high = if row.high_cardinality { " high_cardinality" } else { "" };
        let content = if row.content { " content" } else { "" };
        line(format!("attribute {} latest={latest} released={released}{high}{content}", row.key));
        for value in row.values {
            line(format!("  value {value}"));
        }
    }
    for row in SPANS {
        line(format!("span {} in_released={}", row.id, row.in_released));
        line(format!("  name {}", span_name(row)));
        for id in row.target.iter().chain(&row.second_target) {
            line(format!("  target {}", id.row().key));
        }
        for kind in [row.kind].iter().chain(row.also_kinds) {
            line(format!("  kind {}", kind_name(*kind)));
        }
        for name in row.operations {
            line(format!("  operation {name}"));
        }
        for on in row.attributes {
            let sampling = if on.sampling { " sampling" } else { "" };
            let levels = levels(on.latest, on.released);
            line(format!("  attribute {} {levels}{sampling}", on.id.row().key));
        }
        for on in row.metrics {
            let (latest, released) = (on.latest, on.released);
            line(format!("  metric {} latest={latest} released={released}", on.metric.name));
        }
    }
    for row in OPERATIONS {
        line(format!("operation {} span={}", row.name, row.span.id));
    }
    for row in METRICS {
        let (instrument, ty) = (instrument_name(row.instrument), number_name(row.ty));
        line(format!("metric {} latest={} released={}", row.name, row.latest, row.released));
        line(format!("  {instrument} of {ty} in {}", row.unit));
        line(format!("  buckets {}", buckets(row.buckets)));
        for on in row.attributes {
            line(format!("  attribute {} {}", on.id.row().key, levels(on.latest, on.released)));
        }
    }
    for row in EVENTS {
        let level = level_name(row.level);
        line(format!("event {} {level} severity={}", row.name, severity(row)));
        for on in row.attributes {
            line(format!("  attribute {} {}", on.id.row().key, levels(on.latest, on.released)));
        }
    }
    out
}

fn instrument_name(instrument: Instrument) -> &'static str {
    match instrument {
        Instrument::Histogram => "histogram",
        Instrument::Counter => "counter",
    }
}

fn number_name(ty: NumberType) -> &'static str {
    match ty {
        NumberType::Int => "int",
        NumberType::Double => "double",
    }
}

fn severity(row: &EventRow) -> String {
    row.severity.map_or("-".to_owned(), |number| number.to_string())
}

/// Bounds as both sides write them.
pub(crate) fn buckets(bounds: &[f64]) -> String {
    bounds.iter().map(f64::to_string).collect::<Vec<_>>().join(" ")
}

/// What the table says of one dialect.
pub(crate) fn facts(dialect: Dialect) -> Facts {
    let mut facts = Facts::new();
    let mut add = |fact: String| facts.insert(fact);
    let key = |id: AttributeId| id.key(dialect);
    let released = dialect == Dialect::Released;
    add(format!("schema {}", dialect.schema_url()));
    for row in ATTRIBUTES {
        let Some(name) = (if released { row.released } else { row.latest }) else { continue };
        add(format!("attribute {name} type {}", type_name(row.ty(dialect))));
        for value in row.values {
            add(format!("attribute {name} value {value}"));
        }
        if row.content {
            add(format!("attribute {name} content"));
        }
    }
    for row in SPANS.iter().filter(|row| row.in_released || !released) {
        let id = row.id;
        add(format!("span {id} name {}", span_name(row)));
        for kind in [row.kind].iter().chain(row.also_kinds) {
            add(format!("span {id} kind {}", kind_name(*kind)));
        }
        for name in row.operations {
            add(format!("span {id} operation {name}"));
        }
        for on in row.attributes {
            let Some(level) = on.level(dialect) else { continue };
            add(format!("span {id} attribute {} {}", key(on.id), level_name(level)));
            if on.sampling {
                add(format!("span {id} sampling {}", key(on.id)));
            }
        }
    }
    for row in METRICS.iter().filter(|row| if released { row.released } else { row.latest }) {
        let name = row.name;
        add(format!("metric {name} unit {}", row.unit));
        add(format!("metric {name} instrument {}", instrument_name(row.instrument)));
        add(format!("metric {name} number {}", number_name(row.ty)));
        add(format!("metric {name} buckets {}", buckets(row.buckets)));
        for on in row.attributes {
            let Some(level) = on.level(dialect) else { continue };
            add(format!("metric {name} attribute {} {}", key(on.id), level_name(level)));
        }
    }
    for row in EVENTS {
        let name = row.name;
        // The released conventions state neither as data.
        if !released {
            add(format!("event {name} {} severity {}", level_name(row.level), severity(row)));
        }
        for on in row.attributes {
            let Some(level) = on.level(dialect) else { continue };
            add(format!("event {name} attribute {} {}", key(on.id), level_name(level)));
        }
    }
    facts
}
