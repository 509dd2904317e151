//! Points in time and durations as the service reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400;
/// The schema has three digits for the days; a longer span is a mistake of clocks.
const LONGEST: u64 = 1_000 * DAY * 1_000 - 1;

/// Appends `2025-10-09T08:53:20.123456Z`: UTC, the nearest microsecond, and no fraction on a whole second.
///
/// Before 1970 there is 1970: such a time is a clock that was never set.
pub(super) fn point(out: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = since.saturating_add(Duration::from_nanos(500));
    let (year, month, day) = date(since.as_secs() / DAY);
    let second = since.as_secs() % DAY;
    digits(out, year, 4);
    out.push(b'-');
    digits(out, month, 2);
    out.push(b'-');
    digits(out, day, 2);
    out.push(b'T');
    clock(out, second);
    let micros = u64::from(since.subsec_micros());
    if micros != 0 {
        out.push(b'.');
        digits(out, micros, 6);
    }
    out.push(b'Z');
}

/// Appends `1.02:03:04.005`: days, hours, minutes, seconds and the nearest millisecond.
pub(super) fn duration(out: &mut Vec<u8>, duration: Duration) {
    let rounded = duration.saturating_add(Duration::from_micros(500));
    let millis = u64::try_from(rounded.as_millis()).unwrap_or(LONGEST).min(LONGEST);
    let seconds = millis / 1_000;
    super::json::unsigned(out, seconds / DAY);
    out.push(b'.');
    clock(out, seconds % DAY);
    out.push(b'.');
    digits(out, millis % 1_000, 3);
}

/// `HH:MM:SS` of the seconds of a day.
fn clock(out: &mut Vec<u8>, second: u64) {
    digits(out, second / 3_600, 2);
    out.push(b':');
    digits(out, second / 60 % 60, 2);
    out.push(b':');
    digits(out, second % 60, 2);
}

/// The last `places` digits.
fn digits(out: &mut Vec<u8>, value: u64, places: u32) {
    for place in (0..places).rev() {
        let digit = value / 10_u64.saturating_pow(place) % 10;
        out.push(b'0' + digit as u8);
    }
}

/// Year, month and day of a day since 1970: the Gregorian calendar, counted in years that begin in March.
fn date(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01; an era is 400 years. The year 9999 ends what four digits can say.
    let days = days.min(2_932_896) + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}
