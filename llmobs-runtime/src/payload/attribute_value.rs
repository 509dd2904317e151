//! What may become the value of an attribute.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::value::{LIST_LIMIT, Str, Texts, Value};
use super::widen::widen;
use crate::conventions;
use crate::text::Text;

/// Marks the type of an attribute of the user's own: whatever OpenTelemetry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Any;

/// What may become the value of an attribute of type `T` (a marker of [`conventions`], or [`Any`]).
///
/// `None` means absent: an empty `Option`, an empty identifier, a number that is not finite or does not fit.
///
/// ```
/// use llmobs_runtime::conventions::{self, attr};
/// use llmobs_runtime::payload::{AttributeValue, Str, Value};
/// use llmobs_runtime::{Fields, payload::Any};
///
/// struct Deployment {
///     name: String,
/// }
///
/// // What the type holds is borrowed.
/// impl AttributeValue<conventions::Text> for Deployment {
///     fn attribute_value(&self) -> Option<Value<'_>> {
///         (!self.name.is_empty()).then(|| Value::Text(Str::from(&self.name)))
///     }
/// }
///
/// enum Tier {
///     Standard,
///     Seat(u32),
/// }
///
/// // What is known while compiling stays static, and what must be made for it is handed over.
/// impl AttributeValue<Any> for Tier {
///     fn attribute_value(&self) -> Option<Value<'_>> {
///         Some(Value::Text(match self {
///             Self::Standard => Str::Static("standard"),
///             Self::Seat(seat) => Str::from(format!("seat-{seat}")),
///         }))
///     }
/// }
///
/// let mut fields = Fields::default();
/// fields.set(attr::GEN_AI_REQUEST_MODEL, &Deployment { name: "north".to_owned() });
/// fields.attribute("shop.tier", &Tier::Seat(7));
/// fields.attribute("shop.fallback", &Tier::Standard);
/// assert_eq!(fields.get(attr::GEN_AI_REQUEST_MODEL), Some(Value::Text("north".into())));
/// assert_eq!(fields.get_attribute("shop.tier"), Some(Value::Text("seat-7".into())));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an attribute of type `{T}`",
    label = "not a value that the attribute takes",
    note = "`Text` takes strings, `Int` integers, `Double` floats and integers, `Flag` booleans, `Texts` lists of strings, `Any` all of these; each also borrowed, boxed or in an `Option`"
)]
pub trait AttributeValue<T> {
    /// The value, or `None` where there is none.
    fn attribute_value(&self) -> Option<Value<'_>>;

    /// Whether the above is code of ours, that cannot panic: it needs no guard.
    #[doc(hidden)]
    fn is_ours(&self) -> bool {
        false
    }
}

/// In an implementation of ours for a type of the standard library's or our own.
macro_rules! ours {
    () => {
        #[inline]
        fn is_ours(&self) -> bool {
            true
        }
    };
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Text> for str {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        (!self.is_empty()).then_some(Value::Text(Str::Borrowed(self)))
    }

    ours!();
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Text> for Text {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        (!self.as_str().is_empty()).then(|| Value::Text(self.into()))
    }

    ours!();
}

/// A single reason is a list of one.
#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Texts> for str {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        (!self.is_empty()).then(|| Value::Texts(Texts::one(Str::Borrowed(self))))
    }

    ours!();
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Texts> for Text {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        (!self.as_str().is_empty()).then(|| Value::Texts(Texts::one(self.into())))
    }

    ours!();
}

/// An empty text of the user's own stays: only convention names have no use for one.
#[diagnostic::do_not_recommend]
impl AttributeValue<Any> for str {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        Some(Value::Text(Str::Borrowed(self)))
    }

    ours!();
}

#[diagnostic::do_not_recommend]
impl AttributeValue<Any> for Text {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        Some(Value::Text(self.into()))
    }

    ours!();
}

#[diagnostic::do_not_recommend]
impl<T> AttributeValue<T> for String
where
    str: AttributeValue<T>,
{
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        self.as_str().attribute_value()
    }

    #[inline]
    fn is_ours(&self) -> bool {
        self.as_str().is_ours()
    }
}

