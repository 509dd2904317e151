//! An `impl` block: its arguments are the defaults of its functions.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::Meta;

use super::function_or_errors;
use crate::errors::Errors;
use crate::model::check_defaults;
use crate::parse::{Arguments, Function, ImplBlock, ImplItem};

pub(super) fn expand(
    defaults: &Arguments,
    block: ImplBlock,
    mut errors: Errors,
    enabled: bool,
) -> TokenStream {
    if let Some(skip) = &defaults.skip {
        errors.at(skip, "`skip` leaves out single functions of a block: put it on these, or remove this attribute");
    }
    if let Some(stream) = &defaults.stream {
        errors.at(stream, "`stream` is said of single functions of a block: put it on these");
    }
    let items: Vec<_> = block.items.into_iter().map(read).collect();
    let functions = items.iter().filter_map(|item| match item {
        Item::Function(function) if function.1.skip.is_none() => Some(&function.1),
        _ => None,
    });
    check_defaults(defaults, functions, &mut errors);
    let faulty = !errors.is_empty();
    let mut expanded = TokenStream::new();
    for item in items {
        match item {
            Item::Other(tokens) => expanded.extend(tokens),
            Item::Function(function) => {
                let (function, mut own, own_errors) = *function;
                own.skip = own.skip.or_else(|| defaults.skip.clone());
                let own_errors = own_errors.below(faulty);
                let written = function.to_token_stream();
                expanded.extend(function_or_errors(
                    &own.or(defaults),
                    function,
                    &written,
                    own_errors,
                    enabled,
                ));
            }
        }
    }
    let mut braces = Group::new(block.braces.delimiter(), expanded);
    braces.set_span(block.braces.span());
    let head = block.head;
    let errors = errors.into_tokens();
    quote!(#errors #head #braces)
}

/// An item of the block with the arguments that stand on it.
enum Item {
    Function(Box<(Function, Arguments, Errors)>),
    Other(TokenStream),
}

fn read(item: ImplItem) -> Item {
    let (function, attribute) = match item {
        ImplItem::Function(function, attribute) => (function, attribute),
        ImplItem::Other(tokens) => return Item::Other(tokens),
    };
    let mut errors = Errors::default();
    let own = match attribute.map(|attribute| attribute.meta) {
        Some(Meta::List(list)) => Arguments::parse(list.tokens, &mut errors),
        _ => Arguments::default(),
    };
    Item::Function(Box::new((*function, own, errors)))
}
