//! A `#[track_caller]` function: the body stays in place, since a closure would be the caller of what it calls.
//!
//! Every `return` and `?` of the body itself is shown the value that leaves. One that a macro of the body hides
//! ends the call all the same, but what it returns is not read.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, parse_quote};

use super::body::quiet;
use super::call::{Names, annotation, finish, prepare, read};
use crate::model::{Output, Plan};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let signature = &function.signature;
    // A body that does not parse is left to the compiler, which says why.
    let Ok(mut body) = syn::parse2::<Block>(TokenTree::Group(function.body.clone()).into()) else {
        return function.to_token_stream();
    };
    let head = function.head();
    let prepare = prepare(plan, &names);
    let quiet = quiet();
    let entered = syn::Ident::new("entered", proc_macro2::Span::mixed_site());
    let start = quote! {
        #prepare
        let mut #call = #call.start();
        #call.end_on_drop();
        let #entered = #call.enter();
    };
    if Output::of(signature) == Output::Never {
        return quote!(#quiet #head { #start #body });
    }
    let annotation = annotation(signature);
    let mut leaving = Leaving {
        read: read(plan, &names, signature),
        out: out.to_token_stream(),
        annotation: annotation.clone(),
        krate: plan.krate.clone(),
        call: call.clone(),
    };
    leaving.visit_block_mut(&mut body);
    let stream: TokenStream = body.stmts.iter().map(ToTokens::to_token_stream).collect();
    let mut braces = Group::new(proc_macro2::Delimiter::Brace, stream);
    braces.set_span(function.body.span());
    let finish = finish(plan, &names, signature);
    quote! {
        #quiet
        #head {
            #start
            #[allow(unused_braces, clippy::blocks_in_conditions)]
            let #out #annotation = #braces;
            drop(#entered);
            #finish
            #out
        }
    }
}

/// Lets every exit of the body show what it returns.
struct Leaving {
    read: TokenStream,
    out: TokenStream,
    annotation: TokenStream,
    krate: syn::Path,
    call: syn::Ident,
}

impl VisitMut for Leaving {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        // These have exits of their own.
        if matches!(expression, Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_)) {
            return;
        }
        visit_mut::visit_expr_mut(self, expression);
        match expression {
            Expr::Return(leaving) => {
                let value = leaving.expr.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream);
                *expression = self.returning(&value);
            }
            Expr::Try(question) => *expression = self.asking(&question.expr),
            _ => {}
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

impl Leaving {
    /// `return value`.
    fn returning(&self, value: &TokenStream) -> Expr {
        let Self { read, out, annotation, call, .. } = self;
        parse_quote!({
            let #out #annotation = #value;
            if #call.is_recording() { #read }
            return #out;
        })
    }

    /// `value?`.
    fn asking(&self, value: &Expr) -> Expr {
        let Self { out, krate, call, .. } = self;
        let error = syn::Ident::new("error", proc_macro2::Span::mixed_site());
        parse_quote! {
            (match #value {
                #out => {
                    #[allow(unused_imports)]
                    use #krate::__private::{
                        Holds as _, HoldsLocal as _, Known as _, Named as _, Plain as _, Standard as _,
                    };
                    if let ::core::result::Result::Err(#error) = #krate::__private::Returned(&#out).split() {
                        (&&&&&#krate::__private::Failure(#error)).read(&mut #call);
                    }
                    #out
                }
            })?
        }
    }
}
