//! Content that the arguments name, captured before the body runs and of what it returns.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
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
    let (capture, leaves) = match source {
        Source::Value(value) => {
            let (content, span) = (borrowed(value), value.span());
            let method = Ident::new("__capture", span);
            (quote_spanned!(span=> #call.#method(#kind, #content);), leaves(value))
        }
        Source::Members(members) => {
            let leaves = members.iter().any(|(_, value)| leaves(value));
            let members = members.iter().map(|(name, value)| {
                let (content, span) = (borrowed(value), value.span());
                quote_spanned!(span=> (#name, #krate::__private::member(#content)))
            });
            let members = quote!(#krate::__private::Members(&[#(#members),*]));
            (quote!(#call.__capture(#kind, &#members);), leaves)
        }
        Source::Bare | Source::Returned(_) => return TokenStream::new(),
    };
    let capture = if leaves { capture } else { guarded(call, &capture) };
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
    let capture = match reading {
        Reading::Closure(closure) if !leaves(closure) => guarded(call, &capture),
        Reading::Function(function) if !leaves(function) => guarded(call, &capture),
        _ => capture,
    };
    quote!(if #call.captures(#kind) { #imports #capture })
}

/// The output of a stream from an item: from what it says if it is a chunk and chunks are read, or from its text.
pub(super) fn item(
    krate: &Path,
    call: &Ident,
    response: &Reading,
    value: &Ident,
    blame: Span,
) -> TokenStream {
    let probe = if matches!(response, Reading::Nothing) {
        quote!((&&&#krate::__private::Chunk(#value).written()))
    } else {
        quote!((&&&&#krate::__private::Chunk(#value).said()))
    };
    // An item that is neither is a fault of `output`.
    let read = Ident::new("read", Span::mixed_site().located_at(blame));
    quote!(#probe.#read(&mut #call);)
}

/// A statement that hands over content, whose panic fails no call.
fn guarded(call: &Ident, capture: &TokenStream) -> TokenStream {
    quote!(#call.__handed_over(|#call| { #capture });)
}

/// Whether an expression may leave the function or wait in it, so that it cannot stand in a closure.
fn leaves(expression: &impl ToTokens) -> bool {
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => any(group.stream()),
            TokenTree::Ident(ident) => ident == "return" || ident == "await" || ident == "yield",
            TokenTree::Punct(mark) => mark.as_char() == '?',
            TokenTree::Literal(_) => false,
        })
    }
    any(expression.to_token_stream())
}

/// The content of a value that may be a response, which has handed it over already.
fn answer(krate: &Path, value: &TokenStream, (first, last): (Span, Span)) -> TokenStream {
    let mut end = Group::new(Delimiter::Parenthesis, TokenStream::new());
    end.set_span(last);
    quote_spanned!(first=> (&&#krate::__private::Answer(#value)).content #end)
}
