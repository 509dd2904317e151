//! `#[llm(…)]` on a field.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, Field, Token};

use crate::conventions::{self, CACHE_COUNTS, GEN_AI, INPUT_TOKENS, Type};
use crate::errors::Errors;
use crate::model::{constant, find_key};
use crate::parse::Key;

/// What one `#[llm(…)]` says of its field.
pub(super) struct FieldMeaning {
    pub(super) target: Target,
    /// `with = function`: from the field to the value.
    pub(super) with: Option<Expr>,
}

/// Where the field goes.
pub(super) enum Target {
    /// It records itself.
    Nested,
    /// An attribute of the conventions.
    Known(Ident),
    /// The input count of a provider that leaves cached tokens out of it.
    Exclusive(Ident),
    /// An attribute of the user's own.
    Custom(String),
}

/// Everything that is said of a field; one field may be several attributes.
pub(super) fn meaning(field: &Field, errors: &mut Errors) -> Vec<FieldMeaning> {
    let mut found = Vec::new();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("llm")) {
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            let key: Key = input.parse()?;
            let mut exclusive = None;
            let mut with = None;
            while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
                let option: Ident = input.parse()?;
                match option.to_string().as_str() {
                    "with" => {
                        input.parse::<Token![=]>()?;
                        with = Some(input.parse()?);
                    }
                    "exclusive" => exclusive = Some(option),
                    _ => {
                        let message = format!("unknown option `{option}`: expected `with = function` or `exclusive`");
                        return Err(syn::Error::new(option.span(), message));
                    }
                }
            }
            if !input.is_empty() {
                return Err(input.error("expected `,`"));
            }
            Ok((key, exclusive, with))
        });
        match parsed {
            Ok((key, exclusive, with)) => {
                if let Some(target) = target(&key, exclusive.as_ref(), errors) {
                    found.push(FieldMeaning { target, with });
                }
            }
            Err(error) => errors.push(error),
        }
    }
    found
}

fn target(key: &Key, exclusive: Option<&Ident>, errors: &mut Errors) -> Option<Target> {
    if key.ident.as_ref().is_some_and(|ident| ident == "nested") {
        return Some(Target::Nested);
    }
    let full = full(key);
    let Some(attribute) = find_key(&full, errors) else {
        if !conventions::governed(&full.text) {
            return Some(Target::Custom(full.text));
        }
        return None;
    };
    if attribute.content {
        errors.at(key, format!("the attribute `{}` holds content, which is not recorded: leave it out", attribute.key));
        return None;
    }
    if matches!(attribute.ty, Type::Json | Type::TextMap) {
        errors.at(key, format!("the attribute `{}` cannot be set from a field", attribute.key));
        return None;
    }
    match exclusive {
        Some(_) if attribute.key == INPUT_TOKENS => Some(Target::Exclusive(constant(attribute.key))),
        Some(option) => {
            errors.at(option, format!("only `{INPUT_TOKENS}` can be exclusive of cached tokens"));
            None
        }
        None => Some(Target::Known(constant(attribute.key))),
    }
}

/// The key as the conventions write it: a path may leave out their namespace, a string is taken as it is.
fn full(key: &Key) -> Key {
    let written_as_path = key.ident.is_some() || !key.is_string();
    if !written_as_path || conventions::attribute(&key.text).is_some() || conventions::governed(&key.text) {
        return key.clone();
    }
    key.prefixed(GEN_AI)
}

/// Whether the attribute counts tokens read from or written to a cache, all modalities together.
pub(super) fn is_cache_count(name: &Ident) -> bool {
    CACHE_COUNTS.iter().any(|key| *name == constant(key))
}
