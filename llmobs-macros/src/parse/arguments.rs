//! The arguments of `#[instrument_llm(…)]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Path, Token};

use super::list::{crate_path, equals, in_parentheses, list, value};
use super::names::{is_argument, meant, unknown, unknown_argument};
use super::{Capture, Condition, Key, ResponseArgument};
use crate::conventions::{GROUPS, TERMS};
use crate::errors::Errors;

/// An attribute with its value: `key = expression`.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) key: Key,
    pub(crate) value: Expr,
    /// It is a default of the `impl` block around: it holds where it fits, and is checked there.
    pub(crate) inherited: bool,
}

impl Given {
    fn new(key: Key, value: Expr) -> Self {
        Self { key, value, inherited: false }
    }
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
    /// Where it is recorded, by what the crate around is compiled with.
    pub(crate) cfg: Option<Condition>,
    pub(crate) skip: Option<Ident>,
    /// The function returns a stream, whatever its type is called.
    pub(crate) stream: Option<Ident>,
    pub(crate) capture: Option<Capture>,
    /// Arguments that stand for one attribute of the conventions each: `model = …`, `tool(name = …)`.
    pub(crate) terms: Vec<Given>,
    pub(crate) attributes: Vec<Given>,
    pub(crate) metric_attributes: Vec<Given>,
    /// The names in the order given, without those of an `impl` block around.
    names: Vec<Ident>,
    /// What wrong names meant.
    meant: Vec<&'static str>,
    /// These arguments stand in an `impl` block with an attribute.
    pub(crate) in_block: bool,
}

impl Arguments {
    /// Reads all arguments; a faulty one is reported and skipped up to the next comma.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut arguments = Self::default();
        let parser = |input: ParseStream<'_>| {
            list(input, errors, |input, errors| arguments.argument(input, errors))
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        arguments
    }

    /// The name of an argument where it was written here, to blame it.
    pub(crate) fn name_of(&self, argument: &str) -> Option<&Ident> {
        self.names.iter().find(|name| name.unraw() == argument)
    }

    /// Whether an argument was written, rightly or not.
    pub(crate) fn attempted(&self, argument: &str) -> bool {
        self.name_of(argument).is_some() || self.meant.contains(&argument)
    }

    fn argument(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let ident = input.call(Ident::parse_any)?;
        let name = ident.unraw().to_string();
        if input.peek(Token![.]) {
            let message = format!("an attribute is given in a list: `attributes({name}.… = …)`");
            return Err(syn::Error::new(ident.span(), message));
        }
        if !is_argument(&name) {
            self.meant.extend(meant(&name));
            return Err(unknown_argument(&ident));
        }
        if self.name_of(&name).is_some() {
            return Err(syn::Error::new(
                ident.span(),
                format!("the argument `{name}` is given twice: keep one"),
            ));
        }
        self.names.push(ident.clone());

        if let Some((_, key)) = TERMS.iter().find(|(term, _)| *term == name) {
            let value = value(input, &ident)?;
            self.terms.push(Given::new(Key::implied(key, &ident), value));
            return Ok(());
        }
        if let Some((group, members)) = GROUPS.iter().find(|(group, _)| *group == name) {
            return self.group(input, &ident, group, members, errors);
        }
        match name.as_str() {
            "operation" => self.operation = Some(value(input, &ident)?),
            "kind" => {
                equals(input, &ident)?;
                let expected = |error: syn::Error| {
                    syn::Error::new(error.span(), "expected `kind = client` or `kind = internal`")
                };
                self.kind = Some(input.call(Ident::parse_any).map_err(expected)?);
            }
            "name" => self.name = Some(value(input, &ident)?),
            "request" => self.request = Some(value(input, &ident)?),
            "response" => self.response = Some(ResponseArgument::parse(input, &ident)?),
            "usage" => self.usage = Some(ResponseArgument::parse(input, &ident)?),
            "server" => self.server = Some(value(input, &ident)?),
            "crate" => {
                equals(input, &ident)?;
                self.krate = Some(crate_path(input)?);
            }
            "cfg" => self.cfg = Some(Condition::parse(input, &ident)?),
            "skip" => {
                if !input.is_empty() && !input.peek(Token![,]) {
                    let message = "`skip` stands alone and leaves the whole function out; no argument of a \
                                   function is recorded unless it is named here";
                    return Err(syn::Error::new(ident.span(), message));
                }
                self.skip = Some(ident);
            }
            "stream" => {
                if !input.is_empty() && !input.peek(Token![,]) {
                    let message = "`stream` stands alone and says that the function returns a stream; where a chunk \
                                   stands inside of an item, `response = |item| &item.…` says";
                    return Err(syn::Error::new(ident.span(), message));
                }
                self.stream = Some(ident);
            }
            "capture" => self.capture = Some(Capture::parse(input, &ident, errors)?),
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
        let expected = || {
            let members: Vec<_> =
                members.iter().map(|(member, _)| format!("{member} = …")).collect();
            format!("{group}({})", members.join(", "))
        };
        in_parentheses(input, ident, expected, errors, |content, _| {
            let member = content.call(Ident::parse_any)?;
            let Some((_, key)) = members.iter().find(|(known, _)| member.unraw() == *known) else {
                let what = format!("argument of `{group}(…)`,");
                return Err(unknown(&member, &what, members.iter().map(|(member, _)| *member)));
            };
            let value = value(content, &member)?;
            self.terms.push(Given::new(Key::implied(key, &member), value));
            Ok(())
        })
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
        inherit!(operation, name, request, response, usage, server, krate, cfg, capture);
        self.in_block = true;
        let own: Vec<String> = [&self.terms, &self.attributes, &self.metric_attributes]
            .into_iter()
            .flatten()
            .map(|given| given.key.text.clone())
            .collect();
        for (into, inherited) in [
            (&mut self.terms, &block.terms),
            (&mut self.attributes, &block.attributes),
            (&mut self.metric_attributes, &block.metric_attributes),
        ] {
            let missing = inherited.iter().filter(|given| !own.contains(&given.key.text));
            into.extend(missing.map(|given| Given { inherited: true, ..given.clone() }));
        }
        self
    }
}

/// `(key = expression, "key" = expression, variable)`.
fn attributes(
    input: ParseStream<'_>,
    name: &Ident,
    into: &mut Vec<Given>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let expected = || format!("{name}(key = value, …)");
    in_parentheses(input, name, expected, errors, |content, _| {
        let key: Key = content.parse()?;
        let value = match &key.ident {
            _ if content.peek(Token![=]) => {
                content.parse::<Token![=]>()?;
                if content.is_empty() || content.peek(Token![,]) {
                    return Err(key.without_value());
                }
                content.parse()?
            }
            // A variable of the same name.
            Some(variable) => syn::parse_quote!(#variable),
            None => return Err(key.without_value()),
        };
        into.push(Given::new(key, value));
        Ok(())
    })
}
