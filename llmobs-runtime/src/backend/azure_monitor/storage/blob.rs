//! What stands in a file: a line with the version, then the items, compressed with a checksum.
//!
//! ```text
//! llmobs-azure-monitor 1
//! gzip of: one line for each item, as `D {"name":…}`; the letter is its kind
//! ```

use std::io::{self, BufRead, BufReader, IntoInnerError, Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::super::gzip;
use super::super::item::{Item, ItemKind};

/// The first line; another version has another.
const VERSION: &[u8] = b"llmobs-azure-monitor 1\n";

/// Bytes and items that one blob takes before the next is begun. One item is never divided.
const FULL: usize = 4 << 20;
const MANY: usize = 1 << 16;

/// Bytes that a blob may hold when decompressed. What is written stays far below; what is read might be anything.
pub(super) const LIMIT: u64 = 64 << 20;

/// Why a blob cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("it begins with no version, or with one that is not understood here")]
    Version,
    #[error("it is cut off or changed")]
    Changed,
    #[error("it holds more than any blob written here")]
    TooLarge,
    #[error("it holds another number of items than its name says")]
    Count,
}

/// Divides items into what each becomes one blob.
pub(super) fn portions(mut items: &[Item]) -> impl Iterator<Item = &[Item]> {
    std::iter::from_fn(move || {
        let mut bytes = 0_usize;
        let fits = items
            .iter()
            .take(MANY)
            .take_while(|item| {
                bytes = bytes.saturating_add(item.json.len());
                bytes <= FULL
            })
            .count();
        let (portion, rest) = items.split_at_checked(fits.max(1))?;
        items = rest;
        Some(portion)
    })
}

/// The bytes of a blob.
pub(super) fn encode(items: &[Item]) -> io::Result<Vec<u8>> {
    let mut out = gzip::buffered(GzEncoder::new(VERSION.to_vec(), Compression::fast()));
    for item in items {
        out.write_all(&[letter(item.kind), b' '])?;
        // In JSON a line break stands between values only, where a space means the same.
        for (at, part) in item.json.split(|byte| *byte == b'\n').enumerate() {
            if at > 0 {
                out.write_all(b" ")?;
            }
            out.write_all(part)?;
        }
        out.write_all(b"\n")?;
    }
    out.into_inner().map_err(IntoInnerError::into_error)?.finish()
}

/// The items of a blob that should have so many.
pub(super) fn decode(bytes: &[u8], count: usize) -> Result<Vec<Item>, Damage> {
    let compressed = bytes.strip_prefix(VERSION).ok_or(Damage::Version)?;
    if count > MANY {
        return Err(Damage::Count);
    }
    let mut items = Vec::with_capacity(count);
    let mut lines = BufReader::new(GzDecoder::new(compressed).take(LIMIT));
    loop {
        let mut head = [0; 2];
        let mut line = Vec::new();
        let begun = lines.read(head.get_mut(..1).ok_or(Damage::Changed)?);
        if begun.map_err(|_| Damage::Changed)? == 0 {
            break;
        }
        lines.read_exact(head.get_mut(1..).ok_or(Damage::Changed)?).map_err(|_| Damage::Changed)?;
        lines.read_until(b'\n', &mut line).map_err(|_| Damage::Changed)?;
        let [letter, b' '] = head else { return Err(Damage::Changed) };
        let kind = kind(letter).ok_or(Damage::Changed)?;
        if line.pop() != Some(b'\n') {
            return Err(if lines.get_ref().limit() == 0 {
                Damage::TooLarge
            } else {
                Damage::Changed
            });
        }
        if items.len() == count {
            return Err(Damage::Count);
        }
        line.shrink_to_fit();
        items.push(Item { kind, json: line });
    }
    let rest = lines.into_inner();
    if rest.limit() == 0 {
        return Err(Damage::TooLarge);
    }
    if !rest.into_inner().into_inner().is_empty() {
        return Err(Damage::Changed);
    }
    if items.len() == count { Ok(items) } else { Err(Damage::Count) }
}

const KINDS: [(u8, ItemKind); 7] = [
    (b'R', ItemKind::Request),
    (b'D', ItemKind::Dependency),
    (b'T', ItemKind::Message),
    (b'X', ItemKind::Exception),
    (b'E', ItemKind::Event),
    (b'A', ItemKind::Availability),
    (b'M', ItemKind::Metric),
];

