//! An ordinary function that knows its caller: the body stays in place, and runs inside the call all the same.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::{function_with, nested};
use super::call::{Names, finish, prepare};
use super::in_place;
use crate::model::{Output, Plan};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let signature = &function.signature;
    let prepare = prepare(plan, &names);
    let entered = syn::Ident::new("entered", proc_macro2::Span::mixed_site());
    let start = quote! {
        #prepare
        let mut #call = #call.start();
        #call.end_on_drop();
        let #entered = #call.enter();
    };
    if Output::of(signature) == Output::Never {
        let body = nested(&function.body);
        return function_with(function, quote!(#start #body));
    }
    let body = in_place::binding(plan, function, out);
    let finish = finish(plan, &names, signature);
    function_with(
        function,
        quote! {
            #start
            #body
            // The body may never come to an end.
            #[allow(unreachable_code)]
            ::core::mem::drop(#entered);
            #finish
            #out
        },
    )
}
