//! From tokens to syntax: arguments of the attribute, and the function that they stand on.

mod arguments;
mod capture;
mod condition;
mod function;
mod impl_block;
mod key;
mod list;
mod names;
mod reading;

pub(crate) use arguments::{Arguments, Given};
pub(crate) use capture::{Capture, Content, ContentKind, Source};
pub(crate) use condition::Condition;
pub(crate) use function::Function;
pub(crate) use impl_block::{ImplBlock, ImplItem};
pub(crate) use key::Key;
pub(crate) use list::{crate_path, equals, value};
pub(crate) use names::unknown;
pub(crate) use reading::ResponseArgument;
