//! From single to double precision, as people write numbers.

use std::fmt::Write;

/// The double that prints as `single` does: a temperature of 0.7 stays 0.7 and not 0.699999988079071.
pub(super) fn widen(single: f32) -> f64 {
    short(single).unwrap_or_else(|| printed(single))
}

/// The same where a few decimals say it all.
///
/// Decimals of up to six digits are told apart by single precision. So the first that gives the single back is the
/// shortest that does, as is printed; and it is the quotient of two integers that doubles hold exactly.
fn short(single: f32) -> Option<f64> {
    let exact = f64::from(single);
    [1.0, 10.0, 100.0, 1_000.0, 10_000.0].into_iter().find_map(|scale| {
        let scaled = exact * scale;
        if scaled.abs() >= 1e6 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "below a million, as just tested")]
        let digits = (scaled + 0.5_f64.copysign(scaled)) as i32;
        let decimal = f64::from(digits) / scale;
        #[expect(clippy::cast_possible_truncation, reason = "the comparison is the test of it")]
        let back = decimal as f32;
        // Bits, since 0 is not -0.
        (back.to_bits() == single.to_bits()).then_some(decimal)
    })
}

/// The same by printing and reading.
#[cold]
fn printed(single: f32) -> f64 {
    let mut digits = Digits { bytes: [0; 32], len: 0 };
    let written = write!(digits, "{single:e}").ok();
    let bytes = digits.bytes.get(..digits.len).unwrap_or_default();
    written
        .and_then(|()| str::from_utf8(bytes).ok()?.parse().ok())
        .unwrap_or_else(|| f64::from(single))
}

/// The digits of a number, without a heap.
struct Digits {
    bytes: [u8; 32],
    len: usize,
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(single: f32) {
        let expected: f64 = single.to_string().parse().expect("a number");
        assert_eq!(widen(single).to_bits(), expected.to_bits(), "{single:?}");
        assert_eq!(printed(single).to_bits(), expected.to_bits(), "{single:?} is printed");
    }

    #[test]
    fn a_double_prints_as_the_single_did() {
        for digits in 0..3_000_u16 {
            let digits = f32::from(digits);
            for scale in [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 1e9] {
                same(digits / scale);
                same(-digits / scale);
                same(digits * scale);
            }
        }
        for edge in [f32::MAX, f32::MIN_POSITIVE, f32::EPSILON, 1e-45, 999_999.9, 16_777_215.0] {
            same(edge);
            same(-edge);
        }
    }

    #[test]
    fn whatever_the_bits() {
        let mut bits = 1_u32;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let single = f32::from_bits(bits);
            if single.is_finite() {
                same(single);
            }
        }
    }

    #[test]
    fn what_people_write_needs_no_printing() {
        for single in [0.0, 0.7, 0.95, 1.0, 1.25, -2.0, 0.0001, 0.333, 512.5] {
            assert!(short(single).is_some(), "{single}");
        }
    }
}
