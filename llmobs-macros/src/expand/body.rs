//! The user's body inside a closure or an `async` block, behaving as it did in the function.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{FnArg, Pat, Path, ReturnType, Signature};

use crate::model::{Output, erased};
use crate::parse::Function;

/// Gives every `_` argument a name, so that it can be moved along with the others.
pub(super) fn name_arguments(signature: &mut Signature) {
    for (place, argument) in signature.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(typed) = argument
            && matches!(*typed.pat, Pat::Wild(_))
        {
            let name = format_ident!("_argument_{place}", span = typed.pat.span());
            typed.pat = syn::parse_quote!(#name);
        }
    }
}

/// Names every argument once, the last one first: that moves them all, whole, in the order in which the
/// function would have dropped them.
///
/// One that the body does not use stays behind, so that the compiler says so, unless its name begins with an
/// underscore: that is a guard, held for its drop.
pub(super) fn moves(function: &Function) -> TokenStream {
    let used = Mentioned::of(function.body.stream());
    let mut names = Vec::new();
    for argument in function.signature.inputs.iter().rev() {
        match argument {
            FnArg::Receiver(receiver) => {
                let name = Ident::new("self", receiver.self_token.span);
                if used.has(&name) {
                    names.push(name);
                }
            }
            // An argument that a `cfg` may remove cannot be named.
            FnArg::Typed(typed) if !typed.attrs.is_empty() => {}
            FnArg::Typed(typed) => {
                let mut bound = Bindings::default();
                bound.visit_pat_mut(&mut typed.pat.as_ref().clone());
                let moved = |name: &Ident| used.has(name) || name.to_string().starts_with('_');
                names.extend(bound.0.into_iter().rev().filter(moved));
            }
        }
    }
    if names.is_empty() {
        return TokenStream::new();
    }
    quote!(let _ = (#(&#names,)*);)
}

/// The variables that a pattern binds.
#[derive(Default)]
struct Bindings(Vec<Ident>);

impl VisitMut for Bindings {
    fn visit_pat_ident_mut(&mut self, pattern: &mut syn::PatIdent) {
        // A name in upper case is a constant or a variant, not a binding.
        if !pattern.ident.to_string().starts_with(char::is_uppercase) {
            self.0.push(pattern.ident.clone());
        }
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
                    self.idents.insert(ident.to_string());
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
        let name = ident.to_string();
        self.idents.contains(&name) || self.strings.contains(&format!("{{{name}"))
    }
}

/// A `return` that is never reached and tells the compiler the type of a block without a signature.
pub(super) fn type_hint(krate: &Path, signature: &Signature) -> TokenStream {
    match (&signature.output, Output::of(signature)) {
        (_, Output::Never) => TokenStream::new(),
        (ReturnType::Default, _) => {
            quote!(if false { return #krate::__private::typed::<()>(); })
        }
        (ReturnType::Type(_, ty), _) => {
            let ty = erased(ty);
            let span = Span::mixed_site().located_at(ty.span());
            quote_spanned!(span=> if false { return #krate::__private::typed::<#ty>(); })
        }
    }
}

/// The lints that a body must not trip over for being wrapped.
pub(super) fn quiet() -> TokenStream {
    quote!(#[allow(
        unreachable_code,
        clippy::diverging_sub_expression,
        clippy::large_futures,
        clippy::let_unit_value,
        clippy::let_with_type_underscore,
        clippy::needless_return,
        clippy::redundant_closure_call,
        clippy::semicolon_if_nothing_returned,
        clippy::unit_arg,
        clippy::unused_async
    )])
}
