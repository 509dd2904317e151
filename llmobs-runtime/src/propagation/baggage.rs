//! The header `baggage`, as <https://www.w3.org/TR/baggage/> has it.
//!
//! The SDK's propagator leaves a `%` as it is, so that what follows may be taken for an encoded byte; it ends values at a
//! `=`, which other SDKs send as it is; it knows but one header; and it measures what it sends before it is encoded, so
//! that a service that keeps to the limit drops all of it, or the request.

use std::sync::LazyLock;

use opentelemetry::Context;
use opentelemetry::baggage::{Baggage, BaggageExt};
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};

const HEADER: &str = "baggage";
/// No more entries, and no more bytes with the commas between: whoever passes it on must be able to take so much.
const MOST: usize = 64;
const LONGEST: usize = 8_192;

static FIELDS: LazyLock<[String; 1]> = LazyLock::new(|| [HEADER.to_owned()]);

/// Carries baggage in the header `baggage`.
#[derive(Debug)]
pub(crate) struct W3cBaggage;

impl TextMapPropagator for W3cBaggage {
    /// What exceeds the limits is left out, entry by entry.
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let mut entries: Vec<_> = context.baggage().iter().collect();
        // They come in any order, and the same are to be left out each time.
        entries.sort_unstable_by_key(|(key, _)| key.as_str());
        let mut header = String::new();
        let mut left = LONGEST;
        for (key, (value, properties)) in entries.into_iter().take(MOST) {
            let entry = written(key.as_str(), value.as_str(), properties.as_str());
            let comma = if header.is_empty() { "" } else { "," };
            let Some(rest) = left.checked_sub(entry.len().saturating_add(comma.len())) else {
                continue;
            };
            left = rest;
            header.push_str(comma);
            header.push_str(&entry);
        }
        if !header.is_empty() {
            injector.set(HEADER, header);
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let mut baggage = Baggage::new();
        let mut left = LONGEST;
        let headers = extractor.get_all(HEADER).unwrap_or_default();
        for entry in headers.into_iter().flat_map(|header| header.split(',')).take(MOST) {
            let Some(rest) = left.checked_sub(entry.len().saturating_add(1)) else { break };
            left = rest;
            if let Some((key, value, properties)) = read(entry) {
                baggage.insert_with_metadata(key.to_owned(), value, properties);
            }
        }
        if baggage.is_empty() { context.clone() } else { context.with_baggage(baggage) }
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}

/// An entry as it stands in the header. Its key can be sent as it is: the API takes no other.
fn written(key: &str, value: &str, properties: &str) -> String {
    let mut entry = format!("{key}=");
    for byte in value.bytes() {
        // `=` would be allowed, but not everybody expects it.
        if byte.is_ascii_graphic() && !b"\"%,;=\\".contains(&byte) {
            entry.push(char::from(byte));
        } else {
            let digit = |of: u8| {
                char::from_digit(u32::from(of), 16).unwrap_or_default().to_ascii_uppercase()
            };
            entry.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
    let properties = properties.trim();
    let can_be_sent =
        |byte: u8| (byte.is_ascii_graphic() && byte != b',') || b" \t".contains(&byte);
    if !properties.is_empty() && properties.bytes().all(can_be_sent) {
        entry.push(';');
        entry.push_str(properties);
    }
    entry
}

/// Key, value and properties of an entry. The latter stay encoded, as they are sent on.
fn read(entry: &str) -> Option<(&str, String, &str)> {
    let (entry, properties) = entry.split_once(';').unwrap_or((entry, ""));
    let (key, value) = entry.split_once('=')?;
    Some((key.trim(), decoded(value.trim()), properties.trim()))
}

/// With bytes for what stands for them. A `%` that begins none is one, and what is no text becomes `�`.
fn decoded(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let encoded = match behind {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = encoded {
            bytes.push(high << 4 | low);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use opentelemetry::baggage::BaggageMetadata;

    use super::*;

    fn sent(entries: &[(&'static str, &str, &str)]) -> Option<String> {
        let mut baggage = Baggage::new();
        for (key, value, properties) in entries {
            let properties = BaggageMetadata::from(*properties);
            baggage.insert_with_metadata(*key, (*value).to_owned(), properties);
        }
        let mut request = HashMap::new();
        W3cBaggage.inject_context(&Context::new().with_baggage(baggage), &mut request);
        request.remove(HEADER)
    }

    struct Several(Vec<String>);

    impl Extractor for Several {
        fn get(&self, key: &str) -> Option<&str> {
            self.get_all(key)?.first().copied()
        }

        fn keys(&self) -> Vec<&str> {
            vec![HEADER]
        }

        fn get_all(&self, key: &str) -> Option<Vec<&str>> {
            (key == HEADER).then(|| self.0.iter().map(String::as_str).collect())
        }
    }

    fn came_in(headers: &[&str]) -> Context {
        let headers = Several(headers.iter().map(|one| (*one).to_owned()).collect());
        let here = Context::new().with_baggage([opentelemetry::KeyValue::new("here", "1")]);
        W3cBaggage.extract_with_context(&here, &headers)
    }

    fn came(headers: &[&str]) -> Vec<(String, String)> {
        let context = came_in(headers);
        let entries = context.baggage().iter();
        let mut entries: Vec<_> =
            entries.map(|(key, (value, _))| (key.to_string(), value.as_str().to_owned())).collect();
        entries.sort();
        entries
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn what_is_sent_comes_as_it_was() {
        assert_eq!(sent(&[]), None);
        let (key, value) = ("a.b-c!", "100%25 of a=b;c,d\"e\\f\u{fc}\n");
        let header = sent(&[(key, value, "")]).expect("a header");
        assert_eq!(header, "a.b-c!=100%2525%20of%20a%3Db%3Bc%2Cd%22e%5Cf%C3%BC%0A");
        assert_eq!(came(&[&header]), pairs([(key, value)]));
        let several = sent(&[("b", "2", " p=1;q "), ("a", "1", "p\r\nx: y"), ("c", "3", "p,d=4")]);
        assert_eq!(several.as_deref(), Some("a=1,b=2;p=1;q,c=3"));
    }

    #[test]
    fn what_others_send_is_read_as_it_was_meant() {
        assert_eq!(
            came(&["a = b64== ; p=%2C;q ,b=%41%zz%,,c=%ff,=d,e,f=", "g=1"]),
            pairs([("a", "b64=="), ("b", "A%zz%"), ("c", "\u{fffd}"), ("f", ""), ("g", "1")])
        );
        let context = came_in(&["a=1 ; p=%2C;q"]);
        let (_, properties) = context.baggage().get_with_metadata("a").expect("an entry");
        assert_eq!(properties.as_str(), "p=%2C;q");
        // What is none leaves what is here.
        for headers in [&[][..], &[""], &["nothing"], &["=1,("]] {
            assert_eq!(came(headers), pairs([("here", "1")]), "{headers:?}");
        }
    }

    #[test]
    fn no_more_is_sent_or_read_than_everybody_must_take() {
        let long = "\u{fc}".repeat(600);
        let header = sent(&[("a", &long, ""), ("b", &long, ""), ("c", &long, ""), ("d", "1", "")]);
        let header = header.expect("a header");
        assert!(header.len() <= LONGEST, "{}", header.len());
        assert_eq!(came(&[&header]), pairs([("a", &long), ("b", &long), ("d", "1")]));
        let many: Vec<_> = (0..1_000).map(|number| format!("{number:04}=1")).collect();
        assert_eq!(came(&[&many.join(",")]).len(), MOST);
        let large = format!("a=1,b={},c=3", "x".repeat(LONGEST));
        assert_eq!(came(&[&large]), pairs([("a", "1")]));
    }
}
