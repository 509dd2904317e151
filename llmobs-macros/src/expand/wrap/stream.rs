//! A function that hands out a stream: the call lives until the stream ends.
//!
//! A function that returns the stream itself runs as it did; the operation starts when the stream is polled for
//! the first time. One that has to ask first (`async fn`, a future, a `Result`) runs inside the call, which is
//! handed on to the stream: the time to the first chunk counts from the request.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::body::{block, function_with, type_hint};
use super::call::{Names, failure, prepare, read_item};
use super::in_place::{self, keeps_caller};
use super::sync::{binding, closure};
use crate::model::{Form, Plan, Shape, Stream, erased, promised};
use crate::parse::Function;

pub(super) fn expand(plan: &Plan, function: &Function, stream: &Stream) -> TokenStream {
    let names = Names::new();
    let prepare = prepare(plan, &names);
    let body = match Shape::of(&function.signature) {
        Shape::Sync if !stream.fallible => made(plan, function, stream, &names),
        Shape::Sync if keeps_caller(function) => in_its_place(plan, function, stream, &names),
        Shape::Sync => {
            let closure = closure(plan, function);
            inside(plan, stream, &names, |call| quote!(#call.scope(#closure)))
        }
        Shape::Async => {
            let hint = type_hint(&plan.krate, &function.signature);
            let block = block(function, hint.as_ref());
            let body = quote_spanned!(function.body.span()=> async move #block);
            inside(plan, stream, &names, |call| quote!(#call.run(#body).await))
        }
        Shape::ImplFuture => promised_stream(plan, function, stream, &names),
        Shape::BoxedFuture => {
            let future = promised_stream(plan, function, stream, &names);
            let (made, future) = (future.made, future.wrapped);
            Body { made, wrapped: quote!(::std::boxed::Box::pin(#future)) }
        }
    };
    let Body { made, wrapped } = body;
    function_with(function, quote!(#prepare #made #wrapped))
}

/// Statements, and the expression behind them.
struct Body {
    made: TokenStream,
    wrapped: TokenStream,
}

/// The function runs as it did; the stream takes the call that is prepared.
fn made(plan: &Plan, function: &Function, stream: &Stream, names: &Names) -> Body {
    let out = &names.out;
    Body { made: binding(plan, function, out), wrapped: recorded(plan, stream, names, out) }
}

/// The function runs inside a call that is running.
fn inside(
    plan: &Plan,
    stream: &Stream,
    names: &Names,
    run: impl FnOnce(&Ident) -> TokenStream,
) -> Body {
    let Names { call, out } = names;
    let run = run(call);
    let mutable = mutable(stream);
    Body {
        made: quote! {
            let #mutable #call = #call.start();
            let #out = #run;
        },
        wrapped: handed_on(plan, stream, names),
    }
}

/// The same where the body stays in place.
fn in_its_place(plan: &Plan, function: &Function, stream: &Stream, names: &Names) -> Body {
    let Names { call, out } = names;
    let entered = Ident::new("entered", Span::mixed_site());
    let body = in_place::binding(plan, function, out);
    Body {
        made: quote! {
            let mut #call = #call.start();
            #call.end_on_drop();
            let #entered = #call.enter();
            #body
            // The body may never come to an end.
            #[allow(unreachable_code)]
            ::core::mem::drop(#entered);
        },
        wrapped: handed_on(plan, stream, names),
    }
}

/// The function runs as it did; the future that it makes takes the call and hands it on.
fn promised_stream(plan: &Plan, function: &Function, stream: &Stream, names: &Names) -> Body {
    let Names { call, out } = names;
    let krate = &plan.krate;
    let future = Ident::new("future", Span::mixed_site());
    let output = promised(&function.signature).map_or_else(any, erased);
    let mutable = mutable(stream);
    let finish = handed_on(plan, stream, names);
    Body {
        made: binding(plan, function, &future),
        wrapped: quote! {
            #krate::__private::returning_stream(
                #call,
                #future,
                move |#mutable #call: #krate::Call, #out: #output| -> #output { #finish },
            )
        },
    }
}

/// An error is written into the call, and nothing else is.
fn mutable(stream: &Stream) -> Option<TokenStream> {
    stream.fallible.then(|| quote!(mut))
}

/// What the function returns, made of what its body gave: its stream takes the running call, its error ends it.
fn handed_on(plan: &Plan, stream: &Stream, names: &Names) -> TokenStream {
    let Names { call, out } = names;
    if !stream.fallible {
        return recorded(plan, stream, names, out);
    }
    let inner = Ident::new("stream", Span::mixed_site());
    let error = Ident::new("error", Span::mixed_site());
    let shown = Ident::new("shown", Span::mixed_site());
    let recorded = recorded(plan, stream, names, &inner);
    let failure = failure(&plan.krate, call, &shown);
    quote! {
        match #out {
            ::core::result::Result::Ok(#inner) => ::core::result::Result::Ok(#recorded),
            ::core::result::Result::Err(#error) => {
                if #call.is_recording() {
                    let #shown = &#error;
                    #failure
                }
                #call.end();
                ::core::result::Result::Err(#error)
            }
        }
    }
}

/// The stream of this name with its recording, as the type that the signature gives it.
fn recorded(plan: &Plan, stream: &Stream, names: &Names, inner: &Ident) -> TokenStream {
    let call = &names.call;
    let krate = &plan.krate;
    let item = Ident::new("item", Span::mixed_site());
    let read = read_item(plan, call, stream, &item);
    // It settles what the body leaves open, as it did in the signature.
    let promised = stream.item.as_ref().filter(|_| stream.form == Form::Opaque).map(erased);
    let promised = promised.unwrap_or_else(any);
    let read = quote!(move |mut #call: &mut #krate::Call, #item: &#promised| #read);
    match stream.form {
        Form::Opaque => quote!(#krate::__private::streaming(#call, #inner, #read)),
        Form::Pinned => {
            quote!(::std::boxed::Box::pin(#krate::__private::streaming(#call, #inner, #read)))
        }
        Form::Boxed => {
            quote!(::std::boxed::Box::new(#krate::__private::streaming(#call, #inner, #read)))
        }
        Form::Named => {
            // A type that cannot be made again is a fault of the signature.
            let mut inner = inner.clone();
            if let Some(name) = stream.name() {
                inner.set_span(inner.span().located_at(name.span()));
            }
            quote!(#krate::__private::rewrapped(#call, #inner, #read))
        }
    }
}

fn any() -> Type {
    syn::parse_quote!(_)
}
