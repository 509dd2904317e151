//! An ordinary function: the body becomes a closure, called once inside the call.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ReturnType;

use super::body::{block, type_hint};
use super::call::around;
use super::in_place::{self, keeps_caller};
use crate::model::{Output, Plan};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function) -> TokenStream {
    let closure = closure(plan, function);
    around(plan, function, |call| quote!(#call.scope(#closure)))
}

/// The body as a closure of the function's type, with the arguments moved into it.
pub(super) fn closure(plan: &Plan, function: &Function) -> TokenStream {
    let signature = &function.signature;
    let span = function.body.span();
    match (&signature.output, Output::of(signature)) {
        (ReturnType::Default, _) => {
            let block = block(function, None);
            quote_spanned!(span=> move || -> () #block)
        }
        (ReturnType::Type(..), Output::Opaque) => {
            let block = block(function, type_hint(&plan.krate, signature).as_ref());
            quote_spanned!(span=> move || #block)
        }
        (ReturnType::Type(arrow, ty), Output::Value | Output::Never) => {
            let block = block(function, None);
            quote_spanned!(span=> move || #arrow #ty #block)
        }
    }
}

/// `let name = body;`, where the body runs outside of the call.
pub(super) fn binding(plan: &Plan, function: &Function, name: &Ident) -> TokenStream {
    if keeps_caller(function) {
        return in_place::binding(plan, function, name);
    }
    let krate = &plan.krate;
    let closure = closure(plan, function);
    quote!(let #name = #krate::__private::once(#closure);)
}
