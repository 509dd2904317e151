//! Content in the terms of the conventions' message schemas.
//!
//! One form serves both dialects but for one member: messages that came back must have a `finish_reason` in the
//! released one, where the latest has it on the span alone.

use super::strings::data_url;
use super::{Json, Message, Modality, Part};

/// A message as an object.
pub(super) fn message(message: Message, inline_blobs: bool) -> Json {
    let Message { role, name, parts: list, finish_reason } = message;
    let parts = list.into_iter().map(|one| part(one, inline_blobs)).collect();
    let mut members = vec![
        ("role".to_owned(), Json::Text(role.as_str().to_owned())),
        ("parts".to_owned(), Json::List(parts)),
    ];
    members.extend(text("name", name));
    members.extend(text("finish_reason", finish_reason.map(|reason| reason.as_str().to_owned())));
    Json::Object(members)
}

/// A part as an object.
///
/// A blob whose bytes are left out lacks what makes it a blob in the schemas; they take it for a part of a type of
/// its own, which may have any members.
pub(super) fn part(part: Part, inline_blobs: bool) -> Json {
    let (kind, members) = match part {
        Part::Text(content) => ("text", vec![required("content", content)]),
        Part::Reasoning(content) => ("reasoning", vec![required("content", content)]),
        Part::ToolCall { id, name, arguments } => {
            let arguments = arguments.map(|arguments| ("arguments".to_owned(), arguments));
            let id = text("id", id);
            ("tool_call", id.into_iter().chain([required("name", name)]).chain(arguments).collect())
        }
        Part::ToolCallResponse { id, response } => {
            let response = ("response".to_owned(), response);
            ("tool_call_response", text("id", id).into_iter().chain([response]).collect())
        }
        Part::Blob { mime_type, modality, content } => {
            let content = text("content", content.filter(|_| inline_blobs));
            ("blob", medium(modality, mime_type).chain(content).collect())
        }
        Part::File { mime_type, modality, file_id } => {
            ("file", medium(modality, mime_type).chain([required("file_id", file_id)]).collect())
        }
        Part::Uri { mime_type, modality, uri } => match data_url(&uri) {
            Some((_, data)) => {
                let content = inline_blobs.then(|| required("content", data.to_owned()));
                ("blob", medium(modality, mime_type).chain(content).collect())
            }
            None => ("uri", medium(modality, mime_type).chain([required("uri", uri)]).collect()),
        },
        Part::Other { kind, mut members } => {
            members.retain(|(key, _)| key != "type");
            members.insert(0, required("type", kind));
            return Json::Object(members);
        }
    };
    let mut object = Vec::with_capacity(members.len() + 1);
    object.push(required("type", kind.to_owned()));
    object.extend(members);
    Json::Object(object)
}

fn medium(modality: Modality, mime_type: Option<String>) -> impl Iterator<Item = (String, Json)> {
    let word = match modality {
        Modality::Image => "image",
        Modality::Audio => "audio",
        Modality::Video => "video",
        Modality::Document => "document",
    };
    std::iter::once(required("modality", word.to_owned())).chain(text("mime_type", mime_type))
}

fn required(key: &str, value: String) -> (String, Json) {
    (key.to_owned(), Json::Text(value))
}

fn text(key: &str, value: Option<String>) -> Option<(String, Json)> {
    value.map(|value| required(key, value))
}
