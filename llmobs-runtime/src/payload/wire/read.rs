//! Members of JSON objects, taken only in the type that they ought to have.

use serde_json::{Map, Value};

use crate::payload::value::LIST_LIMIT;

pub(super) type Object = Map<String, Value>;

/// Above this a double no longer holds every integer, so that an integral one proves nothing.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn object<'a>(parent: &'a Object, key: &str) -> Option<&'a Object> {
    parent.get(key)?.as_object()
}

/// The first [`LIST_LIMIT`] elements of an array.
pub(super) fn array<'a>(parent: &'a Object, key: &str) -> Option<&'a [Value]> {
    as_array(parent.get(key)?)
}

pub(super) fn as_array(value: &Value) -> Option<&[Value]> {
    let whole = value.as_array()?;
    Some(whole.get(..LIST_LIMIT).unwrap_or(whole))
}

pub(super) fn text<'a>(parent: &'a Object, key: &str) -> Option<&'a str> {
    as_text(parent.get(key)?)
}

pub(super) fn as_text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Whether `key` holds exactly the string `expected`.
pub(super) fn is(parent: &Object, key: &str, expected: &str) -> bool {
    text(parent, key) == Some(expected)
}

/// A non-negative integer; `12.0` is one, `"12"` and `-1` are none.
pub(super) fn count(parent: &Object, key: &str) -> Option<u64> {
    as_count(parent.get(key)?)
}

pub(super) fn as_count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| integral(value).and_then(|int| u64::try_from(int).ok()))
}

pub(super) fn integer(parent: &Object, key: &str) -> Option<i64> {
    let value = parent.get(key)?;
    value.as_i64().or_else(|| integral(value))
}

pub(super) fn number(parent: &Object, key: &str) -> Option<f64> {
    parent.get(key)?.as_f64()
}

/// A string, or the strings of an array.
pub(super) fn texts<'a>(parent: &'a Object, key: &str) -> Option<Vec<&'a str>> {
    if let Some(single) = text(parent, key) {
        return Some(vec![single]);
    }
    Some(array(parent, key)?.iter().filter_map(Value::as_str).collect())
}

fn integral(value: &Value) -> Option<i64> {
    let double = value.as_f64().filter(|double| double.fract() == 0.0 && double.abs() < EXACT)?;
    #[expect(clippy::cast_possible_truncation, reason = "an integer below 2^53, as just tested")]
    Some(double as i64)
}

/// Whether any of `keys` is a member of `body`.
pub(super) fn has_any(body: &Object, keys: &[&str]) -> bool {
    keys.iter().any(|key| body.contains_key(*key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T>(value: &Value, take: impl Fn(&Object, &str) -> Option<T>) -> Option<T> {
        take(json!({ "it": value }).as_object()?, "it")
    }

    #[test]
    fn counts_are_integers_that_are_not_negative() {
        assert_eq!(read(&json!(12), count), Some(12));
        assert_eq!(read(&json!(12.0), count), Some(12));
        assert_eq!(read(&json!(u64::MAX), count), Some(u64::MAX));
        for wrong in [
            json!("12"),
            json!(-1),
            json!(-1.0),
            json!(1.5),
            json!(1e300),
            json!(true),
            json!([12]),
            json!(null),
        ] {
            assert_eq!(read(&wrong, count), None, "{wrong}");
        }
    }

    #[test]
    fn integers_may_be_negative() {
        assert_eq!(read(&json!(-7), integer), Some(-7));
        assert_eq!(read(&json!(-7.0), integer), Some(-7));
        assert_eq!(read(&json!(u64::MAX), integer), None);
    }

    #[test]
    fn lists_are_bounded_and_hold_only_strings() {
        let long: Vec<Value> = (0..1000).map(|n| json!(n.to_string())).collect();
        let list = json!({ "it": long });
        assert_eq!(
            list.as_object().and_then(|it| texts(it, "it")).map(|it| it.len()),
            Some(LIST_LIMIT)
        );
        let mixed = json!({ "it": ["a", 1, null, "b"] });
        assert_eq!(mixed.as_object().and_then(|it| texts(it, "it")), Some(vec!["a", "b"]));
    }
}
