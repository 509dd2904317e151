//! A ready-made hook that knows secrets and personal data by their shapes.

use regex::{Captures, Regex, RegexBuilder};

use super::{Redactable, Redactor, cards, keys, members, secrets};
use crate::content::{Json, Part};

const EMAIL: &str = "[EMAIL]";
const PHONE: &str = "[PHONE]";
const CARD: &str = "[CARD]";
const SECRET: &str = "[SECRET]";

/// The compiled form of one pattern may take this much memory: what is larger is a mistake.
const SIZE_LIMIT: usize = 1 << 20;

/// Replaces what looks like an e-mail address, a phone or card number, a key or a token.
///
/// ```
/// use llmobs_runtime::content::{Patterns, Redactor};
///
/// let redactor: Redactor = Patterns::all().into();
/// # let _ = redactor;
/// ```
///
/// | shape | becomes |
/// |---|---|
/// | keys and tokens of OpenAI, Anthropic, Azure, AWS, Google, GitHub, Slack and others; JSON web tokens; `Bearer …`; the secrets of connection strings and URLs; private keys; what is [called by such a name](#names) | `[SECRET]` |
/// | card numbers that pass the Luhn check, also as JSON numbers | `[CARD]` |
/// | e-mail addresses | `[EMAIL]` |
/// | phone numbers: international ones, and those written in groups as in North America and Europe | `[PHONE]` |
///
/// # Names
///
/// | where | name | what goes |
/// |---|---|---|
/// | member of an object, in a value or in JSON within a text, also one that was cut off | ends with a word such as `password`, `secret`, `token`, `api_key`, `authorization`, `cookie`: `db_password`, `x-auth-token`, `dbPassword`, not `max_tokens` | strings and numbers of any length, also all those of a list or an object; not booleans. In the definition of a tool those of a list or an object stay: they describe the secret |
/// | `name=…`, `name: …` in a text | ends with `password`, `passwd`, `passphrase`, `pwd`, `AccountKey` and the like | what follows up to a blank, a quote or one of `,;<>[]`, if that is 3 bytes or more |
/// | the same | ends with `api_key`, `secret`, `token`, `access_key`, `private_key` | the same, if it is 8 bytes or more and has a digit |
/// | `Authorization: Bearer …`, also `Basic`, `Digest`, `Token`, `ApiKey` | | the same, if it is 3 bytes or more |
/// | `Bearer …`, `Basic …` elsewhere in a text | | what follows, if it is 8 bytes or more and has a digit; for `Bearer` also if it is 32 bytes or more, or its letters change from lower to upper case |
///
/// # What it cannot find
///
/// Each text, each string in a JSON value and each key of an object is searched, in time linear in its length, for
/// shapes and not for meanings: a name, an address or a password in prose is left alone, and what looks like
/// a phone number may be none. What stands in two texts, one half in each, is not found; pieces of a stream are
/// one text.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    own: Vec<(Regex, String)>,
    secrets: Vec<(Regex, bool)>,
    card: bool,
    email: Option<Regex>,
    phone: Option<Regex>,
}

/// Why a pattern of the user's own is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "not a pattern for redaction (classes such as `\\d` and `\\w` are to be written out: `[0-9]`): {0}"
)]
pub struct PatternError(regex::Error);

impl Patterns {
    /// None yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// All that there are.
    pub fn all() -> Self {
        Self::none().secrets().cards().emails().phones()
    }

    /// Keys and tokens.
    #[must_use]
    pub fn secrets(mut self) -> Self {
        let compiled = |(pattern, digit): &secrets::Shape| Some((regex(pattern)?, *digit));
        self.secrets = secrets::SHAPES.iter().filter_map(compiled).collect();
        self
    }

    /// Card numbers.
    #[must_use]
    pub fn cards(mut self) -> Self {
        self.card = true;
        self
    }

    /// E-mail addresses.
    #[must_use]
    pub fn emails(mut self) -> Self {
        self.email = regex(EMAILS);
        self
    }

    /// Phone numbers.
    #[must_use]
    pub fn phones(mut self) -> Self {
        self.phone = regex(PHONES);
        self
    }

    /// What a regular expression of the [`regex`] crate finds, replaced by `replacement` as it stands.
    ///
    /// Classes are written out, `[0-9]` and not `\d`; a text is searched up to a kibibyte past its limit, so that a
    /// match may be that long.
    ///
    /// # Errors
    ///
    /// Where it is no such expression, or one that is too large.
    pub fn custom(
        mut self,
        pattern: &str,
        replacement: impl Into<String>,
    ) -> Result<Self, PatternError> {
        self.own.push((compile(pattern).map_err(PatternError)?, replacement.into()));
        Ok(self)
    }

    /// Replaces what is found in one text.
    pub fn redact(&self, text: &mut String) {
        for (pattern, replacement) in &self.own {
            replace(text, pattern, |_| Some(replacement.clone()));
        }
        if !self.secrets.is_empty() {
            members::replace(text, SECRET);
        }
        for (pattern, digit) in &self.secrets {
            replace(text, pattern, |found| secret(found, *digit));
        }
        if self.card {
            cards::replace(text, CARD);
        }
        if let Some(email) = &self.email {
            replace(text, email, |_| Some(EMAIL.to_owned()));
        }
        if let Some(phone) = &self.phone {
            replace(text, phone, |found| is_phone(found).then(|| PHONE.to_owned()));
        }
    }