fn letter(kind: ItemKind) -> u8 {
    match kind {
        ItemKind::Request => b'R',
        ItemKind::Dependency => b'D',
        ItemKind::Message => b'T',
        ItemKind::Exception => b'X',
        ItemKind::Event => b'E',
        ItemKind::Availability => b'A',
        ItemKind::Metric => b'M',
    }
}

fn kind(letter: u8) -> Option<ItemKind> {
    KINDS.into_iter().find(|(known, _)| *known == letter).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: ItemKind, json: &str) -> Item {
        Item { kind, json: json.into() }
    }

    fn of_every_kind() -> Vec<Item> {
        KINDS.iter().map(|(_, kind)| item(*kind, &format!("{{\"of\":\"{kind:?} é\"}}"))).collect()
    }

    #[test]
    fn what_is_encoded_comes_back() -> io::Result<()> {
        let items = of_every_kind();
        assert_eq!(decode(&encode(&items)?, items.len()), Ok(items));
        let breaks = [item(ItemKind::Message, "{\"a\":\n1,\n\"b\":2}")];
        let mended = vec![item(ItemKind::Message, "{\"a\": 1, \"b\":2}")];
        assert_eq!(decode(&encode(&breaks)?, 1), Ok(mended));
        Ok(())
    }

    #[test]
    fn damage_is_seen_wherever_it_is() -> io::Result<()> {
        let items = of_every_kind();
        let whole = encode(&items)?;
        for length in 0..whole.len() {
            assert!(decode(&whole[..length], items.len()).is_err(), "cut off at {length}");
        }
        // In gzip's head, time and name of the system mean nothing here.
        let meaningless = VERSION.len() + 4..VERSION.len() + 10;
        for at in (0..whole.len()).filter(|at| !meaningless.contains(at)) {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                let read = decode(&changed, items.len());
                assert!(
                    read.is_err() || read.as_ref() == Ok(&items),
                    "bit {bit} of byte {at}: {read:?}"
                );
            }
        }
        let longer = [whole.as_slice(), b"more"].concat();
        assert_eq!(decode(&longer, items.len()), Err(Damage::Changed));
        assert_eq!(decode(&whole, items.len() - 1), Err(Damage::Count));
        assert_eq!(decode(&whole, items.len() + 1), Err(Damage::Count));
        assert_eq!(decode(&whole, usize::MAX), Err(Damage::Count));
        Ok(())
    }

    #[test]
    fn another_version_is_not_guessed_at() -> io::Result<()> {
        let mut other = encode(&of_every_kind())?;
        other[VERSION.len() - 2] = b'2';
        assert_eq!(decode(&other, 7), Err(Damage::Version));
        assert_eq!(decode(b"", 0), Err(Damage::Version));
        Ok(())
    }

    #[test]
    fn a_bomb_costs_no_more_than_the_limit() -> io::Result<()> {
        let mut encoder = GzEncoder::new(VERSION.to_vec(), Compression::best());
        encoder.write_all(b"D ")?;
        let spaces = vec![b' '; 1 << 20];
        for _ in 0..65 {
            encoder.write_all(&spaces)?;
        }
        encoder.write_all(b"\n")?;
        let bomb = encoder.finish()?;
        assert!(bomb.len() < 1 << 20);
        assert_eq!(decode(&bomb, 1), Err(Damage::TooLarge));
        Ok(())
    }

    #[test]
    fn portions_are_bounded_and_nothing_is_left_out() {
        let large = Item { kind: ItemKind::Message, json: vec![b' '; FULL / 2] };
        let huge = Item { kind: ItemKind::Message, json: vec![b' '; FULL + 1] };
        let small = item(ItemKind::Message, "{}");
        let items =
            [large.clone(), large.clone(), small.clone(), huge.clone(), huge, small.clone(), large];
        let sizes: Vec<_> = portions(&items).map(<[Item]>::len).collect();
        assert_eq!(sizes, [2, 1, 1, 1, 2]);
        let many = vec![small; MANY + 1];
        let sizes: Vec<_> = portions(&many).map(<[Item]>::len).collect();
        assert_eq!(sizes, [MANY, 1]);
        assert_eq!(portions(&[]).count(), 0);
    }
}
