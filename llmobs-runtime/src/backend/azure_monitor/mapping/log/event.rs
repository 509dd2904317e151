//! Custom events: records that Azure's marker names, and the results of evaluations, which the portal's Agents view
//! reads among the custom events. Other events stay messages with their name among the properties.

use std::borrow::Cow;

use super::super::super::item::{Item, ItemKind};
use super::super::super::names;
use super::super::fields::Field;
use super::super::{Mapper, limits};
use super::message;
use super::read::Read;

const BODY: &str = "event.body";

/// Its name, where a record is one.
pub(super) fn name<'a>(read: &Read<'a>) -> Option<Cow<'a, str>> {
    let marked = || {
        // The older marker says only that the body is the name.
        read.get(Field::EventMarker).and(read.body()).and_then(message::body)
    };
    let evaluation = || read.name.event.filter(|name| *name == names::evaluation_event());
    read.text(Field::CustomEventName).or_else(marked).or_else(|| evaluation().map(Cow::Borrowed))
}

/// The item of one.
pub(super) fn item(mapper: &Mapper, mut read: Read<'_>, name: &str) -> Item {
    // Under a marker the body is no part of the event, in this as in the service's other exporters.
    let is_marked = read.get(Field::CustomEventName).or(read.get(Field::EventMarker)).is_some();
    if !is_marked
        && let Some(body) = read.body()
        && message::body(body).is_some()
    {
        read.properties.add(BODY, body);
    }
    if read.name.event != Some(name) {
        read.keep_name();
    }
    let mut data = read.begin(mapper, ItemKind::Event);
    data.text("name", name, limits::EVENT_NAME);
    read.end(mapper, data)
}
