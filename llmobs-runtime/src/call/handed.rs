//! Content that the arguments of `#[instrument_llm]` name.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __handed {
    use crate::content::{Capture, Captured, Json, Part, Room};
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
            let mut members = Vec::new();
            for (name, value) in self.0 {
                if room.is_full() {
                    room.leave_out();
                    break;
                }
                let name = room.text(name);
                if let Some(value) = json(value.capture(room), room) {
                    members.push((name, value));
                }
            }
            Captured::Json(Json::Object(members))
        }
    }

    /// A value of an object. Of a part only text can be one.
    fn json(captured: Captured, room: &mut Room) -> Option<Json> {
        match captured {
            Captured::Nothing => None,
            Captured::Text(text) | Captured::Part(Part::Text(text)) => Some(Json::Text(text)),
            Captured::Json(json) => Some(json),
            Captured::List(list) => {
                Some(Json::List(list.into_iter().filter_map(|one| json(one, room)).collect()))
            }
            _ => {
                room.leave_out();
                None
            }
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
