//! The content of a call, compiled out: there is none.

use super::{Capture, Kind};

/// The content of one call; without the feature `enable` none is ever made.
#[derive(Debug)]
pub struct Content(std::convert::Infallible);

impl Content {
    /// Whether this kind is captured.
    pub fn wants(&self, _: Kind) -> bool {
        match self.0 {}
    }

    /// Adds to the content of a kind.
    pub fn add<C: Capture + ?Sized>(&mut self, _: Kind, _: &C) {
        match self.0 {}
    }

    /// A piece of the text of a streamed answer.
    pub fn text_delta(&mut self, _: usize, _: &str) {
        match self.0 {}
    }

    /// A piece of the reasoning of a streamed answer.
    pub fn reasoning_delta(&mut self, _: usize, _: &str) {
        match self.0 {}
    }

    /// A piece of a tool call of a streamed answer.
    pub fn tool_call_delta(
        &mut self,
        _: usize,
        _: usize,
        _: Option<&str>,
        _: Option<&str>,
        _: &str,
    ) {
        match self.0 {}
    }

    /// A whole part of a streamed answer.
    pub fn part<C: Capture + ?Sized>(&mut self, _: usize, _: &C) {
        match self.0 {}
    }

    /// Why a streamed choice ended.
    pub fn finish_reason(&mut self, _: usize, _: &str) {
        match self.0 {}
    }
}
