//! `#[derive(LlmRequest)]` and `#[derive(LlmResponse)]`: which field is which attribute.

mod bounds;
mod field;
mod record;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, Path, parse_quote};

use crate::errors::Errors;
use crate::parse::{crate_path, equals};
use bounds::Bounds;
use record::{Derive, Parts};

/// The trait that is derived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trait {
    Request,
    Response,
}

impl Trait {
    fn name(self) -> Ident {
        let name = match self {
            Self::Request => "LlmRequest",
            Self::Response => "LlmResponse",
        };
        Ident::new(name, Span::call_site())
    }

    /// Keys that a type of this kind usually has.
    fn usual(self) -> &'static str {
        match self {
            Self::Request => "`#[llm(request.model)]`",
            Self::Response => "`#[llm(response.model)]`, `#[llm(usage.input_tokens)]`",
        }
    }
}

/// Implements the trait for the type that `item` declares.
pub(crate) fn expand(item: TokenStream, derived: Trait) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let krate = krate(&input.attrs, &mut errors);
    let into = Ident::new("fields", Span::mixed_site());
    let derive = Derive { krate: &krate, derived, into };
    let mut bounds = Bounds::of(&input);
    let body = body(&input, &derive, &mut bounds, &mut errors);
    // On faults an empty implementation stays, so that they are the only errors.
    let body = if errors.is_empty() { body } else { TokenStream::new() };
    let errors = errors.into_tokens();
    let (name, trait_name) = (&input.ident, derived.name());
    let into = if body.is_empty() {
        quote!(_)
    } else {
        let into = &derive.into;
        quote!(#into)
    };
    let (generics, arguments, _) = input.generics.split_for_impl();
    let clause = bounds.clause();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics #krate::#trait_name for #name #arguments #clause {
            fn record(&self, #into: &mut #krate::Fields) { #body }
        }
    }
}

fn body(
    input: &DeriveInput,
    derive: &Derive<'_>,
    bounds: &mut Bounds<'_>,
    errors: &mut Errors,
) -> TokenStream {
    let (body, silent) = match &input.data {
        Data::Struct(data) => {
            let Parts { pattern, records } = derive.parts(&data.fields, bounds, errors);
            (quote!(let Self #pattern = self; #records), !is_marked(&data.fields))
        }
        Data::Enum(data) => {
            let mut arms = TokenStream::new();
            for case in &data.variants {
                for attribute in ours(&case.attrs) {
                    errors.at(
                        attribute,
                        "a variant is no attribute itself: put `#[llm(…)]` on its fields",
                    );
                }
                let name = &case.ident;
                let Parts { pattern, records } = derive.parts(&case.fields, bounds, errors);
                arms.extend(quote!(Self::#name #pattern => { #records }));
            }
            if data.variants.iter().any(|case| is_marked(&case.fields)) {
                (quote!(match self { #arms }), false)
            } else {
                // Variants without fields have nothing to say, which is fine.
                let silent = data.variants.iter().any(|case| !case.fields.is_empty());
                (TokenStream::new(), silent)
            }
        }
        Data::Union(data) => {
            let message =
                format!("`{}` cannot be derived for a union: implement it", derive.derived.name());
            errors.at(data.union_token, message);
            return TokenStream::new();
        }
    };
    if silent {
        let (name, usual) = (derive.derived.name(), derive.derived.usual());
        let mut message = format!(
            "`{name}` would record nothing of this type: put {usual} or `#[llm(nested)]` on its fields"
        );
        if derive.derived == Trait::Response {
            message.push_str(
                ", or leave the derive out and write `#[instrument_llm(response = none)]`",
            );
        }
        errors.at(&input.ident, message);
    }
    body
}

fn is_marked(fields: &Fields) -> bool {
    fields.iter().any(field::is_marked)
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("llm"))
}

/// `#[llm(crate = path)]` on the type.
fn krate(attributes: &[Attribute], errors: &mut Errors) -> Path {
    let mut krate = parse_quote!(::llmobs_runtime);
    for attribute in ours(attributes) {
        let parsed = attribute.parse_args_with(|input: syn::parse::ParseStream<'_>| {
            let ident = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
            if ident != "crate" {
                input.parse::<TokenStream>()?;
                let message =
                    "on a type only `#[llm(crate = path)]` is known: put attributes on its fields";
                return Err(syn::Error::new(ident.span(), message));
            }
            equals(input, &ident)?;
            crate_path(input)
        });
        match parsed {
            Ok(path) => krate = path,
            Err(error) => errors.push(error),
        }
    }
    krate
}
