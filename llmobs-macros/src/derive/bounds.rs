//! What a generic type has to be for the derived implementation to hold.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{DeriveInput, Type, WhereClause, parse_quote};

/// The bounds on fields whose types mention a type parameter.
///
/// The bound is on the field's type and not on the parameter: a parameter that stands inside a type of its own
/// (`Page<T>`, `T::Usage`) need not be anything itself. A field whose type mentions the type being derived gets
/// none, since the compiler would go round in circles; there the user's own bounds have to do.
pub(super) struct Bounds<'a> {
    input: &'a DeriveInput,
    found: Vec<TokenStream>,
}

impl<'a> Bounds<'a> {
    pub(super) fn of(input: &'a DeriveInput) -> Self {
        Self { input, found: Vec::new() }
    }

    /// The field's type has to be `bound`.
    pub(super) fn needs(&mut self, ty: &Type, bound: &TokenStream) {
        let generic =
            self.input.generics.type_params().any(|parameter| mentions(ty, &parameter.ident));
        let recursive = mentions(ty, &self.input.ident) || mentions(ty, "Self");
        if generic && !recursive {
            self.found.push(quote!(#ty: #bound));
        }
    }

    /// The user's clause with these bounds.
    pub(super) fn clause(self) -> Option<WhereClause> {
        let mut generics = self.input.generics.clone();
        if !self.found.is_empty() {
            let clause = generics.make_where_clause();
            for bound in self.found {
                clause.predicates.push(parse_quote!(#bound));
            }
        }
        generics.where_clause
    }
}

/// Whether an identifier stands anywhere in a type.
fn mentions<T: ?Sized>(ty: &Type, name: &T) -> bool
where
    proc_macro2::Ident: PartialEq<T>,
{
    fn look<T: ?Sized>(tokens: TokenStream, name: &T) -> bool
    where
        proc_macro2::Ident: PartialEq<T>,
    {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == *name,
            TokenTree::Group(group) => look(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    look(ty.to_token_stream(), name)
}
