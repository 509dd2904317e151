//! Values side by side: entries of one size in the order in which they were set first, and their text.
//!
//! Setting one allocates nothing while there is room. A list stands as one entry for each element.

use std::ops::Range;

use super::value::{LIST_LIMIT, List, Str, Texts, Value};
use crate::text::{TEXT_LIMIT, cut};

/// A scalar, or an element of a list.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Whose value it is; the elements of a list have it in common.
    of: u8,
    kind: Kind,
    held: Held,
}

/// A record is handed from thread to thread: it is to fit few cache lines.
const _: () = assert!(size_of::<Entry>() <= 24);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Double,
    Flag,
    Text,
    /// The first element of a list.
    First,
    /// An element that follows.
    Further,
}

#[derive(Clone, Copy, Debug)]
enum Held {
    Static(&'static str),
    /// A number, or the place of a text among the others: the start, and in the lowest 16 bits the length.
    Bits(u64),
}

/// The texts of a record, one after the other.
#[derive(Clone, Default)]
pub(super) struct Pool {
    text: String,
    /// How many bytes belong to values that were replaced.
    idle: usize,
}

/// The length of a text has to fit 16 bits.
const _: () = assert!(TEXT_LIMIT <= 0xffff);

/// What replaced values may leave behind before it is swept away.
const IDLE_LIMIT: usize = 4_096;

impl Pool {
    #[cfg(feature = "enable")]
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), idle: 0 }
    }

    /// How much text it holds.
    #[cfg(feature = "sdk")]
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes a text in, cut to the limit.
    fn hold(&mut self, text: &Str<'_>) -> Held {
        match text {
            Str::Static(text) => Held::Static(cut(text)),
            Str::Borrowed(text) => self.copy(cut(text)),
            Str::Owned(text) => self.copy(cut(text)),
        }
    }

    /// Whether a text needs no allocation, nor to be cut.
    #[inline]
    pub(super) fn has_room(&self, text: &str) -> bool {
        let free = self.text.capacity().wrapping_sub(self.text.len());
        text.len() <= free && text.len() <= TEXT_LIMIT
    }

    /// The place of a text of this length that is about to be taken in.
    #[inline]
    fn next(&self, len: usize) -> Held {
        Held::Bits(((self.text.len() as u64) << 16) | len as u64)
    }

    /// Takes in a text that the limit lets pass.
    fn copy(&mut self, text: &str) -> Held {
        let held = self.next(text.len());
        self.text.push_str(text);
        held
    }

    #[inline]
    fn text(&self, held: Held) -> Str<'_> {
        match held {
            Held::Static(text) => Str::Static(text),
            Held::Bits(_) => Str::Borrowed(self.text.get(range(held)).unwrap_or_default()),
        }
    }

    /// The entry of a value, or of its first element.
    fn entry(&mut self, of: u8, value: &Value<'_>) -> Entry {
        let (kind, held) = match value {
            Value::Text(text) => (Kind::Text, self.hold(text)),
            Value::Int(int) => (Kind::Int, Held::Bits(int.cast_unsigned())),
            Value::Double(double) => (Kind::Double, Held::Bits(double.to_bits())),
            Value::Flag(flag) => (Kind::Flag, Held::Bits(u64::from(*flag))),
            Value::Texts(list) => {
                (Kind::First, list.iter().next().map_or(Held::Static(""), |text| self.hold(&text)))
            }
        };
        Entry { of, kind, held }
    }

    /// Throws away what replaced values left behind, once it is much. `all` are the records that point in here.
    pub(super) fn sweep(&mut self, all: [&mut Record; 3]) {
        if self.idle <= IDLE_LIMIT || self.idle <= self.text.len() / 2 {
            return;
        }
        let old = std::mem::take(self);
        self.text.reserve(old.text.len().saturating_sub(old.idle));
        for entry in all.into_iter().flat_map(|record| &mut record.entries) {
            if entry.is_text() {
                entry.held = self.hold(&old.text(entry.held));
            }
        }
    }

    /// Forgets everything, and gives back a buffer of more than `most` bytes.
    pub(super) fn clear(&mut self, most: usize) {
        self.text.clear();
        self.text.shrink_to(most);
        self.idle = 0;
    }

    /// How many bytes it has room for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity()
    }
}

/// A number as it is kept.
#[inline]
pub(super) fn scalar(kind: Kind, bits: u64) -> Value<'static> {
    match kind {
        Kind::Double => Value::Double(f64::from_bits(bits)),
        Kind::Flag => Value::Flag(bits != 0),
        _ => Value::Int(bits.cast_signed()),
    }
}

