//! What a query in Kusto's language reads, as far as our queries use that language: what is not understood is an
//! error, and so is a name that nothing has.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{TABLES, columns};

/// Functions and aggregates that our queries call.
const FUNCTIONS: &[&str] = &[
    "avg",
    "bin",
    "case",
    "isempty",
    "isnotempty",
    "isnotnull",
    "make_set",
    "max",
    "percentilew",
    "sum",
    "sumif",
    "tolong",
    "toreal",
    "tostring",
];
/// Words of expressions.
const WORDS: &[&str] = &["and", "asc", "desc", "false", "in", "not", "or", "true"];

/// What a query reads of the tables.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Uses {
    /// Table and column.
    pub(crate) columns: BTreeSet<(String, String)>,
    /// Table and key of `customDimensions`.
    pub(crate) keys: BTreeSet<(String, String)>,
    /// Table and what its `name` is compared with.
    pub(crate) names: BTreeSet<(String, String)>,
    /// The columns of the result, where they are known.
    pub(crate) result: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number,
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    "==", "!=", ">=", "<=", "=~", "!~", "|", ";", "(", ")", "[", "]", ",", "=", ">", "<", "+", "-",
    "*", "/", ":", ".",
];

fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |more: fn(char) -> bool| rest.find(|c| !more(c)).unwrap_or(rest.len());
        let taken = if first.is_ascii_alphabetic() || first == '_' {
            let length = length(|c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        } else if first.is_ascii_digit() {
            tokens.push(Token::Number);
            // With the unit of a time span.
            length(|c| c.is_ascii_alphanumeric() || c == '.')
        } else if first == '"' {
            let end = rest[1..].find('"').ok_or("a text without its end")?;
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("what is {first:?}? {rest}"))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[taken..].trim_start();
    }
    Ok(tokens)
}

/// The parts between signs that stand in no brackets.
fn split<'a>(tokens: &'a [Token], at: &Token) -> Vec<&'a [Token]> {
    let mut depth = 0_u32;
    tokens
        .split(|token| {
            match token {
                Token::Sign("(" | "[") => depth += 1,
                Token::Sign(")" | "]") => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token == at
        })
        .collect()
}

/// What names mean at some place of a query.
#[derive(Clone, Debug, Default)]
struct Scope {
    /// The table whose rows these are.
    table: Option<&'static str>,
    /// Whether all of its columns are still there.
    whole: bool,
    /// What the query has added or kept.
    own: BTreeSet<String>,
}

#[derive(Default)]
struct Reader {
    uses: Uses,
    lets: BTreeMap<String, Scope>,
}

/// What `query` reads; its parameters must have been replaced.
///
/// # Errors
///
/// What is not understood, or known to nobody.
pub(crate) fn uses(query: &str) -> Result<Uses, String> {
    let tokens = tokens(query)?;
    let mut reader = Reader::default();
    for statement in split(&tokens, &Token::Sign(";")) {
        if let [Token::Word(first), Token::Word(name), Token::Sign("="), value @ ..] = statement
            && first == "let"
        {
            let scope = reader.value(value)?;
            reader.lets.insert(name.clone(), scope);
        } else {
            let scope = reader.pipeline(statement)?;
            reader.uses.result = scope.own;
        }
    }
    Ok(reader.uses)
}

impl Reader {
    /// What `let` gives a name.
    fn value(&mut self, tokens: &[Token]) -> Result<Scope, String> {
        let [Token::Word(word), Token::Sign("("), rest @ ..] = tokens else {
            return self.pipeline(tokens);
        };
        if word != "datatable" {
            return Err(format!("`{word}` is no table"));
        }
        let end = rest.iter().position(|token| *token == Token::Sign(")"));
        let mut own = BTreeSet::new();
        for column in split(&rest[..end.unwrap_or(0)], &Token::Sign(",")) {
            let [Token::Word(name), Token::Sign(":"), Token::Word(_)] = column else {
                return Err(format!("no column of a datatable: {column:?}"));
            };
            own.insert(name.clone());
        }
        Ok(Scope { own, ..Scope::default() })
    }

    fn pipeline(&mut self, tokens: &[Token]) -> Result<Scope, String> {
        let mut parts = split(tokens, &Token::Sign("|")).into_iter();
        let Some([Token::Word(source)]) = parts.next() else {
            return Err(format!("no source: {tokens:?}"));
        };
        let table = TABLES.iter().find(|table| *table == source);
        let mut scope = match (table, self.lets.get(source)) {
            (Some(table), _) => Scope { table: Some(table), whole: true, ..Scope::default() },
            (None, Some(scope)) => scope.clone(),
            (None, None) => return Err(format!("`{source}` is no table")),
        };
        for part in parts {
            let [Token::Word(operator), rest @ ..] = part else {
                return Err(format!("no operator: {part:?}"));
            };
            self.operator(operator, rest, &mut scope)?;
        }
        Ok(scope)
    }

