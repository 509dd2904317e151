//! A streamed answer, put together from its pieces.

use super::{Captured, Json, Message, Part, Room, text};
use crate::text::Text;

/// Choices of an answer, and tool calls of a choice, beyond which nothing is kept.
const LIMIT: usize = 128;

/// The role of what models answer.
pub(super) const ASSISTANT: &str = "assistant";

/// What has come of an answer so far: one message for each choice.
#[derive(Default)]
pub(super) struct Answer {
    choices: Vec<Choice>,
}

struct Choice {
    index: usize,
    pieces: Vec<Piece>,
    finish_reason: Option<Text>,
}

/// A part in the making.
struct Piece {
    of: Of,
    /// Something that belongs at its end was left out.
    split: bool,
}

enum Of {
    Text(String),
    Reasoning(String),
    Call {
        call: usize,
        id: Option<String>,
        name: String,
        arguments: String,
    },
    /// A call that began as a whole part, and the input that followed in pieces.
    Begun {
        call: usize,
        part: Part,
        input: String,
    },
    Part(Part),
}

/// A message, and which of its parts were cut in two.
pub(super) struct Assembled {
    pub(super) message: Message,
    pub(super) split: Vec<usize>,
    /// Its name, or its role where it has no text, may be half of one.
    pub(super) named_by_half: bool,
}

impl Answer {
    pub(super) fn is_empty(&self) -> bool {
        self.choices.iter().all(|choice| choice.pieces.is_empty())
    }

    /// Text, or reasoning: appended where the choice's last part is the same.
    pub(super) fn text(&mut self, choice: usize, text: &str, reasoning: bool, room: &mut Room) {
        if text.is_empty() {
            return;
        }
        let Some(choice) = self.choice(choice, room) else { return };
        let goes_on = match choice.pieces.last() {
            Some(Piece { of: Of::Text(_), .. }) => !reasoning,
            Some(Piece { of: Of::Reasoning(_), .. }) => reasoning,
            _ => false,
        };
        if !goes_on {
            let begun = if reasoning { Of::Reasoning } else { Of::Text }(String::new());
            if choice.begin(begun, room).is_none() {
                return;
            }
        }
        if let Some(Piece { of: Of::Text(so_far) | Of::Reasoning(so_far), split }) =
            choice.pieces.last_mut()
        {
            room.append(so_far, text);
            *split |= room.take_split();
        }
    }

    pub(super) fn tool_call(
        &mut self,
        (choice, call): (usize, usize),
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
        room: &mut Room,
    ) {
        let Some(choice) = self.choice(choice, room) else { return };
        let (id, name) = (given(id), given(name));
        // Some servers number every call 0; their ids differ.
        let found = choice.pieces.iter().rposition(|piece| match &piece.of {
            Of::Call { call: its, id: its_id, .. } => {
                *its == call && (id.is_none() || its_id.is_none() || its_id.as_deref() == id)
            }
            Of::Begun { call: its, .. } => *its == call && id.is_none(),
            _ => false,
        });
        let place = found.or_else(|| choice.begin_call(call, room));
        let Some(piece) = place.and_then(|place| choice.pieces.get_mut(place)) else { return };
        match &mut piece.of {
            Of::Call { id: its_id, name: its_name, arguments: so_far, .. } => {
                if its_id.is_none() {
                    *its_id = id.and_then(|id| room.whole(id));
                }
                if let Some(name) = name
                    && its_name.is_empty()
                {
                    room.append(its_name, name);
                }
                room.append(so_far, arguments);
            }
            Of::Begun { input, .. } => room.append(input, arguments),
            Of::Text(_) | Of::Reasoning(_) | Of::Part(_) => {}
        }
        piece.split |= room.take_split();
    }

    /// A call that begins as a whole.
    pub(super) fn begun_call(
        &mut self,
        (choice, call): (usize, usize),
        captured: Captured,
        split: bool,
        room: &mut Room,
    ) {
        let Captured::Part(part) = captured else { return };
        let Some(choice) = self.choice(choice, room) else { return };
        if let Some(place) =
            choice.begin_one_more(Of::Begun { call, part, input: String::new() }, room)
            && let Some(piece) = choice.pieces.get_mut(place)
        {
            piece.split = split;
        }
    }

