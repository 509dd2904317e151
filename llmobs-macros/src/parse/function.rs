//! A function whose body stays raw tokens, so that a half-written one still reaches the compiler.

use proc_macro2::{Group, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility, token};

/// A function with a body.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<syn::Ident>,
    pub(crate) signature: Signature,
    /// The body with its braces.
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let defaultness = defaultness(input)?;
        let signature: Signature = input.parse()?;
        if input.peek(Token![;]) {
            let semicolon: Token![;] = input.parse()?;
            return Err(syn::Error::new_spanned(
                semicolon,
                "a function without a body cannot be instrumented: put the attribute on its implementations, \
                 or on a default body",
            ));
        }
        if !input.peek(token::Brace) {
            return Err(input.error("expected the body of a function"));
        }
        let body: Group = input.parse()?;
        Ok(Self { attributes, visibility, defaultness, signature, body })
    }
}

/// The contextual keyword `default` of specialisation.
fn defaultness(input: ParseStream<'_>) -> syn::Result<Option<syn::Ident>> {
    let ahead = input.fork();
    match ahead.parse::<syn::Ident>() {
        Ok(ident) if ident == "default" => input.parse().map(Some),
        _ => Ok(None),
    }
}

impl Function {
    /// Everything before the body.
    pub(crate) fn head(&self) -> TokenStream {
        let Self { attributes, visibility, defaultness, signature, .. } = self;
        quote::quote!(#(#attributes)* #visibility #defaultness #signature)
    }

    /// Whether `#[name]` stands on the function.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident(name))
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.head());
        self.body.to_tokens(tokens);
    }
}
