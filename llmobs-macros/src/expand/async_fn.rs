//! `async fn`: the body becomes an `async` block that runs inside the call.
//!
//! The block takes the arguments where they are: a future grows by the call, the reference of
//! `llmobs_runtime::call::Running` and their states, not by a copy of what the body holds across an `.await`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::body::{block, function_with, type_hint};
use super::call::{Names, finish, prepare};
use crate::model::{Output, Plan};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let signature = &function.signature;
    let prepare = prepare(plan, &names);
    let block = block(function, type_hint(&plan.krate, signature).as_ref());
    let body = quote_spanned!(function.body.span()=> async move #block);
    if Output::of(signature) == Output::Never {
        return function_with(
            function,
            quote! {
                #prepare
                let #call = #call.start();
                #call.run(#body).await
            },
        );
    }
    let finish = finish(plan, &names, signature);
    function_with(
        function,
        quote! {
            #prepare
            let mut #call = #call.start();
            let #out = #call.run(#body).await;
            #finish
            #out
        },
    )
}
