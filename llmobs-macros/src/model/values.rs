//! Attributes with their values: each key once, one that exists and that the operation has.

use quote::ToTokens;
use syn::{Expr, ExprLit, Lit, UnOp};

use super::{Plan, constant, find_key};
use crate::conventions::{
    self, Attribute, METRICS, PROVIDER, RESERVED, Type, attribute, deprecated_provider, operations,
    spans_for,
};
use crate::errors::{Errors, listed};
use crate::parse::{Arguments, ContentKind, Given, Key};

/// What a function records: its operation, and the span type that this has.
#[derive(Clone, Copy)]
pub(super) struct Recorded {
    pub(super) operation: &'static str,
    pub(super) span: &'static conventions::Span,
}

impl Recorded {
    /// How a message about an attribute begins.
    pub(super) fn has_no(self) -> String {
        format!("`{}` has no", self.operation)
    }
}

/// Terms and `attributes(…)` of an operation, or of any where none is given.
pub(super) fn known_attributes(
    arguments: &Arguments,
    recorded: Option<Recorded>,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let mut seen: Vec<&str> = Vec::new();
    for Given { key, value, inherited } in arguments.terms.iter().chain(&arguments.attributes) {
        if seen.contains(&key.text.as_str()) {
            errors.at(key, format!("the attribute `{}` is given twice: keep one", key.text));
            continue;
        }
        seen.push(&key.text);
        let mut unread = Errors::default();
        // A default was checked where it stands.
        let errors = if *inherited { &mut unread } else { &mut *errors };
        let Some(row) = checked_key(key, errors) else {
            if attribute(&key.text).is_none() {
                plan.custom.push((key.text.clone(), value.clone()));
            }
            continue;
        };
        literal(value, row, errors);
        match recorded {
            Some(recorded) if !recorded.span.has(row.key) => {
                errors.at(key, misplaced(&key.text, &recorded.has_no()));
            }
            _ => plan.known.push((constant(row.key), value.clone())),
        }
    }
}

/// The attribute of the conventions that a key names, where an expression may give its value.
pub(super) fn checked_key(key: &Key, errors: &mut Errors) -> Option<&'static Attribute> {
    let row = find_key(key, errors)?;
    let text = &key.text;
    if let Some((_, why)) = RESERVED.iter().find(|(reserved, _)| reserved == text) {
        errors.at(key, format!("the attribute `{text}` is set for you, {why}: leave it out"));
    } else if row.content {
        let mend = match ContentKind::of_key(row.key) {
            Some(kind) if kind.is_returned() => {
                format!(": write `capture({} = |value| …)`", kind.name)
            }
            Some(kind) => format!(": write `capture({} = …)`", kind.name),
            None => ", which is not recorded as an attribute: leave it out".to_owned(),
        };
        errors.at(key, format!("the attribute `{text}` holds content{mend}"));
    } else if matches!(row.ty, Type::TextMap | Type::Json) {
        errors.at(
            key,
            format!("the attribute `{text}` cannot be set from an expression: leave it out"),
        );
    } else {
        return Some(row);
    }
    None
}

/// More than these are no help to a reader.
const MANY: usize = 8;

/// "`chat` has no attribute `key`, which belongs to a, b or c".
pub(super) fn misplaced(key: &str, nobody: &str) -> String {
    let having: Vec<_> = operations()
        .into_iter()
        .filter(|operation| spans_for(operation).any(|span| span.has(key)))
        .collect();
    let owners = match having.len() {
        1..=MANY => format!(", which belongs to {}", listed(having)),
        _ => String::new(),
    };
    format!("{nobody} attribute `{key}`{owners}: leave it out")
}

/// A literal is of the attribute's type, and a provider is one that still has its name.
fn literal(value: &Expr, row: &Attribute, errors: &mut Errors) {
    let (inner, negative) = match value {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => (&*unary.expr, true),
        value => (value, false),
    };
    let Expr::Lit(ExprLit { lit, .. }) = inner else { return };
    let key = row.key;
    if let Lit::Str(text) = lit {
        let given = text.value();
        if given.is_empty() {
            errors.at(
                text,
                format!("the value of `{key}` is empty: leave it out where it is not known"),
            );
        } else if key == PROVIDER
            && let Some(instead) = deprecated_provider(&given)
        {
            errors.at(text, format!("the provider `{given}` is deprecated: write \"{instead}\""));
        }
    }
    let number = matches!(lit, Lit::Int(_) | Lit::Float(_));
    let (wants, fits) = match row.ty {
        Type::Text => ("a string", matches!(lit, Lit::Str(_))),
        Type::Int => ("an integer", matches!(lit, Lit::Int(_))),
        Type::Double => ("a number", number),
        Type::Flag => ("`true` or `false`", matches!(lit, Lit::Bool(_))),
        Type::Texts => ("a list of strings", matches!(lit, Lit::Str(_))),
        Type::Json | Type::TextMap => return,
    };
    if !fits || (negative && !number) {
        let given = value.to_token_stream().to_string().replace("- ", "-");
        errors.at(value, format!("the value of `{key}` is {wants}, not `{given}`"));
    }
}

/// `name = …` is a string.
pub(super) fn span_name(value: &Expr, errors: &mut Errors) {
    if let Expr::Lit(ExprLit { lit, .. }) = value
        && !matches!(lit, Lit::Str(text) if !text.value().is_empty())
    {
        errors.at(value, "the name of a span is a string that is not empty; without `name` it is that of the conventions");
    }
}

/// `metric_attributes(…)`: nothing with many values, and nothing that is recorded anyway.
pub(super) fn metric_attributes(
    arguments: &Arguments,
    recorded: Option<Recorded>,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let on_span = |text: &str| {
        arguments.terms.iter().chain(&arguments.attributes).any(|given| given.key.text == text)
    };
    let carried = |text: &str| {
        let metrics = recorded.iter().flat_map(|recorded| recorded.span.metrics);
        metrics
            .filter_map(|recorded| METRICS.iter().find(|metric| metric.name == recorded.metric))
            .any(|metric| metric.attributes.iter().any(|on| on.key == text))
    };
    let mut seen: Vec<&str> = Vec::new();
    for Given { key, value, inherited } in &arguments.metric_attributes {
        let text = &key.text;
        let mut unread = Errors::default();
        let errors = if *inherited { &mut unread } else { &mut *errors };
        if seen.contains(&text.as_str()) {
            errors.at(key, format!("the attribute `{text}` is given twice: keep one"));
            continue;
        }
        seen.push(text);
        let row = find_key(key, errors);
        if row.is_some_and(|row| row.content) {
            errors.at(
                key,
                format!(
                    "the attribute `{text}` holds content, which is not recorded: leave it out"
                ),
            );
        } else if row.is_some_and(|row| row.high_cardinality) {
            errors.at(
                key,
                format!(
                    "`{text}` has too many values for a metric, where each makes a time series of its own: \
                     move it to `attributes(…)`"
                ),
            );
        } else if carried(text) {
            errors.at(
                key,
                format!("the metrics of this operation carry `{text}` already: leave it out"),
            );
        } else if on_span(text) {
            errors.at(
                key,
                format!("the attribute `{text}` is given twice: a metric attribute is recorded on the span as well"),
            );
        } else {
            if let Some(row) = row {
                literal(value, row, errors);
            }
            plan.metric.push((text.clone(), value.clone()));
        }
    }
}
