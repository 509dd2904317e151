//! What `#[derive(LlmChunk)]` asks of the fields of a chunk.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::{AttributeValue, Value};
use crate::conventions::{Flag, Int};

/// A piece of a streamed text, where the chunk holds one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a piece of streamed text",
    label = "not a string",
    note = "such a field is a string or an `Option` of one, also borrowed or boxed; of anything else \
            `with = |field| …` makes one"
)]
pub trait Delta {
    /// The text.
    fn text(&self) -> Option<&str>;
}

impl Delta for str {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

macro_rules! through {
    ($([$($generics:tt)*] $holder:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Delta for $holder {
            fn text(&self) -> Option<&str> {
                (**self).text()
            }
        }
    )*};
}

through!(
    [] String,
    [] Cow<'_, str>,
    [T: Delta + ?Sized] &T,
    [T: Delta + ?Sized] Box<T>,
    [T: Delta + ?Sized] Rc<T>,
    [T: Delta + ?Sized] Arc<T>
);

#[diagnostic::do_not_recommend]
impl<T: Delta> Delta for Option<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(Delta::text)
    }
}

/// A piece of text that is not empty.
pub fn piece<D: Delta + ?Sized>(field: &D) -> Option<&str> {
    field.text().filter(|text| !text.is_empty())
}

/// The index of a choice; the first one where it is absent, and none that can be where it makes no sense.
pub fn choice<V: AttributeValue<Int> + ?Sized>(field: &V) -> usize {
    match field.attribute_value() {
        None => 0,
        Some(index) => {
            index.as_int().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX)
        }
    }
}

/// Whether a field says yes.
pub fn flag<V: AttributeValue<Flag> + ?Sized>(field: &V) -> bool {
    field.attribute_value() == Some(Value::Flag(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_whatever_holds_them() {
        assert_eq!(piece(&Some(Box::new(Cow::Borrowed("a")))), Some("a"));
        assert_eq!(piece(&Some(String::new())), None);
        assert_eq!(piece(&None::<&str>), None);
        assert_eq!(
            (choice(&Some(3_u8)), choice(&None::<u32>), choice(&-1_i32)),
            (3, 0, usize::MAX)
        );
        assert!(flag(&Some(true)) && flag(&true) && !flag(&Some(false)) && !flag(&None::<bool>));
    }
}
