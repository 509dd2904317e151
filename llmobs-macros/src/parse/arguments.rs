//! The arguments of `#[instrument_llm(…)]`, as written.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprClosure, Path, Token, parenthesized, token};

use super::Key;
use crate::conventions::{GROUPS, TERMS, nearest};
use crate::errors::{Errors, listed};

/// What `response = …` says.
#[derive(Clone)]
pub(crate) enum ResponseArgument {
    /// `none`: there is nothing to read.
    None,
    /// `|value| …`: where the response stands in the returned value.
    Closure(ExprClosure),
    /// A function from the returned value to the response.
    Function(Expr),
}

/// An attribute with its value: `key = expression`.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) key: Key,
    pub(crate) value: Expr,
}

/// Everything that may stand in the parentheses. An argument that is absent is `None` or empty.
#[derive(Clone, Default)]
pub(crate) struct Arguments {
    pub(crate) operation: Option<Key>,
    pub(crate) kind: Option<Ident>,
    pub(crate) name: Option<Expr>,
    pub(crate) request: Option<Expr>,
    pub(crate) response: Option<ResponseArgument>,
    pub(crate) usage: Option<ResponseArgument>,
    pub(crate) server: Option<Expr>,
    pub(crate) krate: Option<Path>,
    pub(crate) skip: Option<Ident>,
    /// Arguments that stand for one attribute of the conventions each: `model = …`, `tool(name = …)`.
    pub(crate) terms: Vec<Given>,
    pub(crate) attributes: Vec<Given>,
    pub(crate) metric_attributes: Vec<Given>,
    /// Argument names in the order given, to find duplicates.
    seen: Vec<String>,
}

/// The other arguments.
const OTHERS: &[&str] = &[
    "operation",
    "kind",
    "name",
    "request",
    "response",
    "usage",
    "server",
    "attributes",
    "metric_attributes",
    "crate",
    "skip",
];

/// Every argument name, in the order in which messages list them.
fn names() -> impl Iterator<Item = &'static str> + Clone {
    OTHERS
        .iter()
        .copied()
        .chain(TERMS.iter().map(|(name, _)| *name))
        .chain(GROUPS.iter().map(|(name, _)| *name))
}

