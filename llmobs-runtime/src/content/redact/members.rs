//! Members of objects in text: JSON that is only part of a text, or was cut off, is no value with keys.

use std::ops::Range;

use super::keys::names_a_secret;

/// No key that names a secret is longer; see there.
const KEY: usize = 128;

/// Replaces the value of every member `"key": …` whose key names a secret: of a string what stands between its
/// quotes, of a number, an array or an object all of it. What has no end goes on to the end of the text.
pub(super) fn replace(text: &mut String, by: &str) {
    let mut redacted = String::new();
    let mut done = 0;
    let mut place = 0;
    while let Some(quote) = next_quote(text.as_bytes(), place) {
        place = quote + 1;
        let Some(value) = secret(text, quote) else { continue };
        redacted.push_str(text.get(done..value.range.start).unwrap_or_default());
        redacted.push_str(value.quotes);
        redacted.push_str(by);
        redacted.push_str(value.quotes);
        done = value.range.end;
        place = done;
    }
    if done > 0 {
        redacted.push_str(text.get(done..).unwrap_or_default());
        *text = redacted;
    }
}

fn next_quote(text: &[u8], from: usize) -> Option<usize> {
    let found = text.get(from..)?.iter().position(|byte| is_quote(*byte))?;
    Some(from + found)
}

fn is_quote(byte: u8) -> bool {
    byte == b'"' || byte == b'\''
}

/// What is to be replaced, and the quotes that it needs.
struct Value<'a> {
    range: Range<usize>,
    quotes: &'a str,
}

/// The value of the member whose key begins with this quote, if it is a secret.
fn secret(text: &str, quote: usize) -> Option<Value<'_>> {
    let bytes = text.as_bytes();
    // JSON inside a string of JSON: there quotes have backslashes.
    let escape = backslashes(bytes, quote);
    let delimiter = text.get(quote - escape..=quote)?;
    let start = quote + 1;
    let within = bytes.get(start..bytes.len().min(start + KEY))?;
    let length =
        within.iter().position(|byte| is_quote(*byte) || *byte == b'\\' || *byte < b' ')?;
    let end = start + length;
    if bytes.get(end..end + delimiter.len())? != delimiter.as_bytes() {
        return None;
    }
    let colon = blanks(bytes, end + delimiter.len());
    if bytes.get(colon)? != &b':' || !names_a_secret(text.get(start..end)?) {
        return None;
    }
    let value = blanks(bytes, colon + 1);
    let first = *bytes.get(value)?;
    match first {
        b'{' | b'[' => {
            Some(Value { range: value..enclosed(bytes, value, escape), quotes: delimiter })
        }
        b'0'..=b'9' | b'-' => {
            let digits = bytes.get(value..)?.iter();
            let length = digits.take_while(|byte| is_number(**byte)).count();
            Some(Value { range: value..value + length, quotes: delimiter })
        }
        _ => {
            let inner = bytes.get(value..)?.iter().take(escape + 1);
            let opening = value + inner.take_while(|byte| **byte == b'\\').count();
            is_quote(*bytes.get(opening)?).then(|| Value {
                range: opening + 1..string_end(bytes, opening, escape),
                quotes: "",
            })
        }
    }
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || b"+-.eE".contains(&byte)
}

/// How many backslashes stand before a place.
fn backslashes(bytes: &[u8], place: usize) -> usize {
    /// Strings are not nested any deeper.
    const MOST: usize = 16;
    let before = bytes.get(..place).unwrap_or_default();
    before.iter().rev().take(MOST).take_while(|byte| **byte == b'\\').count()
}

fn blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the string ends that begins with this quote: before its last quote and the backslashes of that, or with
/// the text.
fn string_end(bytes: &[u8], opening: usize, escape: usize) -> usize {
    let Some(quote) = bytes.get(opening).copied() else { return bytes.len() };
    let mut run = 0;
    for (place, byte) in bytes.iter().enumerate().skip(opening + 1) {
        if *byte == b'\\' {
            run += 1;
            continue;
        }
        // A backslash of the string itself is written as so many; fewer before a quote end what is around it.
        let own = 2 * (escape + 1);
        if *byte == quote && (run < escape || run % own == escape) {
            return place - run.min(escape);
        }
        run = 0;
    }
    bytes.len()
}

/// Where the array or object ends that begins here.
fn enclosed(bytes: &[u8], opening: usize, escape: usize) -> usize {
    let mut depth = 0_usize;
    let mut place = opening;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return place + 1;
                }
            }
            b'"' => {
                if backslashes(bytes, place) < escape {
                    // The end of the string around it.
                    return place;
                }
                let end = string_end(bytes, place, escape);
                if escape > 0 && bytes.get(end) != Some(&b'\\') {
                    return end;
                }
                // To its closing quote.
                place = end + escape;
            }
            _ => {}
        }
        place += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> String {
        let mut text = text.to_owned();
        replace(&mut text, "[S]");
        text
    }

    #[test]
    fn values_of_secret_names_are_replaced() {
        for (text, expected) in [
            (r#"{"token": "a b", "city": "Husum"}"#, r#"{"token": "[S]", "city": "Husum"}"#),
            (
                r#"{"a": 1, "db_password" : "a \"b\" \\", "c": 2}"#,
                r#"{"a": 1, "db_password" : "[S]", "c": 2}"#,
            ),
            (r"so {'token':'x'} it is", r"so {'token':'[S]'} it is"),
            (r#"{"api_key": 12345, "pin": 1}"#, r#"{"api_key": "[S]", "pin": 1}"#),
            (r#"{"token": {"a": ["}", 1]}, "b": 2}"#, r#"{"token": "[S]", "b": 2}"#),
            (r#"{"cookies": ["a=b", "c"], "b": 2}"#, r#"{"cookies": "[S]", "b": 2}"#),
            // Cut off.
            (r#"{"city": "Husum", "token": "abc"#, r#"{"city": "Husum", "token": "[S]"#),
            (r#"{"token": {"value": "abc"#, r#"{"token": "[S]""#),
            (r#"{"token": "abc\"#, r#"{"token": "[S]"#),
            // In a string.
            (r#"{\"token\": \"a\\\"b\", \"c\": 1}"#, r#"{\"token\": \"[S]\", \"c\": 1}"#),
            (r#""{\"token\": \"ab", "c": 1"#, r#""{\"token\": \"[S]", "c": 1"#),
            (r#""{\"token\": [1, \"]\"], \"c\": 1}""#, r#""{\"token\": \"[S]\", \"c\": 1}""#),
            (r#""{\"token\": [\"a", "c": 1"#, r#""{\"token\": \"[S]\"", "c": 1"#),
            // An apostrophe is no quote.
            (r"don't say 'token': 'ü'", r"don't say 'token': '[S]'"),
        ] {
            assert_eq!(replaced(text), expected);
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            r#"{"max_tokens": 100, "token_count": 3, "tokens": ["a"]}"#,
            r#"{"token": null, "password": true, "hint": "password"}"#,
            r#"{"x": "token", "y": ["password", "b"]}"#,
            r#"{"token""#,
            r#"{"token":"#,
            "\"",
            "it's a 'token' of friendship",
            "",
        ] {
            assert_eq!(replaced(text), text);
        }
    }
}
