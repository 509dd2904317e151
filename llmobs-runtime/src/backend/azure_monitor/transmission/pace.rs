//! When to try again: what the service asked for, or else longer and longer, and never in step with others.

use std::time::{Duration, Instant, SystemTime};

use azure_core::time::{OffsetDateTime, parse_rfc7231};

use super::buffer::after;

/// The first and the longest pause between two attempts that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

/// What the service asks for is believed up to this.
const LONGEST: Duration = Duration::from_mins(10);
/// For a quota, which is renewed once a day.
const LONGEST_QUOTA: Duration = Duration::from_hours(24);
/// How long a spent quota is left alone where the service does not say.
const QUOTA: Duration = Duration::from_mins(10);
/// Whoever says "at once" does not mean a storm.
const SHORTEST: Duration = Duration::from_millis(100);

/// The limit of a first pause is no shorter, whatever was said.
const LEAST: Duration = Duration::from_millis(10);

/// Why nothing is sent for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) until: Instant,
    /// The service asked for it; else it is our own guess.
    pub(super) asked: bool,
}

/// Failures in a row.
#[derive(Debug)]
pub(super) struct BackOff {
    pace: Pace,
    failures: u32,
}

impl BackOff {
    pub(super) fn new(pace: Pace) -> Self {
        let min = pace.min.max(LEAST);
        Self { pace: Pace { min, max: pace.max.max(min) }, failures: 0 }
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// One more failure: anything up to twice the last limit, so that processes that failed together do not come back
    /// together.
    pub(super) fn failed(&mut self) -> Pause {
        let limit =
            self.pace.min.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1).min(31);
        let limit = limit.min(self.pace.max);
        // A tenth at least: none at all would be a storm.
        let time = limit.mul_f64(0.1 + 0.9 * fastrand::f64());
        Pause { until: after(Instant::now(), time), asked: false }
    }

    /// The same, where the service may have said when to come back. At once, or at a time that is past by our clock,
    /// is no answer to that.
    pub(super) fn put_off(&mut self, asked: Option<Duration>) -> Pause {
        let own = self.failed();
        let asked = asked.filter(|time| !time.is_zero());
        asked.map_or(own, |time| asked_for(time.clamp(SHORTEST, LONGEST)))
    }
}

/// The pause of a quota that is spent.
pub(super) fn spent(asked: Option<Duration>) -> Pause {
    asked_for(asked.unwrap_or(QUOTA).clamp(SHORTEST, LONGEST_QUOTA))
}

/// A little more than asked for, as not all may come at once.
fn asked_for(time: Duration) -> Pause {
    let more = (time / 10).min(Duration::from_secs(5)).mul_f64(fastrand::f64());
    Pause { until: after(Instant::now(), time.saturating_add(more)), asked: true }
}

/// `Retry-After`: seconds or a date (RFC 9110, 10.2.3). What is past is now; what is neither is nothing.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let then = parse_rfc7231(value).ok()?;
    let left = then - OffsetDateTime::from(now);
    Some(Duration::try_from(left).unwrap_or(Duration::ZERO))
}

/// `x-ms-retry-after-ms` and `retry-after-ms`.
pub(super) fn retry_after_ms(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_millis)
}

