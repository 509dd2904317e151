//! Strings that several places hold.

use std::sync::Arc;

/// No text attribute is longer than this many bytes; what is longer is cut on a character boundary.
///
/// Identifiers (models, ids, reasons) are far shorter; a longer one is a mistake that must not cost memory.
pub(crate) const TEXT_LIMIT: usize = 8_192;

/// As much of a text as the limit lets pass.
pub(crate) fn cut(text: &str) -> &str {
    if text.len() <= TEXT_LIMIT {
        return text;
    }
    text.get(..text.floor_char_boundary(TEXT_LIMIT)).unwrap_or_default()
}

/// A string that is cheap to clone: one copy serves the span, its name and every metric point.
#[derive(Clone, Debug)]
pub enum Text {
    /// Known while compiling.
    Static(&'static str),
    /// Known at run time.
    Shared(Arc<str>),
}

impl Text {
    /// Copies `text`, cut to the length limit of attributes.
    pub fn copied(text: &str) -> Self {
        Self::Shared(Arc::from(cut(text)))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// By the characters, wherever they are kept.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self::Static(text)
    }
}
