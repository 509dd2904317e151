//! What an error of the client becomes in `error.type`: the provider's code, else the HTTP status.

use std::error::Error;
use std::fmt::{self, Display, Write};

use ::async_openai::error::{ApiError, OpenAIError};

use super::terms::is_identifier;
use crate::payload::Text;

/// The client refused the request before it sent anything.
const INVALID_ARGUMENT: &str = "invalid_argument";

/// The `error.type` of an error of `async-openai`; `None` for any other error, and for one of the client's
/// that is better told by its source.
pub(crate) fn error_type(error: &(dyn Error + 'static)) -> Option<Text> {
    if let Some(error) = error.downcast_ref::<ApiError>() {
        return code(error).map(Text::copied);
    }
    let error = error.downcast_ref::<OpenAIError>()?;
    if matches!(error, OpenAIError::InvalidArgument(_)) {
        return Some(Text::Static(INVALID_ARGUMENT));
    }
    status(error)
}

fn code(error: &ApiError) -> Option<&str> {
    [&error.code, &error.r#type]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .find(|it| is_identifier(it))
}

/// The HTTP status that an answer of the API was refused with.
///
/// The variant that holds it exists only with the features of the client itself, which need some hundred
/// crates and are the application's to switch on. What it prints begins with the status.
fn status(error: &impl Display) -> Option<Text> {
    let mut head = Head::default();
    // Cut short on purpose: no more than the head is ever formatted or kept.
    let _ = write!(head, "{error}");
    let status =
        head.bytes.strip_suffix(b" ").and_then(|digits| std::str::from_utf8(digits).ok())?;
    let known = status.parse::<u16>().is_ok_and(|it| (400..600).contains(&it));
    known.then(|| Text::copied(status))
}

/// The first bytes of what is printed.
#[derive(Default)]
struct Head {
    bytes: [u8; 4],
    filled: usize,
}

impl Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (slot, byte) in self.bytes.iter_mut().skip(self.filled).zip(text.bytes()) {
            *slot = byte;
            self.filled += 1;
        }
        if self.filled < self.bytes.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(code: Option<&str>, class: Option<&str>) -> ApiError {
        ApiError {
            message: "429 reasons why".into(),
            code: code.map(Into::into),
            r#type: class.map(Into::into),
            ..ApiError::default()
        }
    }

    fn named(error: &(dyn Error + 'static)) -> Option<String> {
        error_type(error).map(|it| it.as_str().to_owned())
    }

    #[test]
    fn an_error_of_the_api_is_named_by_its_code() {
        let both = api(Some("rate_limit_exceeded"), Some("requests"));
        assert_eq!(named(&both).as_deref(), Some("rate_limit_exceeded"));
        assert_eq!(named(&api(None, Some("server_error"))).as_deref(), Some("server_error"));
        assert_eq!(
            named(&api(Some("words of a user"), Some("server_error"))).as_deref(),
            Some("server_error")
        );
        assert_eq!(named(&api(None, None)), None);
    }

    #[test]
    fn other_errors_are_left_to_others() {
        let refused = OpenAIError::InvalidArgument("model: gpt-4o".into());
        assert_eq!(named(&refused).as_deref(), Some(INVALID_ARGUMENT));
        assert_eq!(named(&std::io::Error::other("429 ")), None);
    }

    #[test]
    fn a_status_is_read_off_the_head_alone() {
        let read = |text: &str| status(&text).map(|it| it.as_str().to_owned());
        assert_eq!(read("429 Too Many Requests tokens: slow down").as_deref(), Some("429"));
        assert_eq!(read("503 ").as_deref(), Some("503"));
        for other in ["", "429", "4290", "200 OK", "+42 x", "http error: x", "éé", "  429 "] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn the_head_may_come_in_pieces() {
        struct Pieces;
        impl Display for Pieces {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                ["5", "02", " Bad"].into_iter().try_for_each(|piece| f.write_str(piece))?;
                panic!("nothing is printed beyond the head")
            }
        }
        assert_eq!(status(&Pieces).map(|it| it.as_str().to_owned()).as_deref(), Some("502"));
    }
}
