//! `response = …`, `usage = …`, `output = …`: where something stands in the returned value.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, ExprClosure};

use super::list::value;

/// Where something stands in the returned value.
#[derive(Clone)]
pub(crate) enum ResponseArgument {
    /// `none`: there is nothing to read.
    None,
    /// `|value| …`: this of it.
    Closure(ExprClosure),
    /// A function from the returned value to it.
    Function(Expr),
}

impl ResponseArgument {
    /// Reads `= …` after `name`.
    pub(super) fn parse(input: ParseStream<'_>, name: &Ident) -> syn::Result<Self> {
        let is_response = name == "response";
        let none = if is_response { ", or `response = none`" } else { "" };
        let given: Expr = value(input, name)?;
        let expected = match &given {
            Expr::Path(path) if path.path.is_ident("none") && is_response => return Ok(Self::None),
            Expr::Path(path) if path.path.is_ident("none") && name != "usage" => {
                format!("`{name} = none` says nothing: leave `{name}` out")
            }
            Expr::Path(path) if path.path.is_ident("none") => {
                "usage that is not there needs no argument: leave it out, and write `response = none` where there \
                 is nothing to read at all"
                    .to_owned()
            }
            Expr::Path(path) if path.path.is_ident("None") => {
                format!("`None` is no function: expected `{name} = |value| &value.…`{none}")
            }
            Expr::Path(_) => return Ok(Self::Function(given)),
            Expr::Closure(closure) if closure.inputs.len() != 1 => {
                let count = closure.inputs.len();
                format!("this closure takes {count} arguments: expected one, the returned value, `{name} = |value| &value.…`")
            }
            Expr::Closure(closure) if closure.asyncness.is_some() => {
                format!("this closure is `async`: expected `{name} = |value| &value.…`")
            }
            Expr::Closure(closure) => return Ok(Self::Closure(closure.clone())),
            _ => format!("expected `{name} = |value| &value.…`, a function of the returned value{none}"),
        };
        Err(syn::Error::new_spanned(given, expected))
    }
}
