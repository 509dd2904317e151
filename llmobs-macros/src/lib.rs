//! The macros of [llmobs](https://docs.rs/llmobs-runtime); use them through `llmobs-runtime`, which re-exports
//! them.

use proc_macro::TokenStream;

mod conventions;
mod derive;
mod errors;
mod expand;
mod model;
mod parse;

/// Records each call of a function as one GenAI operation: a span, and a point in each metric that the
/// conventions have for it.
#[proc_macro_attribute]
pub fn instrument_llm(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::instrument(arguments.into(), &item.into(), cfg!(feature = "enable")).into()
}

/// Lets a request type of your own say which parameters it holds.
#[proc_macro_derive(LlmRequest, attributes(llm))]
pub fn derive_request(item: TokenStream) -> TokenStream {
    derive::expand(item.into(), derive::Trait::Request).into()
}

/// Lets a response type of your own say what it tells of the call.
#[proc_macro_derive(LlmResponse, attributes(llm))]
pub fn derive_response(item: TokenStream) -> TokenStream {
    derive::expand(item.into(), derive::Trait::Response).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn __conventions(_: TokenStream) -> TokenStream {
    conventions::render().into()
}
