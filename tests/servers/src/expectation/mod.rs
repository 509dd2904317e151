//! What must arrive, written down by hand beside the workload, and how it is compared.

mod metrics;
mod spans;
mod table;

use std::fmt::Write as _;

pub use metrics::{Expected as ExpectedPoint, expected as metrics, points};
pub use spans::{Knows, spans, tokens};
pub use table::{CONVERSATION, Failure, LOG, Row, SPANS, Stamp};

/// The comparison of something that was found: what to print, or what is wrong.
pub type Outcome = Result<String, String>;

/// Puts several mistakes into one line; not all of many.
pub(crate) fn told(mistakes: &[String], success: impl FnOnce() -> String) -> Outcome {
    const SHOWN: usize = 4;
    if mistakes.is_empty() {
        return Ok(success());
    }
    let mut line = mistakes.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    if let Some(more) = mistakes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let _ = write!(line, "; and {more} more");
    }
    Err(line)
}
