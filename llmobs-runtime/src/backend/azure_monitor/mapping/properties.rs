//! The properties of an item: each key once, in the order that survives a cut, within the limits.

use std::collections::HashMap;

use super::fields::{self, About, Place};
use super::limits;
use super::value::Val;
use super::{Resource, json};

/// More than these are looked for through an index.
const FEW: usize = 64;

/// The properties of one item, to be given to [`Data::finish`](super::envelope::Data::finish).
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    entries: Vec<Entry<'a>>,
    /// A bit for each key that may be there.
    seen: [u64; 4],
    index: HashMap<&'a str, usize>,
    size: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    key: &'a str,
    value: Val<'a>,
    place: Place,
    longest: usize,
}

impl<'a> Properties<'a> {
    /// None, with room for `count`.
    pub(super) fn with_room(count: usize) -> Self {
        Self { entries: Vec::with_capacity(count), ..Self::default() }
    }

    /// Adds a property; what was added under the same key before is replaced. A key that is empty or longer than a
    /// key may be is left out.
    pub(super) fn add(&mut self, key: &'a str, value: impl Into<Val<'a>>) {
        self.add_known(key, value.into(), &fields::about(key));
    }

    /// The same where what is known of the key was already looked up.
    pub(super) fn add_known(&mut self, key: &'a str, value: Val<'a>, about: &About) {
        if key.is_empty() || limits::cut(key, limits::PROPERTY_KEY).len() < key.len() {
            return;
        }
        self.size =
            self.size.saturating_add(key.len()).saturating_add(value.size()).saturating_add(8);
        if let Some(entry) = self.find(key, about.hash) {
            entry.value = value;
            return;
        }
        if let Some((word, bit)) = seen(&mut self.seen, about.hash) {
            *word |= bit;
        }
        if self.entries.len() >= FEW {
            if self.index.is_empty() {
                let entries = self.entries.iter().enumerate();
                self.index = entries.map(|(at, entry)| (entry.key, at)).collect();
            }
            self.index.insert(key, self.entries.len());
        }
        self.entries.push(Entry { key, value, place: about.place, longest: about.longest });
    }

    /// Whether there is a property of that name.
    pub(super) fn has(&mut self, key: &str) -> bool {
        self.find(key, fields::about(key).hash).is_some()
    }

    fn find(&mut self, key: &str, hash: u64) -> Option<&mut Entry<'a>> {
        let (word, bit) = seen(&mut self.seen, hash)?;
        if *word & bit == 0 {
            return None;
        }
        if self.index.is_empty() {
            return self.entries.iter_mut().find(|entry| entry.key == key);
        }
        let at = self.index.get(key)?;
        self.entries.get_mut(*at)
    }

    /// About how many bytes they take.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Appends the object, the resource's attributes before what is long; an item's own attribute wins.
    pub(super) fn write(mut self, out: &mut Vec<u8>, resource: &Resource) {
        let mut scratch = Vec::new();
        out.push(b'{');
        let empty = out.len();
        let entries = std::mem::take(&mut self.entries);
        let mut write = |out: &mut Vec<u8>, place| {
            for entry in entries.iter().filter(|entry| entry.place == place) {
                if out.len() > empty {
                    out.push(b',');
                }
                json::string(out, entry.key);
                out.push(b':');
                entry.value.write(out, &mut scratch, entry.longest);
            }
        };
        write(out, Place::First);
        write(out, Place::Middle);
        for (key, hash, member) in resource.members() {
            let taken = seen(&mut self.seen, hash).is_some_and(|(word, bit)| *word & bit != 0);
            if taken && entries.iter().any(|entry| entry.key == key) {
                continue;
            }
            if out.len() > empty {
                out.push(b',');
            }
            out.extend_from_slice(member);
        }
        write(out, Place::Last);
        out.push(b'}');
    }
}

