//! Content that the arguments name, captured before the body runs and of what it returns.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::call::{borrowed, found};
use crate::model::Reading;
use crate::parse::Source;

/// A set of kinds.
pub(super) fn kinds(krate: &Path, kinds: &[Ident]) -> TokenStream {
    let each = kinds.iter().map(|kind| quote!(.with(#krate::content::Kind::#kind)));
    quote!(#krate::content::Kinds::NONE #(#each)*)
}

/// What is known before the body runs: an expression, or named ones that make an object.
pub(super) fn before(krate: &Path, call: &Ident, kind: &Ident, source: &Source) -> TokenStream {
    let kind = quote!(#krate::content::Kind::#kind);
    let capture = match source {
        Source::Value(value) => {
            let (content, span) = (borrowed(value), value.span());
            let method = Ident::new("capture", span);
            quote_spanned!(span=> #call = #call.#method(#kind, #content);)
        }
        Source::Members(members) => {
            let members = members.iter().map(|(name, value)| {
                let (content, span) = (borrowed(value), value.span());
                quote_spanned!(span=> (#name, #krate::__private::member(#content)))
            });
            quote!(#call = #call.capture(#kind, &#krate::__private::Members(&[#(#members),*]));)
        }
        Source::Bare | Source::Returned(_) => return TokenStream::new(),
    };
    quote!(if #call.captures(#kind) { #capture })
}

/// What the returned value holds, or is.
pub(super) fn after(
    krate: &Path,
    call: &Ident,
    kind: &Ident,
    reading: &Reading,
    value: &Ident,
    blame: (Span, Span),
) -> TokenStream {
    let kind = quote!(#krate::content::Kind::#kind);
    let probed = matches!(reading, Reading::IfAny);
    let capture = found(reading, value, blame, |found, at| {
        let method = Ident::new("capture", at.method);
        let found = if probed { answer(krate, &found, blame) } else { found };
        quote_spanned!(at.rest=> #call.#method(#kind, #found);)
    });
    let imports = probed.then(|| {
        quote! {
            #[allow(unused_imports)]
            use #krate::__private::{HandsOver as _, IsContent as _};
        }
    });
    quote!(if #call.captures(#kind) { #imports #capture })
}

/// The content of a value that may be a response, which has handed it over already.
fn answer(krate: &Path, value: &TokenStream, (first, last): (Span, Span)) -> TokenStream {
    let mut end = Group::new(Delimiter::Parenthesis, TokenStream::new());
    end.set_span(last);
    quote_spanned!(first=> (&&#krate::__private::Answer(#value)).content #end)
}
