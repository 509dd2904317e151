//! What only a chunk of a streamed answer can say, and how a chunk says what others say too.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute as Written, GenericArgument, PathArguments, PathSegment, Type};

use super::record::{Derive, Value};
use super::{Trait, ours};
use crate::conventions::{self, Attribute, ERROR_TYPE, FINISH_REASONS};
use crate::errors::Errors;
use crate::model::constant;
use crate::parse::Key;

/// What a field of a chunk may be besides an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfChunk {
    /// A piece of the text.
    Text,
    /// A piece of the reasoning.
    Reasoning,
    /// A whole part of the answer.
    Part,
    /// The index of the choice that the fields beside it belong to.
    Choice,
    /// Whether this is the last chunk.
    Complete,
}

/// The keys that say so.
pub(super) const WORDS: [(&str, OfChunk); 5] = [
    ("content.text", OfChunk::Text),
    ("content.reasoning", OfChunk::Reasoning),
    ("content.part", OfChunk::Part),
    ("choice", OfChunk::Choice),
    ("complete", OfChunk::Complete),
];

impl OfChunk {
    pub(super) fn of(key: &Key) -> Option<Self> {
        let word = WORDS.iter().find(|(word, _)| !key.is_string() && key.text == *word);
        word.map(|(_, meaning)| *meaning)
    }
}

