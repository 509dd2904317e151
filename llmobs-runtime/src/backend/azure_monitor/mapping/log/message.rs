//! Messages, and the body of a record as one.

use std::borrow::Cow;

use opentelemetry::logs::AnyValue;

use super::super::super::item::{Item, ItemKind};
use super::super::value::Val;
use super::super::{Mapper, limits};
use super::read::{self, Read};

/// What is nothing else.
pub(super) fn item(mapper: &Mapper, mut read: Read<'_>) -> Item {
    read.keep_name();
    let mut data = read.begin(mapper, ItemKind::Message);
    let body = read.body().and_then(body);
    let name = read.name.event.or(read.name.callsite).unwrap_or(limits::NO_MESSAGE);
    data.text("message", body.as_deref().unwrap_or(name), limits::MESSAGE);
    data.integer("severityLevel", read.severity());
    read.end(mapper, data)
}

/// A body as text, a list or a map as JSON; `None` where it says nothing. Of numbers and flags those are 0 and
/// `false`, as in the reference.
pub(super) fn body(body: &AnyValue) -> Option<Cow<'_, str>> {
    match body {
        AnyValue::Boolean(false) | AnyValue::Int(0) => return None,
        AnyValue::Double(value) if *value == 0.0 => return None,
        AnyValue::ListAny(values) if values.is_empty() => return None,
        AnyValue::Map(members) if members.is_empty() => return None,
        _ => {}
    }
    let mut text = read::text(Val::from(body));
    if matches!(body, AnyValue::ListAny(_) | AnyValue::Map(_)) {
        text = Cow::Owned(spaced(&text));
    }
    if let Cow::Borrowed(borrowed) = text {
        text = Cow::Borrowed(borrowed.trim());
    }
    (!text.is_empty()).then_some(text)
}

/// JSON with a space after each comma and colon, for people who read it and as the reference has it.
fn spaced(json: &str) -> String {
    let mut out = String::with_capacity(json.len().saturating_add(json.len() / 8));
    let (mut in_text, mut is_escaped) = (false, false);
    for character in json.chars() {
        out.push(character);
        if in_text {
            in_text = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
        } else if character == '"' {
            in_text = true;
        } else if matches!(character, ',' | ':') {
            out.push(' ');
        }
    }
    out
}