    /// A part that comes as a whole.
    pub(super) fn part(&mut self, choice: usize, captured: Captured, split: bool, room: &mut Room) {
        let mut parts = Vec::new();
        captured.into_parts(&mut parts);
        if parts.is_empty() {
            return;
        }
        let Some(choice) = self.choice(choice, room) else { return };
        choice.pieces.extend(parts.into_iter().map(|part| Piece { of: Of::Part(part), split }));
    }

    pub(super) fn finish_reason(&mut self, choice: usize, reason: &str, room: &mut Room) {
        if let Some(choice) = self.choice(choice, room)
            && let Some(reason) = super::copy::reason(reason)
        {
            choice.finish_reason = Some(reason);
        }
    }

    fn choice(&mut self, index: usize, room: &mut Room) -> Option<&mut Choice> {
        let place = match self.choices.iter().position(|choice| choice.index == index) {
            Some(place) => place,
            None if self.choices.len() >= LIMIT => {
                room.leave_out();
                return None;
            }
            None => {
                self.choices.push(Choice { index, pieces: Vec::new(), finish_reason: None });
                self.choices.len() - 1
            }
        };
        self.choices.get_mut(place)
    }

    /// The messages, in the order of the choices.
    pub(super) fn into_messages(mut self, inline_blobs: bool) -> impl Iterator<Item = Assembled> {
        self.choices.sort_by_key(|choice| choice.index);
        self.choices.into_iter().map(move |choice| choice.into_message(inline_blobs))
    }
}

impl Choice {
    /// Begins a part, and says where it is; `None` where there is no room for one.
    fn begin(&mut self, of: Of, room: &mut Room) -> Option<usize> {
        if !room.part() {
            return None;
        }
        self.pieces.push(Piece { of, split: false });
        Some(self.pieces.len() - 1)
    }

    fn begin_call(&mut self, call: usize, room: &mut Room) -> Option<usize> {
        let (name, arguments) = (String::new(), String::new());
        self.begin_one_more(Of::Call { call, id: None, name, arguments }, room)
    }

    /// Begins a call, unless there are too many.
    fn begin_one_more(&mut self, of: Of, room: &mut Room) -> Option<usize> {
        let is_call = |piece: &&Piece| matches!(piece.of, Of::Call { .. } | Of::Begun { .. });
        if self.pieces.iter().filter(is_call).count() >= LIMIT {
            room.leave_out();
            return None;
        }
        self.begin(of, room)
    }

    fn into_message(self, inline_blobs: bool) -> Assembled {
        let split = self.pieces.iter().enumerate().filter(|(_, piece)| piece.split);
        let split = split.map(|(place, _)| place).collect();
        let parts = self.pieces.into_iter().map(|piece| piece.into_part(inline_blobs)).collect();
        let finish_reason = self.finish_reason;
        let message = Message { parts, finish_reason, ..Message::new(ASSISTANT) };
        Assembled { message, split, named_by_half: false }
    }
}

impl Piece {
    fn into_part(self, inline_blobs: bool) -> Part {
        match self.of {
            Of::Text(text) => Part::Text(text),
            Of::Reasoning(text) => Part::Reasoning(text),
            Of::Part(part) => part,
            Of::Begun { part, input, .. } if input.is_empty() => part,
            Of::Begun { part, input, .. } => {
                with_input(part, text::structured(input, inline_blobs))
            }
            Of::Call { id, name, arguments, .. } => {
                let arguments =
                    (!arguments.is_empty()).then(|| text::structured(arguments, inline_blobs));
                Part::ToolCall { id, name, arguments }
            }
        }
    }
}

/// The part of a call, with this input instead of its own.
fn with_input(part: Part, input: Json) -> Part {
    match part {
        Part::ToolCall { id, name, .. } => Part::ToolCall { id, name, arguments: Some(input) },
        Part::Other { kind, mut members } => {
            // What the provider runs itself has its input one level deeper.
            let own = members.iter().position(|(key, _)| *key == kind);
            match own.and_then(|own| members.get_mut(own)) {
                Some((_, Json::Object(inner))) => put("input", input, inner),
                _ => put("input", input, &mut members),
            }
            Part::Other { kind, members }
        }
        part => part,
    }
}

