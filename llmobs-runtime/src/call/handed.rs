//! Content that the arguments of `#[instrument_llm]` name.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __handed {
    use std::collections::BTreeMap;

    use super::super::content::hand_over;
    use super::super::{Call, CallBuilder};
    use crate::content::{Capture, Captured, Kind, Room};
    use crate::guard::guarded_once;
    use crate::payload::LlmResponse;

    /// What an expression of `capture(…)` is called in a warning.
    const EXPRESSION: &str = "an expression of `capture`";

    impl CallBuilder {
        /// Evaluates an expression that hands over content; one that panics has handed over nothing.
        #[doc(hidden)]
        pub fn __handed_over(&mut self, given: impl FnOnce(&mut Self)) {
            guarded_once(EXPRESSION, || given(self));
        }

        /// [`CallBuilder::capture`] of one that is kept.
        #[doc(hidden)]
        pub fn __capture<C: Capture + ?Sized>(&mut self, kind: Kind, content: &C) {
            hand_over(self.draft.as_deref_mut(), kind, content);
        }
    }

    impl Call {
        /// The same of what a function returned.
        #[doc(hidden)]
        pub fn __handed_over(&mut self, given: impl FnOnce(&mut Self)) {
            guarded_once(EXPRESSION, || given(self));
        }
    }

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
