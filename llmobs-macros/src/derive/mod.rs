//! `#[derive(LlmRequest)]` and `#[derive(LlmResponse)]`: which field is which attribute.

mod field;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Path, parse_quote};

use crate::errors::Errors;
use field::{FieldMeaning, meaning};

/// Implements `trait_name` for the type that `item` declares.
pub(crate) fn expand(item: TokenStream, trait_name: &str) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let krate = krate(&input, &mut errors);
    let trait_name = Ident::new(trait_name, Span::call_site());
    let body = match &input.data {
        Data::Struct(data) => {
            let (pattern, records) = variant(&data.fields, &krate, &trait_name, &mut errors);
            quote!(let Self #pattern = self; #records)
        }
        Data::Enum(data) => {
            let arms: Vec<TokenStream> = data
                .variants
                .iter()
                .map(|case| {
                    let name = &case.ident;
                    let (pattern, records) = variant(&case.fields, &krate, &trait_name, &mut errors);
                    quote!(Self::#name #pattern => { #records })
                })
                .collect();
            if arms.is_empty() { quote!(match *self {}) } else { quote!(match self { #(#arms)* }) }
        }
        Data::Union(data) => {
            errors.at(data.union_token, format!("`{trait_name}` cannot be derived for a union"));
            TokenStream::new()
        }
    };
    // On faults the implementation stays, so that they are the only errors.
    let body = if errors.is_empty() { body } else { TokenStream::new() };
    let errors = errors.into_tokens();
    let name = &input.ident;
    let fields = fields_variable();
    let (generics, arguments, clause) = input.generics.split_for_impl();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics #krate::#trait_name for #name #arguments #clause {
            #[allow(unused_variables)]
            fn record(&self, #fields: &mut #krate::Fields) { #body }
        }
    }
}

/// The argument of `record`, which the user's code cannot see.
fn fields_variable() -> Ident {
    Ident::new("fields", Span::mixed_site())
}

/// `#[llm(crate = path)]` on the type.
fn krate(input: &DeriveInput, errors: &mut Errors) -> Path {
    let mut krate = parse_quote!(::llmobs_runtime);
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("llm")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                krate = meta.value()?.call(Path::parse_mod_style)?;
                return Ok(());
            }
            Err(meta.error("on a type only `crate = path` is known; attributes are named on its fields"))
        });
        if let Err(error) = parsed {
            errors.push(error);
        }
    }
    krate
}

/// The pattern that takes a struct or a variant apart, and what is recorded of it.
fn variant(
    fields: &Fields,
    krate: &Path,
    trait_name: &Ident,
    errors: &mut Errors,
) -> (TokenStream, TokenStream) {
    let mut taken = Vec::new();
    let mut records = TokenStream::new();
    let mut exclusive = Exclusive::default();
    let into = fields_variable();
    for (place, field) in fields.iter().enumerate() {
        let bound = format_ident!("field_{place}", span = Span::mixed_site());
        let found = meaning(field, errors);
        if found.is_empty() {
            continue;
        }
        let member = field.ident.as_ref().map_or_else(
            || syn::Member::Unnamed(place.into()),
            |ident| syn::Member::Named(ident.clone()),
        );
        taken.push(quote!(#member: #bound));
        let span = Span::mixed_site().located_at(field.ty.span());
        for FieldMeaning { target, with } in found {
            let value = match &with {
                Some(with) => quote_spanned!(with.span()=> &(#with)(#bound)),
                None => quote!(#bound),
            };
            records.extend(match target {
                field::Target::Nested => quote_spanned!(span=> #krate::#trait_name::record(#value, #into);),
                field::Target::Known(constant) => {
                    exclusive.note(&constant, &value);
                    quote_spanned!(span=> #into.set(#krate::conventions::attr::#constant, #value);)
                }
                field::Target::Exclusive(constant) => {
                    exclusive.input = Some((constant, value));
                    TokenStream::new()
                }
                field::Target::Custom(key) => quote_spanned!(span=> #into.attribute(#key, #value);),
            });
        }
    }
    // After the parts that it is the sum of.
    records.extend(exclusive.sum(krate));
    (quote!({ #(#taken,)* .. }), records)
}

/// An input count that leaves cached tokens out, and the counts to add.
#[derive(Default)]
struct Exclusive {
    input: Option<(Ident, TokenStream)>,
    cached: Vec<TokenStream>,
}

impl Exclusive {
    fn note(&mut self, constant: &Ident, value: &TokenStream) {
        if field::is_cache_count(constant) {
            self.cached.push(value.clone());
        }
    }

    fn sum(&self, krate: &Path) -> TokenStream {
        let Some((constant, input)) = &self.input else { return TokenStream::new() };
        let cached = &self.cached;
        let fields = fields_variable();
        quote! {
            #fields.set(
                #krate::conventions::attr::#constant,
                &#krate::__private::inclusive(
                    #krate::__private::count(#input),
                    [#(#krate::__private::count(#cached)),*],
                ),
            );
        }
    }
}
