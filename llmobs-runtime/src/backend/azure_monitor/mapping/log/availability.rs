//! Results of availability tests: records with four attributes; with fewer a record is a message.

use std::borrow::Cow;

use super::super::super::item::{Item, ItemKind};
use super::super::fields::Field;
use super::super::{Mapper, limits};
use super::read::Read;

/// How long the text of a result may be, in characters.
const MESSAGE: usize = 8_192;

/// What such a record must say.
pub(super) struct Outcome<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    duration: Cow<'a, str>,
    success: Cow<'a, str>,
}

impl<'a> Outcome<'a> {
    /// Where the record says all of it.
    pub(super) fn of(read: &Read<'a>) -> Option<Self> {
        Some(Self {
            id: read.text(Field::AvailabilityId)?,
            name: read.text(Field::AvailabilityName)?,
            duration: read.text(Field::AvailabilityDuration)?,
            success: read.text(Field::AvailabilitySuccess)?,
        })
    }
}

/// The item of one.
pub(super) fn item(mapper: &Mapper, mut read: Read<'_>, outcome: &Outcome<'_>) -> Item {
    read.keep_name();
    let mut data = read.begin(mapper, ItemKind::Availability);
    data.text("id", &outcome.id, limits::ID);
    data.text("name", &outcome.name, limits::NAME);
    data.text("duration", &outcome.duration, limits::NAME);
    data.flag("success", outcome.success.eq_ignore_ascii_case("true"));
    if let Some(location) = read.text(Field::AvailabilityLocation) {
        data.text("runLocation", &location, limits::NAME);
    }
    if let Some(message) = read.text(Field::AvailabilityMessage) {
        data.text("message", &message, MESSAGE);
    }
    read.end(mapper, data)
}
