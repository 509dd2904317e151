//! How much of the content may be copied.

use super::data_urls::{LONGEST, first_data};
use super::{Json, Modality, Part};

/// What an element of a list, or a member of an object, takes besides its strings. Less than its JSON text
/// mostly, so that nothing is left out that the limit would have let through.
pub(super) const ELEMENT: usize = 8;
/// What a message takes besides its strings.
pub(super) const MESSAGE: usize = 24;
/// What a part of a message takes besides its strings.
pub(super) const PART: usize = 24;

/// How deep values may nest. OTLP spends up to three levels of protocol buffers on one of these, common decoders
/// give up at a hundred, and a message adds four levels of its own.
pub(super) const DEPTH: usize = 24;

/// The bytes that are left for one attribute; every copy of content is made through it.
#[derive(Debug)]
pub struct Room {
    left: usize,
    depth: usize,
    cut: bool,
    split: bool,
    inline_blobs: bool,
    /// Text is counted and not copied.
    #[cfg(feature = "token-estimates")]
    counter: Option<super::tally::Counting>,
}

impl Room {
    /// As much of `text` as there is room for, cut on a character boundary. The data of data URLs is left out unless
    /// the policy inlines bytes; other base64 text is taken for text.
    pub fn text(&mut self, text: &str) -> String {
        let mut copy = String::new();
        let mut rest = text;
        while !self.keeps_data()
            && let Some(data) = first_data(rest, self.left)
        {
            self.cut |= data.len() > LONGEST;
            self.append(&mut copy, rest.get(..data.start).unwrap_or_default());
            self.append(&mut copy, "…");
            rest = rest.get(data.end..).unwrap_or_default();
        }
        self.append(&mut copy, rest);
        copy
    }

    /// Also where text is counted, as nothing is kept.
    fn keeps_data(&self) -> bool {
        #[cfg(feature = "token-estimates")]
        if self.counter.is_some() {
            return true;
        }
        self.inline_blobs
    }

    /// Appends as much of `text` as there is room for.
    pub(super) fn append(&mut self, onto: &mut String, text: &str) {
        #[cfg(feature = "token-estimates")]
        if let Some(counter) = &mut self.counter {
            return counter.add(text);
        }
        let kept = text.get(..text.floor_char_boundary(self.left)).unwrap_or_default();
        onto.push_str(kept);
        if kept.len() < text.len() {
            self.split |= !onto.is_empty();
            self.fill();
        } else {
            self.left -= kept.len();
        }
    }

    /// A copy of `text`, or nothing where there is no room for all of it: half an identifier or half a URI is none.
    pub fn whole(&mut self, text: &str) -> Option<String> {
        #[cfg(feature = "token-estimates")]
        if self.counter.is_some() {
            return Some(String::new());
        }
        self.take(text.len()).then(|| text.to_owned())
    }

    /// A part for bytes, given as base64 text. They are kept only where the policy says so and they fit.
    pub fn blob(&mut self, modality: Modality, mime_type: Option<&str>, base64: &str) -> Part {
        let mime_type = mime_type.and_then(|mime| self.whole(mime));
        let content = if self.inline_blobs { self.whole(base64) } else { None };
        Part::Blob { mime_type, modality, content }
    }

    /// A bounded copy of a JSON value. Bytes that stand in it as text (data URLs, long base64) are left out unless
    /// the policy inlines them.
    #[cfg(feature = "enable")]
    pub fn json(&mut self, value: &serde_json::Value) -> Json {
        super::text::copied(value, self)
    }

    /// A string inside a JSON value.
    pub(super) fn json_text(&mut self, text: &str) -> Json {
        if self.inline_blobs {
            return Json::Text(self.text(text));
        }
        let kept = super::strings::without_bytes(text);
        let mut copy = self.text(kept);
        if kept.len() < text.len() {
            copy.push('…');
        }
        Json::Text(copy)
    }

    /// Takes the room of one more element; `false` where there is none left, and what follows is left out.
    pub fn element(&mut self) -> bool {
        self.take(ELEMENT)
    }

    pub(super) fn message(&mut self) -> bool {
        self.take(MESSAGE)
    }

    pub(super) fn part(&mut self) -> bool {
        self.take(PART)
    }

