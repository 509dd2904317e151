//! The content of one call, as its request, its response and the caller hand it over.

use super::assemble::{ASSISTANT, Answer};
use super::halves::has_text;
#[cfg(feature = "token-estimates")]
use super::tally::Tally;
use super::{Capture, Captured, Json, Kind, Kinds, Message, Policy, Room, text};
use crate::text::Text;

/// The content of one call; exists only where some is captured.
///
/// What is not wanted is not copied. User code that hands something over is asked first by [`wants`](Self::wants)
/// wherever finding it costs something.
pub struct Content {
    wanted: Kinds,
    rooms: [Room; Kind::ALL.len()],
    pub(super) kept: Kept,
    /// The estimate of the tokens, where one is made.
    #[cfg(feature = "token-estimates")]
    tally: Option<Tally>,
    /// Whether one will be.
    #[cfg(feature = "token-estimates")]
    counts: bool,
}

/// What was handed over.
#[derive(Default)]
pub(super) struct Kept {
    /// Instructions are the parts of one.
    pub(super) instructions: Option<Message>,
    pub(super) input: Vec<Message>,
    pub(super) output: Vec<Message>,
    pub(super) streamed: Answer,
    /// Why each choice ended, as the response says of itself; for messages that do not say so.
    pub(super) reasons: Vec<Text>,
    pub(super) tools: Vec<Json>,
    pub(super) arguments: Option<Json>,
    pub(super) result: Option<Json>,
    /// Where a kind was cut in two.
    pub(super) split: [Option<Split>; Kind::ALL.len()],
}

/// Where something was cut in two: the message, and its part where it has text. Of kinds that have no messages
/// there is one place.
#[derive(Clone, Copy, Default)]
pub(super) struct Split {
    pub(super) message: usize,
    pub(super) part: Option<usize>,
}

impl Content {
    pub(crate) fn new(wanted: Kinds, policy: &Policy) -> Self {
        let room = |_| Room::new(policy.room(), policy.inline_blobs());
        Self {
            wanted,
            rooms: Kind::ALL.map(room),
            kept: Kept::default(),
            #[cfg(feature = "token-estimates")]
            tally: None,
            #[cfg(feature = "token-estimates")]
            counts: policy.estimates(),
        }
    }

    /// About how many bytes are kept.
    #[cfg(feature = "sdk")]
    pub(crate) fn held(&self, policy: &Policy) -> usize {
        let taken = |room: &Room| policy.room().saturating_sub(room.left());
        self.rooms.iter().fold(0, |sum, room| sum.saturating_add(taken(room)))
    }

    /// Also estimates the tokens of what is handed over from here on.
    #[cfg(feature = "token-estimates")]
    pub(crate) fn estimate(&mut self, encoding: impl FnOnce() -> crate::estimate::Encoding) {
        self.tally.get_or_insert_with(|| Tally::new(encoding()));
    }

    /// The estimated tokens of the input and of the output.
    #[cfg(feature = "token-estimates")]
    pub(crate) fn estimated(&mut self) -> (Option<u64>, Option<u64>) {
        self.tally.as_mut().map(Tally::tokens).unwrap_or_default()
    }

    /// Whether this kind is captured.
    pub fn wants(&self, kind: Kind) -> bool {
        #[cfg(feature = "token-estimates")]
        if self.counts && Tally::counts(kind) {
            return true;
        }
        self.wanted.has(kind)
    }

    /// Adds to the content of a kind; what is not wanted is not even looked at.
    ///
    /// What becomes of which value, see [`Captured`].
    pub fn add<C: Capture + ?Sized>(&mut self, kind: Kind, content: &C) {
        #[cfg(feature = "token-estimates")]
        if let Some(tally) = &mut self.tally {
            tally.add(kind, content);
        }
        if self.wanted.has(kind) {
            self.keep(kind, &|room| content.capture(room));
        }
    }

    /// A piece of the text of a streamed answer, of the choice with this index.
    pub fn text_delta(&mut self, choice: usize, text: &str) {
        self.count(text);
        self.streamed(|answer, room| answer.text(choice, text, false, room));
    }

    /// A piece of the reasoning of a streamed answer.
    pub fn reasoning_delta(&mut self, choice: usize, text: &str) {
        self.count(text);
        self.streamed(|answer, room| answer.text(choice, text, true, room));
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
        self.count(name.unwrap_or_default());
        self.count(arguments);
        self.streamed(|answer, room| answer.tool_call((choice, call), id, name, arguments, room));
    }

    /// A whole part of a streamed answer.
    pub fn part<C: Capture + ?Sized>(&mut self, choice: usize, part: &C) {
        #[cfg(feature = "token-estimates")]
        if let Some(tally) = &mut self.tally {
            tally.add(Kind::Output, part);
        }
        self.streamed(|answer, room| {
            // Also what holds no text takes room: there may be any number.
            if !room.part() {
                return;
            }
            let captured = Captured::of(&|room| part.capture(room), room);
            let split = room.take_split();
            answer.part(choice, captured, split, room);
        });
    }

    /// A call of a streamed answer that begins as a whole part. Pieces of [`tool_call_delta`](Self::tool_call_delta)
    /// for the same `call` take the place of the input that the part has.
    pub(crate) fn begun_call<C: Capture + ?Sized>(&mut self, choice: usize, call: usize, part: &C) {
        #[cfg(feature = "token-estimates")]
        if let Some(tally) = &mut self.tally {
            tally.add(Kind::Output, part);
        }
        self.streamed(|answer, room| {
            if room.is_full() {
                return room.leave_out();
            }
            let captured = Captured::of(&|room| part.capture(room), room);
            let split = room.take_split();
            answer.begun_call((choice, call), captured, split, room);
        });
    }

