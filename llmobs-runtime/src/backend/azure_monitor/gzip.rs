//! How a compressor is written to.

use std::io::{BufWriter, Write};

/// How much a compressor is given at once: at each write `flate2` first clears the 32 KiB that it compresses into,
/// which costs more than the compression where an envelope is written in parts.
const AT_ONCE: usize = 128 << 10;

/// Collects what is written before it goes to a compressor.
pub(super) fn buffered<W: Write>(compressor: W) -> BufWriter<W> {
    BufWriter::with_capacity(AT_ONCE, compressor)
}
