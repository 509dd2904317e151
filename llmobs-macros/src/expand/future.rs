//! A function that returns a future: the function runs as it did, and what it returns runs inside the call.
//!
//! Arguments are read when the function is called, since the future may have consumed them later; the
//! operation starts when the future is polled for the first time.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::quiet;
use super::call::{Names, finish, prepare};
use super::sync::closure;
use crate::model::Plan;
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function, boxed: bool) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let krate = &plan.krate;
    let head = function.head();
    let prepare = prepare(plan, &names);
    let quiet = quiet();
    let closure = closure(plan, function);
    let finish = finish(plan, &names, &function.signature);
    let future = syn::Ident::new("future", proc_macro2::Span::mixed_site());
    let wrapped = quote! {
        async move {
            let mut #call = #call.start();
            let #out = #call.run(#future).await;
            #finish
            #out
        }
    };
    let wrapped = if boxed { quote!(::std::boxed::Box::pin(#wrapped)) } else { wrapped };
    quote! {
        #quiet
        #head {
            #prepare
            let #future = #krate::__private::once(#closure);
            #wrapped
        }
    }
}
