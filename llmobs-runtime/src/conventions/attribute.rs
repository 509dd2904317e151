//! Attributes: their rows, and the typed and untyped handles of a row.

use std::marker::PhantomData;

use super::{ATTRIBUTES, Dialect};

/// What an attribute's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A string.
    Text,
    /// A signed 64-bit integer.
    Int,
    /// A 64-bit float.
    Double,
    /// A boolean.
    Flag,
    /// An array of strings.
    Texts,
    /// A structured value: JSON text where only plain values can be recorded.
    Json,
    /// Any number of strings under keys that begin with the row's key and a dot.
    TextMap,
}

/// How much the conventions want an attribute or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Always.
    Required,
    /// Always under a condition that the conventions state.
    Conditional,
    /// When it is known and cheap.
    Recommended,
    /// Only when the user asks for it.
    OptIn,
}

/// Everything that the conventions say of one attribute.
#[derive(Debug)]
pub struct AttributeRow {
    /// The canonical key: the latest name, or the released one where latest has none.
    pub key: &'static str,
    /// The name in the latest dialect, if it is part of that.
    pub latest: Option<&'static str>,
    /// The name in the released dialect, if it is part of that. Two rows can share one:
    /// what latest tells apart as `gen_ai.retrieval.top_k` and `gen_ai.request.top_k` is one
    /// released name.
    pub released: Option<&'static str>,
    /// The value's type.
    pub ty: ValueType,
    /// The value's type in the released dialect, where that is another.
    pub released_ty: Option<ValueType>,
    /// Whether the values are too many to be a dimension of a metric.
    pub high_cardinality: bool,
    /// Whether the value is what people wrote or models answered, recorded only on request.
    pub content: bool,
    /// Well-known values of either dialect. Others are allowed.
    pub values: &'static [&'static str],
    /// What the attribute says, in a few words.
    pub brief: &'static str,
}

impl AttributeRow {
    /// The name to write in `dialect`; where the dialect has no such attribute, the other's name.
    #[must_use]
    #[inline]
    pub fn key(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Latest => self.key,
            Dialect::Released => self.released.unwrap_or(self.key),
        }
    }

    /// The value's type in `dialect`.
    #[must_use]
    pub fn ty(&self, dialect: Dialect) -> ValueType {
        match dialect {
            Dialect::Latest => self.ty,
            Dialect::Released => self.released_ty.unwrap_or(self.ty),
        }
    }
}

static NOWHERE: AttributeRow = AttributeRow {
    key: "",
    latest: None,
    released: None,
    ty: ValueType::Text,
    released_ty: None,
    high_cardinality: true,
    content: true,
    values: &[],
    brief: "",
};

/// A row of [`ATTRIBUTES`], without the type of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeId(u8);

impl AttributeId {
    /// The handle of the row at `index`. Only the table makes these.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: u8) -> Self {
        Self(index)
    }

    /// The attribute whose canonical key is `key`.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        let place = ATTRIBUTES.binary_search_by(|row| row.key.cmp(key)).ok()?;
        u8::try_from(place).ok().map(Self)
    }

    /// The place of the row in [`ATTRIBUTES`], below 128.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }

    /// What the conventions say of the attribute.
    #[must_use]
    #[inline]
    pub fn row(self) -> &'static AttributeRow {
        // Every handle comes from the table, so `NOWHERE` is never taken.
        ATTRIBUTES.get(usize::from(self.0)).unwrap_or(&NOWHERE)
    }

    /// The name to write in `dialect`, see [`AttributeRow::key`].
    #[must_use]
    pub fn key(self, dialect: Dialect) -> &'static str {
        self.row().key(dialect)
    }

    /// The attribute's bit in the masks of a span type.
    #[must_use]
    #[inline]
    pub fn bit(self) -> u128 {
        1_u128.checked_shl(u32::from(self.0)).unwrap_or(0)
    }
}

/// A row of [`ATTRIBUTES`] with the type of its value, which is one of [`Text`], [`Int`],
/// [`Double`], [`Flag`], [`Texts`], [`Json`] and [`TextMap`].
pub struct Attribute<T> {
    id: AttributeId,
    ty: PhantomData<fn() -> T>,
}

impl<T> Attribute<T> {
    /// The handle of the row at `index`. Only the table makes these.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: u8) -> Self {
        Self { id: AttributeId::new(index), ty: PhantomData }
    }

    /// The same attribute without the type of its value.
    #[must_use]
    pub const fn id(self) -> AttributeId {
        self.id
    }

    /// What the conventions say of the attribute.
    #[must_use]
    pub fn row(self) -> &'static AttributeRow {
        self.id.row()
    }

    /// The name to write in `dialect`, see [`AttributeRow::key`].
    #[must_use]
    pub fn key(self, dialect: Dialect) -> &'static str {
        self.id.key(dialect)
    }
}

// By hand, because a derive would ask the same of `T`.
impl<T> Clone for Attribute<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Attribute<T> {}

impl<T> PartialEq for Attribute<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<T> Eq for Attribute<T> {}

impl<T> std::fmt::Debug for Attribute<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Attribute").field(&self.row().key).finish()
    }
}

impl<T> From<Attribute<T>> for AttributeId {
    fn from(attribute: Attribute<T>) -> Self {
        attribute.id
    }
}

/// Marks an [`Attribute`] whose value is a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {}

/// Marks an [`Attribute`] whose value is a signed 64-bit integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int {}

/// Marks an [`Attribute`] whose value is a 64-bit float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Double {}

/// Marks an [`Attribute`] whose value is a boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {}

/// Marks an [`Attribute`] whose value is an array of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {}

/// Marks an [`Attribute`] whose value is a structured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json {}

/// Marks an [`Attribute`] whose value is a string under each key that begins with the attribute's key and a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextMap {}
