//! The types of the standard library that may be captured.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::copy::{each, members};
use super::{Capture, Captured, Json, Room};
use crate::text::Text;

impl Capture for str {
    fn capture(&self, room: &mut Room) -> Captured {
        Captured::Text(room.text(self))
    }
}

#[diagnostic::do_not_recommend]
impl Capture for String {
    fn capture(&self, room: &mut Room) -> Captured {
        self.as_str().capture(room)
    }
}

#[diagnostic::do_not_recommend]
impl Capture for Text {
    fn capture(&self, room: &mut Room) -> Captured {
        self.as_str().capture(room)
    }
}

#[diagnostic::do_not_recommend]
impl Capture for char {
    fn capture(&self, room: &mut Room) -> Captured {
        self.encode_utf8(&mut [0; 4]).capture(room)
    }
}

/// Nothing: what returns no value has none to capture.
#[diagnostic::do_not_recommend]
impl Capture for () {
    fn capture(&self, _: &mut Room) -> Captured {
        Captured::Nothing
    }
}

#[diagnostic::do_not_recommend]
impl Capture for bool {
    fn capture(&self, _: &mut Room) -> Captured {
        Captured::Json(Json::Flag(*self))
    }
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        /// An integer that 64 bits do not hold becomes text, so that no digit is lost.
        #[diagnostic::do_not_recommend]
        impl Capture for $int {
            fn capture(&self, room: &mut Room) -> Captured {
                match i64::try_from(*self) {
                    Ok(int) => Captured::Json(Json::Int(int)),
                    Err(_) => Captured::Text(room.text(&self.to_string())),
                }
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

/// What is not finite becomes `null`: JSON has no word for it.
#[diagnostic::do_not_recommend]
impl Capture for f64 {
    fn capture(&self, _: &mut Room) -> Captured {
        Captured::Json(if self.is_finite() { Json::Double(*self) } else { Json::Null })
    }
}

#[diagnostic::do_not_recommend]
impl Capture for f32 {
    fn capture(&self, room: &mut Room) -> Captured {
        // By its decimal text: a score of 0.7 stays 0.7 and not 0.699999988079071.
        self.to_string().parse().unwrap_or(f64::from(*self)).capture(room)
    }
}

macro_rules! through {
    ($($holder:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<C: Capture + ?Sized> Capture for $holder {
            fn capture(&self, room: &mut Room) -> Captured {
                (**self).capture(room)
            }
        }
    )*};
}

through!(&C, &mut C, Box<C>, Rc<C>, Arc<C>);

#[diagnostic::do_not_recommend]
impl<C: Capture + ToOwned + ?Sized> Capture for Cow<'_, C> {
    fn capture(&self, room: &mut Room) -> Captured {
        (**self).capture(room)
    }
}

#[diagnostic::do_not_recommend]
impl<C: Capture> Capture for Option<C> {
    fn capture(&self, room: &mut Room) -> Captured {
        self.as_ref().map_or(Captured::Nothing, |inner| inner.capture(room))
    }
}

#[diagnostic::do_not_recommend]
impl<C: Capture> Capture for [C] {
    fn capture(&self, room: &mut Room) -> Captured {
        let items = room.nested(|room| each(self, room, C::capture));
        items.map_or(Captured::Nothing, Captured::List)
    }
}

#[diagnostic::do_not_recommend]
impl<C: Capture> Capture for Vec<C> {
    fn capture(&self, room: &mut Room) -> Captured {
        self.as_slice().capture(room)
    }
}

#[diagnostic::do_not_recommend]
impl<C: Capture, const N: usize> Capture for [C; N] {
    fn capture(&self, room: &mut Room) -> Captured {
        self.as_slice().capture(room)
    }
}

/// An object; its members stand in the order of the map.
fn object<'a, K: AsRef<str> + 'a, C: Capture + 'a>(
    entries: impl IntoIterator<Item = (&'a K, &'a C)>,
    room: &mut Room,
) -> Captured {
    let value = |value: &C, room: &mut Room| value.capture(room).into_json(room.inlines_blobs());
    let object = room.nested(|room| members(entries, room, value));
    Captured::Json(object.map_or(Json::Null, Json::Object))
}

#[diagnostic::do_not_recommend]
impl<K: AsRef<str>, C: Capture, S> Capture for HashMap<K, C, S> {
    fn capture(&self, room: &mut Room) -> Captured {
        object(self, room)
    }
}

#[diagnostic::do_not_recommend]
impl<K: AsRef<str>, C: Capture> Capture for BTreeMap<K, C> {
    fn capture(&self, room: &mut Room) -> Captured {
        object(self, room)
    }
}

#[cfg(all(test, feature = "enable"))]
mod tests {
    use super::super::{Message, Part};
    use super::*;

