//! Exceptions: what the conventions' attributes describe, and the errors of `tracing` events.
//!
//! The bridge writes a field that is a `dyn Error` as `exception.message`. A field `error` that was formatted, as
//! `error = %error` and `#[instrument(err)]` do, arrives as text; it makes an exception only of a record that is an
//! error by its severity too, and it stays a property.

use super::super::super::item::{Item, ItemKind};
use super::super::Mapper;
use super::super::exception::Exception;
use super::super::fields::Field;
use super::message;
use super::read::Read;

/// The severity from which a formatted error makes an exception.
const ERROR: i64 = 3;
const MESSAGE: &str = "exception.message";

/// Whether a record is one.
pub(super) fn is_one(read: &Read<'_>) -> bool {
    let attributes = [Field::ExceptionType, Field::ExceptionMessage, Field::ExceptionStacktrace];
    formatted(read).is_some() || attributes.iter().any(|field| read.get(*field).is_some())
}

/// The text of the field `error`, of a record that is an error.
fn formatted<'a>(read: &Read<'a>) -> Option<&'a str> {
    read.error.filter(|_| read.severity() >= ERROR)
}

/// The item of one.
pub(super) fn item(mapper: &Mapper, mut read: Read<'_>) -> Item {
    let body = read.body().and_then(message::body);
    let told = read.text(Field::ExceptionMessage);
    // The body is the message, as in the reference; what the exception itself says must not be lost by that.
    if let (Some(body), Some(told), Some(value)) = (&body, &told, read.get(Field::ExceptionMessage))
        && body != told
    {
        read.properties.add(MESSAGE, value);
    }
    read.keep_name();
    let ty = read.text(Field::ExceptionType).or_else(|| read.text(Field::ErrorType));
    let stack = read.text(Field::ExceptionStacktrace);
    let message = body.as_deref().or(told.as_deref()).or(formatted(&read));

    let mut data = read.begin(mapper, ItemKind::Exception);
    data.integer("severityLevel", read.severity());
    Exception { ty: ty.as_deref(), message, stack: stack.as_deref() }.write(&mut data);
    read.end(mapper, data)
}
