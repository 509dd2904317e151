//! JSON straight to bytes: strings, numbers and nothing else.

use std::io::Write as _;

/// Appends `text` as a JSON string, with its quotes.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends `text` as it stands within the quotes of a JSON string. Everything outside ASCII stays UTF-8.
pub(super) fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else { return };
        escape(out, *byte);
        rest = after;
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(byte)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// How many bytes of a JSON string a byte of text takes; of a character outside ASCII each is itself.
pub(super) fn width(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes from the start need no escape; eight at a time, since content is long.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            let within = (found.trailing_zeros() / 8) as usize;
            return at.saturating_mul(8).saturating_add(within);
        }
    }
    let within = rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len());
    bytes.len().saturating_sub(rest.len()).saturating_add(within)
}

/// Of eight bytes those below 0x20, quotes and backslashes: the lowest bit that is set is in the first of them, and
/// none is where there is none.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHS: u64 = ONES << 7;
    // The high bit of each byte that is below `limit`, at most 0x80; a borrow may also set it in a byte above one.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word & HIGHS;
    let equals = |byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    below(word, 0x20) | equals(b'"') | equals(b'\\')
}

/// The last four bits as a lower-case hexadecimal digit.
fn hex_digit(bits: u8) -> u8 {
    match bits & 0xf {
        digit @ 0..=9 => b'0' + digit,
        digit => b'a' - 10 + digit,
    }
}

/// Appends an identifier in lower-case hexadecimal.
pub(super) fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(*byte)]);
    }
}

/// Appends a whole number.
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    unsigned(out, value.unsigned_abs());
}

/// Appends a whole number that has no sign.
pub(super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [b'0'; 20];
    let mut from = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (value % 10) as u8;
        from = at;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(from..).unwrap_or_default());
}

/// Appends a number that is finite, and whether it was; `1.0`, `0.2`, `1e+21` as the reference prints them.
#[must_use]
pub(super) fn number(out: &mut Vec<u8>, value: f64) -> bool {
    let finite = value.is_finite();
    if finite {
        finite_float(out, value);
    }
    finite
}

/// Appends a float as text: a number, or `nan`, `inf`, `-inf`, which JSON knows only within quotes.
pub(super) fn float_text(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"nan");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
    } else {
        finite_float(out, value);
    }
}

/// The shortest digits that read back as the same number; an exponent has a sign and two digits at least.
fn finite_float(out: &mut Vec<u8>, value: f64) {
    // Writing to a `Vec` cannot fail.
    let size = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&size) {
        let _ = write!(out, "{value:?}");
        return;
    }
    let from = out.len();
    let _ = write!(out, "{value:e}");
    let Some(at) = out.get(from..).and_then(|text| text.iter().position(|byte| *byte == b'e'))
    else {
        return;
    };
    let exponent = out.split_off(from.saturating_add(at).saturating_add(1));
    let (sign, digits) = match exponent.split_first() {
        Some((b'-', digits)) => (b'-', digits),
        _ => (b'+', exponent.as_slice()),
    };
    out.push(sign);
    if digits.len() < 2 {
        out.push(b'0');
    }
    out.extend_from_slice(digits);
}

#[cfg(test)]
mod tests {
    use super::super::testing::Random;
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_string_reads_back_whatever_is_in_it() {
        let mut random = Random::new();
        for _ in 0..2_000 {
            let text = random.text(40);
            let json = written(|out| string(out, &text));
            assert_eq!(serde_json::from_str::<String>(&json).ok(), Some(text));
        }
        for code in 0..0x300_u32 {
            let text: String = ["1234567", "8"]
                .map(String::from)
                .join(&char::from_u32(code).expect("a character").to_string());
            let json = written(|out| string(out, &text));
            assert_eq!(serde_json::from_str::<String>(&json).ok(), Some(text));
        }
        assert_eq!(
            written(|out| string(out, "a\"\\\n\u{1}é\u{2028}")),
            "\"a\\\"\\\\\\n\\u0001é\u{2028}\""
        );
    }

    #[test]
    fn numbers_are_printed_as_the_reference_prints_them() {
        for (value, text) in [
            (0.2, "0.2"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (25.0, "25.0"),
            (33.333_333_333_333_336, "33.333333333333336"),
            (1e21, "1e+21"),
            (-1.5e-7, "-1.5e-07"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e-300, "1.25e-300"),
        ] {
            assert_eq!(written(|out| float_text(out, value)), text);
            assert_eq!(written(|out| assert!(number(out, value))), text);
        }
        for (value, text) in
            [(f64::NAN, "nan"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")]
        {
            assert_eq!(written(|out| float_text(out, value)), text);
            assert_eq!(
                written(|out| assert!(!number(out, value))),
                "",
                "JSON has no number for it"
            );
        }
        for value in [0, 7, -7, 9_007_199_254_740_993, i64::MAX, i64::MIN] {
            assert_eq!(written(|out| integer(out, value)), value.to_string());
        }
        assert_eq!(written(|out| unsigned(out, u64::MAX)), u64::MAX.to_string());
        let mut random = Random::new();
        for _ in 0..2_000 {
            let value = f64::from_bits(random.next());
            if value.is_finite() {
                let text = written(|out| float_text(out, value));
                assert_eq!(text.parse().map(f64::to_bits), Ok(value.to_bits()), "{text}");
            }
        }
    }

    #[test]
    fn identifiers_are_lower_case() {
        assert_eq!(written(|out| hex(out, &[0, 0x0f, 0xa9, 0xff])), "000fa9ff");
    }
}
