//! The tokens of a call, estimated from its content, whether that is captured or not.

use super::{Capture, Kind, Room};
use crate::estimate::{Counter, Encoding};

/// No more of an input is cut into tokens, the rest is estimated in proportion: two milliseconds at most.
const OF_AN_INPUT: usize = 16 * 1024;

/// What the elements, parts and messages of one value may weigh: no more of them are looked at, and what is left out
/// is not counted. Text weighs nothing here, as none is copied.
pub(super) const ELEMENTS: usize = 256 * 1024;

/// Counts pieces of text.
#[derive(Debug)]
pub(super) struct Counting {
    encoding: Encoding,
    counter: Counter,
}

impl Counting {
    pub(super) fn add(&mut self, text: &str) {
        self.counter.add(self.encoding, text);
    }
}

fn count<C: Capture + ?Sized>(content: &C, room: &mut Room) {
    // What one value leaves behind is dropped before the next.
    room.again(ELEMENTS);
    drop(content.capture(room));
}

/// The tokens of the input and of the output.
#[derive(Debug)]
pub(super) struct Tally {
    input: Room,
    output: Room,
}

impl Tally {
    pub(super) fn new(encoding: Encoding) -> Self {
        let room = |counter| Room::counting(Counting { encoding, counter });
        Self { input: room(Counter::of_first(OF_AN_INPUT)), output: room(Counter::default()) }
    }

    /// Whether content of this kind has tokens that a provider would count.
    pub(super) fn counts(kind: Kind) -> bool {
        matches!(kind, Kind::Instructions | Kind::Input | Kind::Tools | Kind::Output)
    }

    pub(super) fn add<C: Capture + ?Sized>(&mut self, kind: Kind, content: &C) {
        match kind {
            Kind::Output => count(content, &mut self.output),
            kind if Self::counts(kind) => count(content, &mut self.input),
            _ => {}
        }
    }

    /// A piece of a streamed answer.
    pub(super) fn piece(&mut self, text: &str) {
        if let Some(counter) = self.output.counter() {
            counter.add(text);
        }
    }

    /// The tokens of the input and of the output; of what had no text, `None`.
    pub(super) fn tokens(&mut self) -> (Option<u64>, Option<u64>) {
        let of = |room: &mut Room| {
            let counting = room.counter().filter(|it| !it.counter.is_empty())?;
            Some(counting.counter.tokens())
        };
        (of(&mut self.input), of(&mut self.output))
    }
}
