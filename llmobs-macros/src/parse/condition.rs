//! `cfg(…)`: where a function is recorded at all, by what its own crate is compiled with.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitBool, LitStr, Token, parenthesized, token};

use crate::conventions::nearest;

/// A condition as `#[cfg(…)]` takes it, as written: the compiler knows what holds, the macro cannot.
#[derive(Clone)]
pub(crate) struct Condition(TokenStream);

impl ToTokens for Condition {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

impl Condition {
    /// Reads `(…)` after `name`.
    pub(super) fn parse(input: ParseStream<'_>, name: &Ident) -> syn::Result<Self> {
        if !input.peek(token::Paren) {
            let message = "expected a condition: `cfg(feature = \"…\")`";
            return Err(syn::Error::new(name.span(), message));
        }
        let content;
        parenthesized!(content in input);
        let written: TokenStream = content.fork().parse()?;
        let read = one(&content, name);
        // What is left would be reported a second time.
        content.parse::<TokenStream>()?;
        read.map(|()| Self(written))
    }
}

/// One condition and nothing more, as `head(…)` wants it.
fn one(content: ParseStream<'_>, head: &Ident) -> syn::Result<()> {
    if content.is_empty() {
        let message = format!("expected a condition: `{head}(feature = \"…\")`");
        return Err(syn::Error::new(head.span(), message));
    }
    condition(content)?;
    content.parse::<Option<Token![,]>>()?;
    if content.is_empty() {
        return Ok(());
    }
    let message = format!("`{head}` takes one condition: put several into `all(…)` or `any(…)`");
    Err(content.error(message))
}

/// Reads over one condition.
fn condition(input: ParseStream<'_>) -> syn::Result<()> {
    if input.parse::<Option<LitBool>>()?.is_some() {
        return Ok(());
    }
    if let Some(text) = input.parse::<Option<LitStr>>()? {
        let message = format!("expected `feature = \"{}\"`", text.value().escape_debug());
        return Err(syn::Error::new(text.span(), message));
    }
    let name = input.call(Ident::parse_any)?;
    if input.peek(token::Paren) {
        return group(input, &name);
    }
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let word = name.unraw().to_string();
        if word != "feature" && nearest(&word, ["feature"].into_iter()).is_some() {
            let message = format!("unknown condition `{word}`: did you mean `feature`?");
            return Err(syn::Error::new(name.span(), message));
        }
        return value(input, &name);
    }
    if name == "feature" {
        let message = "expected the name of a feature: `feature = \"…\"`";
        return Err(syn::Error::new(name.span(), message));
    }
    Ok(())
}

/// The string that a name is compared with.
fn value(input: ParseStream<'_>, name: &Ident) -> syn::Result<()> {
    let expected = |error: syn::Error| {
        syn::Error::new(error.span(), format!("expected a string: `{name} = \"…\"`"))
    };
    input.parse::<LitStr>().map(drop).map_err(expected)
}

/// Reads over `(…)` after `name`.
fn group(input: ParseStream<'_>, name: &Ident) -> syn::Result<()> {
    let content;
    parenthesized!(content in input);
    let read = match name.to_string().as_str() {
        "not" => one(&content, name),
        "all" | "any" => several(&content),
        other => {
            let message = format!("unknown condition `{other}(…)`: expected `all`, `any` or `not`");
            Err(syn::Error::new(name.span(), message))
        }
    };
    content.parse::<TokenStream>()?;
    read
}

/// Conditions between commas.
fn several(content: ParseStream<'_>) -> syn::Result<()> {
    while !content.is_empty() {
        condition(content)?;
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(())
}