impl Arguments {
    /// Reads all arguments; a faulty one is reported and skipped up to the next comma.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut arguments = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = arguments.argument(input, errors) {
                    errors.push(error);
                    skip_to_comma(input)?;
                }
                if input.is_empty() {
                    break;
                }
                if let Err(error) = input.parse::<Token![,]>() {
                    errors.push(error);
                    skip_to_comma(input)?;
                    let _: Option<Token![,]> = input.parse()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        arguments
    }

    fn argument(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let ident = input.call(Ident::parse_any)?;
        let name = ident.unraw().to_string();
        if !names().any(|known| known == name) {
            return Err(unknown(&ident, "argument", names()));
        }
        if self.seen.contains(&name) {
            errors.at(&ident, format!("`{name}` is given twice"));
        }
        self.seen.push(name.clone());

        if let Some((_, key)) = TERMS.iter().find(|(term, _)| *term == name) {
            let value = value(input, &ident)?;
            self.terms.push(Given { key: Key::implied(key, ident.span()), value });
            return Ok(());
        }
        if let Some((group, members)) = GROUPS.iter().find(|(group, _)| *group == name) {
            return self.group(input, &ident, group, members, errors);
        }
        match name.as_str() {
            "operation" => {
                equals(input, &ident)?;
                self.operation = Some(input.parse()?);
            }
            "kind" => {
                equals(input, &ident)?;
                self.kind = Some(input.call(Ident::parse_any)?);
            }
            "name" => self.name = Some(value(input, &ident)?),
            "request" => self.request = Some(value(input, &ident)?),
            "response" => self.response = Some(response(input, &ident)?),
            "usage" => self.usage = Some(response(input, &ident)?),
            "server" => self.server = Some(value(input, &ident)?),
            "crate" => {
                equals(input, &ident)?;
                self.krate = Some(input.call(Path::parse_mod_style)?);
            }
            "skip" => self.skip = Some(ident),
            "attributes" => attributes(input, &ident, &mut self.attributes, errors)?,
            _ => attributes(input, &ident, &mut self.metric_attributes, errors)?,
        }
        Ok(())
    }

    fn group(
        &mut self,
        input: ParseStream<'_>,
        ident: &Ident,
        group: &str,
        members: &'static [(&str, &str)],
        errors: &mut Errors,
    ) -> syn::Result<()> {
        let usage = || {
            let members = members.iter().map(|(member, _)| format!("{member} = …"));
            format!("expected `{group}({})`", members.collect::<Vec<_>>().join(", "))
        };
        if !input.peek(token::Paren) {
            return Err(syn::Error::new(ident.span(), usage()));
        }
        let content;
        parenthesized!(content in input);
        while !content.is_empty() {
            let member = content.call(Ident::parse_any)?;
            let known = members.iter().find(|(known, _)| member.unraw() == *known);
            let Some((_, key)) = known else {
                errors.push(unknown(&member, group, members.iter().map(|(member, _)| *member)));
                skip_to_comma(&content)?;
                let _: Option<Token![,]> = content.parse()?;
                continue;
            };
            let value = value(&content, &member)?;
            self.terms.push(Given { key: Key::implied(key, member.span()), value });
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    /// These arguments where they say something, else those of `block`, the `impl` block around.
    pub(crate) fn or(mut self, block: &Self) -> Self {
        macro_rules! inherit {
            ($($argument:ident),*) => {$(
                self.$argument = self.$argument.or_else(|| block.$argument.clone());
            )*};
        }
        // A function with an operation of its own has a kind of its own too.
        if self.operation.is_none() {
            inherit!(kind);
        }
        inherit!(operation, name, request, response, usage, server, krate);
        for (own, inherited) in [
            (&mut self.terms, &block.terms),
            (&mut self.attributes, &block.attributes),
            (&mut self.metric_attributes, &block.metric_attributes),
        ] {
            let missing: Vec<Given> = inherited
                .iter()
                .filter(|given| own.iter().all(|known| known.key.text != given.key.text))
                .cloned()
                .collect();
            own.extend(missing);
        }
        self
    }
}

/// `= expression`.
fn value(input: ParseStream<'_>, name: &Ident) -> syn::Result<Expr> {
    equals(input, name)?;
    input.parse()
}

fn equals(input: ParseStream<'_>, name: &Ident) -> syn::Result<()> {
    if input.peek(Token![=]) {
        return input.parse::<Token![=]>().map(drop);
    }
    Err(syn::Error::new(name.span(), format!("expected a value: `{} = …`", name.unraw())))
}

fn response(input: ParseStream<'_>, name: &Ident) -> syn::Result<ResponseArgument> {
    Ok(match value(input, name)? {
        Expr::Path(path) if path.path.is_ident("none") => ResponseArgument::None,
        Expr::Closure(closure) if closure.inputs.len() == 1 => ResponseArgument::Closure(closure),
        Expr::Closure(closure) => {
            let tokens = closure.to_token_stream();
            let message = format!("`{name}` takes the returned value: `{name} = |it| &it.…`");
            return Err(syn::Error::new_spanned(tokens, message));
        }
        function => ResponseArgument::Function(function),
    })
}

/// `(key = expression, "key" = expression, variable)`.
fn attributes(
    input: ParseStream<'_>,
    name: &Ident,
    into: &mut Vec<Given>,
    errors: &mut Errors,
) -> syn::Result<()> {
    if !input.peek(token::Paren) {
        let message = format!("expected `{name}(key = value, …)`");
        return Err(syn::Error::new(name.span(), message));
    }
    let content;
    parenthesized!(content in input);
    while !content.is_empty() {
        let key: Key = content.parse()?;
        let value = if content.peek(Token![=]) {
            content.parse::<Token![=]>()?;
            content.parse()?
        } else if let Some(variable) = &key.ident {
            syn::parse_quote!(#variable)
        } else {
            errors.at(&key, format!("expected a value: `{} = …`", key.text));
            skip_to_comma(&content)?;
            let _: Option<Token![,]> = content.parse()?;
            continue;
        };
        into.push(Given { key, value });
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// "unknown argument `modle`: did you mean `model`?", with all names where none is near.
pub(crate) fn unknown(
    ident: &Ident,
    what: &str,
    known: impl Iterator<Item = &'static str> + Clone,
) -> syn::Error {
    let given = ident.unraw().to_string();
    let mend = match nearest(&given, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", listed(known)),
    };
    let what = if what == "argument" { what.to_owned() } else { format!("member of `{what}(…)`") };
    syn::Error::new(ident.span(), format!("unknown {what} `{given}`: {mend}"))
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
