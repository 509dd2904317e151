//! Arguments against the conventions: every fault is reported, each at its token.

use proc_macro2::{Ident, Span};
use syn::{ReturnType, Signature, parse_quote};

use super::capture::{captured, unfit};
use super::stream::{Hints, Stream};
use super::values::{self, Recorded, checked_key, known_attributes, metric_attributes, misplaced};
use super::{Plan, Reading, constant};
use crate::conventions::{
    self, AGENT_NAME, DEFAULT_OPERATION, INPUT_TOKENS, Kind, Level, PROVIDER, RESPONSE_MODEL,
    SERVER_ADDRESS, TOOL_NAME, nearest, operations, spans_for,
};
use crate::errors::{Errors, listed};
use crate::parse::{Arguments, Key, ResponseArgument};

/// The plan that the arguments make, with whatever faults they have reported.
pub(crate) fn check(arguments: &Arguments, signature: &Signature, errors: &mut Errors) -> Plan {
    let mut plan = Plan::begun(arguments);
    if let Some(name) = &plan.name
        && arguments.name_of("name").is_some()
    {
        values::span_name(name, errors);
    }
    let Some(operation) = operation(arguments, errors) else {
        // What is right depends on the operation; what is wrong for all of them is said all the same.
        known_attributes(arguments, None, &mut plan, errors);
        metric_attributes(arguments, None, &mut plan, errors);
        return plan;
    };
    let recorded = Recorded { operation, span: span(operation, arguments, errors) };
    plan.operation = operation_constant(recorded);
    if let Some(kind) = &arguments.kind
        && kind_of(kind).is_some_and(|asked| asked != recorded.span.kind)
    {
        plan.kind = Some(variant(kind));
    }
    known_attributes(arguments, Some(recorded), &mut plan, errors);
    metric_attributes(arguments, Some(recorded), &mut plan, errors);
    server(arguments, recorded, &mut plan, errors);
    required(arguments, recorded, &signature.ident, &mut plan, errors);
    let must = readings(arguments, recorded, &mut plan, errors);
    plan.stream = stream(arguments, signature, must, &plan, errors);
    let stream = plan.stream.as_ref();
    plan.captured = captured(arguments, recorded, &plan.response, stream, errors);
    plan
}

/// The faults of an `impl` block's arguments, which are the defaults of `functions`.
pub(crate) fn check_defaults<'a>(
    defaults: &Arguments,
    functions: impl Iterator<Item = &'a Arguments> + Clone,
    errors: &mut Errors,
) {
    if let Some(operation) = operation(defaults, errors) {
        span(operation, defaults, errors);
    }
    if let Some(name) = &defaults.name {
        values::span_name(name, errors);
    }
    // A default may fit some functions and not others, but it must fit one.
    let spans: Vec<_> = functions
        .filter_map(|own| {
            let merged = own.clone().or(defaults);
            let operation = operation(&merged, &mut Errors::default())?;
            Some(span(operation, &merged, &mut Errors::default()))
        })
        .collect();
    let fits = |key: &str| spans.is_empty() || spans.iter().any(|span| span.has(key));
    let mut unused = Plan::begun(defaults);
    known_attributes(defaults, None, &mut unused, errors);
    metric_attributes(defaults, None, &mut unused, errors);
    for given in defaults.terms.iter().chain(&defaults.attributes) {
        let key = &given.key;
        if checked_key(key, &mut Errors::default()).is_some_and(|row| !fits(row.key)) {
            errors.at(key, misplaced(&key.text, "no function of this block has the"));
        }
    }
    for content in unfit(defaults, fits) {
        errors.at(&content.name, misplaced(content.kind.key, "no function of this block has the"));
    }
    if let Some(name) = defaults.name_of("server")
        && !fits(SERVER_ADDRESS)
    {
        errors.at(name, misplaced(SERVER_ADDRESS, "no function of this block has the"));
    }
}

/// The operation; `None` where the name is wrong.
fn operation(arguments: &Arguments, errors: &mut Errors) -> Option<&'static str> {
    let known = operations();
    let Some(given) = &arguments.operation else {
        // One that was written and could not be read has been reported.
        return (!arguments.attempted("operation")).then_some(DEFAULT_OPERATION);
    };
    if let Some(name) = known.iter().find(|name| **name == given.text) {
        return Some(name);
    }
    // A default is blamed where it stands.
    if !arguments.in_block || arguments.attempted("operation") {
        errors.at(given, unknown_operation(given, &known));
    }
    None
}

