//! Tool definitions.

use serde_json::Value;

use crate::content::{Captured, Json, Room};

/// A tool of a type. The rest of what requests say of one may hold credentials for a server.
pub(super) fn definition(
    kind: &str,
    name: &str,
    description: Option<&String>,
    parameters: Option<&Value>,
    room: &mut Room,
) -> Captured {
    let mut members = vec![
        ("type".to_owned(), Json::Text(room.text(kind))),
        ("name".to_owned(), Json::Text(room.text(name))),
    ];
    if let Some(description) = description {
        members.push(("description".to_owned(), Json::Text(room.text(description))));
    }
    if let Some(parameters) = parameters {
        members.push(("parameters".to_owned(), room.json(parameters)));
    }
    Captured::Json(Json::Object(members))
}
