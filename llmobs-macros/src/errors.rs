//! All faults of one use of a macro, reported together.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Gathers errors, so that a user sees every fault at once and each at its own token.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    /// Faults of something around have been reported; nothing may be expanded.
    elsewhere: bool,
}

impl Errors {
    /// The same faults; `faulty` says that what stands around has some too, so that nothing is expanded.
    pub(crate) fn below(self, faulty: bool) -> Self {
        Self { elsewhere: faulty, ..self }
    }

    /// A fault at `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// A fault that the parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty() && !self.elsewhere
    }

    /// One `compile_error!` for each fault; empty where there is none.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// The first and the last token of something, to blame the whole of it on what the compiler finds there: an
/// expression reaches from its first token to its last. Names at these places are the macro's own.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let at = |token: Option<&TokenTree>| {
        let own = Span::mixed_site();
        token.map_or(own, |token| own.located_at(token.span()))
    };
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens.next();
    let last = tokens.last();
    (at(first.as_ref()), at(last.as_ref().or(first.as_ref())))
}

/// `a`, `b` or `c`, each in backquotes.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
