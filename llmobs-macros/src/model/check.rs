//! Arguments against the conventions: every fault is reported, each at its token.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Expr, ExprLit, Lit, parse_quote};

use super::{Plan, Reading, constant, find_key};
use crate::conventions::{
    self, AGENT_NAME, Attribute, DEFAULT_OPERATION, INPUT_TOKENS, Kind, Level, METRICS, PROVIDER, RESERVED,
    RESPONSE_MODEL, TOOL_NAME, Type, deprecated_provider, nearest, operations, spans_for,
};
use crate::errors::{Errors, listed};
use crate::parse::{Arguments, Given, Key, ResponseArgument};

/// The plan that the arguments make, with whatever faults they have reported.
pub(crate) fn check(arguments: Arguments, function: &Ident, errors: &mut Errors) -> Plan {
    let krate = arguments.krate.clone().unwrap_or_else(|| parse_quote!(::llmobs_runtime));
    let operation = operation(&arguments, errors);
    let span = span(operation, &arguments, errors);

    let mut plan = Plan {
        krate,
        operation: operation_constant(operation, span),
        kind: None,
        name: arguments.name.clone(),
        request: arguments.request.clone(),
        server: arguments.server.clone(),
        known: Vec::new(),
        custom: Vec::new(),
        metric: Vec::new(),
        response: Reading::Nothing,
        usage: Reading::Nothing,
    };
    if let Some(kind) = &arguments.kind
        && kind_of(kind).is_some_and(|asked| asked != span.kind)
    {
        plan.kind = Some(variant(kind));
    }
    known_attributes(&arguments, span, operation, &mut plan, errors);
    metric_attributes(&arguments, span, &mut plan, errors);
    required(span, operation, function, &mut plan, errors);
    readings(&arguments, span, &mut plan, errors);
    plan
}

fn operation(arguments: &Arguments, errors: &mut Errors) -> &'static str {
    let known = operations();
    let Some(given) = &arguments.operation else { return DEFAULT_OPERATION };
    if let Some(name) = known.iter().find(|name| **name == given.text) {
        return name;
    }
    let mend = match nearest(&given.text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", listed(known.iter().copied())),
    };
    errors.at(given, format!("unknown operation `{}`: {mend}", given.text));
    DEFAULT_OPERATION
}

/// The span type of the operation. `invoke_agent` has two; the agent runs in this process unless said otherwise.
fn span(
    operation: &'static str,
    arguments: &Arguments,
    errors: &mut Errors,
) -> &'static conventions::Span {
    let spans: Vec<_> = spans_for(operation).collect();
    let usual = spans.iter().find(|span| span.kind == Kind::Internal).or(spans.first());
    let usual = usual.copied().unwrap_or(&conventions::SPANS[0]);
    let Some(kind) = &arguments.kind else { return usual };
    let allowed = |span: &&&conventions::Span| {
        kind_of(kind).is_some_and(|asked| span.kind == asked || span.also_kinds.contains(&asked))
    };
    if let Some(span) = spans.iter().find(allowed) {
        return span;
    }
    let kinds = spans.iter().flat_map(|span| std::iter::once(&span.kind).chain(span.also_kinds));
    let kinds = kinds.map(|kind| match kind {
        Kind::Client => "client",
        Kind::Internal => "internal",
        Kind::Server => "server",
    });
    errors.at(kind, format!("the kind of `{operation}` is {}, not `{kind}`", listed(kinds)));
    usual
}

fn kind_of(kind: &Ident) -> Option<Kind> {
    match kind.to_string().as_str() {
        "client" => Some(Kind::Client),
        "internal" => Some(Kind::Internal),
        _ => None,
    }
}

fn variant(kind: &Ident) -> Ident {
    let name = if kind == "internal" { "Internal" } else { "Client" };
    Ident::new(name, kind.span())
}

fn operation_constant(operation: &str, span: &conventions::Span) -> Ident {
    let mut name = operation.to_uppercase();
    // The runtime names the client side of the operation that has two.
    if spans_for(operation).count() > 1 && span.kind == Kind::Client {
        name.push_str("_CLIENT");
    }
    Ident::new(&name, Span::call_site())
}

/// Terms and `attributes(…)`: each key once, one that exists and that the operation has.
fn known_attributes(
    arguments: &Arguments,
    span: &conventions::Span,
    operation: &str,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let mut seen: Vec<&str> = Vec::new();
    for Given { key, value } in arguments.terms.iter().chain(&arguments.attributes) {
        if seen.contains(&key.text.as_str()) {
            errors.at(key, format!("the attribute `{}` is given twice", key.text));
            continue;
        }
        seen.push(&key.text);
        let Some(attribute) = find_key(key, errors) else {
            plan.custom.push((key.text.clone(), value.clone()));
            continue;
        };
        if let Some((_, why)) = RESERVED.iter().find(|(reserved, _)| *reserved == key.text) {
            errors.at(key, format!("the attribute `{}` is set for you: {why}", key.text));
        } else if attribute.content {
            errors.at(
                key,
                format!(
                    "the attribute `{}` holds content, which is not recorded as an attribute: leave it out",
                    key.text
                ),
            );
        } else if !span.has(&key.text) {
            errors.at(key, misplaced(key, operation));
        } else if matches!(attribute.ty, Type::TextMap | Type::Json) {
            errors.at(key, format!("the attribute `{}` cannot be set from an expression", key.text));
        } else {
            literal(value, attribute, errors);
            plan.known.push((constant(attribute.key), value.clone()));
        }
    }
}