    /// Does something one level deeper, unless that is too deep.
    pub(super) fn nested<R>(&mut self, inner: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.depth >= DEPTH {
            self.cut = true;
            return None;
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }

    /// Nothing more fits: what follows need not be looked at.
    pub fn is_full(&self) -> bool {
        self.left == 0
    }

    /// Whether bytes of images and the like are to be kept, as base64 text.
    pub fn inlines_blobs(&self) -> bool {
        self.inline_blobs
    }

    /// Says that something was left out for want of room.
    pub fn leave_out(&mut self) {
        self.cut = true;
    }

    fn take(&mut self, bytes: usize) -> bool {
        if let Some(left) = self.left.checked_sub(bytes) {
            self.left = left;
            return true;
        }
        self.fill();
        false
    }

    fn fill(&mut self) {
        self.left = 0;
        self.cut = true;
    }
}

/// For those who have the room.
#[cfg(feature = "enable")]
impl Room {
    pub(super) const fn new(bytes: usize, inline_blobs: bool) -> Self {
        Self {
            left: bytes,
            depth: 0,
            cut: false,
            split: false,
            inline_blobs,
            #[cfg(feature = "token-estimates")]
            counter: None,
        }
    }

    /// Room for any text, which is counted and not copied, and for so many elements.
    #[cfg(feature = "token-estimates")]
    pub(super) fn counting(counter: super::tally::Counting) -> Self {
        Self { counter: Some(counter), ..Self::new(super::tally::ELEMENTS, false) }
    }

    /// What was counted.
    #[cfg(feature = "token-estimates")]
    pub(super) fn counter(&mut self) -> Option<&mut super::tally::Counting> {
        self.counter.as_mut()
    }

    pub(super) fn was_cut(&self) -> bool {
        self.cut
    }

    /// Whether a string was cut in two since this was last asked: what stands at its end may be half of something.
    pub(super) fn take_split(&mut self) -> bool {
        std::mem::take(&mut self.split)
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Begins anew with as much room as there was at some time before.
    pub(super) fn again(&mut self, left: usize) {
        self.left = left;
        self.depth = 0;
    }
}

#[cfg(all(test, feature = "enable"))]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_on_a_character_boundary_and_ends_the_room() {
        let mut room = Room::new(5, false);
        assert_eq!(room.text("ab"), "ab");
        assert!(!room.was_cut());
        assert_eq!(room.text("ééé"), "é");
        assert!(room.is_full() && room.was_cut());
        assert!(room.take_split());
        assert_eq!(room.text("x"), "");
        // Nothing of that text was copied, so that it is not cut in two.
        assert!(!room.take_split());
    }

    #[test]
    fn what_continues_a_text_that_filled_the_room_splits_it() {
        let mut room = Room::new(4, false);
        let mut text = room.text("4111");
        assert!(room.is_full() && !room.was_cut());
        room.append(&mut text, "1111");
        assert_eq!(text, "4111");
        assert!(room.was_cut() && room.take_split());
    }

    #[test]
    fn identifiers_are_kept_whole_or_not_at_all() {
        let mut room = Room::new(6, false);
        assert_eq!(room.whole("abc").as_deref(), Some("abc"));
        assert_eq!(room.whole("abcd"), None);
        assert!(room.is_full() && room.was_cut() && !room.take_split());
    }

    #[test]
    fn blobs_are_kept_where_that_is_wanted_and_they_fit() {
        let blob = |room: &mut Room| match room.blob(Modality::Image, Some("image/png"), "AAAA") {
            Part::Blob { content, .. } => content,
            _ => None,
        };
        assert_eq!(blob(&mut Room::new(100, false)), None);
        assert_eq!(blob(&mut Room::new(100, true)).as_deref(), Some("AAAA"));
        assert_eq!(blob(&mut Room::new(12, true)), None);
    }

    #[test]
    fn depth_is_bounded() {
        fn deeper(room: &mut Room) -> usize {
            room.nested(|room| deeper(room) + 1).unwrap_or_default()
        }
        let mut room = Room::new(100, false);
        assert_eq!(deeper(&mut room), DEPTH);
        assert!(room.was_cut());
    }
}
