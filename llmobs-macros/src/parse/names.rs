//! The names of arguments, and what a wrong one may have meant.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::conventions::{GROUPS, TERMS, nearest};
use crate::errors::listed;

/// Arguments that do not stand for an attribute of the conventions.
const OTHERS: &[&str] = &[
    "operation",
    "kind",
    "name",
    "request",
    "response",
    "usage",
    "server",
    "attributes",
    "metric_attributes",
    "capture",
    "stream",
    "crate",
    "cfg",
    "skip",
];

/// Names that other instrumentation macros have, and what to write here.
const FOREIGN: &[(&str, &str)] = &[
    ("err", "errors are recorded as they are, leave it out"),
    ("error", "errors are recorded as they are, leave it out"),
    ("fields", "write `attributes(key = value)`"),
    ("level", "spans have no level, leave it out"),
    ("parent", "the parent is the span that is current when the call starts, leave it out"),
    ("properties", "write `attributes(key = value)`"),
    ("ret", "the returned value is read where it is a response, see `response = …`"),
    ("skip_all", "no argument of a function is recorded unless it is named here, leave it out"),
    ("system", "write `provider = …`"),
    ("target", "spans have no target, leave it out"),
];

/// Every argument name, in the order in which messages list them.
fn names() -> impl Iterator<Item = &'static str> + Clone {
    OTHERS
        .iter()
        .copied()
        .chain(TERMS.iter().map(|(name, _)| *name))
        .chain(GROUPS.iter().map(|(name, _)| *name))
}

/// Whether there is an argument of this name.
pub(super) fn is_argument(name: &str) -> bool {
    names().any(|known| known == name)
}

/// The argument that a wrong name probably meant.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    match name {
        "system" => Some("provider"),
        _ => nearest(name, names()),
    }
}

/// "unknown argument `modle`: did you mean `model`?"
pub(super) fn unknown_argument(ident: &Ident) -> syn::Error {
    let given = ident.unraw().to_string();
    match FOREIGN.iter().find(|(name, _)| *name == given) {
        Some((_, mend)) => {
            syn::Error::new(ident.span(), format!("unknown argument `{given}`: {mend}"))
        }
        None => unknown(ident, "argument", names()),
    }
}

/// "unknown `what` `given`: did you mean …?", with all names where none is near.
pub(crate) fn unknown(
    ident: &Ident,
    what: &str,
    known: impl Iterator<Item = &'static str> + Clone,
) -> syn::Error {
    let given = ident.unraw().to_string();
    let mend = match nearest(&given, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", listed(known)),
    };
    syn::Error::new(ident.span(), format!("unknown {what} `{given}`: {mend}"))
}
