//! The call as the expansion writes it: preparing, and reading the returned value.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Pat, PatType, ReturnType, Signature, Type};

use super::body::function_with;
use crate::errors::ends;
use crate::model::{Output, Plan, Reading, erased};
use crate::parse::Function;

/// The variables that the expansion binds; the user's code cannot see them.
pub(super) struct Names {
    pub(super) call: Ident,
    pub(super) out: Ident,
}

impl Names {
    pub(super) fn new() -> Self {
        let name = |name| Ident::new(name, Span::mixed_site());
        Self { call: name("call"), out: name("out") }
    }
}

/// `let mut call = …;`: the operation with everything that is known before it runs.
pub(super) fn prepare(plan: &Plan, names: &Names) -> TokenStream {
    let Plan { krate, operation, .. } = plan;
    let call = &names.call;
    let mut steps = TokenStream::new();
    let mut step = |method: &str, arguments: TokenStream, blame: Span| {
        let method = Ident::new(method, blame);
        steps.extend(quote_spanned!(blame=> #call = #call.#method(#arguments);));
    };
    // What the request says comes first: single values override it.
    if let Some(request) = &plan.request {
        step("request", borrowed(request), request.span());
    }
    for (constant, value) in &plan.known {
        let value = text_or(krate, value);
        let attribute = quote!(#krate::conventions::attr::#constant);
        let span = value.span();
        step("set", quote!(#attribute, #value), span);
    }
    if let Some(server) = &plan.server {
        step("server", borrowed(server), server.span());
    }
    for (key, value) in &plan.custom {
        let value = borrowed(value);
        let span = value.span();
        step("attribute", quote!(#key, #value), span);
    }
    for (key, value) in &plan.metric {
        let value = borrowed(value);
        let span = value.span();
        step("metric_attribute", quote!(#key, #value), span);
    }
    if let Some(name) = &plan.name {
        step("name", borrowed(name), name.span());
    }
    if let Some(kind) = &plan.kind {
        step("kind", quote!(#krate::conventions::SpanKind::#kind), Span::mixed_site());
    }
    let prepared = quote!(#krate::call(&#krate::conventions::operation::#operation));
    if steps.is_empty() {
        return quote!(let #call = #prepared;);
    }
    quote! {
        let mut #call = #prepared;
        if #call.is_recording() { #steps }
    }
}

/// The function with its body run inside the call by `run`, and what that gives read and returned.
pub(super) fn around(
    plan: &Plan,
    function: &Function,
    run: impl FnOnce(&Ident) -> TokenStream,
) -> TokenStream {
    let names = Names::new();
    let Names { call, out } = &names;
    let prepare = prepare(plan, &names);
    let run = run(call);
    if Output::of(&function.signature) == Output::Never {
        return function_with(
            function,
            quote! {
                #prepare
                let #call = #call.start();
                #run
            },
        );
    }
    let finish = finish(plan, &names, &function.signature);
    function_with(
        function,
        quote! {
            #prepare
            let mut #call = #call.start();
            let #out = #run;
            #finish
            #out
        },
    )
}

/// `&(expression)`, blamed on the expression.
fn borrowed(expression: &Expr) -> TokenStream {
    quote_spanned!(expression.span()=> &#expression)
}

/// A string literal stays static; anything else is borrowed.
fn text_or(krate: &syn::Path, value: &Expr) -> TokenStream {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            quote_spanned!(text.span()=> &#krate::__private::Text::Static(#text))
        }
        value => borrowed(value),
    }
}

/// Reads the returned value and ends the call.
pub(super) fn finish(plan: &Plan, names: &Names, signature: &Signature) -> TokenStream {
    let Names { call, out } = names;
    let read = read(plan, names, signature, &quote!(&#out));
    quote! {
        if #call.is_recording() { #read }
        #call.end();
    }
}

/// Reads the returned value, shown by reference: its response, or its error.
pub(super) fn read(
    plan: &Plan,
    names: &Names,
    signature: &Signature,
    shown: &TokenStream,
) -> TokenStream {
    let krate = &plan.krate;
    let call = &names.call;
    let value = Ident::new("value", Span::mixed_site());
    let error = Ident::new("error", Span::mixed_site());
    // What is returned is no response: that is a fault of the return type.
    let blame = match &signature.output {
        ReturnType::Type(_, ty) => ends(ty),
        ReturnType::Default => ends(&signature.ident),
    };
    let response = reading(&plan.response, "response", call, &value, krate, blame);
    let usage = reading(&plan.usage, "usage", call, &value, krate, blame);
    quote! {
        {
            #[allow(unused_imports)]
            use #krate::__private::{
                Exact as _, Holds as _, HoldsLocal as _, Known as _, Named as _, Plain as _, Silent as _, Speaks as _,
                Standard as _,
            };
            match #krate::__private::Returned(#shown).split() {
                ::core::result::Result::Ok(#value) => { let _ = #value; #response #usage }
                ::core::result::Result::Err(#error) => {
                    (&&&&&#krate::__private::Failure(#error)).read(&mut #call);
                }
            }
        }
    }
}

fn reading(
    reading: &Reading,
    method: &str,
    call: &Ident,
    value: &Ident,
    krate: &syn::Path,
    blame: (Span, Span),
) -> TokenStream {
    let method = Ident::new(method, Span::mixed_site());
    match reading {
        Reading::Nothing => TokenStream::new(),
        Reading::Value => {
            let (first, last) = blame;
            let before = quote_spanned!(first=> &*);
            let mut value = value.clone();
            value.set_span(last);
            quote_spanned!(first=> #call.#method(#before #value);)
        }
        Reading::IfAny => quote!((&&#krate::__private::Success(#value)).read(&mut #call);),
        Reading::Closure(closure) => {
            let body = &closure.body;
            let found = borrowed(body);
            let binding = match closure.inputs.first() {
                Some(Pat::Type(PatType { pat, ty, .. })) => quote!(let #pat: #ty = #value;),
                Some(pattern) => quote!(let #pattern = #value;),
                None => TokenStream::new(),
            };
            let method = Ident::new(&method.to_string(), body.span());
            quote!({ #binding #call.#method(#found); })
        }
        Reading::Function(function) => {
            let (first, last) = ends(function);
            let mut arguments = Group::new(Delimiter::Parenthesis, value.to_token_stream());
            arguments.set_span(last);
            let before = quote_spanned!(first=> &);
            quote_spanned!(first=> #call.#method(#before #function #arguments);)
        }
    }
}

/// The type of a variable that holds the returned value, as far as it can be written.
pub(super) fn annotation(signature: &Signature) -> TokenStream {
    match &signature.output {
        ReturnType::Default => quote!(: ()),
        ReturnType::Type(_, ty) => match erased(ty) {
            Type::Infer(_) => TokenStream::new(),
            ty => quote!(: #ty),
        },
    }
}
