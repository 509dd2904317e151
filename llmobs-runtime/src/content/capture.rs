//! Which types may leave the process as content.

use super::copy::word;
use super::{Json, Message, Part, Room, schema};

/// A value that may be captured as content, where capturing is switched on.
///
/// Only what implements this can be: a type that wraps a secret does not, so that capturing it does not compile.
/// Strings, numbers, options, lists, maps with keys of text, `(role, content)` pairs, [`Message`], [`Part`],
/// [`Json`] and `serde_json::Value` do.
///
/// An implementation copies through `room`, and where it iterates stops when that [is full](Room::is_full):
///
/// ```
/// use llmobs_runtime::content::{Capture, Captured, Message, Part, Room};
///
/// struct Turn {
///     question: String,
///     image_url: Option<String>,
/// }
///
/// impl Capture for Turn {
///     fn capture(&self, room: &mut Room) -> Captured {
///         let mut message = Message::new("user").with(Part::Text(room.text(&self.question)));
///         if let Some(uri) = self.image_url.as_deref().and_then(|uri| room.whole(uri)) {
///             let modality = llmobs_runtime::content::Modality::Image;
///             message = message.with(Part::Uri { mime_type: None, modality, uri });
///         }
///         Captured::Message(message)
///     }
/// }
/// ```
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
/// | | input, output | instructions | tools | arguments, result |
/// |---|---|---|---|---|
/// | text | a message of the user, of the model | a text part | the name of a function, or JSON text | a string, or JSON text |
/// | part | joins the message before, or begins one | the part | – | as JSON |
/// | message | the message | its parts | – | as JSON |
/// | JSON | a part of type `json` | the same | a definition, or a list of them | the value |
///
/// The conventions want arguments and results to be objects: any other value `v` becomes `{"value": v}`; of several
/// that are added, objects are joined into one, other values into a list. Where the released conventions require a
/// finish reason on an answer and nobody gave one, it has `"finish_reason": "unknown"`, or `"error"` where other
/// answers of the same call have one.
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

impl Captured {
    /// As parts of a message.
    pub(super) fn into_parts(self, parts: &mut Vec<Part>) {
        match self {
            Self::Nothing => {}
            Self::Text(text) => parts.push(Part::Text(text)),
            Self::Json(json) => parts.push(json_part(json)),
            Self::Part(part) => parts.push(part),
            Self::Message(message) => parts.extend(message.parts),
            Self::List(items) => items.into_iter().for_each(|item| item.into_parts(parts)),
        }
    }

    /// As one structured value, with the bytes of blobs or without.
    pub(super) fn into_json(self, inline_blobs: bool) -> Json {
        match self {
            Self::Nothing => Json::Null,
            Self::Text(text) => Json::Text(text),
            Self::Json(json) => json,
            Self::Part(part) => schema::part(part, inline_blobs),
            Self::Message(message) => schema::message(message, inline_blobs),
            Self::List(items) => {
                let items = items.into_iter().map(|item| item.into_json(inline_blobs));
                Json::List(items.collect())
            }
        }
    }
}

/// A structured value among the parts of a message: the schemas allow parts of any type.
fn json_part(json: Json) -> Part {
    match json {
        Json::Text(text) => Part::Text(text),
        json => {
            Part::Other { kind: "json".to_owned(), members: vec![("content".to_owned(), json)] }
        }
    }
}

impl Capture for Captured {
    fn capture(&self, room: &mut Room) -> Captured {
        self.copy(room)
    }
}

impl Capture for Message {
    fn capture(&self, room: &mut Room) -> Captured {
        self.copy(room).map_or(Captured::Nothing, Captured::Message)
    }
}

impl Capture for Part {
    fn capture(&self, room: &mut Room) -> Captured {
        self.copy(room).map_or(Captured::Nothing, Captured::Part)
    }
}

impl Capture for Json {
    fn capture(&self, room: &mut Room) -> Captured {
        Captured::Json(self.copy(room))
    }
}

/// A bounded copy; what a provider's format means is left to those who know it.
#[cfg(feature = "enable")]
#[diagnostic::do_not_recommend]
impl Capture for serde_json::Value {
    fn capture(&self, room: &mut Room) -> Captured {
        Captured::Json(room.json(self))
    }
}

/// A message: its role and its content.
#[diagnostic::do_not_recommend]
impl<R: AsRef<str>, C: Capture> Capture for (R, C) {
    fn capture(&self, room: &mut Room) -> Captured {
        if !room.message() {
            return Captured::Nothing;
        }
        let mut message = Message::new(word(self.0.as_ref()));
        self.1.capture(room).into_parts(&mut message.parts);
        Captured::Message(message)
    }
}
