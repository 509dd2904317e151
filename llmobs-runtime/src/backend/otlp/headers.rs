//! Headers that are sent along. Their values are secrets.

use std::fmt;

use super::error::OtlpError;

/// Names and values; `Debug` shows the names.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Headers(Vec<(String, String)>);

/// What stands where a secret is.
pub(super) const MASK: &str = "***";

const LIST: &str = "a list as `name=value,name=value` of header names and values, percent-encoded where they hold \
                    commas; values are not shown here";

impl Headers {
    /// A list as it stands in a variable. An entry without `=` may be a key that somebody forgot to name.
    pub(super) fn parse(place: &'static str, list: &str) -> Result<Self, OtlpError> {
        let mut headers = Self::default();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let parsed = entry.split_once('=').and_then(|(name, value)| {
                let value = decoded(value.trim())?;
                let name = name.trim();
                (is_name(name) && is_value(&value)).then(|| (name.to_ascii_lowercase(), value))
            });
            let Some((name, value)) = parsed else {
                let value = masked(list);
                return Err(OtlpError::Malformed { place, value, expected: LIST });
            };
            headers.put(name, value);
        }
        Ok(headers)
    }

    /// One header, as code gives it.
    pub(super) fn set(&mut self, name: &str, value: String) -> Result<(), OtlpError> {
        let place = "a header given to `Otlp::header`";
        if !is_name(name) {
            // There may be the value in it.
            let expected = "one with a name of letters, digits and hyphens; it is not shown here";
            return Err(OtlpError::Malformed { place, value: MASK.to_owned(), expected });
        }
        if !is_value(&value) {
            let value = format!("{name}={MASK}");
            let expected = "one with a value of visible ASCII characters and spaces";
            return Err(OtlpError::Malformed { place, value, expected });
        }
        self.put(name.to_ascii_lowercase(), value);
        Ok(())
    }

    /// These, and those of `above`, which win.
    pub(super) fn under(mut self, above: &Self) -> Self {
        for (name, value) in &above.0 {
            self.put(name.clone(), value.clone());
        }
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn put(&mut self, name: String, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, before)) => *before = value,
            None => self.0.push((name, value)),
        }
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, _)| (name, MASK))).finish()
    }
}

/// A list without its values.
fn masked(list: &str) -> String {
    let entries = list.split(',').map(|entry| match entry.split_once('=') {
        Some((name, _)) if is_name(name.trim()) => format!("{}={MASK}", name.trim()),
        _ => MASK.to_owned(),
    });
    entries.collect::<Vec<_>>().join(",")
}

/// Percent-encoded bytes put in their place; `None` where that makes no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Whether it may be a header's name.
fn is_name(name: &str) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || special.contains(&byte))
}

/// Whether it may be a header's value.
fn is_value(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(list: &str) -> Vec<(String, String)> {
        Headers::parse("V", list).map(|headers| headers.0).unwrap_or_default()
    }

    #[test]
    fn a_list_of_headers_is_read_as_the_specification_has_it() {
        let of = |pairs: &[(&str, &str)]| -> Vec<_> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(parsed("a=1, B = two ,, c=x=y,"), of(&[("a", "1"), ("b", "two"), ("c", "x=y")]));
        assert_eq!(
            parsed("authorization=Basic%20QQ%3D%3d"),
            of(&[("authorization", "Basic QQ==")])
        );
        assert_eq!(parsed("authorization=Basic QQ=="), of(&[("authorization", "Basic QQ==")]));
        assert_eq!(parsed("a=1,A=2"), of(&[("a", "2")]));
    }

    #[test]
    fn a_list_that_is_none_is_shown_without_a_value() {
        for (list, shown) in [
            ("sk-secret", "***"),
            ("a=secret,sk-secret", "a=***,***"),
            ("a=%zzsecret", "a=***"),
            ("a=%C3secret", "a=***"),
            ("a=%C3%A4secret", "a=***"),
            ("a=%0asecret", "a=***"),
            ("a=%4", "a=***"),
            ("a=", "a=***"),
            ("=secret", "***"),
            ("sk secret=x", "***"),
        ] {
            let error = Headers::parse("V", list).expect_err(list).to_string();
            assert!(error.starts_with(&format!("V is {shown:?}, ")), "{list}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_code_says_wins_and_values_are_not_shown() {
        let mut above = Headers::default();
        above.set("API-Key", "of-code".to_owned()).expect("a header");
        let headers = Headers::parse("V", "api-key=of-env,b=2").expect("headers").under(&above);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("api-key", "of-code"), ("b", "2")]);
        assert_eq!(format!("{headers:?}"), r#"{"api-key": "***", "b": "***"}"#);
        let refused = above.set("a", "sec\nret".to_owned()).expect_err("a line break").to_string();
        assert!(refused.contains("\"a=***\"") && !refused.contains("sec\n"), "{refused}");
        let refused =
            above.set("api-key: secret", "x".to_owned()).expect_err("no name").to_string();
        assert!(refused.contains("\"***\"") && !refused.contains("secret"), "{refused}");
    }
}
