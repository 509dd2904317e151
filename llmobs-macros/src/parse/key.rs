//! An attribute key as the user writes it: a dotted path (`gen_ai.request.seed`) or a string.

use proc_macro2::{Ident, TokenStream};
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
    /// The key that an argument stands for; the argument is blamed where it is wrong.
    pub(crate) fn implied(text: &str, argument: &Ident) -> Self {
        Self {
            text: text.to_owned(),
            tokens: argument.to_token_stream(),
            ident: None,
            is_string: false,
        }
    }

    /// Whether it was written as a string.
    pub(crate) fn is_string(&self) -> bool {
        self.is_string
    }

    /// The same key with a namespace before it.
    pub(crate) fn prefixed(&self, namespace: &str) -> Self {
        Self { text: format!("{namespace}{}", self.text), ..self.clone() }
    }

    /// The fault of a key after which nothing stands.
    pub(super) fn without_value(&self) -> syn::Error {
        let Self { text, is_string, .. } = self;
        let quote = if *is_string { "\"" } else { "" };
        syn::Error::new_spanned(self, format!("expected a value: `{quote}{text}{quote} = …`"))
    }
}

impl Parse for Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let text = literal.value();
            if text.trim().is_empty() {
                return Err(syn::Error::new(literal.span(), "a key cannot be empty"));
            }
            return Ok(Self {
                text,
                tokens: literal.into_token_stream(),
                ident: None,
                is_string: true,
            });
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error(
                "expected a name: dotted (`gen_ai.request.seed`) or in quotes (\"app.tenant\")",
            ));
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
