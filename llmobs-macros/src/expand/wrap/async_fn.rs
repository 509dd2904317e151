//! `async fn`: the body becomes an `async` block that runs inside the call.
//!
//! The block takes the arguments where they are: a future grows by the call, the reference of
//! `llmobs_runtime::call::Running` and their states, not by a copy of what the body holds across an `.await`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::body::{block, type_hint};
use super::call::around;
use crate::model::Plan;
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function) -> TokenStream {
    let block = block(function, type_hint(&plan.krate, &function.signature).as_ref());
    let body = quote_spanned!(function.body.span()=> async move #block);
    around(plan, function, |call| quote!(#call.run(#body).await))
}
