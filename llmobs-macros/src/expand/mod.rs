//! From meaning to tokens.
//!
//! The signature is always emitted whole and the body as it was written, but for the exits of one that must stay
//! in place; what is added stands before, around and after it. On faults the errors and the untouched function
//! are emitted, so that an editor still completes inside it.

mod impl_block;
// Where nothing is recorded nothing is wrapped, and a third of this crate need not be compiled.
#[cfg(any(feature = "enable", test))]
mod wrap;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::errors::Errors;
use crate::model::check;
use crate::parse::{Arguments, Function, ImplBlock};

/// `#[instrument_llm(arguments)] item`; where recording is not `enabled`, only the arguments are checked.
pub(crate) fn instrument(arguments: TokenStream, item: &TokenStream, enabled: bool) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(arguments, &mut errors);
    match ImplBlock::parse(item.clone()) {
        Some(Ok(block)) => return impl_block::expand(&arguments, block, errors, enabled),
        Some(Err(error)) => errors.push(error),
        None => match syn::parse2::<Function>(item.clone()) {
            Ok(function) => {
                return function_or_errors(&arguments, function, item, errors, enabled);
            }
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

/// One function, with the arguments that hold for it; `written` are its own tokens.
fn function_or_errors(
    arguments: &Arguments,
    function: Function,
    written: &TokenStream,
    mut errors: Errors,
    enabled: bool,
) -> TokenStream {
    if arguments.skip.is_some() {
        let errors = errors.into_tokens();
        return quote!(#errors #written);
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
        return quote!(#errors #written);
    }
    if !enabled {
        return written.clone();
    }
    let Some(condition) = &arguments.cfg else { return wrap(&plan, function) };
    // Of these the compiler takes one and looks no further into the other.
    let recorded = wrap(&plan, function);
    quote!(#[cfg(#condition)] #recorded #[cfg(not(#condition))] #written)
}

#[cfg(any(feature = "enable", test))]
use wrap::wrap;

#[cfg(not(any(feature = "enable", test)))]
fn wrap(_: &crate::model::Plan, function: Function) -> TokenStream {
    quote::ToTokens::into_token_stream(function)
}
