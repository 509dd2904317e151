//! Errors that borrow, and errors of a type that the function does not know.

use std::error::Error;
use std::fmt::{self, Display};

use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

#[derive(Debug)]
struct Borrowed<'a>(&'a str);

impl Display for Borrowed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Borrowed<'_> {}

#[instrument_llm(operation = execute_tool)]
fn borrows<'a>(a: &'a str) -> Result<u8, Borrowed<'a>> {
    if a.is_empty() { Ok(1) } else { Err(Borrowed(a)) }
}

#[instrument_llm(operation = execute_tool)]
async fn generic<E: Error>(error: E) -> Result<u8, E> {
    Err(error)
}

#[instrument_llm(operation = execute_tool)]
fn known(kind: std::io::ErrorKind) -> Result<u8, std::io::Error> {
    Err(kind.into())
}

#[derive(Debug, thiserror::Error)]
#[error("wraps")]
struct Wraps(#[from] std::io::Error);

#[instrument_llm(operation = execute_tool)]
fn wraps(kind: std::io::ErrorKind) -> Result<u8, Wraps> {
    Ok(known(kind)?)
}

#[test]
fn are_named_by_their_type() {
    let error = |run: &dyn Fn()| {
        let recorder = Recorder::new();
        run();
        recorder.span().text("error.type")
    };
    let text = String::from("x");
    let named = Some("shapes::errors::Borrowed".to_owned());
    assert_eq!(error(&|| assert!(borrows(&text).is_err())), named);
    assert_eq!(error(&|| assert!(super::block_on(generic(Borrowed(&text))).is_err())), named);
    let timed_out = Some("timeout".to_owned());
    let kind = std::io::ErrorKind::TimedOut;
    assert_eq!(error(&|| assert!(known(kind).is_err())), timed_out);
    let recorder = Recorder::new();
    wraps(kind).unwrap_err();
    for span in recorder.spans() {
        assert_eq!(span.text("error.type"), timed_out);
    }
}
