//! `#[derive(LlmRequest)]`, `#[derive(LlmResponse)]` and `#[derive(LlmChunk)]`: which field is which attribute.

mod bounds;
mod chunk;
mod field;
mod record;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, Path, parse_quote};

use crate::errors::Errors;
use crate::parse::{crate_path, equals};
use bounds::Bounds;
use record::{Derive, Part, Parts};

/// The trait that is derived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trait {
    Request,
    Response,
    Chunk,
}

impl Trait {
    fn name(self) -> Ident {
        let name = match self {
            Self::Request => "LlmRequest",
            Self::Response => "LlmResponse",
            Self::Chunk => "LlmChunk",
        };
        Ident::new(name, Span::call_site())
    }

    /// Keys that a type of this kind usually has.
    fn usual(self) -> &'static str {
        match self {
            Self::Request => "`#[llm(request.model)]`",
            Self::Response => "`#[llm(response.model)]`, `#[llm(usage.input_tokens)]`",
            Self::Chunk => {
                "`#[llm(response.model)]`, `#[llm(usage.output_tokens)]`, `#[llm(content.text)]`"
            }
        }
    }

    /// What the implementation writes into, by its name and its type.
    fn into(self, krate: &Path) -> (&'static str, TokenStream) {
        match self {
            Self::Request | Self::Response => ("fields", quote!(#krate::Fields)),
            Self::Chunk => ("answer", quote!(#krate::Streamed<'_>)),
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
    let (into, into_type) = derived.into(&krate);
    let name = |name| Ident::new(name, Span::mixed_site());
    let derive = Derive { krate: &krate, derived, into: name(into), content: name("content") };
    let mut bounds = Bounds::of(&input);
    let Bodies { record, capture } = bodies(&input, &derive, &mut bounds, &mut errors);
    // On faults an empty implementation stays, so that they are the only errors.
    let (record, capture) = if errors.is_empty() { (record, capture) } else { Default::default() };
    let errors = errors.into_tokens();
    let (name, trait_name) = (&input.ident, derived.name());
    let into = if record.is_empty() {
        quote!(_)
    } else {
        let into = &derive.into;
        quote!(#into)
    };
    // Inlined, they are compiled where they are called: of a library whose calls nobody records nothing is left.
    let capture = (!capture.is_empty()).then(|| {
        let content = &derive.content;
        quote!(#[inline] fn capture(&self, #content: &mut #krate::content::Content) { #capture })
    });
    let (generics, arguments, _) = input.generics.split_for_impl();
    let clause = bounds.clause();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics #krate::#trait_name for #name #arguments #clause {
            #[inline]
            fn record(&self, #into: &mut #into_type) { #record }
            #capture
        }
    }
}

/// What the functions of the implementation do; one that does nothing is empty.
#[derive(Default)]
struct Bodies {
    record: TokenStream,
    capture: TokenStream,
}

fn bodies(
    input: &DeriveInput,
    derive: &Derive<'_>,
    bounds: &mut Bounds<'_>,
    errors: &mut Errors,
) -> Bodies {
    let (bodies, silent) = match &input.data {
        Data::Struct(data) => {
            let Parts { record, capture } = derive.parts(&data.fields, bounds, errors);
            let taken = |part: Part| {
                let Part { pattern, statements } = part;
                if statements.is_empty() {
                    statements
                } else {
                    quote!(let Self #pattern = self; #statements)
                }
            };
            let bodies = Bodies { record: taken(record), capture: taken(capture) };
            (bodies, !is_marked(&data.fields))
        }
        Data::Enum(data) => {
            let mut parts = Vec::new();
            for case in &data.variants {
                let last = derive.is_last(&case.attrs, errors);
                let mut taken = derive.parts(&case.fields, bounds, errors);
                taken.record.statements.extend(last);
                parts.push((&case.ident, taken));
            }
            let matched = |part: fn(&Parts) -> &Part| {
                if parts.iter().all(|(_, parts)| part(parts).statements.is_empty()) {
                    return TokenStream::new();
                }
                let arms = parts.iter().map(|(name, parts)| {
                    let Part { pattern, statements } = part(parts);
                    quote!(Self::#name #pattern => { #statements })
                });
                quote!(match self { #(#arms)* })
            };
            let bodies = Bodies {
                record: matched(|parts| &parts.record),
                capture: matched(|parts| &parts.capture),
            };
            // Variants without fields have nothing to say, which is fine.
            let marked = !bodies.record.is_empty()
                || data.variants.iter().any(|case| is_marked(&case.fields));
            let silent = !marked && data.variants.iter().any(|case| !case.fields.is_empty());
            (bodies, silent)
        }
        Data::Union(data) => {
            let message =
                format!("`{}` cannot be derived for a union: implement it", derive.derived.name());
            errors.at(data.union_token, message);
            return Bodies::default();
        }
    };
    if silent {
        let (name, usual) = (derive.derived.name(), derive.derived.usual());
        let mut message = format!(
            "`{name}` would record nothing of this type: put {usual} or `#[llm(nested)]` on its fields"
        );
        if derive.derived != Trait::Request {
            message.push_str(
                ", or leave the derive out and write `#[instrument_llm(response = none)]`",
            );
        }
        errors.at(&input.ident, message);
    }
    bodies
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
