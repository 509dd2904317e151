//! An `impl` block: its arguments are the defaults of its functions.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::Meta;

use super::function_or_errors;
use crate::errors::Errors;
use crate::parse::{Arguments, ImplBlock, ImplItem};

pub(super) fn expand(defaults: &Arguments, block: ImplBlock, mut errors: Errors) -> TokenStream {
    if let Some(skip) = &defaults.skip {
        errors.at(skip, "`skip` leaves out single functions of a block; remove the attribute from this one");
    }
    let mut items = TokenStream::new();
    for item in block.items {
        match item {
            ImplItem::Other(tokens) => items.extend(tokens),
            ImplItem::Function(function, own) => {
                let own = match own.map(|attribute| attribute.meta) {
                    Some(Meta::List(list)) => Arguments::parse(list.tokens, &mut errors),
                    _ => Arguments::default(),
                };
                // Faults of the block's arguments are reported once, not again by each function.
                if errors.is_empty() {
                    items.extend(function_or_errors(own.or(defaults), *function, Errors::default()));
                } else {
                    function.to_tokens(&mut items);
                }
            }
        }
    }
    let mut braces = Group::new(block.braces.delimiter(), items);
    braces.set_span(block.braces.span());
    let head = block.head;
    let errors = errors.into_tokens();
    quote!(#errors #head #braces)
}