/// The strings of a list, up to the limit; `None` where there are none.
fn texts<V: AttributeValue<conventions::Text>>(list: &[V]) -> Option<Value<'_>> {
    let texts = list.iter().take(LIST_LIMIT).filter_map(|item| item.attribute_value()?.into_text());
    Some(texts.collect::<Texts<'_>>()).filter(|texts| !texts.is_empty()).map(Value::Texts)
}

macro_rules! lists {
    ($($marker:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<V: AttributeValue<conventions::Text>> AttributeValue<$marker> for [V] {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                texts(self)
            }

            #[inline]
            fn is_ours(&self) -> bool {
                self.iter().all(AttributeValue::is_ours)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<V: AttributeValue<conventions::Text>> AttributeValue<$marker> for Vec<V> {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                texts(self)
            }

            #[inline]
            fn is_ours(&self) -> bool {
                self.iter().all(AttributeValue::is_ours)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<V: AttributeValue<conventions::Text>, const N: usize> AttributeValue<$marker> for [V; N] {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                texts(self)
            }

            #[inline]
            fn is_ours(&self) -> bool {
                self.iter().all(AttributeValue::is_ours)
            }
        }
    )*};
}

lists!(conventions::Texts, Any);

macro_rules! integers {
    ($($int:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl AttributeValue<conventions::Int> for $int {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                i64::try_from(*self).ok().map(Value::Int)
            }

            ours!();
        }
        #[diagnostic::do_not_recommend]
        impl AttributeValue<Any> for $int {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                i64::try_from(*self).ok().map(Value::Int)
            }

            ours!();
        }
        #[diagnostic::do_not_recommend]
        impl AttributeValue<conventions::Double> for $int {
            #[expect(clippy::cast_precision_loss, reason = "a parameter such as a penalty is small")]
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                i64::try_from(*self).ok().map(|int| Value::Double(int as f64))
            }

            ours!();
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! non_zero {
    ($($int:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl AttributeValue<conventions::Int> for std::num::NonZero<$int> {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                i64::try_from(self.get()).ok().map(Value::Int)
            }

            ours!();
        }
    )*};
}

non_zero!(u8, u16, u32, u64, usize);

macro_rules! doubles {
    ($($marker:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl AttributeValue<$marker> for f64 {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                self.is_finite().then_some(Value::Double(*self))
            }

            ours!();
        }
        #[diagnostic::do_not_recommend]
        impl AttributeValue<$marker> for f32 {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                self.is_finite().then(|| Value::Double(widen(*self)))
            }

            ours!();
        }
    )*};
}

doubles!(conventions::Double, Any);

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Flag> for bool {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        Some(Value::Flag(*self))
    }

    ours!();
}

#[diagnostic::do_not_recommend]
impl AttributeValue<Any> for bool {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        Some(Value::Flag(*self))
    }

    ours!();
}

macro_rules! through {
    ($($holder:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, V: AttributeValue<T> + ?Sized> AttributeValue<T> for $holder {
            #[inline]
            fn attribute_value(&self) -> Option<Value<'_>> {
                (**self).attribute_value()
            }

            #[inline]
            fn is_ours(&self) -> bool {
                (**self).is_ours()
            }
        }
    )*};
}

through!(&V, &mut V, Box<V>, Rc<V>, Arc<V>);

#[diagnostic::do_not_recommend]
impl<T, V: AttributeValue<T> + ToOwned + ?Sized> AttributeValue<T> for Cow<'_, V> {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        (**self).attribute_value()
    }

    #[inline]
    fn is_ours(&self) -> bool {
        (**self).is_ours()
    }
}

#[diagnostic::do_not_recommend]
impl<T, V: AttributeValue<T>> AttributeValue<T> for Option<V> {
    #[inline]
    fn attribute_value(&self) -> Option<Value<'_>> {
        self.as_ref().and_then(AttributeValue::attribute_value)
    }

    #[inline]
    fn is_ours(&self) -> bool {
        self.as_ref().is_none_or(AttributeValue::is_ours)
    }
}

#[cfg(test)]
mod tests;
