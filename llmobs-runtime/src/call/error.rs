//! What the error of a call becomes in `error.type`.
//!
//! The conventions want an identifier of low cardinality: the HTTP status, the provider's error code, or the
//! name of the error's type. Never the message, which may quote the prompt.

use std::error::Error;

use crate::payload::Text;

/// The future of the call was dropped before it was ready.
pub(crate) const CANCELLED: &str = "cancelled";
/// The stream of the call was dropped before its end.
pub(crate) const ABANDONED: &str = "abandoned";
/// The call panicked.
pub(crate) const PANIC: &str = "panic";

/// How many sources of an error are looked at.
const DEPTH: usize = 16;

/// The `error.type` of an error whose type is known.
pub(crate) fn of_error<E: Error + 'static>(error: &E) -> Text {
    of_sources(error).unwrap_or_else(|| of_type::<E>())
}

/// The `error.type` of an error that may borrow, so that only its sources can be told apart.
pub(crate) fn of_borrowed<E: Error>(error: &E) -> Text {
    error.source().and_then(of_sources).unwrap_or_else(of_type::<E>)
}

/// The `error.type` of an error of which only the trait is known.
pub(crate) fn of_dyn(error: &(dyn Error + 'static)) -> Text {
    of_sources(error).unwrap_or(Text::Static(super::OTHER))
}

/// What merely holds an error, as the compiler names it.
const HOLDERS: [&str; 5] =
    ["&", "mut ", "alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<"];

/// The name of a type, without what holds it and without its generic arguments: those may be long and say little.
pub(crate) fn of_type<E: ?Sized>() -> Text {
    let mut name = std::any::type_name::<E>();
    while let Some(held) = HOLDERS.iter().find_map(|holder| name.strip_prefix(holder)) {
        name = held;
    }
    let name = name.trim_end_matches('>');
    let end = name.find('<').unwrap_or(name.len());
    Text::Static(name.get(..end).filter(|name| !name.is_empty()).unwrap_or(super::OTHER))
}

/// The first error along the sources that is of a kind we know.
fn of_sources(error: &(dyn Error + 'static)) -> Option<Text> {
    let mut next = Some(error);
    for _ in 0..DEPTH {
        let error = next?;
        if let Some(known) = known(error) {
            return Some(known);
        }
        next = inside(error).or_else(|| error.source());
    }
    None
}

/// What an `io::Error` wraps; its own source is the source of that, one too far.
fn inside<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let inside: &(dyn Error + 'static) = io(error)?.get_ref()?;
    Some(inside)
}

/// The kinds of error that are recognised wherever they stand.
fn known(error: &(dyn Error + 'static)) -> Option<Text> {
    #[cfg(feature = "async-openai")]
    if let Some(code) = crate::payload::async_openai_error_type(error) {
        return Some(code);
    }
    let io = io(error)?;
    // An `io::Error` that only wraps another error says less than what it wraps.
    if io.get_ref().is_some() && io.kind() == std::io::ErrorKind::Other {
        return None;
    }
    Some(Text::Static(match io.kind() {
        std::io::ErrorKind::TimedOut => "timeout",
        std::io::ErrorKind::ConnectionRefused => "connection_refused",
        std::io::ErrorKind::ConnectionReset => "connection_reset",
        std::io::ErrorKind::ConnectionAborted => "connection_aborted",
        std::io::ErrorKind::BrokenPipe => "broken_pipe",
        std::io::ErrorKind::UnexpectedEof => "unexpected_eof",
        std::io::ErrorKind::Interrupted => "interrupted",
        _ => return None,
    }))
}

/// An `io::Error`, also one that is passed on in a box: a box is an error of its own, whose sources begin after
/// the one that it holds.
fn io<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a std::io::Error> {
    error
        .downcast_ref()
        .or_else(|| error.downcast_ref::<Box<std::io::Error>>().map(Box::as_ref))
        .or_else(|| {
            error.downcast_ref::<std::sync::Arc<std::io::Error>>().map(std::sync::Arc::as_ref)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the secret prompt")]
    struct Outer<T: std::fmt::Debug + 'static>(#[source] std::io::Error, T);

    #[test]
    fn a_known_source_names_the_error() {
        let error = Outer(std::io::ErrorKind::TimedOut.into(), 1_u8);
        assert_eq!(of_error(&error).as_str(), "timeout");
    }

    #[test]
    fn an_unknown_error_is_named_by_its_type_without_arguments() {
        let error = Outer(std::io::ErrorKind::NotFound.into(), "x");
        assert_eq!(of_error(&error).as_str(), "llmobs_runtime::call::error::tests::Outer");
        let boxed: Box<dyn Error> = Box::new(error);
        assert_eq!(of_dyn(boxed.as_ref()).as_str(), "_OTHER");
    }

    #[test]
    fn references_do_not_show() {
        assert_eq!(of_type::<&mut String>().as_str(), "alloc::string::String");
        assert_eq!(of_type::<str>().as_str(), "str");
    }

    #[test]
    fn what_holds_an_error_does_not_show() {
        assert_eq!(of_type::<Box<std::sync::Arc<String>>>().as_str(), "alloc::string::String");
        assert_eq!(of_type::<Box<Option<u8>>>().as_str(), "core::option::Option");
        let boxed: Box<std::io::Error> = Box::new(std::io::ErrorKind::TimedOut.into());
        assert_eq!(of_error(&boxed).as_str(), "timeout");
    }
}
