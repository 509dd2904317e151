//! A JSON value that knows where it stands, so that what is wrong with it can be said.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use opentelemetry::{SpanId, TraceId};
use serde_json::Value;

use super::Problem;

/// A value and its path.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    path: String,
    /// `None` where there is none; null counts as that.
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    pub(super) fn root(name: &str, value: &'a Value) -> Self {
        Self { path: name.to_owned(), value: Some(value).filter(|value| !value.is_null()) }
    }

    /// What is wrong here.
    pub(super) fn wrong(&self, what: &str) -> Problem {
        Problem::new(&self.path, what)
    }

    fn expected(&self, what: &str) -> Problem {
        match self.value {
            None => self.wrong(&format!("missing; expected is {what}")),
            Some(value) => {
                let mut shown = value.to_string();
                if let Some((cut, _)) = shown.char_indices().nth(60) {
                    shown.truncate(cut);
                    shown.push('…');
                }
                self.wrong(&format!("expected is {what}, not {shown}"))
            }
        }
    }

    pub(super) fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// The value, where there is one.
    pub(super) fn given(&self) -> Option<&'a Value> {
        self.value
    }

    /// A member of an object; of nothing, nothing.
    pub(super) fn at(&self, name: &str) -> Result<Self, Problem> {
        let value = match self.value {
            None => None,
            Some(Value::Object(members)) => members.get(name).filter(|value| !value.is_null()),
            Some(_) => return Err(self.expected("an object")),
        };
        Ok(Self { path: format!("{}.{name}", self.path), value })
    }

    /// The members of an object, the elements of a list; of nothing, none.
    pub(super) fn items(&self) -> Result<Vec<Self>, Problem> {
        let Some(value) = self.value else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.expected("a list"))?;
        let item = |(index, value)| Self::root(&format!("{}[{index}]", self.path), value);
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The names and values of an object; of nothing, none.
    pub(super) fn members(&self) -> Result<Vec<(&'a str, Self)>, Problem> {
        let Some(value) = self.value else { return Ok(Vec::new()) };
        let members = value.as_object().ok_or_else(|| self.expected("an object"))?;
        let member = |(name, value): (&'a String, &'a Value)| {
            (name.as_str(), Self::root(&format!("{}.{name}", self.path), value))
        };
        Ok(members.iter().map(member).collect())
    }

    pub(super) fn text(&self) -> Result<&'a str, Problem> {
        self.value.and_then(Value::as_str).ok_or_else(|| self.expected("a text"))
    }

    pub(super) fn text_if_given(&self) -> Result<Option<&'a str>, Problem> {
        if self.is_given() { self.text().map(Some) } else { Ok(None) }
    }

    pub(super) fn flag(&self) -> Result<bool, Problem> {
        self.value.and_then(Value::as_bool).ok_or_else(|| self.expected("true or false"))
    }

    /// An integer, as a number or as the text that OTLP writes.
    pub(super) fn int(&self) -> Result<i64, Problem> {
        let int = match self.value {
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        int.ok_or_else(|| self.expected("an integer of 64 bits"))
    }

    /// A number, or the text that stands for one that JSON has not.
    pub(super) fn double(&self) -> Result<f64, Problem> {
        let double = match self.value {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            _ => None,
        };
        double.ok_or_else(|| self.expected("a number, `NaN`, `Infinity` or `-Infinity`"))
    }

    /// Nanoseconds since 1970.
    pub(super) fn time(&self) -> Result<SystemTime, Problem> {
        let wanted = "nanoseconds since 1970";
        let nanos = self.int().ok().and_then(|nanos| u64::try_from(nanos).ok());
        let nanos = nanos.ok_or_else(|| self.expected(wanted))?;
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_nanos(nanos))
            .ok_or_else(|| self.expected(wanted))
    }

    pub(super) fn trace_id(&self) -> Result<TraceId, Problem> {
        self.hexadecimal(32, TraceId::from_hex)
    }

    pub(super) fn span_id(&self) -> Result<SpanId, Problem> {
        self.hexadecimal(16, SpanId::from_hex)
    }

    fn hexadecimal<T, E: Display>(
        &self,
        digits: usize,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Problem> {
        let text = self.text()?;
        if text.len() == digits
            && let Ok(id) = read(text)
        {
            return Ok(id);
        }
        Err(self.expected(&format!("{digits} hexadecimal digits")))
    }
}
