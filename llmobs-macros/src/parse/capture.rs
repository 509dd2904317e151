//! `capture(…)`: which content may be captured of a function, and where it stands.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Token, token};

use super::list::{equals, in_parentheses, value};
use super::names::unknown;
use super::{Key, ResponseArgument};
use crate::conventions::CONTENT;
use crate::errors::Errors;

/// What may be captured; nothing else of this function is.
#[derive(Clone)]
pub(crate) struct Capture {
    /// Empty where nothing is.
    pub(crate) contents: Vec<Content>,
}

/// Content of one kind.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) kind: ContentKind,
    /// The name as it was written, to blame it.
    pub(crate) name: Ident,
    pub(crate) source: Source,
}

/// A kind of content.
#[derive(Clone, Copy)]
pub(crate) struct ContentKind {
    pub(crate) name: &'static str,
    /// The attribute that holds it.
    pub(crate) key: &'static str,
}

/// Where content comes from.
#[derive(Clone)]
pub(crate) enum Source {
    /// The kind stands alone.
    Bare,
    /// An expression.
    Value(Expr),
    /// Named values, which make an object.
    Members(Vec<(String, Expr)>),
    /// Something of the returned value.
    Returned(ResponseArgument),
}

impl ContentKind {
    /// All of them.
    fn all() -> impl Iterator<Item = Self> + Clone {
        CONTENT.iter().map(|&(name, key)| Self { name, key })
    }

    /// The kind that an attribute holds.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::all().find(|kind| kind.key == key)
    }

    /// Whether it is known only when the function returns.
    pub(crate) fn is_returned(self) -> bool {
        matches!(self.name, "output" | "result")
    }

    /// The variant of the runtime's `Kind`.
    pub(crate) fn variant(self) -> Ident {
        let mut letters = self.name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let name: String = first.into_iter().chain(letters).collect();
        Ident::new(&name, proc_macro2::Span::call_site())
    }
}

/// How the argument is written.
const EXPECTED: &str = "capture(input, output = |value| &value.…, …)` or `capture(none)";

impl Capture {
    /// Reads `(…)` after `name`.
    pub(super) fn parse(
        input: ParseStream<'_>,
        name: &Ident,
        errors: &mut Errors,
    ) -> syn::Result<Self> {
        let mut contents: Vec<Content> = Vec::new();
        let mut none: Option<Ident> = None;
        if input.peek(token::Paren)
            && input.fork().parse::<proc_macro2::Group>()?.stream().is_empty()
        {
            errors.at(name, format!("say what may be captured: `{EXPECTED}`"));
        }
        in_parentheses(
            input,
            name,
            || EXPECTED.to_owned(),
            errors,
            |input, errors| {
                let ident = input.call(Ident::parse_any)?;
                let given = ident.unraw().to_string();
                if given == "none" {
                    none = Some(ident);
                    return Ok(());
                }
                let Some(kind) = ContentKind::all().find(|kind| kind.name == given) else {
                    let names = ContentKind::all().map(|kind| kind.name).chain(["none"]);
                    return Err(unknown(&ident, "kind of content", names));
                };
                if contents.iter().any(|content| content.kind.name == given) {
                    let message = format!("the content `{given}` is given twice: keep one");
                    return Err(syn::Error::new(ident.span(), message));
                }
                let source = Source::parse(input, &ident, kind, errors)?;
                contents.push(Content { kind, name: ident, source });
                Ok(())
            },
        )?;
        if let Some(none) = none.filter(|_| !contents.is_empty()) {
            errors.at(none, "`none` stands alone: nothing of this function is captured");
        }
        Ok(Self { contents })
    }
}

impl Source {
    /// Reads what stands after the kind.
    fn parse(
        input: ParseStream<'_>,
        name: &Ident,
        kind: ContentKind,
        errors: &mut Errors,
    ) -> syn::Result<Self> {
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Self::Bare);
        }
        if input.peek(token::Paren) && kind.name == "arguments" {
            return members(input, name, errors);
        }
        if input.peek(token::Paren) {
            let value = if kind.is_returned() { "|value| …" } else { "…" };
            let message = format!("expected `{0}` or `{0} = {value}`", kind.name);
            return Err(syn::Error::new(name.span(), message));
        }
        if kind.is_returned() {
            return ResponseArgument::parse(input, name).map(Self::Returned);
        }
        let value: Expr = value(input, name)?;
        if matches!(value, Expr::Closure(_)) {
            let message = format!(
                "`{0}` is captured before the body runs, when there is no value for a closure: \
                 expected `{0} = expression`",
                kind.name
            );
            return Err(syn::Error::new_spanned(value, message));
        }
        Ok(Self::Value(value))
    }
}

/// `(variable, name = expression, …)`.
fn members(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> syn::Result<Source> {
    let mut members: Vec<(String, Expr)> = Vec::new();
    let expected = || "arguments(name, name = expression, …)".to_owned();
    in_parentheses(input, name, expected, errors, |content, _| {
        let key: Key = content.parse()?;
        let value = match &key.ident {
            _ if content.peek(Token![=]) => {
                equals(content, key.ident.as_ref().unwrap_or(name))?;
                content.parse()?
            }
            // A variable of the same name.
            Some(variable) => syn::parse_quote!(#variable),
            None => return Err(key.without_value()),
        };
        if members.iter().any(|(known, _)| *known == key.text) {
            let message = format!("the argument `{}` is given twice: keep one", key.text);
            return Err(syn::Error::new_spanned(key, message));
        }
        members.push((key.text, value));
        Ok(())
    })?;
    Ok(Source::Members(members))
}