/// `Cache-Control: max-age`; `no-store` and `no-cache` are none at all.
pub(super) fn max_age(value: &str) -> Option<Duration> {
    value.split(',').map(str::trim).find_map(|directive| {
        if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache")
        {
            return Some(Duration::ZERO);
        }
        let (name, seconds) = directive.split_once('=')?;
        let seconds = name.trim().eq_ignore_ascii_case("max-age").then(|| seconds.trim())?;
        seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(447_072);
        let seconds = |value| retry_after(value, now).map(|time| time.as_secs());
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds(" 17 "), Some(17));
        assert_eq!(seconds("99999999999999999999999"), Some(u64::from(u32::MAX)));
        assert_eq!(seconds("Fri, 01 Jan 2021 00:00:10 GMT"), Some(10));
        assert_eq!(seconds("Thu, 31 Dec 2020 23:59:50 GMT"), Some(0));
        for not in
            ["", " ", "-1", "1.5", "soon", "2021-01-01", "Fri, 01 Jan 2021 00:00:10", "é", "١"]
        {
            assert_eq!(seconds(not), None, "{not}");
        }
        assert_eq!(retry_after_ms("250"), Some(Duration::from_millis(250)));
        assert_eq!(retry_after_ms("-1"), None);
    }

    #[test]
    fn an_age_of_a_redirection() {
        assert_eq!(max_age("public, Max-Age=60"), Some(Duration::from_mins(1)));
        assert_eq!(max_age("max-age=\"5\""), Some(Duration::from_secs(5)));
        assert_eq!(max_age("no-store, max-age=60"), Some(Duration::ZERO));
        assert_eq!(max_age("private"), None);
        assert_eq!(max_age("max-age=long"), None);
    }

    #[test]
    fn pauses_grow_to_a_limit_and_are_no_two_alike() {
        let pace = Pace { min: Duration::from_secs(1), max: Duration::from_secs(8) };
        for (failures, limit) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 8), (31, 8)] {
            let mut pauses: Vec<_> = (0..50)
                .map(|_| {
                    let start = Instant::now();
                    let pause = BackOff { pace, failures }.failed();
                    assert!(!pause.asked);
                    pause.until - start
                })
                .collect();
            let limit = Duration::from_secs(limit);
            assert!(
                pauses.iter().all(|time| *time <= limit + Duration::from_secs(1)),
                "{pauses:?}"
            );
            assert!(pauses.iter().all(|time| *time >= limit / 10), "{pauses:?}");
            assert!(pauses.iter().any(|time| *time > limit / 2), "{pauses:?}");
            pauses.sort_unstable();
            pauses.dedup();
            assert!(pauses.len() > 40, "{pauses:?}");
        }
        let mut back_off = BackOff::new(pace);
        let _ = (back_off.failed(), back_off.failed());
        assert_eq!(back_off.failures, 2);
        back_off.succeeded();
        assert_eq!(back_off.failures, 0);
    }

    #[test]
    fn what_the_service_asks_for_is_believed_within_reason() {
        let mut back_off =
            BackOff::new(Pace { min: Duration::from_secs(1), max: Duration::from_mins(1) });
        let minutes = |pause: Pause| (pause.until - Instant::now()).as_secs() / 60;
        let at_least = |pause: Pause, expected: Duration| {
            assert!(pause.asked);
            let left = pause.until - Instant::now();
            assert!(left > expected.mul_f64(0.9) && left < expected.mul_f64(1.2), "{left:?}");
        };
        at_least(back_off.put_off(Some(Duration::from_secs(30))), Duration::from_secs(30));
        assert_eq!(minutes(back_off.put_off(Some(Duration::from_hours(50)))), 10);
        assert!(!back_off.put_off(None).asked);
        at_least(spent(Some(Duration::from_hours(5))), Duration::from_hours(5));
        assert_eq!(minutes(spent(None)), 10);
        assert_eq!(minutes(spent(Some(Duration::MAX))), 24 * 60);
    }

    #[test]
    fn pauses_of_no_length_are_no_storm() {
        let none = Pace { min: Duration::ZERO, max: Duration::ZERO };
        let pauses = |mut back_off: BackOff, asked| {
            (0..20).map(move |_| {
                let start = Instant::now();
                back_off.put_off(asked).until.saturating_duration_since(start)
            })
        };
        assert!(pauses(BackOff::new(none), None).all(|pause| pause >= LEAST / 10));
        // Nor where the service asks for one, as a date does that is past by our clock.
        let pace = Pace { min: Duration::from_secs(1), max: Duration::from_mins(1) };
        let longest = pauses(BackOff::new(pace), Some(Duration::ZERO)).max();
        assert!(longest > Some(Duration::from_secs(10)), "{longest:?}");
    }
}
