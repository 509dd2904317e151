//! `OTEL_RESOURCE_ATTRIBUTES`: pairs with percent-encoding.

/// Which pair is no pair.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct NoPair {
    /// Counted from 1.
    pub(super) position: usize,
    /// What stands before its `=`, if there is one.
    pub(super) key: Option<String>,
}

/// The pairs, decoded; by
/// <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>.
/// Nothing between two commas is no pair and no harm.
pub(in crate::pipeline) fn pairs(said: &str) -> Result<Vec<(String, String)>, NoPair> {
    let mut pairs = Vec::new();
    for (index, pair) in said.split(',').enumerate() {
        let pair = pair.trim();
        if pair.is_empty() {
            continue;
        }
        let wrong = |key: Option<&str>| {
            let key = key.filter(|key| !key.is_empty()).map(str::to_owned);
            NoPair { position: index.saturating_add(1), key }
        };
        let (key, value) = pair.split_once('=').ok_or_else(|| wrong(None))?;
        let key = key.trim();
        let decoded = (decoded(key), decoded(value.trim()));
        match decoded {
            (Some(name), Some(value)) if !name.is_empty() => pairs.push((name, value)),
            _ => return Err(wrong(Some(key))),
        }
    }
    Ok(pairs)
}

/// Without percent-encoding; `None` where a `%` does not begin two hexadecimal digits, or where what they stand for is
/// no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::environment::noise::Noise;

    fn read(said: &str) -> Vec<(String, String)> {
        pairs(said).expect(said)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn pairs_are_read_and_decoded() {
        assert_eq!(read("a=1,b=2"), [pair("a", "1"), pair("b", "2")]);
        assert_eq!(read(" a = 1 , b=2,"), [pair("a", "1"), pair("b", "2")]);
        assert_eq!(read("a=x%2Cy%3dz"), [pair("a", "x,y=z")]);
        assert_eq!(read("%61=%C3%A4 %25"), [pair("a", "ä %")]);
        assert_eq!(read("a=b=c"), [pair("a", "b=c")]);
        assert_eq!(read("a="), [pair("a", "")]);
        assert_eq!(read(""), []);
        assert_eq!(read(",,"), []);
    }

    #[test]
    fn what_is_no_pair_is_told_by_its_place() {
        let wrong =
            |position, key: Option<&str>| Err(NoPair { position, key: key.map(str::to_owned) });
        assert_eq!(pairs("a"), wrong(1, None));
        assert_eq!(pairs("a=1,b"), wrong(2, None));
        assert_eq!(pairs("=1"), wrong(1, None));
        assert_eq!(pairs("a=1,,b=100%"), wrong(3, Some("b")));
        assert_eq!(pairs("a=%2"), wrong(1, Some("a")));
        assert_eq!(pairs("a=%zz"), wrong(1, Some("a")));
        assert_eq!(pairs("a=%ff"), wrong(1, Some("a")));
        assert_eq!(pairs("%=1"), wrong(1, Some("%")));
    }

    #[test]
    fn what_is_encoded_comes_back_and_nothing_is_too_much() {
        let mut noise = Noise::new(2);
        let encoded = |text: &str| {
            let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            bytes.concat()
        };
        for _ in 0..20_000 {
            let (key, value) = (format!("k{}", noise.text()), noise.text());
            let said = format!("{}={}", encoded(&key), encoded(&value));
            assert_eq!(pairs(&said), Ok(vec![(key, value)]));
            let _ = pairs(&noise.text());
        }
    }
}
