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
        self.size = self.size.saturating_add(key.len()).saturating_add(value.size()).saturating_add(8);
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
