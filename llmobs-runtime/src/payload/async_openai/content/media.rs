//! Images, sounds and files: by reference, or told of without their bytes.

use crate::content::{Modality, Part, Room};

/// What a `data:` URI says of itself stands in its first bytes.
const HEAD_LIMIT: usize = 256;

/// The media type with its parameters, and the data, of a URI that is its own content.
fn data_uri(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_at_checked("data:".len())?;
    if !scheme.eq_ignore_ascii_case("data:") {
        return None;
    }
    let comma = rest.bytes().take(HEAD_LIMIT).position(|byte| byte == b',')?;
    let (head, data) = rest.split_at_checked(comma)?;
    Some((head, data.get(1..)?))
}

/// What a URI names, or the bytes that it is.
pub(super) fn reference(uri: &str, modality: Modality, room: &mut Room) -> Part {
    let Some((head, data)) = data_uri(uri) else {
        return Part::Uri { mime_type: None, modality, uri: room.text(uri) };
    };
    let (mime_type, base64) = match head.strip_suffix(";base64") {
        Some(mime_type) => (mime_type, data),
        None => (head, ""),
    };
    let mime_type = mime_type.split(';').next().filter(|it| !it.is_empty());
    room.blob(mime_type.map_or(modality, |it| modality_of(it, modality)), mime_type, base64)
}

/// A file that the provider holds.
pub(super) fn held(id: &str, modality: Modality, room: &mut Room) -> Part {
    Part::File { mime_type: None, modality, file_id: room.text(id) }
}

/// A file by whichever of its forms is there: held by the provider, at an address, or inline.
pub(super) fn file(
    id: Option<&str>,
    uri: Option<&str>,
    data: Option<&str>,
    room: &mut Room,
) -> Part {
    let data = data.unwrap_or_default();
    match (id, uri) {
        (Some(id), _) => held(id, Modality::Document, room),
        (None, Some(uri)) => reference(uri, Modality::Document, room),
        (None, None) if data_uri(data).is_some() => reference(data, Modality::Document, room),
        (None, None) => room.blob(Modality::Document, None, data),
    }
}

/// The kind of medium that a media type names, or `otherwise`.
fn modality_of(mime_type: &str, otherwise: Modality) -> Modality {
    match mime_type.split('/').next() {
        Some("image") => Modality::Image,
        Some("audio") => Modality::Audio,
        Some("video") => Modality::Video,
        Some("application" | "text") => Modality::Document,
        _ => otherwise,
    }
}
