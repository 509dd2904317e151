//! Content that the arguments of `#[instrument_llm]` name.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __handed {
    use std::collections::BTreeMap;

    use crate::content::{Capture, Captured, Room};
    use crate::payload::LlmResponse;

    /// Named values, captured as an object.
    #[expect(missing_debug_implementations, reason = "it holds content")]
    pub struct Members<'a>(pub &'a [(&'static str, &'a dyn Capture)]);

    /// One value of several.
    pub fn member<C: Capture>(value: &C) -> &dyn Capture {
        value
    }

    impl Capture for Members<'_> {
        fn capture(&self, room: &mut Room) -> Captured {
            self.0.iter().copied().collect::<BTreeMap<_, _>>().capture(room)
        }
    }

    /// A returned value that may be a response.
    #[derive(Debug)]
    pub struct Answer<'a, T: ?Sized>(pub &'a T);

    /// What a response has handed over already.
    #[derive(Clone, Copy, Debug)]
    pub struct HandedOver;

    impl Capture for HandedOver {
        fn capture(&self, _: &mut Room) -> Captured {
            Captured::Nothing
        }
    }

    /// First: a response hands over its content itself.
    pub trait HandsOver {
        /// Nothing more.
        fn content(&self) -> &'static HandedOver {
            &HandedOver
        }
    }

    impl<T: LlmResponse + ?Sized> HandsOver for &Answer<'_, T> {}

    /// Else: the value is the content.
    pub trait IsContent<'a> {
        /// Its type.
        type Content: ?Sized;
        /// The value itself.
        fn content(&self) -> &'a Self::Content;
    }

    impl<'a, T: ?Sized> IsContent<'a> for Answer<'a, T> {
        type Content = T;
        fn content(&self) -> &'a T {
            self.0
        }
    }
}
