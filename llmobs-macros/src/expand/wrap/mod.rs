//! A body with the recording around it: one file for each way to wrap one.

mod async_fn;
mod body;
mod call;
mod capture;
mod future;
mod in_place;
mod stream;
mod sync;
mod track_caller;

use proc_macro2::TokenStream;

use crate::model::{Plan, Shape};
use crate::parse::Function;

/// The function with its body wrapped in the way that its shape asks for.
pub(super) fn wrap(plan: &Plan, mut function: Function) -> TokenStream {
    body::name_arguments(&mut function.signature);
    body::hoist_attributes(&mut function);
    if let Some(stream) = &plan.stream {
        return stream::expand(plan, &function, stream);
    }
    match Shape::of(&function.signature) {
        Shape::Async => async_fn::expand(plan, &function),
        Shape::ImplFuture => future::expand(plan, &function, false),
        Shape::BoxedFuture => future::expand(plan, &function, true),
        Shape::Sync if in_place::keeps_caller(&function) => track_caller::expand(plan, &function),
        Shape::Sync => sync::expand(plan, &function),
    }
}
