//! What one instrumented function records, checked and ready to be written out.

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprClosure, Path, parse_quote};

use super::capture::Captured;
use super::stream::Stream;
use crate::parse::Arguments;

/// The checked arguments.
pub(crate) struct Plan {
    /// Path of the runtime crate.
    pub(crate) krate: Path,
    /// The constant of the operation in the runtime's `conventions::operation`.
    pub(crate) operation: Ident,
    /// The variant of `SpanKind`, where it is not the usual one.
    pub(crate) kind: Option<Ident>,
    pub(crate) name: Option<Expr>,
    pub(crate) request: Option<Expr>,
    pub(crate) server: Option<Expr>,
    /// Constants of the runtime's `conventions::attr`, with their values.
    pub(crate) known: Vec<(Ident, Expr)>,
    /// The user's own keys.
    pub(crate) custom: Vec<(String, Expr)>,
    /// Keys that also go on metrics.
    pub(crate) metric: Vec<(String, Expr)>,
    pub(crate) response: Reading,
    pub(crate) usage: Reading,
    /// The stream that the function hands out.
    pub(crate) stream: Option<Stream>,
    /// What content may be captured; `None` leaves it to the policy.
    pub(crate) captured: Option<Captured>,
}

impl Plan {
    /// The arguments that need no check against an operation; all else is still to be added.
    pub(super) fn begun(arguments: &Arguments) -> Self {
        Self {
            krate: arguments.krate.clone().unwrap_or_else(|| parse_quote!(::llmobs_runtime)),
            operation: Ident::new("CHAT", Span::call_site()),
            kind: None,
            name: arguments.name.clone(),
            request: arguments.request.clone(),
            server: None,
            known: Vec::new(),
            custom: Vec::new(),
            metric: Vec::new(),
            response: Reading::Nothing,
            usage: Reading::Nothing,
            stream: None,
            captured: None,
        }
    }
}

/// How something is found in the value that the function returns.
pub(crate) enum Reading {
    /// It is not looked for.
    Nothing,
    /// The value itself is it, and must be.
    Value,
    /// The value itself is it, if its type says so.
    IfAny,
    /// A closure finds it.
    Closure(ExprClosure),
    /// A function finds it.
    Function(Expr),
}
