//! What a derived implementation does with the fields of a struct, or of one variant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Fields, Pat, PatType, Path, Type};

use super::Trait;
use super::bounds::Bounds;
use super::field::{Meaning, Target, meanings, member};
use crate::conventions::{Attribute, CACHE_COUNTS};
use crate::errors::{Errors, ends};
use crate::model::constant;

/// What the whole derive shares.
pub(super) struct Derive<'a> {
    pub(super) krate: &'a Path,
    pub(super) derived: Trait,
    /// The argument of `record`, which the user's code cannot see.
    pub(super) into: Ident,
}

/// A struct or a variant taken apart.
pub(super) struct Parts {
    /// `{ field: variable, .. }`.
    pub(super) pattern: TokenStream,
    pub(super) records: TokenStream,
}

impl Derive<'_> {
    /// Records the fields that say something.
    pub(super) fn parts(
        &self,
        fields: &Fields,
        bounds: &mut Bounds<'_>,
        errors: &mut Errors,
    ) -> Parts {
        let mut taken = Vec::new();
        let mut records = TokenStream::new();
        let mut exclusive = Exclusive::default();
        for (place, field) in fields.iter().enumerate() {
            let found = meanings(field, self.derived, errors);
            if found.is_empty() {
                continue;
            }
            let variable = format_ident!("field_{place}", span = Span::mixed_site());
            let member = member(field, place);
            taken.push(quote!(#member: #variable));
            for Meaning { target, with } in found {
                if with.is_none() {
                    bounds.needs(&field.ty, &self.bound(&target));
                }
                let value = match &with {
                    None => blamed(&variable, &field.ty),
                    Some(with) => applied(with, &variable, &field.ty),
                };
                records.extend(self.statement(&target, &value, &mut exclusive));
            }
        }
        // After the parts that it is the sum of.
        records.extend(self.sum(&exclusive));
        Parts { pattern: quote!({ #(#taken,)* .. }), records }
    }

    /// What the type of a field has to be.
    fn bound(&self, target: &Target) -> TokenStream {
        let Self { krate, derived, .. } = self;
        let of = |marker: TokenStream| quote!(#krate::payload::AttributeValue<#marker>);
        match target {
            Target::Nested => {
                let derived = derived.name();
                quote!(#krate::#derived)
            }
            Target::Known(row) | Target::Exclusive(row) => {
                let marker = Ident::new(&format!("{:?}", row.ty), Span::call_site());
                of(quote!(#krate::conventions::#marker))
            }
            Target::Custom(_) => of(quote!(#krate::payload::Any)),
        }
    }

    fn statement(&self, target: &Target, value: &Value, exclusive: &mut Exclusive) -> TokenStream {
        let Self { krate, derived, into } = self;
        let Value { tokens, blame } = value;
        match target {
            Target::Nested => {
                let derived = derived.name();
                quote_spanned!(*blame=> #krate::#derived::record(#tokens, #into);)
            }
            Target::Known(row) => {
                if CACHE_COUNTS.contains(&row.key) {
                    exclusive.cached.push(tokens.clone());
                }
                let constant = constant(row.key);
                quote_spanned!(*blame=> #into.set(#krate::conventions::attr::#constant, #tokens);)
            }
            Target::Exclusive(row) => {
                exclusive.input = Some((row, tokens.clone()));
                TokenStream::new()
            }
            Target::Custom(key) => quote_spanned!(*blame=> #into.attribute(#key, #tokens);),
        }
    }

    fn sum(&self, exclusive: &Exclusive) -> TokenStream {
        let Self { krate, into, .. } = self;
        let Exclusive { input: Some((row, input)), cached } = exclusive else {
            return TokenStream::new();
        };
        let constant = constant(row.key);
        quote! {
            #into.set(
                #krate::conventions::attr::#constant,
                &#krate::__private::inclusive(
                    #krate::__private::count(#input),
                    [#(#krate::__private::count(#cached)),*],
                ),
            );
        }
    }
}

/// An input count that leaves cached tokens out, and the counts to add.
#[derive(Default)]
struct Exclusive {
    input: Option<(&'static Attribute, TokenStream)>,
    cached: Vec<TokenStream>,
}

/// A reference to what is recorded, and where it is blamed.
struct Value {
    tokens: TokenStream,
    blame: Span,
}

/// The field itself, blamed on its whole type: an expression reaches from its first token to its last.
fn blamed(variable: &Ident, ty: &Type) -> Value {
    let (first, last) = ends(ty);
    let mut variable = variable.clone();
    variable.set_span(last);
    let before = quote_spanned!(first=> &*);
    Value { tokens: quote!(#before #variable), blame: first }
}

/// A function of the field. A closure is written out, so that the type of its argument is known.
fn applied(with: &Expr, variable: &Ident, ty: &Type) -> Value {
    let (first, last) = ends(with);
    let amp = quote_spanned!(first=> &);
    let Expr::Closure(closure) = with else {
        let mut call =
            proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, quote!(#variable));
        call.set_span(last);
        return Value { tokens: quote!(#amp #with #call), blame: first };
    };
    let body = &closure.body;
    let binding = match closure.inputs.first() {
        Some(Pat::Type(PatType { pat, ty, .. })) => quote!(let #pat: #ty = #variable;),
        Some(pattern) => {
            quote!(let #pattern: &#ty = #variable;)
        }
        None => TokenStream::new(),
    };
    let block = quote_spanned!(last=> { #binding #body });
    Value { tokens: quote!(#amp #block), blame: first }
}
