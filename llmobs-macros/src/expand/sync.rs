//! An ordinary function: the body becomes a closure, called once inside the call.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ReturnType;

use super::body::{moves, type_hint};
use super::call::{Names, finish, prepare};
use crate::model::{Output, Plan};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let signature = &function.signature;
    let head = function.head();
    let prepare = prepare(plan, &names);
    let closure = closure(plan, function);
    if Output::of(signature) == Output::Never {
        return quote! {
            #head {
                #prepare
                let #call = #call.start();
                #call.scope(#closure)
            }
        };
    }
    let finish = finish(plan, &names, signature);
    quote! {
        #head {
            #prepare
            let mut #call = #call.start();
            let #out = #call.scope(#closure);
            #finish
            #out
        }
    }
}

/// The body as a closure of the function's type, with the arguments moved into it.
pub(super) fn closure(plan: &Plan, function: &Function) -> TokenStream {
    let signature = &function.signature;
    let moves = moves(function);
    let body = function.body.stream();
    match (&signature.output, Output::of(signature)) {
        (ReturnType::Type(arrow, ty), Output::Value | Output::Never) => {
            let block = quote_spanned!(function.body.span()=> { #moves #body });
            quote!(move || #arrow #ty #block)
        }
        (ReturnType::Default, _) => {
            let block = quote_spanned!(function.body.span()=> { #moves #body });
            quote!(move || -> () #block)
        }
        (ReturnType::Type(..), Output::Opaque) => {
            let hint = type_hint(&plan.krate, signature);
            let block = quote_spanned!(function.body.span()=> { #moves #hint #body });
            quote!(move || #block)
        }
    }
}