    /// What no text shows: numbers, and values whose key gives them away.
    fn redact_value(&self, json: &mut Json, of: Of) {
        match json {
            Json::Int(int) if self.card && cards::is_card(&int.to_string()) => {
                *json = Json::Text(CARD.to_owned());
            }
            Json::List(items) => items.iter_mut().for_each(|item| self.redact_value(item, of)),
            Json::Object(members) => self.redact_members(members, of),
            _ => {}
        }
    }

    fn redact_members(&self, members: &mut [(String, Json)], of: Of) {
        for (key, value) in members {
            let secret = !self.secrets.is_empty() && keys::names_a_secret(key);
            match (value, of) {
                (value, Of::Data) if secret => blank(value),
                (value @ (Json::Text(_) | Json::Int(_) | Json::Double(_)), _) if secret => {
                    blank(value);
                }
                (value, of) => self.redact_value(value, of),
            }
        }
    }

    fn redact_part(&self, part: &mut Part) {
        match part {
            Part::ToolCall { arguments: Some(value), .. }
            | Part::ToolCallResponse { response: value, .. } => self.redact_value(value, Of::Data),
            Part::Other { members, .. } => self.redact_members(members, Of::Data),
            _ => {}
        }
    }
}

/// What a value belongs to.
#[derive(Clone, Copy)]
enum Of {
    /// Something that was said.
    Data,
    /// The definition of a tool: what it has under the name of a secret mostly describes one.
    Definition,
}

/// Everything in the value of a secret is one.
fn blank(value: &mut Json) {
    match value {
        Json::Text(_) | Json::Int(_) | Json::Double(_) => *value = Json::Text(SECRET.to_owned()),
        Json::List(items) => items.iter_mut().for_each(blank),
        Json::Object(members) => members.iter_mut().for_each(|(_, value)| blank(value)),
        Json::Null | Json::Flag(_) => {}
    }
}

impl From<Patterns> for Redactor {
    fn from(patterns: Patterns) -> Self {
        Self::new(move |_, mut content| {
            match &mut content {
                Redactable::Message(message) => {
                    message.parts.iter_mut().for_each(|part| patterns.redact_part(part));
                }
                Redactable::Parts(parts) => {
                    parts.iter_mut().for_each(|part| patterns.redact_part(part));
                }
                Redactable::Tool(definition) => {
                    patterns.redact_value(definition, Of::Definition);
                }
                Redactable::Value(value) => patterns.redact_value(value, Of::Data),
            }
            content.texts_mut(|text| patterns.redact(text));
            Ok(())
        })
    }
}

/// Letters of other scripts count: addresses may have them on both sides.
const EMAILS: &str = r#"[^\x00-\x20"'(),:;<>@\[\\\]/=?&]+@(?:[A-Za-z0-9\u{80}-\u{10FFFF}_-]+\.)+[A-Za-z0-9\u{80}-\u{10FFFF}-]*[A-Za-z0-9\u{80}-\u{10FFFF}]"#;

/// International; North American; those of other countries, which begin with 0 and have an area code.
const PHONES: &str = r"(?:\+|(?-u:\b)00)[1-9][0-9]{0,2}(?:[ ./-]?\(?[0-9]{1,6}\)?){1,6}(?-u:\b)|(?:\([2-9][0-9]{2}\)[ .-]?|(?-u:\b)(?:1[ .-])?[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}(?-u:\b)|(?-u:\b)0[1-9][0-9]{1,4}[ /-]{1,3}[0-9]{3,8}(?:[ -][0-9]{2,6}){0,3}(?-u:\b)";

/// As many digits as phone numbers have.
fn is_phone(found: &Captures<'_>) -> bool {
    let digits = found.get(0).map_or("", |found| found.as_str());
    (7..=15).contains(&digits.bytes().filter(u8::is_ascii_digit).count())
}

/// The name that gives the secret away stays.
fn secret(found: &Captures<'_>, needs_digit: bool) -> Option<String> {
    let group = |index| found.get(index).map_or("", |group| group.as_str());
    let (name, secret) = (group(1), group(2));
    if needs_digit && !secret.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = group(0);
    // What stands after the secret was only looked at.
    let after = whole.get(whole.rfind(secret)?..)?.get(secret.len()..)?;
    Some([name, SECRET, after].concat())
}

/// Replaces matches, except those for which there is nothing to put in their place. Most texts hold none, and are
/// not copied.
fn replace(text: &mut String, pattern: &Regex, by: impl Fn(&Captures<'_>) -> Option<String>) {
    if !pattern.is_match(text) {
        return;
    }
    let mut copy = String::with_capacity(text.len());
    let mut end = 0;
    for found in pattern.captures_iter(text) {
        if let Some(whole) = found.get(0)
            && let Some(replacement) = by(&found)
        {
            copy.push_str(text.get(end..whole.start()).unwrap_or_default());
            copy.push_str(&replacement);
            end = whole.end();
        }
    }
    copy.push_str(text.get(end..).unwrap_or_default());
    *text = copy;
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build()
}

/// Those above; a test compiles each.
fn regex(pattern: &str) -> Option<Regex> {
    compile(pattern).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = Patterns::all();
        for (pattern, _) in secrets::SHAPES {
            assert_eq!(compile(pattern).err(), None, "{pattern}");
        }
        assert_eq!(all.secrets.len(), secrets::SHAPES.len());
        assert!(all.email.is_some() && all.phone.is_some());
    }
}
