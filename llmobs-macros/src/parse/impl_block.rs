//! An `impl` block: its functions, and everything else as it stands.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::Attribute;
use syn::parse::{ParseStream, Parser};

use super::Function;

/// An `impl` block, cut open at its functions.
pub(crate) struct ImplBlock {
    /// `impl<T> Trait for Type where …`, attributes included.
    pub(crate) head: TokenStream,
    pub(crate) items: Vec<ImplItem>,
    pub(crate) braces: Group,
}

/// One item of the block.
pub(crate) enum ImplItem {
    /// A function, and the attribute of ours that stood on it.
    Function(Box<Function>, Option<Box<Attribute>>),
    /// A constant, a type, a macro call.
    Other(TokenStream),
}

/// The name that our attribute has, whatever path leads to it.
const ATTRIBUTE: &str = "instrument_llm";

impl ImplBlock {
    /// The block that `tokens` are, or `None` where they are something else.
    pub(crate) fn parse(tokens: TokenStream) -> Option<syn::Result<Self>> {
        let is_impl = |input: ParseStream<'_>| {
            input.call(Attribute::parse_outer)?;
            let mut found = false;
            while !input.is_empty() {
                let next: TokenTree = input.parse()?;
                match &next {
                    TokenTree::Ident(ident) if ident == "impl" => found = true,
                    TokenTree::Ident(ident) if ident == "unsafe" || ident == "default" => continue,
                    _ => {}
                }
                break;
            }
            input.parse::<TokenStream>()?;
            Ok(found)
        };
        if !is_impl.parse2(tokens.clone()).is_ok_and(|found| found) {
            return None;
        }
        let mut head: Vec<TokenTree> = tokens.into_iter().collect();
        let Some(TokenTree::Group(braces)) = head.pop().filter(
            |last| matches!(last, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
        ) else {
            return None;
        };
        let items = |input: ParseStream<'_>| {
            let mut items = Vec::new();
            while !input.is_empty() {
                items.push(item(input)?);
            }
            Ok(items)
        };
        Some(items.parse2(braces.stream()).map(|items| Self {
            head: head.into_iter().collect(),
            items,
            braces,
        }))
    }
}

fn item(input: ParseStream<'_>) -> syn::Result<ImplItem> {
    let ahead = input.fork();
    if let Ok(mut function) = ahead.parse::<Function>() {
        syn::parse::discouraged::Speculative::advance_to(input, &ahead);
        let ours = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|segment| segment.ident == ATTRIBUTE)
        };
        let own = function
            .attributes
            .iter()
            .position(ours)
            .map(|at| Box::new(function.attributes.remove(at)));
        return Ok(ImplItem::Function(Box::new(function), own));
    }
    // Anything else ends at its semicolon or its brace; it is handed through unread.
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let next: TokenTree = input.parse()?;
        let ends = match &next {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => {
                group.delimiter() == Delimiter::Brace && !input.peek(syn::Token![;])
            }
            _ => false,
        };
        tokens.extend([next]);
        if ends {
            break;
        }
    }
    Ok(ImplItem::Other(tokens))
}
