//! Log records: each is the first that fits of an exception, a custom event, an availability result, a message.

mod availability;
mod event;
mod exception;
mod message;
mod read;
#[cfg(test)]
mod tests;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::logs::SdkLogRecord;

use super::super::item::Item;
use super::Mapper;
use read::Read;

/// One item for each record.
pub(super) fn log(
    mapper: &Mapper,
    record: &SdkLogRecord,
    scope: &InstrumentationScope,
    out: &mut Vec<Item>,
) {
    let read = Read::of(record, scope);
    out.push(if exception::is_one(&read) {
        exception::item(mapper, read)
    } else if let Some(name) = event::name(&read) {
        event::item(mapper, read, &name)
    } else if let Some(result) = availability::Outcome::of(&read) {
        availability::item(mapper, read, &result)
    } else {
        message::item(mapper, read)
    });
}
