//! When something is tried again.
//!
//! The pause doubles from a quarter of a second to ten, of which a random half is taken off so that many processes do
//! not come back together. A server that says when to come back is not asked before.

use std::time::Duration;
#[cfg(feature = "otlp-http")]
use std::time::SystemTime;

use tokio::time::Instant;

use super::io::Phase;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);
/// The longest that a server may ask for.
pub(super) const PATIENCE: Duration = Duration::from_mins(10);
/// As good as without end.
const ENDLESS: Duration = Duration::from_hours(24 * 365);
/// How long a server that cannot be reached is sought while the pipeline shuts down.
const FAREWELL: Duration = Duration::from_secs(1);

/// The pause after so many attempts in vain.
pub(super) fn pause(attempts: u32) -> Duration {
    let factor = 2_u32.saturating_pow(attempts.min(16));
    let pause = FIRST.saturating_mul(factor).min(LONGEST);
    let half = pause / 2;
    half.saturating_add(half.mul_f64(fastrand::f64()))
}

/// What a `Retry-After` says: seconds, or a date.
#[cfg(feature = "otlp-http")]
pub(super) fn after(said: &str, now: SystemTime) -> Option<Duration> {
    let said = said.trim();
    let pause = match said.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        // A date that has passed: at once.
        Err(_) => httpdate::parse_http_date(said).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(pause.min(PATIENCE))
}

/// The time so long after another. Who has endless patience may say so with the longest time that there is, which no
/// clock can count up to.
pub(super) fn later(than: Instant, by: Duration) -> Instant {
    than.checked_add(by.min(ENDLESS)).unwrap_or(than)
}

/// The end of all attempts.
pub(super) fn end(phase: Phase, latest: Instant, unreachable: bool) -> Instant {
    match phase {
        Phase::Running => latest,
        Phase::Closing { begun, end } if unreachable => later(begun, FAREWELL).min(end),
        Phase::Closing { end, .. } => end,
        Phase::Ended => Instant::now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_bounds() {
        for (attempts, most) in [(0, 250), (1, 500), (3, 2_000), (6, 10_000), (u32::MAX, 10_000)] {
            for _ in 0..100 {
                let pause = pause(attempts);
                let most = Duration::from_millis(most);
                assert!(pause >= most / 2 && pause <= most, "{attempts}: {pause:?}");
            }
        }
    }

    #[cfg(feature = "otlp-http")]
    #[test]
    fn a_server_says_when_to_come_back() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(after(" 7 ", now), seconds(7));
        assert_eq!(after("999999999", now), seconds(600));
        assert_eq!(after("Tue, 14 Nov 2023 22:13:50 GMT", now), seconds(30));
        assert_eq!(after("Tue, 14 Nov 2023 22:13:10 GMT", now), seconds(0));
        assert_eq!(after("soon", now), None);
        assert_eq!(after("-1", now), None);
    }

    #[test]
    fn the_longest_time_is_without_end() {
        let now = Instant::now();
        assert_eq!(later(now, Duration::from_secs(7)), now + Duration::from_secs(7));
        assert!(later(now, Duration::MAX) > now + Duration::from_hours(24 * 300));
    }

    #[test]
    fn a_pipeline_that_closes_seeks_a_lost_server_no_longer_than_a_second() {
        let begun = Instant::now();
        let (latest, end_of) = (begun + Duration::from_mins(5), begun + Duration::from_secs(5));
        let closing = Phase::Closing { begun, end: end_of };
        assert_eq!(end(Phase::Running, latest, true), latest);
        assert_eq!(end(closing, latest, false), end_of);
        assert_eq!(end(closing, latest, true), begun + FAREWELL);
    }
}
