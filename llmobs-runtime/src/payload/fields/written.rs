//! What decides a metric point, as bytes.

use super::super::record::Kind;
use super::Fields;

impl Fields {
    /// Appends the attributes of the conventions that are wanted, each at its index, and those of the user's own that
    /// metrics have: the same bytes for the same values set in the same order, and for no others. `false` where
    /// `into` has no room for them.
    pub(crate) fn write(&self, wanted: &[bool; 256], into: &mut Vec<u8>) -> bool {
        let known = |of: u8| wanted[usize::from(of)];
        self.known.bytes(&self.pool, known, |of, kind, value| put(into, of, kind, value))
            && (self.metric.len() == 0 || self.write_own(into))
    }

    fn write_own(&self, into: &mut Vec<u8>) -> bool {
        let all = |_| true;
        self.metric.bytes(&self.pool, all, |number, kind, value| {
            // The number is another in another call.
            let key = self.keys.get(usize::from(number)).map_or("", |key| key);
            put(into, OWN, Kind::Text, key.as_bytes()) && put(into, OWN, kind, value)
        })
    }
}

/// In the place of an attribute of the conventions, of which there are fewer.
const OWN: u8 = u8::MAX;

/// Whose it is, what it is and how long, and then itself.
#[inline]
fn put(into: &mut Vec<u8>, of: u8, kind: Kind, value: &[u8]) -> bool {
    const HEAD: usize = size_of::<u32>();
    if into.capacity().wrapping_sub(into.len()) < HEAD + value.len() {
        return false;
    }
    // Keys and texts are no longer than 16 bits can say.
    let [low, high, ..] = value.len().to_le_bytes();
    into.extend_from_slice(&[of, kind as u8, low, high]);
    into.extend_from_slice(value);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::attr;
    use crate::payload::{Str, Texts, Value};

    fn written(fields: &Fields) -> Vec<u8> {
        let mut wanted = [false; 256];
        for id in [
            attr::GEN_AI_REQUEST_MODEL.id(),
            attr::GEN_AI_PROVIDER_NAME.id(),
            attr::GEN_AI_RESPONSE_FINISH_REASONS.id(),
            attr::SERVER_PORT.id(),
        ] {
            wanted[usize::from(id.index())] = true;
        }
        let mut into = Vec::with_capacity(256);
        assert!(fields.write(&wanted, &mut into));
        into
    }

    fn of(set: impl FnOnce(&mut Fields)) -> Vec<u8> {
        let mut fields = Fields::default();
        set(&mut fields);
        written(&fields)
    }

    fn own(key: &'static str, value: &Value<'_>) -> Vec<u8> {
        of(|fields| fields.put_metric_attribute(key.into(), value))
    }

    #[test]
    fn what_is_the_same_reads_the_same() {
        let model = attr::GEN_AI_REQUEST_MODEL.id();
        let borrowed = of(|it| it.put(model, Value::Text(Str::Borrowed("gpt-4o"))));
        assert_eq!(of(|it| it.put(model, Value::Text(Str::Static("gpt-4o")))), borrowed);
        // What is not asked for makes no difference.
        let more = of(|it| {
            it.set(attr::GEN_AI_RESPONSE_ID, "1");
            it.set(attr::GEN_AI_REQUEST_MODEL, "gpt-4o");
            it.attribute("shop.tenant", "north");
        });
        assert_eq!(more, borrowed);
        // Nor does the number of the user's own key.
        let second = of(|it| {
            it.attribute("shop.other", &1);
            it.put_metric_attribute("shop.tenant".into(), &Value::Int(7));
        });
        assert_eq!(second, own("shop.tenant", &Value::Int(7)));
    }

    #[test]
    fn what_differs_reads_otherwise() {
        let texts = |list: &[&'static str]| {
            Value::Texts(list.iter().copied().map(Str::Static).collect::<Texts<'_>>())
        };
        let all = [
            of(|_| {}),
            of(|it| it.set(attr::GEN_AI_REQUEST_MODEL, "gpt-4o")),
            of(|it| it.set(attr::GEN_AI_REQUEST_MODEL, "gpt-4")),
            of(|it| it.set(attr::GEN_AI_PROVIDER_NAME, "gpt-4o")),
            of(|it| it.set(attr::SERVER_PORT, &443_u16)),
            of(|it| it.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &["a", "b"])),
            of(|it| it.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &["ab"])),
            own("a", &Value::Text(Str::Static("1"))),
            own("b", &Value::Text(Str::Static("1"))),
            own("a", &Value::Int(1)),
            own("a", &Value::Flag(true)),
            own("a", &Value::Double(f64::from_bits(1))),
            own("a", &texts(&["1"])),
            own("a", &texts(&["1", "2"])),
            own("a", &texts(&["12"])),
        ];
        for (at, one) in all.iter().enumerate() {
            assert_eq!(all.iter().position(|other| other == one), Some(at));
        }
    }

    #[test]
    fn there_may_be_no_room() {
        let mut fields = Fields::default();
        fields.put_metric_attribute("key".into(), &Value::Int(7));
        for (room, fits) in [(0, false), (6, false), (18, false), (19, true)] {
            let mut into = Vec::with_capacity(room);
            assert_eq!((into.capacity(), fields.write(&[false; 256], &mut into)), (room, fits));
            assert_eq!(into.capacity(), room);
        }
    }
}