    fn operator(&mut self, name: &str, rest: &[Token], scope: &mut Scope) -> Result<(), String> {
        match (name, rest) {
            ("where", _) => self.expression(rest, scope),
            ("extend", _) => {
                let added = self.items(rest, scope)?;
                scope.own.extend(added);
                Ok(())
            }
            ("project" | "distinct", _) => {
                let own = self.items(rest, scope)?;
                *scope = Scope { table: scope.table, whole: false, own };
                Ok(())
            }
            ("summarize", _) => {
                let mut by = split(rest, &Token::Word("by".to_owned())).into_iter();
                let mut own = self.items(by.next().unwrap_or(&[]), scope)?;
                for groups in by {
                    own.extend(self.items(groups, scope)?);
                }
                *scope = Scope { table: scope.table, whole: false, own };
                Ok(())
            }
            ("order", [Token::Word(by), rest @ ..]) if by == "by" => self.expression(rest, scope),
            ("top", [Token::Number, Token::Word(by), rest @ ..]) if by == "by" => {
                self.expression(rest, scope)
            }
            (
                "lookup" | "join",
                [
                    Token::Word(kind),
                    Token::Sign("="),
                    Token::Word(kind_of),
                    Token::Word(other),
                    Token::Word(on),
                    Token::Word(key),
                ],
            ) if kind == "kind" && on == "on" => {
                let other = self
                    .lets
                    .get(other)
                    .ok_or_else(|| format!("`{other}` is not defined"))?
                    .clone();
                self.expression(&[Token::Word(key.clone())], scope)?;
                self.expression(&[Token::Word(key.clone())], &other)?;
                match kind_of.as_str() {
                    "leftouter" | "inner" => scope.own.extend(other.own),
                    "leftanti" => {}
                    _ => return Err(format!("a join of the kind `{kind_of}`")),
                }
                Ok(())
            }
            ("render", [Token::Word(_)]) => Ok(()),
            _ => Err(format!("the operator `{name}` {rest:?}")),
        }
    }

    /// Expressions with commas between them, each with a name of its own; the names.
    fn items(&mut self, tokens: &[Token], scope: &Scope) -> Result<BTreeSet<String>, String> {
        let mut names = BTreeSet::new();
        for item in split(tokens, &Token::Sign(",")) {
            match item {
                [Token::Word(name), Token::Sign("="), value @ ..] => {
                    self.expression(value, scope)?;
                    names.insert(name.clone());
                }
                // A column keeps its name, also in bins.
                [Token::Word(name)] => {
                    self.expression(item, scope)?;
                    names.insert(name.clone());
                }
                [
                    Token::Word(bin),
                    Token::Sign("("),
                    Token::Word(name),
                    Token::Sign(","),
                    Token::Number,
                    Token::Sign(")"),
                ] if bin == "bin" => {
                    self.expression(&item[2..3], scope)?;
                    names.insert(name.clone());
                }
                _ => return Err(format!("without a name: {item:?}")),
            }
        }
        Ok(names)
    }

    fn expression(&mut self, tokens: &[Token], scope: &Scope) -> Result<(), String> {
        let mut rest = tokens;
        while let [token, after @ ..] = rest {
            rest = after;
            let Token::Word(word) = token else { continue };
            let table = scope.table.unwrap_or_default();
            let pair = |value: &str| (table.to_owned(), value.to_owned());
            match after {
                [Token::Sign("["), Token::Text(key), Token::Sign("]"), after @ ..]
                    if word == "customDimensions" =>
                {
                    rest = after;
                    self.column(word, scope)?;
                    self.uses.keys.insert(pair(key));
                    continue;
                }
                [Token::Sign("("), ..] if FUNCTIONS.contains(&word.as_str()) => continue,
                // `in (…)`, with what was defined before.
                [Token::Sign("("), Token::Word(set), Token::Sign(")"), after @ ..]
                    if word == "in" =>
                {
                    self.lets.get(set).ok_or_else(|| format!("`{set}` is not defined"))?;
                    rest = after;
                    continue;
                }
                [Token::Sign("=="), Token::Text(text), ..] if word == "name" => {
                    self.uses.names.insert(pair(text));
                }
                [Token::Word(is), Token::Sign("("), list @ ..] if word == "name" && is == "in" => {
                    for token in list.iter().take_while(|token| **token != Token::Sign(")")) {
                        if let Token::Text(text) = token {
                            self.uses.names.insert(pair(text));
                        }
                    }
                }
                _ => {}
            }
            if !WORDS.contains(&word.as_str()) {
                self.column(word, scope)?;
            }
        }
        Ok(())
    }

    fn column(&mut self, name: &str, scope: &Scope) -> Result<(), String> {
        if scope.own.contains(name) {
            return Ok(());
        }
        let table = scope.table.filter(|_| scope.whole).unwrap_or_default();
        if !columns(table).any(|(column, _)| column == name) {
            return Err(format!(
                "`{name}` is neither a column of `{table}` nor one that was made before"
            ));
        }
        self.uses.columns.insert((table.to_owned(), name.to_owned()));
        Ok(())
    }
}
