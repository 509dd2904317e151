//! Attribute values.

use super::record;
use crate::text::Text;

/// No list attribute has more elements than this; the rest is left out.
pub(crate) const LIST_LIMIT: usize = 128;

/// One attribute value, of a type that OpenTelemetry takes, borrowed from where it is kept.
///
/// Equal are values that say the same, whoever keeps their text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A string.
    Text(Str<'a>),
    /// A signed 64-bit integer.
    Int(i64),
    /// A finite double.
    Double(f64),
    /// A boolean.
    Flag(bool),
    /// A list of strings.
    Texts(Texts<'a>),
}

impl<'a> Value<'a> {
    /// The string, when this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The same with how it is kept.
    pub fn into_text(self) -> Option<Str<'a>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same to be kept; text that is not known while compiling is copied.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(text.into_owned()),
            Self::Int(int) => Value::Int(int),
            Self::Double(double) => Value::Double(double),
            Self::Flag(flag) => Value::Flag(flag),
            Self::Texts(texts) => Value::Texts(texts.iter().map(Str::into_owned).collect()),
        }
    }

    /// The integer, when this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }
}

/// A string of an attribute value.
///
/// ```
/// use llmobs_runtime::payload::Str;
///
/// let model = String::from("gpt-4o-mini");
/// assert_eq!(Str::from(&model), Str::Static("gpt-4o-mini"));
/// assert_eq!(Str::from(format!("{model}-1")).as_str(), "gpt-4o-mini-1");
/// ```
#[derive(Clone, Debug)]
pub enum Str<'a> {
    /// Known while compiling; never copied.
    Static(&'static str),
    /// Known at run time, and kept elsewhere.
    Borrowed(&'a str),
    /// Made for this value.
    Owned(String),
}

impl Str<'_> {
    /// The characters.
    #[inline]
    #[expect(clippy::match_same_arms, reason = "what is static lives longer")]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }

    /// The same to be kept; what is not known while compiling is copied.
    #[must_use]
    pub fn into_owned(self) -> Str<'static> {
        match self {
            Self::Static(text) => Str::Static(text),
            Self::Borrowed(text) => Str::Owned(text.to_owned()),
            Self::Owned(text) => Str::Owned(text),
        }
    }

    /// The same for several to hold: what is known while compiling stays what it is, the rest is copied and cut to the
    /// length limit of attributes.
    pub(crate) fn to_text(&self) -> Text {
        match self {
            Self::Static(text) => Text::Static(text),
            other => Text::copied(other.as_str()),
        }
    }
}

/// By the characters, wherever they are kept.
impl PartialEq for Str<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Str<'_> {}

impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Self {
        Self::Borrowed(text)
    }
}

impl<'a> From<&'a String> for Str<'a> {
    fn from(text: &'a String) -> Self {
        Self::Borrowed(text)
    }
}

impl From<String> for Str<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

impl<'a> From<&'a Text> for Str<'a> {
    fn from(text: &'a Text) -> Self {
        match text {
            Text::Static(text) => Self::Static(text),
            Text::Shared(text) => Self::Borrowed(text),
        }
    }
}

/// The strings of a list, in order.
///
/// ```
/// use llmobs_runtime::payload::{Str, Texts};
///
/// let list: Texts = ["stop", "length"].into_iter().map(Str::Static).collect();
/// assert_eq!(list.len(), 2);
/// assert!(list.iter().any(|reason| reason.as_str() == "length"));
/// ```
#[derive(Clone)]
pub struct Texts<'a>(pub(super) List<'a>);

/// Where the strings of a list are.
#[derive(Clone)]
pub(super) enum List<'a> {
    /// One needs no list.
    One(Str<'a>),
    Many(Vec<Str<'a>>),
    Recorded(record::Group<'a>),
}

impl<'a> Texts<'a> {
    /// A list of one.
    #[inline]
    pub fn one(text: Str<'a>) -> Self {
        Self(List::One(text))
    }

    /// The strings.
    pub fn iter(&self) -> impl Iterator<Item = Str<'_>> {
        let (listed, recorded) = match &self.0 {
            List::One(text) => (std::slice::from_ref(text), None),
            List::Many(texts) => (texts.as_slice(), None),
            List::Recorded(group) => (Default::default(), Some(group.iter())),
        };
        let listed = listed.iter().map(|text| match text {
            Str::Static(text) => Str::Static(text),
            other => Str::Borrowed(other.as_str()),
        });
        listed.chain(recorded.into_iter().flatten())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            List::One(_) => 1,
            List::Many(texts) => texts.len(),
            List::Recorded(group) => group.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> FromIterator<Str<'a>> for Texts<'a> {
    fn from_iter<I: IntoIterator<Item = Str<'a>>>(texts: I) -> Self {
        let mut texts = texts.into_iter();
        match (texts.next(), texts.next()) {
            (Some(first), None) => Self::one(first),
            (first, second) => {
                Self(List::Many(first.into_iter().chain(second).chain(texts).collect()))
            }
        }
    }
}

impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Texts<'_> {}

impl std::fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