/// A text as it is kept.
pub(super) fn texts(kind: Kind, text: Str<'_>) -> Value<'_> {
    if kind == Kind::Text { Value::Text(text) } else { Value::Texts(Texts::one(text)) }
}

/// Where a text stands among the others; nowhere for one that is known while compiling.
#[inline]
fn range(held: Held) -> Range<usize> {
    let Held::Bits(bits) = held else { return 0..0 };
    let start = usize::try_from(bits >> 16).unwrap_or(usize::MAX);
    let len = usize::try_from(bits & 0xffff).unwrap_or(usize::MAX);
    start..start.saturating_add(len)
}

impl Entry {
    fn is_text(self) -> bool {
        matches!(self.kind, Kind::Text | Kind::First | Kind::Further)
    }
}

/// Values in the order in which they were set first.
#[derive(Clone, Default)]
pub(super) struct Record {
    entries: Vec<Entry>,
}

impl Record {
    #[cfg(feature = "enable")]
    pub(super) fn with_room(values: usize) -> Self {
        Self { entries: Vec::with_capacity(values) }
    }

    /// How many entries there are: the place of the next.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether one more value takes no allocation.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.entries.len() < self.entries.capacity()
    }

    /// Adds the value of one that has none yet.
    #[inline]
    pub(super) fn add_scalar(&mut self, of: u8, kind: Kind, bits: u64) {
        self.entries.push(Entry { of, kind, held: Held::Bits(bits) });
    }

    #[inline]
    pub(super) fn add_static(&mut self, of: u8, kind: Kind, text: &'static str) {
        self.entries.push(Entry { of, kind, held: Held::Static(cut(text)) });
    }

    #[inline]
    pub(super) fn add_text(&mut self, of: u8, kind: Kind, text: &str, pool: &mut Pool) {
        // The copy last: nothing need be kept beyond it.
        self.entries.push(Entry { of, kind, held: pool.next(text.len()) });
        pool.text.push_str(text);
    }

    /// The same of any value. A list has an element.
    pub(super) fn add(&mut self, of: u8, value: &Value<'_>, pool: &mut Pool) {
        let entry = pool.entry(of, value);
        self.entries.push(entry);
        if let Value::Texts(list) = value
            && list.len() > 1
        {
            self.extend(self.len(), of, list.iter().take(LIST_LIMIT).skip(1), pool);
        }
    }

    /// Puts further elements of a list at a place, which is not beyond the end.
    fn extend<'a>(
        &mut self,
        at: usize,
        of: u8,
        more: impl Iterator<Item = Str<'a>>,
        pool: &mut Pool,
    ) {
        let at = at.min(self.len());
        let further = more.map(|text| Entry { of, kind: Kind::Further, held: pool.hold(&text) });
        self.entries.splice(at..at, further);
    }

    /// Adds elements to the list at a place, up to the limit; `false` where there stands no list.
    pub(super) fn grow(&mut self, at: usize, list: &Texts<'_>, pool: &mut Pool) -> bool {
        let Some(entry) = self.entries.get(at).copied().filter(|it| it.kind == Kind::First) else {
            return false;
        };
        let len = self.group(at).len();
        let room = LIST_LIMIT.saturating_sub(len);
        self.extend(at + len, entry.of, list.iter().take(room), pool);
        true
    }

    /// Puts a value in the place of another. A list has an element.
    pub(super) fn replace(&mut self, at: usize, value: &Value<'_>, pool: &mut Pool) {
        let Some(before) = self.entries.get(at).copied() else { return };
        // What every chunk of a stream repeats.
        if let Value::Text(text) = value
            && before.kind == Kind::Text
            && pool.text(before.held) == *text
        {
            return;
        }
        let group = self.group(at);
        let further = at + 1..at + group.len();
        pool.idle +=
            group.iter().filter(|it| it.is_text()).map(|it| range(it.held).len()).sum::<usize>();
        self.entries.drain(further);
        let entry = pool.entry(before.of, value);
        if let Some(slot) = self.entries.get_mut(at) {
            *slot = entry;
        }
        if let Value::Texts(list) = value
            && list.len() > 1
        {
            self.extend(at + 1, before.of, list.iter().take(LIST_LIMIT).skip(1), pool);
        }
    }

    /// Takes a value out.
    #[cfg(feature = "enable")]
    pub(super) fn remove(&mut self, at: usize, pool: &mut Pool) {
        let group = self.group(at);
        let end = at + group.len();
        pool.idle +=
            group.iter().filter(|it| it.is_text()).map(|it| range(it.held).len()).sum::<usize>();
        self.entries.drain(at..end);
    }

    /// The place of a value.
    #[inline]
    pub(super) fn position(&self, of: u8) -> Option<usize> {
        self.entries.iter().position(|entry| entry.of == of)
    }

    pub(super) fn find<'a>(&'a self, of: u8, pool: &'a Pool) -> Option<Value<'a>> {
        self.see(of, pool).map(Value::from)
    }

    /// The same to be looked at.
    pub(super) fn see<'a>(&'a self, of: u8, pool: &'a Pool) -> Option<Seen<'a>> {
        let at = self.position(of)?;
        self.values(at..self.len(), pool).see().map(|(_, seen)| seen)
    }

    /// The number of one that has a whole one.
    #[cfg(feature = "enable")]
    pub(super) fn int(&self, of: u8) -> Option<i64> {
        // From the end: it is counts that are asked for, and they are set last.
        match self.entries.iter().rev().find(|entry| entry.of == of)? {
            Entry { kind: Kind::Int, held: Held::Bits(bits), .. } => Some(bits.cast_signed()),
            _ => None,
        }
    }

    /// Whose each wanted entry is, its kind, and the bytes of its text or number; until `take` has no room for them.
    #[cfg(feature = "enable")]
    #[inline]
    pub(super) fn bytes(
        &self,
        pool: &Pool,
        wanted: impl Fn(u8) -> bool,
        mut take: impl FnMut(u8, Kind, &[u8]) -> bool,
    ) -> bool {
        for entry in &self.entries {
            if !wanted(entry.of) {
                continue;
            }
            let taken = match entry.held {
                Held::Static(text) => take(entry.of, entry.kind, text.as_bytes()),
                Held::Bits(bits) if !entry.is_text() => {
                    take(entry.of, entry.kind, &bits.to_le_bytes())
                }
                held @ Held::Bits(_) => {
                    let text = pool.text.as_bytes().get(range(held)).unwrap_or_default();
                    take(entry.of, entry.kind, text)
                }
            };
            if !taken {
                return false;
            }
        }
        true
    }

    /// The values at these places.
    #[inline]
    pub(super) fn values<'a>(&'a self, places: Range<usize>, pool: &'a Pool) -> Iter<'a> {
        Iter { rest: self.entries.get(places).unwrap_or_default(), pool }
    }

    /// The entries of the value at a place.
    fn group(&self, at: usize) -> &[Entry] {
        first(self.entries.get(at..).unwrap_or_default()).0
    }

    /// Forgets everything, and gives back a buffer of more than `most` entries.
    pub(super) fn clear(&mut self, most: usize) {
        self.entries.clear();
        self.entries.shrink_to(most);
    }
}

