//! The user's body inside a closure or an `async` block, behaving as it did in the function.
//!
//! What it owns is dropped when it was: on return, on `?`, on a panic, when the future is dropped half-way; the
//! locals first, then the arguments from the last to the first. What stays behind in the function is dropped a
//! moment later, after the call has ended: what a pattern discards (`(a, _)`) or refers to (`ref a`), and an
//! argument that the body never names, unless it begins with an underscore. The compiler warns of that one, and
//! can only do so where nothing names it.
//!
//! Variables of the body's own (`let a = a;`) would be dropped in the same order, but would double the place of
//! each in a future, and before edition 2024 would be dropped before the temporaries of the body's last line.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{AttrStyle, Attribute, Expr, FnArg, Pat, Path, ReturnType, Signature};

use crate::model::{Output, erased};
use crate::parse::Function;

/// Gives every `_` argument a name, so that it can be moved along with the others.
pub(super) fn name_arguments(signature: &mut Signature) {
    for (place, argument) in signature.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(typed) = argument
            && matches!(*typed.pat, Pat::Wild(_))
        {
            let name = format_ident!("_argument_{place}", span = Span::mixed_site());
            typed.pat = syn::parse_quote!(#name);
        }
    }
}

/// Moves the attributes that begin a body (`#![allow(…)]`) onto the function: the body will not stand first.
pub(super) fn hoist_attributes(function: &mut Function) {
    let split = |input: ParseStream<'_>| {
        Ok((input.call(Attribute::parse_inner)?, input.parse::<TokenStream>()?))
    };
    let Ok((attributes, rest)) = split.parse2(function.body.stream()) else { return };
    if attributes.is_empty() {
        return;
    }
    let outer = |attribute| Attribute { style: AttrStyle::Outer, ..attribute };
    function.attributes.extend(attributes.into_iter().map(outer));
    let span = function.body.span();
    function.body = Group::new(function.body.delimiter(), rest);
    function.body.set_span(span);
}

/// The function with another body in the place of its own, which lints are to take for it.
pub(super) fn function_with(function: &Function, body: TokenStream) -> TokenStream {
    let head = function.head();
    let mut braces = Group::new(Delimiter::Brace, body);
    braces.set_span(function.body.span());
    quote!(#head #braces)
}

/// The body as a block for a closure or an `async` block that moves what it captures.
///
/// First it names every argument once, the last one first: that takes them all, whole, and in the order in which
/// the function would have dropped them. The body keeps a block of its own, in which its items may stand first.
pub(super) fn block(function: &Function, hint: Option<&TokenStream>) -> TokenStream {
    let captures = captures(function);
    if captures.is_empty() && hint.is_none() {
        return function.body.to_token_stream();
    }
    let body = nested(&function.body);
    quote_spanned!(function.body.span()=> { #captures #hint #body })
}

/// The body as the last expression of a block around it.
///
/// Around a single expression on one line the compiler would find its braces unnecessary, so these are then the
/// macro's own. All others stay as they are: what is wrong with a body as a whole is blamed on its braces, and what
/// does not parse is reported once at one place.
pub(super) fn nested(body: &Group) -> Group {
    let statement = |token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';');
    let stream = body.stream();
    if stream.clone().into_iter().any(statement) || syn::parse2::<Expr>(stream.clone()).is_err() {
        return body.clone();
    }
    let mut own = Group::new(body.delimiter(), stream);
    own.set_span(Span::mixed_site().located_at(body.span()));
    own
}

fn captures(function: &Function) -> TokenStream {
    let used = Mentioned::of(function.body.stream());
    let mut captures = TokenStream::new();
    for argument in function.signature.inputs.iter().rev() {
        let (attributes, names) = match argument {
            FnArg::Receiver(receiver) => {
                (&receiver.attrs, vec![Ident::new("self", receiver.self_token.span)])
            }
            FnArg::Typed(typed) => {
                let mut bound = Bindings::default();
                bound.visit_pat_mut(&mut typed.pat.as_ref().clone());
                (&typed.attrs, bound.0)
            }
        };
        // An argument is there or not as its statement is.
        let conditions: Vec<_> =
            attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
        for name in names.iter().rev() {
            let underscore = name.unraw().to_string().starts_with('_');
            // One with an underscore is a guard, held for its drop.
            if underscore || used.has(name) {
                let quiet = underscore.then(|| quote!(#[allow(clippy::used_underscore_binding)]));
                captures.extend(quote!(#(#conditions)* #quiet let _ = &#name;));
            }
        }
    }
    captures
}

/// The variables that a pattern binds; also a unit struct, which looks like one and can be named like one.
#[derive(Default)]
struct Bindings(Vec<Ident>);

impl VisitMut for Bindings {
    fn visit_pat_ident_mut(&mut self, pattern: &mut syn::PatIdent) {
        self.0.push(pattern.ident.clone());
        syn::visit_mut::visit_pat_ident_mut(self, pattern);
    }
}

/// The identifiers of a body, and the strings that may name one (`"{name}"`).
struct Mentioned {
    idents: std::collections::HashSet<String>,
    strings: String,
}

impl Mentioned {
    fn of(tokens: TokenStream) -> Self {
        let mut found = Self { idents: std::collections::HashSet::new(), strings: String::new() };
        found.look_through(tokens);
        found
    }

    fn look_through(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.look_through(group.stream()),
                TokenTree::Ident(ident) => {
                    self.idents.insert(ident.unraw().to_string());
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains('{') {
                        self.strings.push_str(&text);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn has(&self, ident: &Ident) -> bool {
        let name = ident.unraw().to_string();
        self.idents.contains(&name) || self.strings.contains(&format!("{{{name}"))
    }
}

/// A `return` that is never reached and tells the compiler the type of a block without a signature.
pub(super) fn type_hint(krate: &Path, signature: &Signature) -> Option<TokenStream> {
    match (&signature.output, Output::of(signature)) {
        (_, Output::Never) => None,
        (ReturnType::Default, _) => {
            Some(quote!(if false { return #krate::__private::typed::<()>(); }))
        }
        (ReturnType::Type(_, ty), _) => {
            let ty = erased(ty);
            let span = Span::mixed_site().located_at(ty.span());
            Some(quote_spanned!(span=> if false { return #krate::__private::typed::<#ty>(); }))
        }
    }
}