fn put(key: &str, value: Json, members: &mut Vec<(String, Json)>) {
    match members.iter_mut().find(|(its, _)| its == key) {
        Some((_, slot)) => *slot = value,
        None => members.push((key.to_owned(), value)),
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::Json;
    use super::*;

    fn parts(answer: Answer) -> Vec<Vec<Part>> {
        answer.into_messages(false).map(|assembled| assembled.message.parts).collect()
    }

    #[test]
    fn parts_stand_in_the_order_in_which_they_appeared() {
        let mut room = Room::new(1_000, false);
        let mut answer = Answer::default();
        answer.text(0, "Let me ", true, &mut room);
        answer.text(0, "think.", true, &mut room);
        answer.text(0, "It is", false, &mut room);
        answer.tool_call((0, 0), Some("c1"), Some("weather"), "", &mut room);
        answer.tool_call((0, 1), Some("c2"), Some("tide"), "{\"a", &mut room);
        answer.text(1, "other", false, &mut room);
        answer.tool_call((0, 0), None, None, "{\"city\": \"Hus", &mut room);
        answer.tool_call((0, 1), Some(""), Some(""), "t\": [1]}", &mut room);
        answer.tool_call((0, 0), Some("c1"), Some("weather"), "um\"}", &mut room);
        answer.text(0, " warm.", false, &mut room);
        answer.finish_reason(0, "tool_calls", &mut room);
        let object = |key: &str, value| Some(Json::Object(vec![(key.to_owned(), value)]));
        let call = |id: &str, name: &str, arguments| Part::ToolCall {
            id: Some(id.to_owned()),
            name: name.to_owned(),
            arguments,
        };
        let expected = vec![
            Part::Reasoning("Let me think.".into()),
            Part::Text("It is".into()),
            call("c1", "weather", object("city", Json::Text("Husum".into()))),
            call("c2", "tide", object("at", Json::List(vec![Json::Int(1)]))),
            Part::Text(" warm.".into()),
        ];
        assert!(parts(answer) == [expected, vec![Part::Text("other".into())]]);
    }

    #[test]
    fn calls_of_one_number_are_told_apart_by_their_ids() {
        let mut room = Room::new(1_000, false);
        let mut answer = Answer::default();
        answer.tool_call((0, 0), Some("a"), Some("one"), "{}", &mut room);
        answer.tool_call((0, 0), Some("b"), Some("two"), "[", &mut room);
        answer.tool_call((0, 0), None, None, "]", &mut room);
        let parts = parts(answer);
        assert_eq!(parts.concat().len(), 2);
        assert!(
            matches!(&parts.concat()[1], Part::ToolCall { name, arguments: Some(Json::List(_)), .. } if name == "two")
        );
    }

    #[test]
    fn arguments_that_are_no_json_stay_text() {
        let mut room = Room::new(1_000, false);
        let mut answer = Answer::default();
        answer.tool_call((0, 0), None, None, "{\"cut", &mut room);
        let expected = Part::ToolCall {
            id: None,
            name: String::new(),
            arguments: Some(Json::Text("{\"cut".into())),
        };
        assert!(parts(answer).concat() == [expected]);
    }

    #[test]
    fn choices_and_calls_have_a_limit() {
        let mut room = Room::new(1_000_000, false);
        let mut answer = Answer::default();
        for index in 0..1_000 {
            answer.text(usize::MAX - index, "x", false, &mut room);
            answer.tool_call((usize::MAX, index), None, None, "{}", &mut room);
        }
        let parts = parts(answer);
        assert_eq!(parts.len(), LIMIT);
        assert_eq!(parts.last().map(Vec::len), Some(LIMIT + 1));
        assert!(room.was_cut());
    }

    #[test]
    fn every_part_that_goes_on_after_the_room_is_full_is_marked() {
        let mut room = Room::new(24 + 24 + 24 + 8, false);
        let mut answer = Answer::default();
        answer.text(0, "4111", false, &mut room);
        answer.text(1, "5500", false, &mut room);
        answer.text(2, "", false, &mut room);
        answer.text(0, &"1".repeat(1_000), false, &mut room);
        answer.text(1, "0000", false, &mut room);
        let split: Vec<_> = answer.into_messages(false).map(|assembled| assembled.split).collect();
        assert_eq!(split, [[0], [0]]);
    }
}
