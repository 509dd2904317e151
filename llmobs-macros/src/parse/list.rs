//! Lists between commas, of which a faulty element does not hide the faults of the next.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Token, parenthesized, token};

use crate::errors::Errors;

/// Reads elements up to the end of `input`; a faulty one is reported and skipped up to the next comma.
pub(super) fn list(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut element: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        let comma = || if input.is_empty() { Ok(()) } else { input.parse::<Token![,]>().map(drop) };
        let read = element(input, errors).and_then(|()| comma());
        if let Err(error) = read {
            errors.push(error);
            while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                input.parse::<TokenTree>()?;
            }
        }
    }
    Ok(())
}

/// A list in parentheses, or `expected` at `name` where there are none.
pub(super) fn in_parentheses(
    input: ParseStream<'_>,
    name: &Ident,
    expected: impl FnOnce() -> String,
    errors: &mut Errors,
    element: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) -> syn::Result<()> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(name.span(), format!("expected `{}`", expected())));
    }
    let content;
    parenthesized!(content in input);
    let read = list(&content, errors, element);
    // What is left would be reported a second time.
    content.parse::<TokenStream>()?;
    read
}

/// `= value` after `name`, which is blamed where there is none.
pub(crate) fn value<T: Parse>(input: ParseStream<'_>, name: &Ident) -> syn::Result<T> {
    equals(input, name)?;
    input.parse()
}

/// `=` with something after it.
pub(crate) fn equals(input: ParseStream<'_>, name: &Ident) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() && !input.is_empty() && !input.peek(Token![,])
    {
        return Ok(());
    }
    Err(syn::Error::new(name.span(), format!("expected a value: `{} = …`", name.unraw())))
}

/// The path of a crate, also as a string.
pub(crate) fn crate_path(input: ParseStream<'_>) -> syn::Result<Path> {
    let path = if input.peek(LitStr) {
        input.parse::<LitStr>()?.parse_with(Path::parse_mod_style)
    } else {
        input.call(Path::parse_mod_style)
    };
    path.map_err(|error| {
        syn::Error::new(error.span(), "expected the path of a crate: `crate = my::llmobs_runtime`")
    })
}
