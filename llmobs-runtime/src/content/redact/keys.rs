//! The names that give a secret away.

/// The ends of keys whose values are secrets, in lower case and without what separates their words.
const KEYS: &[&str] = &[
    "accesskey",
    "accountkey",
    "apikey",
    "apikeys",
    "authkey",
    "authorization",
    "bearer",
    "clientkey",
    "connectionstring",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "encryptionkey",
    "hostkey",
    "instrumentationkey",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "passwort",
    "privatekey",
    "pwd",
    "secret",
    "secretaccesskey",
    "secretkey",
    "secrets",
    "sharedaccesssignature",
    "signingkey",
    "sshkey",
    "storagekey",
    "subscriptionkey",
    "token",
];

/// Whether a member of this key holds a secret: whether the key is one of the list, or its last words are.
pub(super) fn names_a_secret(key: &str) -> bool {
    /// None of the list is longer, with its separators.
    const LONGEST: usize = 48;
    let key = key.trim().as_bytes();
    let last = key.get(key.len().saturating_sub(LONGEST)..).unwrap_or_default();
    let whole = last.len() == key.len();
    // From the end on: the letters so far, the last of them first.
    let mut end = Vec::with_capacity(last.len());
    for (place, byte) in last.iter().enumerate().rev() {
        if !byte.is_ascii_alphanumeric() {
            if !is_separator(*byte) {
                return false;
            }
            continue;
        }
        end.push(byte.to_ascii_lowercase());
        let before = place.checked_sub(1).and_then(|before| last.get(before)).copied();
        let begins = match before {
            None => whole,
            Some(before) => is_border(before, *byte, last.get(place + 1).copied()),
        };
        if begins && is_listed(&end) {
            return true;
        }
    }
    false
}

fn is_separator(byte: u8) -> bool {
    b"-_ .:".contains(&byte)
}

/// Whether a word begins: after a separator or a digit, and where the case changes (`dbPassword`, `DBPassword`).
fn is_border(before: u8, first: u8, after: Option<u8>) -> bool {
    let camel = first.is_ascii_uppercase()
        && (before.is_ascii_lowercase() || after.is_some_and(|after| after.is_ascii_lowercase()));
    !before.is_ascii_alphabetic() || camel
}

fn is_listed(reversed: &[u8]) -> bool {
    KEYS.iter().any(|key| key.bytes().rev().eq(reversed.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_found_in_any_spelling() {
        for name in [
            "password",
            "API-Key",
            "api_key",
            "x-api-key",
            "accessToken",
            "Authorization",
            "aws_secret_access_key",
            "db_password",
            "openai_api_key",
            "OPENAI_APIKEY",
            "x-auth-token",
            "proxy-authorization",
            "set-cookie",
            "dbPassword",
            "DBPassword",
            "Ocp-Apim-Subscription-Key",
            "spring.datasource.password",
            "client secret",
            "password ",
            "oauth2token",
            &format!("{}_token", "x".repeat(100)),
        ] {
            assert!(names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "max_tokens",
            "passwords_allowed",
            "token_count",
            "tokens",
            "tokenizer",
            "completion_tokens",
            "",
            "_",
            "key",
            "keyboard",
            "foreign_key",
            "secretary",
            "cookie_policy",
            "broken",
            "mytoken",
            "über-all",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
