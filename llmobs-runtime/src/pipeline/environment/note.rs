//! How the one warning tells of what is unknown.

use super::shown::shown;
use super::strangers::nearest;

/// A variable names something that nobody knows.
pub(super) fn unknown_value(variable: &str, value: &str, known: &[&str]) -> String {
    let near = nearest(&value.to_ascii_lowercase(), known.iter().copied());
    let near = near.map(|near| format!(", `{near}` is near it")).unwrap_or_default();
    let known = known.join(", ");
    format!(
        "{variable} names `{}`, which is unknown and left out{near}; known here: {known}",
        shown(value)
    )
}

/// A variable that nobody knows, and the one that was probably meant.
pub(super) fn unknown_variable(name: &str, meant: &str) -> String {
    format!("{} is unknown, {meant} is near it", shown(name))
}