    /// Why a streamed choice ended.
    pub fn finish_reason(&mut self, choice: usize, reason: &str) {
        self.streamed(|answer, room| answer.finish_reason(choice, reason, room));
    }

    /// Why each choice ended, as the response says beside its content.
    pub(crate) fn ended_by(&mut self, reasons: Vec<Text>) {
        self.kept.reasons = reasons;
    }

    /// Whether nothing was handed over.
    pub(crate) fn is_empty(&self) -> bool {
        let kept = &self.kept;
        kept.instructions.is_none()
            && kept.input.is_empty()
            && kept.output.is_empty()
            && kept.streamed.is_empty()
            && kept.tools.is_empty()
            && kept.arguments.is_none()
            && kept.result.is_none()
    }

    /// Whether something of this kind was left out for want of room.
    pub(super) fn was_cut(&self, kind: Kind) -> bool {
        self.rooms.get(kind as usize).is_some_and(Room::was_cut)
    }

    #[cfg(feature = "token-estimates")]
    fn count(&mut self, piece: &str) {
        if let Some(tally) = &mut self.tally {
            tally.piece(piece);
        }
    }

    #[cfg(not(feature = "token-estimates"))]
    #[expect(clippy::unused_self, reason = "there is nothing to count with")]
    fn count(&self, _: &str) {}

    fn streamed(&mut self, add: impl FnOnce(&mut Answer, &mut Room)) {
        if self.wanted.has(Kind::Output)
            && let Some(room) = self.rooms.get_mut(Kind::Output as usize)
        {
            add(&mut self.kept.streamed, room);
        }
    }

    fn keep(&mut self, kind: Kind, content: &dyn Fn(&mut Room) -> Captured) {
        let Some(room) = self.rooms.get_mut(kind as usize) else { return };
        if !room.part() {
            return;
        }
        let captured = Captured::of(content, room);
        let split = room.take_split();
        let inline_blobs = room.inlines_blobs();
        self.kept.add(kind, captured, split, inline_blobs);
    }
}

impl Kept {
    fn add(&mut self, kind: Kind, captured: Captured, split: bool, inline_blobs: bool) {
        if matches!(captured, Captured::Nothing) {
            return;
        }
        // A structured value, also where it is JSON text; text that was cut in two is none.
        let value = |captured: Captured| match captured.into_json(inline_blobs) {
            Json::Text(text) if !split => text::structured(text, inline_blobs),
            json => json,
        };
        match kind {
            Kind::Input => captured.into_messages("user", &mut self.input),
            Kind::Output => captured.into_messages(ASSISTANT, &mut self.output),
            Kind::Instructions => {
                let message = self.instructions.get_or_insert_with(|| Message::new("system"));
                captured.into_parts(&mut message.parts);
            }
            Kind::Tools => definitions(captured, &value, &mut self.tools),
            Kind::Arguments => join(&mut self.arguments, value(captured)),
            Kind::Result => join(&mut self.result, value(captured)),
        }
        // Once at most for each kind: it takes a look at all that there is.
        if split {
            let place = self.last_text(kind);
            if let Some(slot) = self.split.get_mut(kind as usize) {
                *slot = Some(place);
            }
        }
    }

    /// Where copying stopped: at the last message that says something, as they are copied in their order.
    fn last_text(&self, kind: Kind) -> Split {
        let messages = match kind {
            Kind::Input => self.input.as_slice(),
            Kind::Output => self.output.as_slice(),
            Kind::Instructions => self.instructions.as_slice(),
            Kind::Tools | Kind::Arguments | Kind::Result => &[],
        };
        let place = |(index, message): (usize, &Message)| {
            let part = message.parts.iter().rposition(has_text);
            let named = message.name.as_ref().is_some_and(|name| !name.is_empty());
            let says = part.is_some() || named || matches!(message.role, Text::Shared(_));
            says.then_some(Split { message: index, part })
        };
        messages.iter().enumerate().rev().find_map(place).unwrap_or_default()
    }
}

fn definitions(captured: Captured, value: &dyn Fn(Captured) -> Json, tools: &mut Vec<Json>) {
    match captured {
        Captured::List(items) => {
            for item in items {
                definitions(item, value, tools);
            }
        }
        one => match value(one) {
            Json::List(items) => tools.extend(items),
            Json::Null => {}
            one => tools.push(one),
        },
    }
}

impl Captured {
    /// As messages: of `role` what names none.
    pub(super) fn into_messages(self, role: &'static str, messages: &mut Vec<Message>) {
        match self {
            Self::Message(message) => messages.push(message),
            Self::List(items) => {
                for item in items {
                    item.into_messages(role, messages);
                }
            }
            Self::Part(part) => match messages.last_mut() {
                Some(last) if last.role.as_str() == role => last.parts.push(part),
                _ => messages.push(Message::new(role).with(part)),
            },
            Self::Nothing => {}
            text_or_json => {
                let mut parts = Vec::new();
                text_or_json.into_parts(&mut parts);
                messages.push(Message { parts, ..Message::new(role) });
            }
        }
    }
}

/// Two objects become one; other values a list.
fn join(slot: &mut Option<Json>, more: Json) {
    *slot = Some(match (slot.take(), more) {
        (None, more) => more,
        (Some(Json::Object(mut members)), Json::Object(more)) => {
            members.extend(more);
            Json::Object(members)
        }
        (Some(Json::List(mut items)), more) => {
            items.push(more);
            Json::List(items)
        }
        (Some(first), more) => Json::List(vec![first, more]),
    });
}

/// Only what is wanted: it holds what people wrote or models answered.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}
