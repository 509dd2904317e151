//! What people wrote and models answered, in the terms of the conventions' message schemas.
//!
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/non-normative/models/>

use crate::text::Text;

/// A structured value, as JSON knows it. Members keep their order.
#[derive(Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// A boolean.
    Flag(bool),
    /// An integer.
    Int(i64),
    /// A finite double.
    Double(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// One message of a conversation.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`, or the provider's own word.
    pub role: Text,
    /// The name of the participant, if it has one.
    pub name: Option<String>,
    /// What the message consists of.
    pub parts: Vec<Part>,
    /// Why the model stopped, on messages that a model returned.
    pub finish_reason: Option<Text>,
}

/// One part of a message.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// Text.
    Text(String),
    /// What the model thought before it answered.
    Reasoning(String),
    /// A tool that the model asks the client to call.
    ToolCall {
        /// The provider's id of the call.
        id: Option<String>,
        /// The tool.
        name: String,
        /// What to call it with.
        arguments: Option<Json>,
    },
    /// What such a tool returned.
    ToolCallResponse {
        /// The id of the call that is answered.
        id: Option<String>,
        /// What it returned.
        response: Json,
    },
    /// Bytes, kept only where the policy inlines them.
    Blob {
        /// The media type, such as `image/png`.
        mime_type: Option<String>,
        /// What kind of medium it is.
        modality: Modality,
        /// Base64 text; `None` where it is left out.
        content: Option<String>,
    },
    /// A file that the provider holds.
    File {
        /// The media type.
        mime_type: Option<String>,
        /// What kind of medium it is.
        modality: Modality,
        /// The provider's id of the file.
        file_id: String,
    },
    /// Something that the provider fetches.
    Uri {
        /// The media type.
        mime_type: Option<String>,
        /// What kind of medium it is.
        modality: Modality,
        /// Where it is.
        uri: String,
    },
    /// Any other part.
    Other {
        /// The value of its `type`.
        kind: String,
        /// Its other members.
        members: Vec<(String, Json)>,
    },
}

/// What kind of medium a part holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Modality {
    /// `image`.
    Image,
    /// `audio`.
    Audio,
    /// `video`.
    Video,
    /// `document`: the conventions leave the word open.
    Document,
}

impl Message {
    /// A message of `role` without parts.
    pub fn new(role: impl Into<Text>) -> Self {
        Self { role: role.into(), name: None, parts: Vec::new(), finish_reason: None }
    }

    /// The same message with one part more.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}

macro_rules! hide {
    ($($ty:ident),*) => {$(
        /// Only the type: it holds what people wrote or models answered.
        impl std::fmt::Debug for $ty {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($ty)).finish_non_exhaustive()
            }
        }
    )*};
}

hide!(Json, Message, Part);
