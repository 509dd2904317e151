//! The body of a `#[track_caller]` function, which stays where it is: a closure around it would be the caller
//! of what it calls.
//!
//! The body becomes a block with a label, and every `return` and `?` of it a `break` out of that block. An exit
//! that a macro hides stays a `return`: it ends the call, but what it returns is not read.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Lifetime, Path, Stmt, parse_quote_spanned};

use super::call::annotation;
use crate::model::Plan;
use crate::parse::Function;

/// Whether the function promises to know its caller, or may.
pub(super) fn keeps_caller(function: &Function) -> bool {
    function.has_attribute("track_caller")
        || function.attributes.iter().any(|attribute| {
            attribute.path().is_ident("cfg_attr")
                && attribute.meta.to_token_stream().to_string().contains("track_caller")
        })
}

/// `let name: Type = 'body: { … };`
pub(super) fn binding(plan: &Plan, function: &Function, name: &Ident) -> TokenStream {
    let annotation = annotation(&function.signature);
    // A body that does not parse is left to the compiler, which says why.
    let Ok(mut body) = syn::parse2::<Block>(TokenTree::Group(function.body.clone()).into()) else {
        let body = &function.body;
        return quote!(let #name #annotation = #body;);
    };
    let mut exits = Exits {
        label: Lifetime::new("'body", Span::mixed_site()),
        krate: plan.krate.clone(),
        found: false,
    };
    exits.visit_block_mut(&mut body);
    let label = exits.found.then(|| {
        let label = &exits.label;
        quote!(#label:)
    });
    let mut braces =
        Group::new(Delimiter::Brace, body.stmts.iter().map(ToTokens::to_token_stream).collect());
    braces.set_span(function.body.span());
    // What looks like a value that is never reached is the end of the body.
    let quiet = matches!(body.stmts.last(), Some(Stmt::Macro(_) | Stmt::Expr(Expr::Macro(_), _)))
        .then(|| quote!(#[allow(clippy::diverging_sub_expression)]));
    quote!(#quiet let #name #annotation = #label #braces;)
}

/// Turns every exit of the function into one of the labelled block.
struct Exits {
    label: Lifetime,
    krate: Path,
    found: bool,
}

impl VisitMut for Exits {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        // These have exits of their own.
        if matches!(
            expression,
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_)
        ) {
            return;
        }
        visit_mut::visit_expr_mut(self, expression);
        let Self { label, krate, .. } = self;
        let exit = match expression {
            Expr::Return(leaving) => {
                let value =
                    leaving.expr.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream);
                let span = Span::mixed_site().located_at(leaving.return_token.span);
                let leave = quote_spanned!(span=> break #label (#value));
                syn::parse2(leave)
            }
            Expr::Try(question) => {
                let value = &question.expr;
                let span = Span::mixed_site().located_at(question.question_token.span());
                Ok(parse_quote_spanned! {span=>
                    match #krate::__private::Question::ask(#value) {
                        ::core::result::Result::Ok(value) => value,
                        ::core::result::Result::Err(rest) => {
                            break #label #krate::__private::Leave::leave(rest)
                        }
                    }
                })
            }
            _ => return,
        };
        if let Ok(exit) = exit {
            *expression = exit;
            self.found = true;
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
