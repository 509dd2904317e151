//! Which types may leave the process as content.

use super::{Json, Message, Part, Room};

/// A value that may be captured as content, where capturing is switched on.
///
/// Only what implements this can be: a type that wraps a secret does not, so that capturing it does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be captured as content",
    label = "not `Capture`",
    note = "only types that implement `llmobs_runtime::content::Capture` may leave the process: implement it, \
            or capture a part that does"
)]
pub trait Capture {
    /// Copies of this value what there is room for.
    fn capture(&self, room: &mut Room) -> Captured;
}

/// A captured value; what becomes of it depends on where it is captured.
///
/// Of an input, a text is a message of the user's; of an output, one of the model's; of instructions, a text part;
/// of a tool's arguments or result, a JSON string.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Captured {
    /// There is nothing.
    Nothing,
    /// Text.
    Text(String),
    /// A structured value.
    Json(Json),
    /// One part of a message.
    Part(Part),
    /// A message.
    Message(Message),
    /// Several of these.
    List(Vec<Captured>),
}

/// Only which kind it is.
impl std::fmt::Debug for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Text(_) => "Text(..)",
            Self::Json(_) => "Json(..)",
            Self::Part(_) => "Part(..)",
            Self::Message(_) => "Message(..)",
            Self::List(_) => "List(..)",
        })
    }
}

impl Capture for str {
    fn capture(&self, room: &mut Room) -> Captured {
        Captured::Text(room.text(self))
    }
}
