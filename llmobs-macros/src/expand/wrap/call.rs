//! The call as the expansion writes it: preparing, and reading the returned value.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Pat, PatType, ReturnType, Signature, Type};

use super::body::function_with;
use super::capture::{self, kinds};
use crate::errors::ends;
use crate::model::{Output, Plan, Reading, Stream, erased};
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
    // What may be captured is known before the request hands over its content.
    if let Some(captured) = &plan.captured {
        let kinds = kinds(krate, &captured.only);
        step("capture_only", kinds, Span::mixed_site());
    }
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
    let captured = plan.captured.iter().flat_map(|captured| &captured.before);
    for (kind, source) in captured {
        steps.extend(capture::before(krate, call, kind, source));
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
pub(super) fn borrowed(expression: &Expr) -> TokenStream {
    let span = expression.span();
    match expression {
        // What binds weaker than `&`.
        Expr::Assign(_) | Expr::Binary(_) | Expr::Cast(_) | Expr::Closure(_) | Expr::Range(_) => {
            quote_spanned!(span=> &(#expression))
        }
        _ => quote_spanned!(span=> &#expression),
    }
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
    // What is returned is no response: that is a fault of the return type.
    let blame = match &signature.output {
        ReturnType::Type(_, ty) => ends(ty),
        ReturnType::Default => ends(&signature.ident),
    };
    let response = reading(&plan.response, "response", call, &value, krate, blame);
    let usage = reading(&plan.usage, "usage", call, &value, krate, blame);
    let captured = plan.captured.iter().flat_map(|captured| &captured.after);
    let captured: TokenStream = captured
        .map(|(kind, reading)| capture::after(krate, call, kind, reading, &value, blame))
        .collect();
    split(krate, call, shown, &value, &quote!(#response #usage #captured))
}

/// Reads an item of a stream, shown by reference: a chunk, or an error.
pub(super) fn read_item(plan: &Plan, call: &Ident, stream: &Stream, shown: &Ident) -> TokenStream {
    let krate = &plan.krate;
    let value = Ident::new("value", Span::mixed_site());
    let blame = ends(stream.chunk());
    let items = plan.captured.as_ref().and_then(|captured| captured.items.as_ref());
    let chunk = match &plan.response {
        response if let Some(output) = items => {
            capture::item(krate, call, response, &value, output.span())
        }
        Reading::Nothing => quote!(#call.chunk_received();),
        Reading::IfAny => quote!((&&#krate::__private::Chunk(#value)).read(&mut #call);),
        response => reading(response, "chunk", call, &value, krate, blame),
    };
    let usage = reading(&plan.usage, "usage", call, &value, krate, blame);
    split(krate, call, &shown.to_token_stream(), &value, &quote!(#chunk #usage))
}

/// Tells a value from an error: `read` sees the one as `value`, the other is a failure.
fn split(
    krate: &syn::Path,
    call: &Ident,
    shown: &TokenStream,
    value: &Ident,
    read: &TokenStream,
) -> TokenStream {
    let error = Ident::new("error", Span::mixed_site());
    let failure = failure(krate, call, &error);
    quote! {
        {
            #[allow(unused_imports)]
            use #krate::__private::{Plain as _, Silent as _, Speaks as _};
            match #krate::__private::Returned(#shown).split() {
                ::core::result::Result::Ok(#value) => { let _ = #value; #read }
                ::core::result::Result::Err(#error) => #failure
            }
        }
    }
}

/// Reads an error, of which there is a reference.
pub(super) fn failure(krate: &syn::Path, call: &Ident, error: &Ident) -> TokenStream {
    quote! {
        {
            #[allow(unused_imports)]
            use #krate::__private::{
                Exact as _, Holds as _, HoldsLocal as _, Known as _, Named as _, Standard as _,
            };
            (&&&&&#krate::__private::Failure(#error)).read(&mut #call);
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
    match reading {
        Reading::IfAny => quote!((&&#krate::__private::Success(#value)).read(&mut #call);),
        reading => found(reading, value, blame, |found, at| {
            let method = Ident::new(method, at.method);
            quote_spanned!(at.rest=> #call.#method(#found);)
        }),
    }
}

/// Where a statement stands that does something with what was found.
pub(super) struct At {
    pub(super) method: Span,
    pub(super) rest: Span,
}

/// What `then` makes of a reference to what `reading` finds in a value.
pub(super) fn found(
    reading: &Reading,
    value: &Ident,
    blame: (Span, Span),
    then: impl FnOnce(TokenStream, At) -> TokenStream,
) -> TokenStream {
    let inside = |rest| At { method: Span::mixed_site(), rest };
    match reading {
        Reading::Nothing => TokenStream::new(),
        Reading::Value | Reading::IfAny => {
            let (first, last) = blame;
            let before = quote_spanned!(first=> &*);
            let mut value = value.clone();
            value.set_span(last);
            then(quote!(#before #value), inside(first))
        }
        Reading::Closure(closure) => {
            let body = &closure.body;
            let binding = match closure.inputs.first() {
                Some(Pat::Type(PatType { pat, ty, .. })) => quote!(let #pat: #ty = #value;),
                Some(pattern) => quote!(let #pattern = #value;),
                None => TokenStream::new(),
            };
            let at = At { method: body.span(), rest: Span::call_site() };
            let statement = then(borrowed(body), at);
            quote!({ #binding #statement })
        }
        Reading::Function(function) => {
            let (first, last) = ends(function);
            let mut arguments = Group::new(Delimiter::Parenthesis, value.to_token_stream());
            arguments.set_span(last);
            let before = quote_spanned!(first=> &);
            then(quote!(#before #function #arguments), inside(first))
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
