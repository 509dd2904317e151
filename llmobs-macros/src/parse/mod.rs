//! From tokens to syntax: arguments of the attribute, and the function that they stand on.

mod arguments;
mod function;
mod impl_block;
mod key;

pub(crate) use arguments::{Arguments, Given, ResponseArgument};
pub(crate) use function::Function;
pub(crate) use impl_block::{ImplBlock, ImplItem};
pub(crate) use key::Key;
