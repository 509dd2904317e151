//! The score of a trace: where its id lies between 0 and 1, the same in every Application Insights SDK.

use opentelemetry::trace::TraceId;

/// A trace is kept at a ratio above its score.
///
/// DJB2 over the 32 hexadecimal digits of the id, in 32 bits with sign, and its magnitude as a share of the largest.
pub(super) fn score(trace_id: TraceId) -> f64 {
    let digits = trace_id.to_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let hash = digits.fold(5381_i32, |hash, digit| {
        let letter = if digit < 10 { b'0' + digit } else { b'a' + (digit - 10) };
        hash.wrapping_mul(33).wrapping_add(i32::from(letter))
    });
    f64::from(hash.saturating_abs()) / f64::from(i32::MAX)
}
