//! What a server makes of a request.

use std::time::Duration;

use prost::Message;

/// What became of one attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Taken, but for so many items.
    Delivered { rejected: u64 },
    /// Too large for the server.
    TooLarge(String),
    /// Will not be taken, however often it is sent.
    Refused(String),
    /// May be taken later.
    Later {
        why: String,
        /// When the server wants to be asked again.
        after: Option<Duration>,
        /// There was no server to say anything.
        unreachable: bool,
    },
}

/// How many items were rejected, as a body of protobuf tells: it is the same for all signals. What is no answer at
/// all is taken for none.
pub(super) fn rejected(body: &[u8]) -> u64 {
    let Ok(answer) = Answer::decode(body) else { return 0 };
    answer.partial_success.map_or(0, |partial| u64::try_from(partial.rejected).unwrap_or(0))
}

/// The same of JSON.
#[cfg(feature = "otlp-http")]
pub(super) fn rejected_json(body: &[u8]) -> u64 {
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(body) else { return 0 };
    let partial = answer.get("partialSuccess");
    let names = ["rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"];
    let count = names.iter().find_map(|name| partial?.get(name));
    // 64 bits stand between quotation marks, though not with every server.
    count.and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok())).unwrap_or(0)
}

#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<Partial>,
}

/// Without the server's message, which may quote what was sent.
#[derive(Clone, PartialEq, Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rejected_is_read_from_an_answer() {
        let of = |rejected| Answer { partial_success: Some(Partial { rejected }) }.encode_to_vec();
        assert_eq!(rejected(&of(7)), 7);
        assert_eq!(rejected(&of(-1)), 0);
        assert_eq!(rejected(&[]), 0);
        assert_eq!(rejected(&[0xff; 32]), 0);
    }

    #[cfg(feature = "otlp-http")]
    #[test]
    fn what_was_rejected_is_read_from_json() {
        let of = |text: &str| rejected_json(text.as_bytes());
        assert_eq!(of(r#"{"partialSuccess":{"rejectedSpans":"7"}}"#), 7);
        assert_eq!(of(r#"{"partialSuccess":{"rejectedLogRecords":7,"errorMessage":"x"}}"#), 7);
        assert_eq!(of(r#"{"partialSuccess":{"rejectedDataPoints":"-1"}}"#), 0);
        assert_eq!(of(r#"{"partialSuccess":{}}"#), 0);
        assert_eq!(of("{}"), 0);
        assert_eq!(of("<html>"), 0);
    }
}
