//! A batch as the body of a request: a JSON array of the envelopes, compressed.

use std::io::{self, IntoInnerError, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::backend::azure_monitor::gzip;
use crate::backend::azure_monitor::item::Item;

/// The head of a gzip stream (RFC 1952, 2.3): deflate, no flags, no time, fastest, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// The array of these envelopes.
pub(super) fn write<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        out.write_all(&item.json)?;
    }
    out.write_all(b"]")
}

/// Compresses batches, with one compressor for all of them: its tables are larger than most batches.
///
/// Level 1: higher levels save little of what prompts are made of, at a multiple of the cost.
pub(super) struct Compressor {
    encoder: DeflateEncoder<Vec<u8>>,
    /// How long the last body was.
    last: usize,
}

impl Compressor {
    pub(super) fn new() -> Self {
        Self { encoder: DeflateEncoder::new(Vec::new(), Compression::fast()), last: 4096 }
    }

    /// The body of a request that carries these.
    pub(super) fn body<'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a Item>,
    ) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(self.last.saturating_add(self.last / 8));
        out.extend_from_slice(&HEAD);
        // What an earlier failure left in the encoder goes with its old place.
        drop(self.encoder.reset(out)?);
        let counting = Counting { encoder: &mut self.encoder, crc: Crc::new() };
        let mut buffered = gzip::buffered(counting);
        write(items, &mut buffered)?;
        let crc = buffered.into_inner().map_err(IntoInnerError::into_error)?.crc;
        let mut body = self.encoder.reset(Vec::new())?;
        body.extend_from_slice(&crc.sum().to_le_bytes());
        body.extend_from_slice(&crc.amount().to_le_bytes());
        self.last = body.len();
        Ok(body)
    }
}

struct Counting<'a> {
    encoder: &'a mut DeflateEncoder<Vec<u8>>,
    crc: Crc,
}

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.crc.update(bytes);
        self.encoder.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::backend::azure_monitor::item::ItemKind;

    #[test]
    fn a_body_is_gzip_of_the_array_and_the_compressor_is_used_again() {
        let mut compressor = Compressor::new();
        let item = |text: &str| Item {
            kind: ItemKind::Message,
            json: format!("{{\"text\":\"{text}\"}}").into_bytes(),
        };
        for (items, expected) in [
            (vec![], "[]".to_owned()),
            (vec![item("one")], "[{\"text\":\"one\"}]".to_owned()),
            (vec![item("a"), item("é")], "[{\"text\":\"a\"},{\"text\":\"é\"}]".to_owned()),
            (
                vec![item(&"x".repeat(300_000)), item("end")],
                format!("[{{\"text\":\"{}\"}},{{\"text\":\"end\"}}]", "x".repeat(300_000)),
            ),
            (vec![item("again")], "[{\"text\":\"again\"}]".to_owned()),
        ] {
            let body = compressor.body(&items).expect("memory");
            let mut plain = String::new();
            GzDecoder::new(body.as_slice()).read_to_string(&mut plain).expect("gzip");
            assert_eq!(plain, expected);
        }
    }
}
