//! Attribute values, and what may become one.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::conventions;
pub use crate::text::Text;

/// No list attribute has more elements than this; the rest is left out.
pub(crate) const LIST_LIMIT: usize = 128;

/// One attribute value, of a type that OpenTelemetry takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(Text),
    /// A signed 64-bit integer.
    Int(i64),
    /// A finite double.
    Double(f64),
    /// A boolean.
    Flag(bool),
    /// A list of strings.
    Texts(Vec<Text>),
}

impl Value {
    /// The string, when this is one.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
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

/// Marks the type of an attribute of the user's own: whatever OpenTelemetry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Any;

/// What may become the value of an attribute of type `T` (a marker of [`conventions`], or [`Any`]).
///
/// `None` means absent: an empty `Option`, an empty identifier, a number that is not finite or does not fit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an attribute of type `{T}`",
    label = "not a value that the attribute takes",
    note = "`Text` takes strings, `Int` integers, `Double` floats and integers, `Flag` booleans, `Texts` lists of strings, `Any` all of these; each also borrowed, boxed or in an `Option`"
)]
pub trait AttributeValue<T> {
    /// The value, or `None` where there is none.
    fn attribute_value(&self) -> Option<Value>;
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Text> for str {
    fn attribute_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Text(Text::copied(self)))
    }
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Text> for Text {
    fn attribute_value(&self) -> Option<Value> {
        (!self.as_str().is_empty()).then(|| Value::Text(self.clone()))
    }
}

/// A single reason is a list of one.
#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Texts> for str {
    fn attribute_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Texts(vec![Text::copied(self)]))
    }
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Texts> for Text {
    fn attribute_value(&self) -> Option<Value> {
        (!self.as_str().is_empty()).then(|| Value::Texts(vec![self.clone()]))
    }
}

/// An empty text of the user's own stays: only convention names have no use for one.
#[diagnostic::do_not_recommend]
impl AttributeValue<Any> for str {
    fn attribute_value(&self) -> Option<Value> {
        Some(Value::Text(Text::copied(self)))
    }
}

