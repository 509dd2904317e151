//! How much of the content may be copied.

/// The bytes that are left for one attribute; every copy of content is made through it.
#[derive(Debug)]
pub struct Room {
    left: usize,
    cut: bool,
    inline_blobs: bool,
}

impl Room {
    pub(crate) fn new(bytes: usize, inline_blobs: bool) -> Self {
        Self { left: bytes, cut: false, inline_blobs }
    }

    /// As much of `text` as there is room for, cut on a character boundary.
    pub fn text(&mut self, text: &str) -> String {
        let kept = text.get(..text.floor_char_boundary(self.left)).unwrap_or_default();
        self.left = self.left.saturating_sub(kept.len());
        self.cut |= kept.len() < text.len();
        kept.to_owned()
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

    pub(crate) fn was_cut(&self) -> bool {
        self.cut
    }
}
