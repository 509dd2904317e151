//! A function that returns a future: the function runs as it did, and what it returns runs inside the call.
//!
//! Arguments are read when the function is called, since the future may have consumed them later; the
//! operation starts when the future is polled for the first time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use super::body::function_with;
use super::call::{Names, prepare, read};
use super::sync::binding;
use crate::model::{Plan, erased, promised};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function, boxed: bool) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let krate = &plan.krate;
    let prepare = prepare(plan, &names);
    let future = Ident::new("future", Span::mixed_site());
    let made = binding(plan, function, &future);
    let signature = &function.signature;
    // Of `impl Future<Output = T>` it settles what the body leaves open, as it did in the signature.
    let promised = promised(signature).filter(|_| !boxed).map(erased);
    let promised = promised.map_or_else(|| quote!(_), |ty| quote!(#ty));
    let read = read(plan, &names, signature, &out.to_token_stream());
    let wrapped = quote! {
        #krate::__private::returning(#call, #future, move |mut #call: &mut #krate::Call, #out: &#promised| {
            #read
        })
    };
    let wrapped = if boxed { quote!(::std::boxed::Box::pin(#wrapped)) } else { wrapped };
    function_with(function, quote!(#prepare #made #wrapped))
}