fn unknown_operation(given: &Key, known: &[&str]) -> String {
    let mend = match nearest(&given.text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", listed(known.iter().copied())),
    };
    format!("unknown operation `{}`: {mend}", given.text)
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
    // A default is blamed where it stands.
    if !arguments.in_block || arguments.name_of("kind").is_some() {
        errors.at(kind, format!("the kind of `{operation}` is {}, not `{kind}`", listed(kinds)));
    }
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

fn operation_constant(recorded: Recorded) -> Ident {
    let mut name = recorded.operation.to_uppercase();
    // The runtime names the client side of the operation that has two.
    if spans_for(recorded.operation).count() > 1 && recorded.span.kind == Kind::Client {
        name.push_str("_CLIENT");
    }
    Ident::new(&name, Span::call_site())
}

/// `server = …`, where the operation talks to one.
fn server(arguments: &Arguments, recorded: Recorded, plan: &mut Plan, errors: &mut Errors) {
    if recorded.span.has(SERVER_ADDRESS) {
        plan.server.clone_from(&arguments.server);
    } else if let Some(name) = arguments.name_of("server") {
        errors.at(name, misplaced(SERVER_ADDRESS, &recorded.has_no()));
    }
}

/// Attributes that the conventions require and that only an argument can give.
fn required(
    arguments: &Arguments,
    recorded: Recorded,
    function: &Ident,
    plan: &mut Plan,
    errors: &mut Errors,
) {
    let requires = |key: &str| {
        recorded
            .span
            .attributes
            .iter()
            .any(|on| on.key == key && on.latest == Some(Level::Required))
    };
    // One that is given wrongly has been reported as that.
    let given = |argument: &str, key: &str| {
        arguments.attempted(argument)
            || arguments.terms.iter().chain(&arguments.attributes).any(|given| {
                given.key.text == key
                    || conventions::deprecated(&given.key.text)
                        .is_some_and(|old| old.instead == Some(key))
            })
    };
    if requires(PROVIDER) && !given("provider", PROVIDER) {
        let message = format!(
            "`{}` needs to know who serves the model: add `provider = \"openai\"`, \"azure.ai.openai\", \
             \"anthropic\", … or an expression",
            recorded.operation
        );
        let at = if arguments.in_block { function.span() } else { Span::call_site() };
        errors.push(syn::Error::new(at, message));
    }
    // A tool is called as its function is, unless said otherwise.
    if requires(TOOL_NAME) && !given("", TOOL_NAME) {
        let name = syn::ext::IdentExt::unraw(function).to_string();
        plan.known.push((constant(TOOL_NAME), parse_quote!(#name)));
    }
}

/// What is read from the returned value. Whether there must be a response to read, somewhere.
fn readings(
    arguments: &Arguments,
    recorded: Recorded,
    plan: &mut Plan,
    errors: &mut Errors,
) -> bool {
    let span = recorded.span;
    let speaks = span.has(RESPONSE_MODEL) || span.has(INPUT_TOKENS);
    let must = speaks && span.kind == Kind::Client && !span.has(AGENT_NAME);
    // A default holds where there is something to read.
    let holds = |argument: &str, fits: bool| fits || arguments.name_of(argument).is_some();
    plan.response = match arguments.response.as_ref().filter(|_| holds("response", speaks)) {
        Some(ResponseArgument::None) => Reading::Nothing,
        Some(ResponseArgument::Closure(closure)) => Reading::Closure(closure.clone()),
        Some(ResponseArgument::Function(function)) => Reading::Function(function.clone()),
        None if must && arguments.usage.is_none() => Reading::Value,
        None => Reading::IfAny,
    };
    plan.usage = match &arguments.usage {
        _ if !span.has(INPUT_TOKENS) => Reading::Nothing,
        Some(ResponseArgument::Closure(closure)) => Reading::Closure(closure.clone()),
        Some(ResponseArgument::Function(function)) => Reading::Function(function.clone()),
        Some(ResponseArgument::None) | None => Reading::Nothing,
    };
    if let Some(name) = arguments.name_of("usage")
        && !span.has(INPUT_TOKENS)
    {
        errors.at(name, misplaced(INPUT_TOKENS, &recorded.has_no()));
    }
    must
}

/// The stream that the function hands out, if it does.
fn stream(
    arguments: &Arguments,
    signature: &Signature,
    must: bool,
    plan: &Plan,
    errors: &mut Errors,
) -> Option<Stream> {
    let said = arguments.stream.as_ref();
    // Where there is nothing to read, a name is too little to go by.
    let by_name = must && !matches!(plan.response, Reading::Nothing);
    let found = Stream::of(signature, Hints { said: said.is_some(), by_name });
    if let (Some(said), None) = (said, &found) {
        match &signature.output {
            ReturnType::Default => {
                errors.at(said, "this function returns nothing: leave `stream` out");
            }
            ReturnType::Type(_, ty) => errors.at(ty, "this is no stream: leave `stream` out"),
        }
    }
    found
}
