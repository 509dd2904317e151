//! How many bytes a future grows by.
//!
//! The call adds the same few bytes to every future, whatever its body holds across an `.await`: its own state,
//! a reference of it for the body, and the body's. There is one exception, which is Rust's and not ours to
//! mend: an `async fn` keeps its arguments where they came in for as long as it lives, so an argument that the
//! body has moved away or used up before its first `.await` has one slot more than it had, that of the body.
//! One that is held across an `.await` had both slots before. Who minds that for a large argument passes a
//! reference or a box, or returns `impl Future`, which has no such slot.

#![expect(clippy::large_types_passed_by_value, reason = "what that costs is the question")]

use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::Pin;

use llmobs_runtime::instrument_llm;
use tokio::task::yield_now;

/// What an `async fn` grows by.
const ASYNC: usize = 32;
/// What a future that is returned grows by.
const RETURNED: usize = 24;
/// What padding may add or save where the arrangement of the parts changes.
const PADDING: usize = 8;

const LARGE: usize = 1024;
type Large = [u8; LARGE];

async fn uses(a: Large) -> u8 {
    ready(()).await;
    a[1]
}

macro_rules! functions {
    ($(#[$attribute:meta])*) => {
        $(#[$attribute])*
        pub(super) async fn no_argument() {
            yield_now().await;
        }

        $(#[$attribute])*
        pub(super) async fn held(a: Large) -> u8 {
            yield_now().await;
            a[0]
        }

        $(#[$attribute])*
        pub(super) async fn local() -> u8 {
            let a: Large = black_box([0; LARGE]);
            yield_now().await;
            a[0]
        }

        $(#[$attribute])*
        pub(super) async fn by_reference(a: &Large) -> u8 {
            yield_now().await;
            a[0]
        }

        $(#[$attribute])*
        pub(super) async fn in_a_box(a: Box<Large>) -> u8 {
            yield_now().await;
            a[0]
        }

        $(#[$attribute])*
        pub(super) async fn returns_much() -> Large {
            yield_now().await;
            [0; LARGE]
        }

        $(#[$attribute])*
        pub(super) async fn used_up(a: Large) -> u8 {
            let a = a[0];
            yield_now().await;
            a
        }

        $(#[$attribute])*
        pub(super) async fn passed_on(a: Large) -> u8 {
            uses(a).await
        }

        $(#[$attribute])*
        pub(super) fn returned(a: Large) -> impl Future<Output = u8> {
            async move {
                yield_now().await;
                a[0]
            }
        }

        $(#[$attribute])*
        pub(super) fn returned_by_a_helper(a: Large) -> impl Future<Output = u8> {
            uses(a)
        }

        $(#[$attribute])*
        pub(super) fn boxed(a: Large) -> Pin<Box<dyn Future<Output = u8> + Send>> {
            Box::pin(uses(a))
        }
    };
}

mod plain {
    use super::*;
    functions!();
}

mod annotated {
    use super::*;
    functions!(#[instrument_llm(operation = execute_tool)]);
}

/// What the attribute adds to the size of what a function returns.
macro_rules! growth {
    ($function:ident $(, $argument:expr)?) => {
        size_of_val(&annotated::$function($($argument)?)) - size_of_val(&plain::$function($($argument)?))
    };
}

#[test]
fn of_an_async_function() {
    assert_eq!(growth!(no_argument), ASYNC);
    assert_eq!(growth!(held, [0; LARGE]), ASYNC);
    assert_eq!(growth!(local), ASYNC);
    assert_eq!(growth!(by_reference, &[0; LARGE]), ASYNC);
    assert_eq!(growth!(in_a_box, Box::new([0; LARGE])), ASYNC);
    assert_eq!(growth!(returns_much), ASYNC);
}

#[test]
fn of_an_async_function_that_gives_its_argument_away_before_it_waits() {
    assert_eq!(growth!(used_up, [0; LARGE]), LARGE + ASYNC);
    let passed_on = growth!(passed_on, [0; LARGE]);
    assert!((LARGE + ASYNC..=LARGE + ASYNC + PADDING).contains(&passed_on), "{passed_on}");
}

#[test]
fn of_a_future_that_is_returned() {
    assert_eq!(growth!(returned, [0; LARGE]), RETURNED);
    let by_a_helper = growth!(returned_by_a_helper, [0; LARGE]);
    assert!((RETURNED - PADDING..=RETURNED).contains(&by_a_helper), "{by_a_helper}");
}

/// The future of the function stays in its own box; the call's box holds a pointer to it.
#[test]
fn of_a_future_in_a_box() {
    assert_eq!(growth!(boxed, [0; LARGE]), 0);
    let pointer = size_of::<Pin<Box<dyn Future<Output = u8> + Send>>>();
    assert_eq!(size_of_val(&*annotated::boxed([0; LARGE])), pointer + RETURNED);
}
