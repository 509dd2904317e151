//! What a derived implementation does with the fields of a struct, or of one variant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Fields, Pat, PatType, Path, Type};

use super::Trait;
use super::bounds::Bounds;
use super::chunk::{OfChunk, second_choice, taken_by_chunk};
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
    /// The argument of `capture`, likewise.
    pub(super) content: Ident,
}

/// A struct or a variant taken apart, for each function of the implementation.
pub(super) struct Parts {
    pub(super) record: Part,
    pub(super) capture: Part,
}

/// What one function does with it.
pub(super) struct Part {
    /// `{ field: variable, .. }`.
    pub(super) pattern: TokenStream,
    pub(super) statements: TokenStream,
}

/// One of them in the making.
#[derive(Default)]
struct Taken {
    fields: Vec<TokenStream>,
    statements: TokenStream,
}

impl Taken {
    /// What is done with one field, if anything is.
    fn field(&mut self, member: &TokenStream, variable: &Ident, statements: Option<TokenStream>) {
        if let Some(statements) = statements {
            self.fields.push(quote!(#member: #variable));
            self.statements.extend(statements);
        }
    }

    fn done(self) -> Part {
        let Self { fields, statements } = self;
        Part { pattern: quote!({ #(#fields,)* .. }), statements }
    }
}

impl Derive<'_> {
    /// Records the fields that say something, and captures those that hold content.
    pub(super) fn parts(
        &self,
        fields: &Fields,
        bounds: &mut Bounds<'_>,
        errors: &mut Errors,
    ) -> Parts {
        let has_choice = fields.iter().any(|field| {
            let meanings = meanings(field, self.derived, &mut Errors::default());
            meanings.iter().any(|meaning| matches!(meaning.target, Target::Chunk(OfChunk::Choice)))
        });
        let (mut record, mut capture) = (Taken::default(), Taken::default());
        let mut exclusive = Exclusive::default();
        let mut choice = TokenStream::new();
        for (place, field) in fields.iter().enumerate() {
            let variable = format_ident!("field_{place}", span = Span::mixed_site());
            let (mut records, mut captures) = (None, None);
            for Meaning { target, with } in meanings(field, self.derived, errors) {
                let plain = with.is_none().then_some(&field.ty);
                if let Some(ty) = plain {
                    self.needs(&target, ty, bounds);
                }
                let value = match &with {
                    None => blamed(&variable, &field.ty),
                    Some(with) => applied(with, &variable, &field.ty),
                };
                if let Some(captured) = self.capture(&target, &value) {
                    captures.get_or_insert_with(TokenStream::new).extend(captured);
                }
                let statement = match &target {
                    Target::Content(_) => continue,
                    Target::Chunk(OfChunk::Choice) if choice.is_empty() => {
                        choice = self.choice(&value);
                        TokenStream::new()
                    }
                    Target::Chunk(OfChunk::Choice) => {
                        second_choice(field, errors);
                        TokenStream::new()
                    }
                    Target::Chunk(word) => self.of_chunk(*word, plain, &value, has_choice),
                    Target::Known(row) if self.derived == Trait::Chunk => {
                        exclusive.cache(row, &value);
                        self.known_of_chunk(row, plain, &value, has_choice)
                    }
                    target => self.statement(target, &value, &mut exclusive),
                };
                records.get_or_insert_with(TokenStream::new).extend(statement);
            }
            let member = member(field, place);
            record.field(&member, &variable, records);
            capture.field(&member, &variable, captures);
        }
        // Before all that belongs to the choice, and after the parts that it is the sum of.
        let (statements, sum) = (std::mem::take(&mut record.statements), self.sum(&exclusive));
        record.statements = quote!(#choice #statements #sum);
        Parts { record: record.done(), capture: capture.done() }
    }

    /// The bound that a target puts on the type of its field.
    fn needs(&self, target: &Target, ty: &Type, bounds: &mut Bounds<'_>) {
        match target {
            Target::Chunk(word) => {
                if let Some(bound) = self.bound_of_chunk(*word, ty) {
                    bounds.needs(ty, &bound);
                }
            }
            Target::Known(row) if self.derived == Trait::Chunk => {
                let (ty, marker) = taken_by_chunk(row, ty);
                bounds.needs(ty, &self.value(&marker));
            }
            target => bounds.needs(ty, &self.bound(target)),
        }
    }

    /// What may be the value of an attribute.
    pub(super) fn value(&self, marker: &str) -> TokenStream {
        let krate = self.krate;
        let marker = Ident::new(marker, Span::call_site());
        quote!(#krate::payload::AttributeValue<#krate::conventions::#marker>)
    }

    /// Hands over what is content, or holds some.
    fn capture(&self, target: &Target, value: &Value) -> Option<TokenStream> {
        let Self { krate, derived, content, .. } = self;
        let Value { tokens, blame } = value;
        match target {
            Target::Content(kind) => {
                let kind = kind.variant();
                let kind = quote!(#krate::content::Kind::#kind);
                let add = quote_spanned!(*blame=> #content.add(#kind, #tokens););
                Some(quote!(if #content.wants(#kind) { #add }))
            }
            Target::Nested if *derived != Trait::Chunk => {
                let derived = derived.name();
                Some(quote_spanned!(*blame=> #krate::#derived::capture(#tokens, #content);))
            }
            _ => None,
        }
    }

    /// What the type of a field has to be.
    fn bound(&self, target: &Target) -> TokenStream {
        let Self { krate, derived, .. } = self;
        match target {
            Target::Nested => {
                let derived = derived.name();
                quote!(#krate::#derived)
            }
            Target::Known(row) | Target::Exclusive(row) => self.value(&format!("{:?}", row.ty)),
            Target::Content(_) => quote!(#krate::content::Capture),
            Target::Custom(_) | Target::Chunk(_) => {
                quote!(#krate::payload::AttributeValue<#krate::payload::Any>)
            }
        }
    }

    fn statement(&self, target: &Target, value: &Value, exclusive: &mut Exclusive) -> TokenStream {
        let Self { krate, derived, into, .. } = self;
        let Value { tokens, blame } = value;
        match target {
            Target::Nested => {
                let derived = derived.name();
                quote_spanned!(*blame=> #krate::#derived::record(#tokens, #into);)
            }
            Target::Known(row) => {
                exclusive.cache(row, value);
                let constant = constant(row.key);
                quote_spanned!(*blame=> #into.set(#krate::conventions::attr::#constant, #tokens);)
            }
            Target::Exclusive(row) => {
                exclusive.input = Some((row, tokens.clone()));
                TokenStream::new()
            }
            Target::Custom(key) => {
                let fields = (*derived == Trait::Chunk).then(|| quote!(.fields()));
                quote_spanned!(*blame=> #into #fields.attribute(#key, #tokens);)
            }
            Target::Content(_) | Target::Chunk(_) => TokenStream::new(),
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

impl Exclusive {
    /// A count that may be one of those to add.
    fn cache(&mut self, row: &Attribute, value: &Value) {
        if CACHE_COUNTS.contains(&row.key) {
            self.cached.push(value.tokens.clone());
        }
    }
}

/// A reference to what is recorded, and where it is blamed.
pub(super) struct Value {
    pub(super) tokens: TokenStream,
    pub(super) blame: Span,
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
