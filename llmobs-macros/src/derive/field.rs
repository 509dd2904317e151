//! `#[llm(…)]` on a field.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Field, Token};

use super::Trait;
use super::chunk::{OfChunk, WORDS};
use crate::conventions::{self, Attribute, GEN_AI, INPUT_TOKENS, OPERATION, Type, nearest};
use crate::errors::Errors;
use crate::model::{find_key, nearest_key};
use crate::parse::{ContentKind, Key, unknown, value};

/// What one `#[llm(…)]` says of its field.
pub(super) struct Meaning {
    pub(super) target: Target,
    /// `with = function`: from the field to the value.
    pub(super) with: Option<Expr>,
}

/// Where the field goes.
pub(super) enum Target {
    /// It records itself.
    Nested,
    /// An attribute of the conventions.
    Known(&'static Attribute),
    /// The input count of a provider that leaves cached tokens out of it.
    Exclusive(&'static Attribute),
    /// An attribute of the user's own.
    Custom(String),
    /// Content, captured where that is switched on.
    Content(ContentKind),
    /// What only a chunk can say.
    Chunk(OfChunk),
}

/// What may follow the key.
const OPTIONS: [&str; 2] = ["with", "exclusive"];

/// Whether anything is said of a field, rightly or not.
pub(super) fn is_marked(field: &Field) -> bool {
    field.attrs.iter().any(|attribute| attribute.path().is_ident("llm"))
}

/// Everything that is said of a field; one field may be several attributes.
pub(super) fn meanings(field: &Field, derived: Trait, errors: &mut Errors) -> Vec<Meaning> {
    let mut found = Vec::new();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("llm")) {
        match attribute.parse_args_with(Written::parse) {
            Ok(written) => {
                if let Some(target) = target(&written, derived, errors) {
                    found.push(Meaning { target, with: written.with });
                }
            }
            Err(error) => errors.push(error),
        }
    }
    found
}

/// `key, with = function, exclusive`.
struct Written {
    key: Key,
    with: Option<Expr>,
    exclusive: Option<Ident>,
}

impl Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut written = Self { key: input.parse()?, with: None, exclusive: None };
        while !input.is_empty() {
            if input.peek(Token![=]) {
                let message = "a field is the value itself: expected `#[llm(key)]` or `#[llm(key, with = function)]`";
                return Err(input.error(message));
            }
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let option = input.call(Ident::parse_any)?;
            let twice = if option == "with" {
                written.with.replace(with(input, &option)?).is_some()
            } else if option == "exclusive" {
                written.exclusive.replace(option.clone()).is_some()
            } else {
                return Err(unknown(&option, "option", OPTIONS.into_iter()));
            };
            if twice {
                return Err(syn::Error::new(
                    option.span(),
                    format!("`{option}` is given twice: keep one"),
                ));
            }
        }
        Ok(written)
    }
}

/// A function of the field.
fn with(input: ParseStream<'_>, option: &Ident) -> syn::Result<Expr> {
    let given: Expr = value(input, option)?;
    let wrong = match &given {
        Expr::Closure(closure) => closure.inputs.len() != 1 || closure.asyncness.is_some(),
        Expr::Path(_) => false,
        _ => true,
    };
    if wrong {
        let message =
            "expected a function of the field: `with = path::to::function` or `with = |field| …`";
        return Err(syn::Error::new_spanned(given, message));
    }
    Ok(given)
}

fn target(written: &Written, derived: Trait, errors: &mut Errors) -> Option<Target> {
    let Written { key, exclusive, .. } = written;
    if key.ident.as_ref().is_some_and(|ident| ident == "nested") {
        not_exclusive(exclusive.as_ref(), errors);
        return Some(Target::Nested);
    }
    if derived == Trait::Chunk
        && let Some(word) = OfChunk::of(key)
    {
        not_exclusive(exclusive.as_ref(), errors);
        return Some(Target::Chunk(word));
    }
    let full = full(key);
    if conventions::attribute(&full.text).is_none()
        && conventions::deprecated(&full.text).is_none()
        && full.text != key.text
    {
        errors.at(key, unknown_short(key, &full, derived));
        return None;
    }
    let Some(row) = find_key(&full, errors) else {
        not_exclusive(exclusive.as_ref(), errors);
        return (!conventions::governed(&full.text)).then_some(Target::Custom(full.text));
    };
    if row.key == OPERATION {
        errors.at(
            key,
            format!("the attribute `{}` is what `operation = …` says: leave it out", row.key),
        );
    } else if row.key == conventions::ERROR_TYPE && derived == Trait::Request {
        errors.at(
            key,
            format!("the attribute `{}` is not known before the call: leave it out", row.key),
        );
    } else if row.content && derived == Trait::Chunk {
        errors.at(
            key,
            "the content of an answer that streams comes in pieces: write `content.text`, \
             `content.reasoning` or `content.part`",
        );
    } else if let Some(kind) = ContentKind::of_key(row.key) {
        not_exclusive(exclusive.as_ref(), errors);
        return Some(Target::Content(kind));
    } else if row.content {
        errors.at(
            key,
            format!(
                "the attribute `{}` holds content, which is not recorded: leave it out",
                row.key
            ),
        );
    } else if matches!(row.ty, Type::Json | Type::TextMap) {
        errors.at(
            key,
            format!("the attribute `{}` cannot be set from a field: leave it out", row.key),
        );
    } else if exclusive.is_some() && row.key == INPUT_TOKENS {
        return Some(Target::Exclusive(row));
    } else {
        not_exclusive(exclusive.as_ref(), errors);
        return Some(Target::Known(row));
    }
    None
}

fn not_exclusive(exclusive: Option<&Ident>, errors: &mut Errors) {
    if let Some(option) = exclusive {
        let message = format!(
            "`exclusive` says that a count leaves out cached tokens: only `{INPUT_TOKENS}` can, leave the option out"
        );
        errors.at(option, message);
    }
}

/// The key as the conventions write it: a path may leave out their namespace, a string is taken as it is.
fn full(key: &Key) -> Key {
    let whole = conventions::attribute(&key.text).is_some() || conventions::governed(&key.text);
    if key.is_string() || whole { key.clone() } else { key.prefixed(GEN_AI) }
}

/// A path that is no key in the namespace of the conventions.
fn unknown_short(key: &Key, full: &Key, derived: Trait) -> String {
    let text = &key.text;
    if derived != Trait::Chunk && OfChunk::of(key).is_some() {
        return format!(
            "`{text}` is said of the chunks of a stream: derive `LlmChunk` for this type"
        );
    }
    let of_chunk = WORDS.iter().filter(|_| derived == Trait::Chunk).map(|(word, _)| *word);
    let words = ["nested"].into_iter().chain(of_chunk);
    let near = nearest(text, words).or_else(|| nearest_key(&full.text));
    let mend = match near {
        Some(near) => {
            let near = near.strip_prefix(GEN_AI).unwrap_or(near);
            format!("did you mean `{near}`? A key of your own is a string: `\"{text}\"`")
        }
        None => format!("write a key of your own as a string, `\"{text}\"`"),
    };
    format!("the conventions have no attribute `{}`: {mend}", full.text)
}

/// The field as patterns and struct expressions name it.
pub(super) fn member(field: &Field, place: usize) -> TokenStream {
    match &field.ident {
        Some(ident) => ident.to_token_stream(),
        None => syn::Index::from(place).to_token_stream(),
    }
}
