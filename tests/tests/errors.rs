//! What an error becomes in `error.type`: an identifier, and never what it says.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{LlmError, call, instrument_llm};
use llmobs_tests::Recorder;
use opentelemetry::trace::Status;

/// Stands in every message below.
const SECRET: &str = "the-secret-prompt";

/// The error of a failing call, which must be recorded in the span, its status and the duration, all in both
/// dialects; its message nowhere.
#[track_caller]
fn assert_recorded(expected: &str, fail: impl Fn()) {
    for recorder in [Recorder::new as fn() -> Recorder, Recorder::latest] {
        let recorder = recorder();
        fail();
        let span = recorder.span();
        assert_eq!(span.text("error.type").as_deref(), Some(expected));
        assert_eq!(span.0.status, Status::error(expected.to_owned()));
        let mut points = recorder.points();
        points.retain(|point| point.metric.ends_with(".duration"));
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].attribute("error.type"), Some(expected));
        let everything = format!("{span:?} {:?}", recorder.points());
        assert!(!everything.contains(SECRET), "{everything}");
    }
}

macro_rules! failing {
    ($($name:ident -> $error:ty = $made:expr;)*) => {$(
        #[instrument_llm(provider = "openai", response = none)]
        fn $name() -> Result<u8, $error> {
            Err($made)
        }
    )*};
}

/// Knows what it is, or does not.
#[derive(Debug)]
struct Known(Option<Cow<'static, str>>);

impl LlmError for Known {
    fn error_type(&self) -> Option<Cow<'static, str>> {
        self.0.clone()
    }
}

/// A standard error with sources.
#[derive(Debug, thiserror::Error)]
#[error("{SECRET} could not be sent")]
struct Failed<T: fmt::Debug + 'static>(#[source] Option<Box<dyn Error + Send + Sync>>, T);

fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Failed<u8> {
    Failed(Some(source.into()), 1)
}

/// Holds any error, as `anyhow::Error` does: it is no standard error itself.
#[derive(Debug)]
struct Anyhow(Box<dyn Error + Send + Sync>);

impl AsRef<dyn Error + Send + Sync> for Anyhow {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.0.as_ref()
    }
}

/// Likewise for errors that stay on their thread.
#[derive(Debug)]
struct AnyhowLocal(Box<dyn Error>);

impl AsRef<dyn Error> for AnyhowLocal {
    fn as_ref(&self) -> &(dyn Error + 'static) {
        self.0.as_ref()
    }
}

/// Only a type.
#[expect(dead_code, reason = "what an error holds is not read")]
struct Opaque(String);

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, SECRET)
}

failing! {
    known -> Known = Known(Some("429".into()));
    known_at_run_time -> Known = Known(Some(Cow::Owned(format!("{}", 503))));
    known_boxed -> Box<Known> = Box::new(Known(Some("429".into())));
    known_shared -> Arc<Known> = Arc::new(Known(Some("429".into())));
    known_lent -> &'static Known = &Known(Some(Cow::Borrowed("429")));
    unknown -> Known = Known(None);
    known_as_nothing -> Known = Known(Some("".into()));
    standard -> Failed<u8> = Failed(None, 1);
    standard_generic -> Failed<Vec<String>> = Failed(None, vec![SECRET.to_owned()]);
    standard_boxed -> Box<Failed<u8>> = Box::new(Failed(None, 1));
    standard_timed_out -> Failed<u8> = failed(timed_out());
    standard_deep -> Failed<u8> = failed(failed(failed(timed_out())));
    plain_io -> io::Error = timed_out();
    boxed_io -> Box<io::Error> = Box::new(timed_out());
    io_around_io -> io::Error = io::Error::other(timed_out());
    io_of_no_note -> io::Error = io::Error::new(io::ErrorKind::NotFound, SECRET);
    dynamic -> Box<dyn Error> = Box::new(failed(SECRET));
    dynamic_timed_out -> Box<dyn Error> = Box::new(failed(timed_out()));
    sendable -> Box<dyn Error + Send + Sync> = SECRET.into();
    sendable_timed_out -> Box<dyn Error + Send + Sync> = Box::new(timed_out());
    anyhow -> Anyhow = Anyhow(SECRET.into());
    anyhow_timed_out -> Anyhow = Anyhow(Box::new(failed(timed_out())));
    anyhow_local -> AnyhowLocal = AnyhowLocal(Box::new(failed(timed_out())));
    text -> String = SECRET.to_owned();
    text_lent -> &'static str = SECRET;
    nothing -> () = ();
    opaque -> Opaque = Opaque(SECRET.to_owned());
}

#[test]
fn an_error_that_knows_what_it_is_says_so() {
    assert_recorded("429", || drop(known()));
    assert_recorded("503", || drop(known_at_run_time()));
    assert_recorded("429", || drop(known_boxed()));
    assert_recorded("429", || drop(known_shared()));
    assert_recorded("429", || assert!(known_lent().is_err()));
    assert_recorded("errors::Known", || drop(unknown()));
    assert_recorded("_OTHER", || drop(known_as_nothing()));
}

