//! From syntax to meaning: arguments checked against the conventions, and the shape of the function.

mod capture;
mod check;
mod keys;
mod plan;
mod shape;
mod stream;
mod values;

pub(crate) use check::{check, check_defaults};
pub(crate) use keys::{constant, find_key, nearest_key};
pub(crate) use plan::{Plan, Reading};
pub(crate) use shape::{Output, Shape, erased, promised};
pub(crate) use stream::{Form, Stream};