    fn captured(value: &impl Capture, bytes: usize) -> (Captured, Room) {
        let mut room = Room::new(bytes, false);
        let captured = value.capture(&mut room);
        (captured, room)
    }

    fn json(value: &impl Capture) -> Json {
        captured(value, 1_000).0.into_json(false)
    }

    #[test]
    fn scalars_become_json() {
        assert_eq!(json(&7_u8), Json::Int(7));
        assert_eq!(json(&u64::MAX), Json::Text(u64::MAX.to_string()));
        assert_eq!(json(&0.7_f32), Json::Double(0.7));
        assert_eq!(json(&f64::NAN), Json::Null);
        assert_eq!(json(&f32::INFINITY), Json::Null);
        assert_eq!(json(&true), Json::Flag(true));
        assert_eq!(captured(&(), 1_000).0, Captured::Nothing);
        assert_eq!(json(&'ß'), Json::Text("ß".into()));
        assert_eq!(json(&None::<u8>), Json::Null);
        assert_eq!(json(&Some(Box::new(Arc::new("x".to_owned())))), Json::Text("x".into()));
        assert_eq!(json(&Cow::Borrowed("x")), Json::Text("x".into()));
    }

    #[test]
    fn maps_become_objects_and_lists_lists() {
        let map = BTreeMap::from([("b", vec![1, 2]), ("a", vec![])]);
        let members = vec![
            ("a".to_owned(), Json::List(vec![])),
            ("b".to_owned(), Json::List(vec![Json::Int(1), Json::Int(2)])),
        ];
        assert_eq!(json(&map), Json::Object(members));
        assert_eq!(
            json(&HashMap::from([("k".to_owned(), "v")])),
            Json::Object(vec![("k".to_owned(), Json::Text("v".into()))])
        );
    }

    #[test]
    fn a_pair_is_a_message() {
        let (message, _) = captured(&("developer", "be brief"), 1_000);
        let expected = Message::new(Text::copied("developer")).with(Part::Text("be brief".into()));
        assert_eq!(message, Captured::Message(expected));
    }

    #[test]
    fn a_million_of_anything_stays_within_the_room() {
        let count = |captured: Captured| match captured {
            Captured::List(items) => items.len(),
            _ => 0,
        };
        let (empty, room) = captured(&vec![""; 1_000_000], 66_560);
        assert!(room.was_cut() && room.is_full());
        assert_eq!(count(empty), 66_560 / 8);
        let (messages, room) = captured(&vec![("user", ""); 1_000_000], 66_560);
        assert!(room.was_cut());
        assert_eq!(count(messages), 66_560 / 32);
    }

    #[test]
    fn a_type_that_nests_without_end_ends() {
        struct Nested;
        impl Capture for Nested {
            fn capture(&self, room: &mut Room) -> Captured {
                [Self].capture(room)
            }
        }
        let (_, room) = captured(&Nested, usize::MAX);
        assert!(room.was_cut());
    }

    #[test]
    fn a_large_text_is_copied_up_to_the_room() {
        let (text, room) = captured(&"é".repeat(25_000_000), 65_537);
        assert_eq!(text, Captured::Text("é".repeat(32_768)));
        assert!(room.was_cut());
    }

    #[test]
    fn an_implementation_that_copies_past_the_room_is_held_to_it() {
        let past = |_: &mut Room| Captured::Text("x".repeat(100));
        let mut room = Room::new(10, false);
        assert_eq!(Captured::of(&past, &mut room), Captured::Text("x".repeat(10)));
        assert!(room.is_full() && room.was_cut() && room.take_split());
        let deep = |_: &mut Room| {
            let wrap = |json, ()| Json::List(vec![json]);
            Captured::Json([(); 500].into_iter().fold(Json::Null, wrap))
        };
        let mut room = Room::new(10_000, false);
        Captured::of(&deep, &mut room);
        assert!(room.was_cut());
    }
}