#[test]
fn a_standard_error_is_named_by_its_type_without_what_it_is_about() {
    assert_recorded("errors::Failed", || drop(standard()));
    assert_recorded("errors::Failed", || drop(standard_generic()));
    assert_recorded("errors::Failed", || drop(standard_boxed()));
    assert_recorded("std::io::error::Error", || drop(io_of_no_note()));
}

#[test]
fn a_known_kind_is_found_along_the_sources() {
    assert_recorded("timeout", || drop(standard_timed_out()));
    assert_recorded("timeout", || drop(standard_deep()));
    assert_recorded("timeout", || drop(plain_io()));
    assert_recorded("timeout", || drop(boxed_io()));
    assert_recorded("timeout", || drop(dynamic_timed_out()));
    assert_recorded("timeout", || drop(sendable_timed_out()));
    assert_recorded("timeout", || drop(anyhow_timed_out()));
    assert_recorded("timeout", || drop(anyhow_local()));
}

#[test]
fn an_io_error_that_only_wraps_another_is_what_it_wraps() {
    assert_recorded("timeout", || drop(io_around_io()));
}

#[test]
fn an_error_behind_a_trait_has_no_name() {
    assert_recorded("_OTHER", || drop(dynamic()));
    assert_recorded("_OTHER", || drop(sendable()));
    assert_recorded("_OTHER", || drop(anyhow()));
}

#[test]
fn anything_else_is_named_by_its_type() {
    assert_recorded("alloc::string::String", || drop(text()));
    assert_recorded("str", || assert!(text_lent().is_err()));
    assert_recorded("()", || assert!(nothing().is_err()));
    assert_recorded("errors::Opaque", || drop(opaque()));
}

#[instrument_llm(provider = "openai", response = none)]
fn generic<E>(error: E) -> Result<u8, E> {
    Err(error)
}

#[instrument_llm(provider = "openai", response = none)]
fn generic_standard<E: Error + 'static>(error: E) -> Result<u8, E> {
    Err(error)
}

#[instrument_llm(provider = "openai", response = none)]
fn opaque_result(fails: bool) -> impl fmt::Debug {
    if fails { Err(SECRET) } else { Ok(1) }
}

#[test]
fn a_generic_error_is_as_good_as_its_bounds() {
    assert_recorded("errors::Known", || drop(generic(Known(Some("429".into())))));
    assert_recorded("std::io::error::Error", || drop(generic(timed_out())));
    // It may borrow, for all that the expansion can tell, so only its sources are asked for what they are.
    assert_recorded("std::io::error::Error", || drop(generic_standard(timed_out())));
}

#[test]
fn a_result_is_one_behind_an_opaque_type_too() {
    assert_recorded("str", || drop(opaque_result(true)));
    let recorder = Recorder::new();
    drop(opaque_result(false));
    assert_eq!(recorder.span().value("error.type"), None);
}

#[test]
fn each_kind_of_io_error_has_its_name() {
    use io::ErrorKind as Kind;
    for (kind, expected) in [
        (Kind::TimedOut, "timeout"),
        (Kind::ConnectionRefused, "connection_refused"),
        (Kind::ConnectionReset, "connection_reset"),
        (Kind::ConnectionAborted, "connection_aborted"),
        (Kind::BrokenPipe, "broken_pipe"),
        (Kind::UnexpectedEof, "unexpected_eof"),
        (Kind::Interrupted, "interrupted"),
        (Kind::PermissionDenied, "std::io::error::Error"),
    ] {
        assert_recorded(expected, || {
            let mut chat = call(&operation::CHAT).start();
            chat.fail(&io::Error::from(kind));
            chat.end();
        });
    }
}

#[test]
fn sources_that_go_in_a_circle_end() {
    #[derive(Debug)]
    struct Circle;
    impl fmt::Display for Circle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(SECRET)
        }
    }
    impl Error for Circle {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Self)
        }
    }
    assert_recorded("errors::sources_that_go_in_a_circle_end::Circle", || {
        let mut chat = call(&operation::CHAT).start();
        chat.fail(&Circle);
        chat.end();
    });
}

#[test]
fn a_type_of_ones_own_choice_is_taken_and_an_empty_one_is_other() {
    assert_recorded("quota", || {
        let mut chat = call(&operation::CHAT).start();
        chat.fail_as("quota");
        chat.end();
    });
    assert_recorded("_OTHER", || {
        let mut chat = call(&operation::CHAT).start();
        chat.fail_as("");
        chat.end();
    });
    assert_recorded("_OTHER", || {
        let mut chat = call(&operation::CHAT).start();
        chat.fail_as(None::<String>);
        chat.end();
    });
}

/// The names of Azure's and OpenAI's own client, where it is compiled in.
#[test]
fn the_client_crates_errors_are_known_by_their_code() {
    let refused = async_openai::error::ApiError {
        message: SECRET.to_owned(),
        code: Some("rate_limit_exceeded".to_owned()),
        ..Default::default()
    };
    assert_recorded("rate_limit_exceeded", || {
        let mut chat = call(&operation::CHAT).start();
        chat.fail(&failed(refused.clone()));
        chat.end();
    });
}
