//! The names of files: they sort oldest first, and tell how many items a file holds without reading it.

use std::fmt;

/// The version of the format that this file writes and reads, as it stands in names.
const VERSION: &str = "v1";

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Complete, to be sent.
    Blob,
    /// Complete and for another version of this library to send: here it only takes room, and expires.
    OfAnotherVersion,
    /// Damaged and set aside.
    Corrupt,
    /// Being written, or left behind by who was killed doing so.
    Unfinished,
}

/// A file's name. Names are ordered by age.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    text: String,
    /// When the items were kept first: milliseconds since 1970.
    pub(super) millis: u64,
    /// How many there are.
    pub(super) items: usize,
    pub(super) kind: Kind,
}

impl Name {
    /// The name of a blob; `number` tells those of one process in one millisecond apart.
    pub(super) fn blob(millis: u64, number: u32, items: usize) -> Self {
        let process = std::process::id();
        let text = format!("{millis:013}-{process}-{number:08x}-{items}.{VERSION}.blob");
        Self { text, millis, items, kind: Kind::Blob }
    }

    /// Understands the name of a file of ours; `None` for any other.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (stem, ending) = text.split_once('.')?;
        let mut parts = stem.split('-');
        let millis = parts.next().filter(|digits| digits.len() == 13)?;
        let (process, number, items) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !is_number(process) || number.len() != 8 {
            return None;
        }
        u32::from_str_radix(number, 16).ok()?;
        if !is_number(millis) || !is_number(items) {
            return None;
        }
        let kind = match ending.split_once('.') {
            None if ending == "tmp" => Kind::Unfinished,
            Some((VERSION, "blob")) => Kind::Blob,
            Some((version, "blob")) if version.strip_prefix('v').is_some_and(is_number) => {
                Kind::OfAnotherVersion
            }
            Some((version, "corrupt")) if version.strip_prefix('v').is_some_and(is_number) => {
                Kind::Corrupt
            }
            _ => return None,
        };
        let (millis, items) = (millis.parse().ok()?, items.parse().ok()?);
        Some(Self { text: text.to_owned(), millis, items, kind })
    }

    /// The name while the file is being written.
    pub(super) fn unfinished(&self) -> Self {
        self.ending("tmp", Kind::Unfinished)
    }

    /// The name once the file turned out to be damaged.
    pub(super) fn corrupt(&self) -> Self {
        self.ending(&format!("{VERSION}.corrupt"), Kind::Corrupt)
    }

    fn ending(&self, ending: &str, kind: Kind) -> Self {
        let stem = self.text.split_once('.').map_or(self.text.as_str(), |(stem, _)| stem);
        Self { text: format!("{stem}.{ending}"), kind, ..*self }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_was_made_of() {
        let name = Name::blob(1_700_000_000_123, 0xab, 512);
        let text = format!("1700000000123-{}-000000ab-512.v1.blob", std::process::id());
        assert_eq!(name.as_str(), text);
        assert_eq!(Name::parse(&text), Some(name.clone()));
        for other in [name.unfinished(), name.corrupt()] {
            assert_eq!(Name::parse(other.as_str()), Some(other.clone()));
            assert_eq!((other.millis, other.items), (1_700_000_000_123, 512));
        }
        assert_eq!(name.unfinished().kind, Kind::Unfinished);
        assert_eq!(name.corrupt().kind, Kind::Corrupt);
        let newer = Name::parse("1700000000123-7-000000ab-512.v2.blob");
        assert_eq!(newer.map(|name| name.kind), Some(Kind::OfAnotherVersion));
    }

    #[test]
    fn older_names_come_first() {
        let mut names =
            [Name::blob(900, 1, 1), Name::blob(1_700_000_000_000, 0, 1), Name::blob(900, 0, 7)];
        names.sort();
        assert_eq!(
            names.map(|name| (name.millis, name.items)),
            [(900, 7), (900, 1), (1_700_000_000_000, 1)]
        );
    }

    #[test]
    fn other_names_are_none() {
        for text in [
            "",
            ".",
            "..",
            "notes.txt",
            "v1.blob",
            "1700000000123.v1.blob",
            "1700000000123-1-000000ab.v1.blob",
            "1700000000123-1-000000ab-5-5.v1.blob",
            "1700000000123-1-000000ab-x.v1.blob",
            "1700000000123-1-000000ab-.v1.blob",
            "170000000012-1-000000ab-5.v1.blob",
            "+700000000123-1-000000ab-5.v1.blob",
            "1700000000123-1-+00000ab-5.v1.blob-",
            "1700000000123-1-000000ab-5.v1.blob.tmp",
            "1700000000123-1-000000ab-5.blob",
            "1700000000123-1-000000ab-5.vx.blob",
            "1700000000123-1-000000ab-99999999999999999999.v1.blob",
            "1700000000123-1-0000é0b-5.v1.blob",
            "é",
            "-----",
            "1700000000123--000000ab-5.v1.blob",
        ] {
            assert_eq!(Name::parse(text), None, "{text}");
        }
    }
}