impl Derive<'_> {
    /// `#[llm(complete)]` on a variant of a chunk: it is the last one. Nothing else can be said of a variant.
    pub(super) fn is_last(&self, attributes: &[Written], errors: &mut Errors) -> TokenStream {
        let into = &self.into;
        let mut last = TokenStream::new();
        for attribute in ours(attributes) {
            let complete = self.derived == Trait::Chunk
                && attribute
                    .parse_args::<Key>()
                    .is_ok_and(|key| OfChunk::of(&key) == Some(OfChunk::Complete));
            if complete {
                last = quote!(#into.complete(););
            } else {
                let message = if self.derived == Trait::Chunk {
                    "of a variant only `#[llm(complete)]` can be said: put other attributes on its fields"
                } else {
                    "a variant is no attribute itself: put `#[llm(…)]` on its fields"
                };
                errors.at(attribute, message);
            }
        }
        last
    }

    /// What the type of a field has to be, where tokens do not say it already.
    pub(super) fn bound_of_chunk(&self, word: OfChunk, ty: &Type) -> Option<TokenStream> {
        let krate = self.krate;
        match word {
            OfChunk::Text | OfChunk::Reasoning => Some(quote!(#krate::payload::Delta)),
            OfChunk::Part => Some(quote!(#krate::content::Capture)),
            OfChunk::Choice => Some(self.value("Int")),
            OfChunk::Complete => (!is_marker(ty)).then(|| self.value("Flag")),
        }
    }

    /// Says something that only a chunk can say. `plain` is the type of a field that no function stands before.
    pub(super) fn of_chunk(
        &self,
        word: OfChunk,
        plain: Option<&Type>,
        value: &Value,
        has_choice: bool,
    ) -> TokenStream {
        let Self { krate, into, content, .. } = self;
        let Value { tokens, blame } = value;
        let index = index(has_choice);
        let delta = |method: &str| {
            let method = Ident::new(method, Span::mixed_site());
            let text = Ident::new("text", Span::mixed_site());
            let piece = quote_spanned!(*blame=> #krate::__private::piece(#tokens));
            quote! {
                if let ::core::option::Option::Some(#content) = #into.content() {
                    if let ::core::option::Option::Some(#text) = #piece {
                        #content.#method(#index, #text);
                    }
                }
            }
        };
        match word {
            OfChunk::Text => delta("text_delta"),
            OfChunk::Reasoning => delta("reasoning_delta"),
            OfChunk::Part => {
                let part = quote_spanned!(*blame=> #content.part(#index, #tokens););
                quote!(if let ::core::option::Option::Some(#content) = #into.content() { #part })
            }
            // Said first.
            OfChunk::Choice => TokenStream::new(),
            OfChunk::Complete => {
                let last = if plain.is_some_and(is_marker) {
                    quote_spanned!(*blame=> ::core::option::Option::is_some(#tokens))
                } else {
                    quote_spanned!(*blame=> #krate::__private::flag(#tokens))
                };
                quote!(if #last { #into.complete(); })
            }
        }
    }

    /// `let choice = …;`: the choice that the fields beside it belong to, which has begun.
    pub(super) fn choice(&self, value: &Value) -> TokenStream {
        let Self { krate, into, .. } = self;
        let Value { tokens, blame } = value;
        let index = index(true);
        let found = quote_spanned!(*blame=> #krate::__private::choice(#tokens));
        quote!(let #index = #found; #into.choice(#index);)
    }

    /// An attribute as a chunk says it.
    pub(super) fn known_of_chunk(
        &self,
        row: &Attribute,
        plain: Option<&Type>,
        value: &Value,
        has_choice: bool,
    ) -> TokenStream {
        let Self { krate, into, .. } = self;
        let Value { tokens, blame } = value;
        if row.key == ERROR_TYPE {
            return quote_spanned!(*blame=> #into.fail_as(#tokens););
        }
        if row.key == FINISH_REASONS {
            let index = index(has_choice);
            if plain.and_then(element).is_none() {
                return quote_spanned!(*blame=> #into.finish_reason(#index, #tokens););
            }
            let (place, reason) = (index_name(), Ident::new("reason", Span::mixed_site()));
            let each = quote_spanned!(*blame=> #into.finish_reason(#place, #reason););
            return quote! {
                for (#place, #reason) in ::core::iter::Iterator::enumerate((#tokens).iter()) { #each }
            };
        }
        let constant = constant(row.key);
        // What every chunk repeats is compared with nothing; of counts the last one holds.
        let method = if row.ty == conventions::Type::Int { "set" } else { "once" };
        let method = Ident::new(method, Span::mixed_site());
        quote_spanned!(*blame=> #into.#method(#krate::conventions::attr::#constant, #tokens);)
    }
}

/// The type whose values are the attribute's, and what they have to be.
pub(super) fn taken_by_chunk<'t>(row: &Attribute, ty: &'t Type) -> (&'t Type, String) {
    if row.key == FINISH_REASONS {
        (element(ty).unwrap_or(ty), format!("{:?}", conventions::Type::Text))
    } else {
        (ty, format!("{:?}", row.ty))
    }
}

/// The index of the choice.
fn index(has_choice: bool) -> TokenStream {
    let name = index_name();
    if has_choice { quote!(#name) } else { quote!(0) }
}

fn index_name() -> Ident {
    Ident::new("choice", Span::mixed_site())
}

/// The element of a list: `Vec<T>`, `[T]`, `[T; N]`, also borrowed.
fn element(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Array(array) => Some(&array.elem),
        Type::Slice(slice) => Some(&slice.elem),
        Type::Reference(reference) => element(&reference.elem),
        Type::Paren(paren) => element(&paren.elem),
        Type::Group(group) => element(&group.elem),
        Type::Path(path) => argument(path.path.segments.last()?, "Vec"),
        _ => None,
    }
}

/// Whether a field that is there says yes: an `Option` of anything but `bool`.
fn is_marker(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let inner = path.path.segments.last().and_then(|segment| argument(segment, "Option"));
    inner.is_some_and(|inner| !matches!(inner, Type::Path(path) if path.path.is_ident("bool")))
}

/// The `T` of `name<T>`.
fn argument<'t>(segment: &'t PathSegment, name: &str) -> Option<&'t Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if segment.ident == name => Some(ty),
        _ => None,
    }
}

/// A second index for the same fields.
pub(super) fn second_choice(field: &syn::Field, errors: &mut Errors) {
    let message = "`choice` is given twice: a chunk, or a part of one, belongs to one choice";
    errors.at(&field.ty, message);
}
