//! `async fn`: the body becomes an `async` block that runs inside the call.
//!
//! The block takes the arguments where they are: a future grows by the call, the reference of
//! `llmobs_runtime::call::Running` and their states, not by a copy of what the body holds across an `.await`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

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
    let moves = moves(function);
    let hint = type_hint(&plan.krate, signature);
    let body = function.body.stream();
    let block = quote_spanned!(function.body.span()=> { #moves #hint #body });
    if Output::of(signature) == Output::Never {
        return quote! {
            #head {
                #prepare
                let #call = #call.start();
                #call.run(async move #block).await
            }
        };
    }
    let finish = finish(plan, &names, signature);
    quote! {
        #head {
            #prepare
            let mut #call = #call.start();
            let #out = #call.run(async move #block).await;
            #finish
            #out
        }
    }
}
