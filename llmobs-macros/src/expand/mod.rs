//! From meaning to tokens: one file for each way to wrap a body.
//!
//! The signature is always emitted whole and the body as it was written, but for the exits of one that must stay
//! in place; what is added stands before, around and after it. On faults the errors and the untouched function
//! are emitted, so that an editor still completes inside it.

mod async_fn;
mod body;
mod call;
mod capture;
mod future;
mod impl_block;
mod in_place;
mod stream;
mod sync;
mod track_caller;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::errors::Errors;
use crate::model::{Plan, Shape, check};
use crate::parse::{Arguments, Function, ImplBlock};

/// `#[instrument_llm(arguments)] item`; where recording is not `enabled`, only the arguments are checked.
pub(crate) fn instrument(arguments: TokenStream, item: &TokenStream, enabled: bool) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(arguments, &mut errors);
    match ImplBlock::parse(item.clone()) {
        Some(Ok(block)) => return impl_block::expand(&arguments, block, errors, enabled),
        Some(Err(error)) => errors.push(error),
        None => match syn::parse2::<Function>(item.clone()) {
            Ok(function) => return function_or_errors(&arguments, function, errors, enabled),
            Err(error) => errors.push(misplaced(item).unwrap_or(error)),
        },
    }
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

/// The one error for an item that is no function.
fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let functions = item
        .clone()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "fn"));
    let what = match syn::parse2::<syn::Item>(item.clone()) {
        // A function with a fault of its own, which is known better.
        Ok(syn::Item::Fn(_) | syn::Item::Verbatim(_)) | Err(_) if functions => return None,
        Ok(syn::Item::Mod(_)) => "a module: put the attribute on its functions",
        Ok(syn::Item::Trait(_)) => {
            "a trait: put the attribute on its functions with bodies, or on its implementations"
        }
        Ok(syn::Item::Struct(_) | syn::Item::Enum(_) | syn::Item::Union(_)) => {
            "a type: put the attribute on functions, and `#[derive(LlmRequest)]` or `#[derive(LlmResponse)]` on types"
        }
        _ => "this item: put the attribute on a function or an `impl` block",
    };
    Some(syn::Error::new(
        proc_macro2::Span::call_site(),
        format!("`#[instrument_llm]` cannot stand on {what}"),
    ))
}

/// One function, with the arguments that hold for it.
fn function_or_errors(
    arguments: &Arguments,
    function: Function,
    mut errors: Errors,
    enabled: bool,
) -> TokenStream {
    if arguments.skip.is_some() {
        let errors = errors.into_tokens();
        return quote!(#errors #function);
    }
    if let Some(constness) = &function.signature.constness {
        errors.at(
            constness,
            "a `const fn` may run while compiling, when there is nothing to record: \
             remove `const`, or leave this function out",
        );
    }
    if let Some(variadic) = &function.signature.variadic {
        errors.at(variadic, "a variadic function cannot be instrumented");
    }
    let plan = check(arguments, &function.signature, &mut errors);
    if !errors.is_empty() {
        let errors = errors.into_tokens();
        return quote!(#errors #function);
    }
    if enabled { wrap(&plan, function) } else { function.into_token_stream() }
}

fn wrap(plan: &Plan, mut function: Function) -> TokenStream {
    body::name_arguments(&mut function.signature);
    body::hoist_attributes(&mut function);
    if let Some(stream) = &plan.stream {
        return stream::expand(plan, &function, stream);
    }
    match Shape::of(&function.signature) {
        Shape::Async => async_fn::expand(plan, &function),
        Shape::ImplFuture => future::expand(plan, &function, false),
        Shape::BoxedFuture => future::expand(plan, &function, true),
        Shape::Sync if in_place::keeps_caller(&function) => track_caller::expand(plan, &function),
        Shape::Sync => sync::expand(plan, &function),
    }
}