#[diagnostic::do_not_recommend]
impl AttributeValue<Any> for Text {
    fn attribute_value(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<T> AttributeValue<T> for String
where
    str: AttributeValue<T>,
{
    fn attribute_value(&self) -> Option<Value> {
        self.as_str().attribute_value()
    }
}

/// The strings of a list, up to the limit; `None` where there are none.
fn texts<V: AttributeValue<conventions::Text>>(list: &[V]) -> Option<Value> {
    let texts: Vec<Text> = list
        .iter()
        .take(LIST_LIMIT)
        .filter_map(|item| match item.attribute_value() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        })
        .collect();
    (!texts.is_empty()).then_some(Value::Texts(texts))
}

macro_rules! lists {
    ($($marker:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<V: AttributeValue<conventions::Text>> AttributeValue<$marker> for [V] {
            fn attribute_value(&self) -> Option<Value> {
                texts(self)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<V: AttributeValue<conventions::Text>> AttributeValue<$marker> for Vec<V> {
            fn attribute_value(&self) -> Option<Value> {
                texts(self)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<V: AttributeValue<conventions::Text>, const N: usize> AttributeValue<$marker> for [V; N] {
            fn attribute_value(&self) -> Option<Value> {
                texts(self)
            }
        }
    )*};
}

lists!(conventions::Texts, Any);

macro_rules! integers {
    ($($int:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl AttributeValue<conventions::Int> for $int {
            fn attribute_value(&self) -> Option<Value> {
                i64::try_from(*self).ok().map(Value::Int)
            }
        }
        #[diagnostic::do_not_recommend]
        impl AttributeValue<Any> for $int {
            fn attribute_value(&self) -> Option<Value> {
                i64::try_from(*self).ok().map(Value::Int)
            }
        }
        #[diagnostic::do_not_recommend]
        impl AttributeValue<conventions::Double> for $int {
            #[expect(clippy::cast_precision_loss, reason = "a parameter such as a penalty is small")]
            fn attribute_value(&self) -> Option<Value> {
                i64::try_from(*self).ok().map(|int| Value::Double(int as f64))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! non_zero {
    ($($int:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl AttributeValue<conventions::Int> for std::num::NonZero<$int> {
            fn attribute_value(&self) -> Option<Value> {
                i64::try_from(self.get()).ok().map(Value::Int)
            }
        }
    )*};
}

non_zero!(u8, u16, u32, u64, usize);

macro_rules! doubles {
    ($($marker:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl AttributeValue<$marker> for f64 {
            fn attribute_value(&self) -> Option<Value> {
                self.is_finite().then_some(Value::Double(*self))
            }
        }
        #[diagnostic::do_not_recommend]
        impl AttributeValue<$marker> for f32 {
            fn attribute_value(&self) -> Option<Value> {
                self.is_finite().then(|| Value::Double(widen(*self)))
            }
        }
    )*};
}

doubles!(conventions::Double, Any);

/// The double that prints as `single` does: a temperature of 0.7 stays 0.7 and not 0.699999988079071.
fn widen(single: f32) -> f64 {
    single.to_string().parse().unwrap_or_else(|_| f64::from(single))
}

#[diagnostic::do_not_recommend]
impl AttributeValue<conventions::Flag> for bool {
    fn attribute_value(&self) -> Option<Value> {
        Some(Value::Flag(*self))
    }
}

#[diagnostic::do_not_recommend]
impl AttributeValue<Any> for bool {
    fn attribute_value(&self) -> Option<Value> {
        Some(Value::Flag(*self))
    }
}

macro_rules! through {
    ($($holder:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, V: AttributeValue<T> + ?Sized> AttributeValue<T> for $holder {
            fn attribute_value(&self) -> Option<Value> {
                (**self).attribute_value()
            }
        }
    )*};
}

through!(&V, &mut V, Box<V>, Rc<V>, Arc<V>);

#[diagnostic::do_not_recommend]
impl<T, V: AttributeValue<T> + ToOwned + ?Sized> AttributeValue<T> for Cow<'_, V> {
    fn attribute_value(&self) -> Option<Value> {
        (**self).attribute_value()
    }
}

#[diagnostic::do_not_recommend]
impl<T, V: AttributeValue<T>> AttributeValue<T> for Option<V> {
    fn attribute_value(&self) -> Option<Value> {
        self.as_ref().and_then(AttributeValue::attribute_value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TEXT_LIMIT;

    fn text<V: AttributeValue<conventions::Text>>(value: V) -> Option<Value> {
        value.attribute_value()
    }

    fn int<V: AttributeValue<conventions::Int>>(value: V) -> Option<Value> {
        value.attribute_value()
    }

    fn double<V: AttributeValue<conventions::Double>>(value: V) -> Option<Value> {
        value.attribute_value()
    }

    #[test]
    fn empty_and_missing_text_is_absent() {
        assert_eq!(text(""), None);
        assert_eq!(text(None::<String>), None);
        assert_eq!(text(Some("gpt-4o")), Some(Value::Text(Text::copied("gpt-4o"))));
        assert_eq!(AttributeValue::<Any>::attribute_value(""), Some(Value::Text(Text::copied(""))));
    }

    #[test]
    fn text_is_cut_on_a_character_boundary() {
        let long = "é".repeat(5_000_000);
        let Some(Value::Text(cut)) = text(long) else { panic!("a long text is kept, cut") };
        assert_eq!(cut.as_str().len(), TEXT_LIMIT);
        let odd = format!("a{}", "é".repeat(TEXT_LIMIT));
        let Some(Value::Text(cut)) = text(odd) else { panic!("a long text is kept, cut") };
        assert_eq!(cut.as_str().len(), TEXT_LIMIT - 1);
    }

    #[test]
    fn numbers_that_do_not_fit_are_absent() {
        assert_eq!(int(u64::MAX), None);
        assert_eq!(int(i128::MIN), None);
        assert_eq!(int(7_u8), Some(Value::Int(7)));
        assert_eq!(double(f64::NAN), None);
        assert_eq!(double(f32::INFINITY), None);
        assert_eq!(double(2_u8), Some(Value::Double(2.0)));
    }

    #[test]
    fn a_single_float_keeps_its_decimal_value() {
        assert_eq!(double(0.7_f32), Some(Value::Double(0.7)));
        assert_eq!(double(1e-7_f32), Some(Value::Double(1e-7)));
    }

    #[test]
    fn lists_take_strings_of_every_kind() {
        let list: Option<Value> =
            AttributeValue::<conventions::Texts>::attribute_value(&vec![Some("stop"), None]);
        assert_eq!(list, Some(Value::Texts(vec![Text::copied("stop")])));
        let single: Option<Value> = AttributeValue::<conventions::Texts>::attribute_value("stop");
        assert_eq!(single, Some(Value::Texts(vec![Text::copied("stop")])));
        let long: Option<Value> =
            AttributeValue::<conventions::Texts>::attribute_value(&vec!["x"; 1000]);
        assert!(matches!(long, Some(Value::Texts(texts)) if texts.len() == LIST_LIMIT));
    }
}
