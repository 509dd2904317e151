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

/// The last `places` digits, at most six.
fn digits(out: &mut Vec<u8>, mut value: u64, places: usize) {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev().take(places) {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(digits.get(6_usize.saturating_sub(places)..).unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn point_at(nanos: u64) -> String {
        let mut out = Vec::new();
        point(&mut out, UNIX_EPOCH + Duration::from_nanos(nanos));
        String::from_utf8(out).expect("text")
    }

    fn lasting(nanos: u64) -> String {
        let mut out = Vec::new();
        duration(&mut out, Duration::from_nanos(nanos));
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_point_has_microseconds_unless_they_are_none() {
        assert_eq!(point_at(0), "1970-01-01T00:00:00Z");
        assert_eq!(point_at(1_760_000_000_000_000_000), "2025-10-09T08:53:20Z");
        assert_eq!(point_at(1_760_000_000_120_000_000), "2025-10-09T08:53:20.120000Z");
        assert_eq!(point_at(1_760_000_000_123_456_789), "2025-10-09T08:53:20.123457Z");
        assert_eq!(
            point_at(1_760_000_000_999_999_600),
            "2025-10-09T08:53:21Z",
            "rounded up to a second"
        );
        assert_eq!(point_at(951_782_400_000_001_000), "2000-02-29T00:00:00.000001Z");
        assert_eq!(point_at(951_868_799_000_000_000), "2000-02-29T23:59:59Z");
        assert_eq!(
            point_at(4_107_542_400_000_000_000),
            "2100-03-01T00:00:00Z",
            "2100 is no leap year"
        );
    }

    #[test]
    fn no_time_is_out_of_range() {
        let mut out = Vec::new();
        point(&mut out, UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(out, b"1970-01-01T00:00:00Z");
        out.clear();
        if let Some(far) = UNIX_EPOCH.checked_add(Duration::from_secs(1 << 50)) {
            point(&mut out, far);
            assert!(out.starts_with(b"9999-12-31T"), "{}", String::from_utf8_lossy(&out));
        }
    }

    #[test]
    fn a_day_follows_the_other() {
        let mut expected = (1970, 1, 1);
        for day in 0..150_000 {
            assert_eq!(date(day), expected);
            let (year, month, of_month) = expected;
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                2 => 28 + u64::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (month, of_month) {
                (12, 31) => (year + 1, 1, 1),
                (_, last) if last == days => (year, month + 1, 1),
                _ => (year, month, of_month + 1),
            };
        }
    }

    #[test]
    fn a_duration_is_rounded_half_up_to_milliseconds() {
        assert_eq!(lasting(0), "0.00:00:00.000");
        assert_eq!(lasting(499_999), "0.00:00:00.000");
        assert_eq!(lasting(500_000), "0.00:00:00.001");
        assert_eq!(lasting(59_999_500_000), "0.00:01:00.000");
        assert_eq!(lasting(183_845_006_000_000), "2.03:04:05.006");
        let mut out = Vec::new();
        duration(&mut out, Duration::MAX);
        assert_eq!(out, b"999.23:59:59.999", "the schema has three digits for days");
    }
}