/// The entries of the first value, and the others.
fn first(entries: &[Entry]) -> (&[Entry], &[Entry]) {
    let further = |entry: &&Entry| entry.kind == Kind::Further;
    let len = entries.iter().skip(1).take_while(further).count() + 1;
    entries.split_at_checked(len).unwrap_or((entries, &[]))
}

/// The values of a record, each with whose it is.
#[derive(Clone)]
pub(super) struct Iter<'a> {
    rest: &'a [Entry],
    pool: &'a Pool,
}

impl<'a> Iterator for Iter<'a> {
    type Item = (u8, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.see().map(|(of, seen)| (of, seen.into()))
    }
}

/// A value as it stands in a record: a [`Value`] that owns nothing, and so is quick to look at.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'a> {
    Static(&'static str),
    Text(&'a str),
    Int(i64),
    Double(f64),
    Flag(bool),
    List(Group<'a>),
}

impl<'a> From<Seen<'a>> for Value<'a> {
    #[inline]
    fn from(seen: Seen<'a>) -> Self {
        match seen {
            Seen::Static(text) => Self::Text(Str::Static(text)),
            Seen::Text(text) => Self::Text(Str::Borrowed(text)),
            Seen::Int(int) => Self::Int(int),
            Seen::Double(double) => Self::Double(double),
            Seen::Flag(flag) => Self::Flag(flag),
            Seen::List(list) => Self::Texts(Texts(List::Recorded(list))),
        }
    }
}

impl<'a> Iter<'a> {
    #[cfg(feature = "enable")]
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next value, and whose it is.
    #[inline]
    pub(super) fn see(&mut self) -> Option<(u8, Seen<'a>)> {
        let entry = *self.rest.first()?;
        if entry.kind == Kind::First {
            let (entries, rest) = first(self.rest);
            self.rest = rest;
            return Some((entry.of, Seen::List(Group { entries, pool: self.pool })));
        }
        self.rest = self.rest.get(1..).unwrap_or_default();
        let seen = match (entry.kind, entry.held) {
            (Kind::Int, Held::Bits(bits)) => Seen::Int(bits.cast_signed()),
            (Kind::Double, Held::Bits(bits)) => Seen::Double(f64::from_bits(bits)),
            (Kind::Flag, Held::Bits(bits)) => Seen::Flag(bits != 0),
            (_, Held::Static(text)) => Seen::Static(text),
            (_, held) => Seen::Text(self.pool.text.get(range(held)).unwrap_or_default()),
        };
        Some((entry.of, seen))
    }
}

/// The elements of a list that is recorded.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a> {
    entries: &'a [Entry],
    pool: &'a Pool,
}

impl<'a> Group<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Str<'a>> + use<'a> {
        let pool = self.pool;
        self.entries.iter().map(move |entry| pool.text(entry.held))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
