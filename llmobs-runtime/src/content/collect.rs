//! The content of one call, as its request, its response and the caller hand it over.

use super::{Capture, Kind, Kinds};

/// The content of one call; exists only where some is captured.
///
/// What is not wanted is not copied. User code that hands something over is asked first by [`wants`](Self::wants)
/// wherever finding it costs something.
#[derive(Debug)]
pub struct Content {
    wanted: Kinds,
}

impl Content {
    /// Whether this kind is captured.
    pub fn wants(&self, kind: Kind) -> bool {
        self.wanted.has(kind)
    }

    /// Adds to the content of a kind; what is not wanted is not even looked at.
    pub fn add<C: Capture + ?Sized>(&mut self, kind: Kind, content: &C) {
        let _ = (kind, content);
    }

    /// A piece of the text of a streamed answer, of the choice with this index.
    pub fn text_delta(&mut self, choice: usize, text: &str) {
        let _ = (choice, text);
    }

    /// A piece of the reasoning of a streamed answer.
    pub fn reasoning_delta(&mut self, choice: usize, text: &str) {
        let _ = (choice, text);
    }

    /// A piece of a tool call of a streamed answer. `call` tells the calls of a choice apart; the id and the name
    /// come once, the arguments are pieces of JSON text.
    pub fn tool_call_delta(
        &mut self,
        choice: usize,
        call: usize,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
    ) {
        let _ = (choice, call, id, name, arguments);
    }

    /// A whole part of a streamed answer.
    pub fn part<C: Capture + ?Sized>(&mut self, choice: usize, part: &C) {
        let _ = (choice, part);
    }

    /// Why a streamed choice ended.
    pub fn finish_reason(&mut self, choice: usize, reason: &str) {
        let _ = (choice, reason);
    }
}
