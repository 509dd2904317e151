//! A function that returns a future: the function runs as it did, and what it returns runs inside the call.
//!
//! Arguments are read when the function is called, since the future may have consumed them later; the
//! operation starts when the future is polled for the first time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Type, TypeParamBound,
};

use super::body::function_with;
use super::call::{Names, prepare, read};
use super::in_place::{self, keeps_caller};
use super::sync::closure;
use crate::model::{Plan, erased};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function, boxed: bool) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let krate = &plan.krate;
    let prepare = prepare(plan, &names);
    let future = Ident::new("future", Span::mixed_site());
    let made = if keeps_caller(function) {
        in_place::binding(plan, function, &future)
    } else {
        let closure = closure(plan, function);
        quote!(let #future = #krate::__private::once(#closure);)
    };
    let signature = &function.signature;
    let promised = promised(signature).map_or_else(|| quote!(_), |ty| quote!(#ty));
    let read = read(plan, &names, signature, &out.to_token_stream());
    let wrapped = quote! {
        #krate::__private::returning(#call, #future, move |mut #call: &mut #krate::Call, #out: &#promised| {
            #read
        })
    };
    let wrapped = if boxed { quote!(::std::boxed::Box::pin(#wrapped)) } else { wrapped };
    function_with(function, quote!(#prepare #made #wrapped))
}

/// The `T` of `impl Future<Output = T>`: it settles what the body leaves open, as it did in the signature.
fn promised(signature: &Signature) -> Option<Type> {
    let ReturnType::Type(_, ty) = &signature.output else { return None };
    let Type::ImplTrait(opaque) = ty.as_ref() else { return None };
    let arguments = opaque.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match bound.path.segments.last() {
            Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(arguments) })
                if ident == "Future" =>
            {
                Some(arguments)
            }
            _ => None,
        },
        _ => None,
    })?;
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(erased(&output.ty)),
        _ => None,
    })
}
