//! stub
use proc_macro::TokenStream;
mod conventions;

#[doc(hidden)]
#[proc_macro]
pub fn __conventions(_: TokenStream) -> TokenStream { conventions::render().into() }
/// stub
#[proc_macro_attribute]
pub fn instrument_llm(_: TokenStream, i: TokenStream) -> TokenStream { i }
/// stub
#[proc_macro_derive(LlmRequest, attributes(llm))]
pub fn a(_: TokenStream) -> TokenStream { TokenStream::new() }
/// stub
#[proc_macro_derive(LlmResponse, attributes(llm))]
pub fn b(_: TokenStream) -> TokenStream { TokenStream::new() }