fn misplaced(key: &Key, operation: &str) -> String {
    let having: Vec<_> = operations()
        .into_iter()
        .filter(|operation| spans_for(operation).any(|span| span.has(&key.text)))
        .collect();
    let key = &key.text;
    if having.is_empty() {
        return format!("`{operation}` has no attribute `{key}`");
    }
    format!("`{operation}` has no attribute `{key}`; it belongs to {}", listed(having))
}

/// A literal is of the attribute's type, and a provider is one that still has its name.
fn literal(value: &Expr, attribute: &Attribute, errors: &mut Errors) {
    let negative = matches!(value, Expr::Unary(_));
    let inner = match value {
        Expr::Unary(unary) => &*unary.expr,
        value => value,
    };
    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = inner
        && attribute.key == PROVIDER
        && let Some(instead) = deprecated_provider(&text.value())
    {
        errors.at(text, format!("the provider is now called `{instead}`, no longer `{}`", text.value()));
    }
    let Expr::Lit(ExprLit { lit, .. }) = inner else { return };
    let (wants, fits) = match attribute.ty {
        Type::Text => ("a string", matches!(lit, Lit::Str(_))),
        Type::Int => ("an integer", matches!(lit, Lit::Int(_))),
        Type::Double => ("a number", matches!(lit, Lit::Float(_) | Lit::Int(_))),
        Type::Flag => ("`true` or `false`", matches!(lit, Lit::Bool(_))),
        Type::Texts => ("a list of strings", matches!(lit, Lit::Str(_))),
        Type::Json | Type::TextMap => return,
    };
    if !fits || (negative && !matches!(lit, Lit::Int(_) | Lit::Float(_))) {
        let given = value.to_token_stream();
        errors.at(value, format!("`{}` is {wants}, not `{given}`", attribute.key));
    }
}

/// `metric_attributes(…)`: nothing with many values, and nothing that the metrics carry anyway.
fn metric_attributes(
    arguments: &Arguments,
    span: &conventions::Span,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let mut seen: Vec<&str> = Vec::new();
    for Given { key, value } in &arguments.metric_attributes {
        if seen.contains(&key.text.as_str()) {
            errors.at(key, format!("the attribute `{}` is given twice", key.text));
        }
        seen.push(&key.text);
        let carried = span
            .metrics
            .iter()
            .filter_map(|recorded| METRICS.iter().find(|metric| metric.name == recorded.metric))
            .any(|metric| metric.attributes.iter().any(|on| on.key == key.text));
        match find_key(key, errors) {
            Some(attribute) if attribute.high_cardinality => errors.at(
                key,
                format!(
                    "`{}` has too many values for a metric, where each makes a time series of its own: \
                     give it to `attributes(…)`",
                    key.text
                ),
            ),
            _ if carried => errors.at(
                key,
                format!("the metrics carry `{}` already: leave it out", key.text),
            ),
            _ => plan.metric.push((key.text.clone(), value.clone())),
        }
    }
}

/// Attributes that the conventions require and that only an argument can give.
fn required(
    span: &conventions::Span,
    operation: &str,
    function: &Ident,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let requires = |key: &str| {
        span.attributes.iter().any(|on| on.key == key && on.latest == Some(Level::Required))
    };
    let given = |plan: &Plan, key: &str| plan.known.iter().any(|(known, _)| *known == constant(key));
    if requires(PROVIDER) && !given(plan, PROVIDER) && errors.is_empty() {
        errors.push(syn::Error::new(
            Span::call_site(),
            format!(
                "`{operation}` needs to know the provider: `provider = \"openai\"`, \"azure.ai.openai\", \
                 \"anthropic\", … or an expression"
            ),
        ));
    }
    // A tool is called as its function is, unless said otherwise.
    if requires(TOOL_NAME) && !given(plan, TOOL_NAME) {
        let name = function.to_string();
        plan.known.push((constant(TOOL_NAME), parse_quote!(#name)));
    }
}

/// What is read from the returned value.
fn readings(
    arguments: &Arguments,
    span: &conventions::Span,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let speaks = span.has(RESPONSE_MODEL) || span.has(INPUT_TOKENS);
    let must = speaks && span.kind == Kind::Client && !span.has(AGENT_NAME);
    plan.response = match &arguments.response {
        Some(ResponseArgument::None) => Reading::Nothing,
        Some(ResponseArgument::Closure(closure)) => Reading::Closure(closure.clone()),
        Some(ResponseArgument::Function(function)) => Reading::Function(function.clone()),
        None if must && arguments.usage.is_none() => Reading::Value,
        None => Reading::IfAny,
    };
    plan.usage = match &arguments.usage {
        Some(ResponseArgument::Closure(closure)) => Reading::Closure(closure.clone()),
        Some(ResponseArgument::Function(function)) => Reading::Function(function.clone()),
        Some(ResponseArgument::None) | None => Reading::Nothing,
    };
    if let Some(ResponseArgument::Closure(closure)) = &arguments.usage
        && !span.has(INPUT_TOKENS)
    {
        errors.at(&closure.body, "this operation has no token usage: leave `usage = …` out");
    }
}