fn seen(seen: &mut [u64; 4], hash: u64) -> Option<(&mut u64, u64)> {
    let word = seen.get_mut((hash >> 10 & 3) as usize)?;
    Some((word, 1 << (hash >> 12 & 63)))
}

#[cfg(test)]
mod tests {
    use opentelemetry::Value;
    use serde_json::Value as Json;

    use super::super::testing::{self, Random};
    use super::*;

    fn written(properties: Properties<'_>, resource: &Resource) -> String {
        let mut out = Vec::new();
        properties.write(&mut out, resource);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn numbers_first_and_content_last_whatever_the_order() {
        let mut properties = Properties::default();
        for key in [
            "gen_ai.input.messages",
            "own",
            "gen_ai.usage.input_tokens",
            "gen_ai.output.messages",
            "gen_ai.request.top_k",
            "gen_ai.operation.name",
        ] {
            properties.add(key, "v");
        }
        let resource = Resource::new(&testing::resource(&[("cloud.region", "w"), ("own", "lost")]));
        assert_eq!(
            written(properties, &resource),
            r#"{"gen_ai.usage.input_tokens":"v","gen_ai.operation.name":"v","own":"v","gen_ai.request.top_k":"v","cloud.region":"w","gen_ai.input.messages":"v","gen_ai.output.messages":"v"}"#
        );
    }

    #[test]
    fn a_key_is_there_once_and_its_last_value_counts() {
        let keys: Vec<_> = (0..1_000).map(|at| format!("k{}", at % 500)).collect();
        let values: Vec<_> = (0..1_000).map(Value::I64).collect();
        for count in [1, 2, 63, 64, 65, 66, 600, 1_000] {
            let mut properties = Properties::with_room(4);
            for (key, value) in keys.iter().zip(&values).take(count) {
                properties.add(key, value);
                properties.add("same", value);
            }
            assert!(properties.has("same") && !properties.has("k500"));
            let text = written(properties, &Resource::default());
            assert_eq!(text.matches("\"same\"").count(), 1);
            let json: Json = serde_json::from_str(&text).expect("JSON");
            let members = json.as_object().expect("an object");
            assert_eq!(members.len(), count.min(500) + 1);
            assert_eq!(text.matches(':').count(), members.len());
            assert_eq!(members["same"], Json::from((count - 1).to_string()));
            assert_eq!(members["k0"], Json::from(if count > 500 { "500" } else { "0" }));
        }
    }

    #[test]
    fn limits_are_of_characters() {
        let long = "é".repeat(300_000);
        let keys = ["語".repeat(150), "語".repeat(151), String::new()];
        let mut properties = Properties::default();
        for key in &keys {
            properties.add(key, "v");
        }
        properties.add("own", long.as_str());
        properties.add("gen_ai.tool.call.result", long.as_str());
        let json: Json =
            serde_json::from_str(&written(properties, &Resource::default())).expect("JSON");
        let members = json.as_object().expect("an object");
        let length = |key: &str| members[key].as_str().map(|text| text.chars().count());
        assert_eq!(members.len(), 3, "a key too long is left out, not cut");
        assert_eq!(length(&keys[0]), Some(1));
        assert_eq!(length("own"), Some(8_192));
        assert_eq!(length("gen_ai.tool.call.result"), Some(262_144));
    }

    #[test]
    fn any_text_is_json() {
        let mut random = Random::new();
        for _ in 0..500 {
            let texts: Vec<_> = (0..20).map(|_| (random.text(20), random.text(60))).collect();
            let mut properties = Properties::default();
            for (key, value) in &texts {
                properties.add(key, value.as_str());
            }
            let json: Json =
                serde_json::from_str(&written(properties, &Resource::default())).expect("JSON");
            for (key, value) in texts.iter().filter(|(key, _)| !key.is_empty()) {
                let last = texts
                    .iter()
                    .rev()
                    .find(|(other, _)| other == key)
                    .map(|(_, value)| value.as_str());
                assert_eq!(json[key].as_str(), last, "{value}");
            }
        }
    }
}
