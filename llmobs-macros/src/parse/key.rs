//! An attribute key as the user writes it: a dotted path (`gen_ai.request.seed`) or a string.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token};

/// A key with the tokens that it was written as.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) text: String,
    tokens: TokenStream,
    /// The only segment, where the key is a single identifier.
    pub(crate) ident: Option<Ident>,
    is_string: bool,
}

impl Key {
    /// A key that the macro itself stands for, blamed on `span` if it is wrong.
    pub(crate) fn implied(text: &str, span: Span) -> Self {
        let tokens = Ident::new("_", span).into_token_stream();
        Self { text: text.to_owned(), tokens, ident: None, is_string: false }
    }
}

impl Key {
    /// Whether it was written as a string.
    pub(crate) fn is_string(&self) -> bool {
        self.is_string
    }

    /// The same key with a namespace before it.
    pub(crate) fn prefixed(&self, namespace: &str) -> Self {
        Self { text: format!("{namespace}{}", self.text), ..self.clone() }
    }
}

impl Parse for Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let text = literal.value();
            return Ok(Self { text, tokens: literal.into_token_stream(), ident: None, is_string: true });
        }
        let first = input.call(Ident::parse_any)?;
        let mut key = Self {
            text: first.unraw().to_string(),
            tokens: first.to_token_stream(),
            ident: Some(first),
            is_string: false,
        };
        while input.peek(Token![.]) {
            let dot: Token![.] = input.parse()?;
            let segment = input.call(Ident::parse_any)?;
            key.text.push('.');
            key.text.push_str(&segment.unraw().to_string());
            key.tokens.append_all([dot.into_token_stream(), segment.to_token_stream()]);
            key.ident = None;
        }
        Ok(key)
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}
