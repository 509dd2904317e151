use std::future::{Future, ready};
use std::pin::Pin;

use llmobs_runtime::instrument_llm;
use tokio::task::yield_now;

type Large = [u8; 1024];

macro_rules! functions {
    ($(#[$attribute:meta])*) => {
        $(#[$attribute])*
        pub(super) async fn nothing() {
            yield_now().await;
        }
        $(#[$attribute])*
        pub(super) async fn held(a: Large) -> u8 {
            yield_now().await;
            a[0]
        }
        $(#[$attribute])*
        pub(super) async fn held_local() -> u8 {
            let a: Large = std::hint::black_box([0; 1024]);
            yield_now().await;
            a[0]
        }
        $(#[$attribute])*
        pub(super) async fn consumed(a: Large) -> u8 {
            let a = a[0];
            yield_now().await;
            a
        }
        $(#[$attribute])*
        pub(super) async fn passed_on(a: Large) -> u8 {
            consumes(a).await
        }
        $(#[$attribute])*
        pub(super) async fn passed_by_ref(a: &Large) -> u8 {
            yield_now().await;
            a[0]
        }
        $(#[$attribute])*
        pub(super) async fn boxed_arg(a: Box<Large>) -> u8 {
            yield_now().await;
            a[0]
        }
        $(#[$attribute])*
        pub(super) async fn returns() -> Large {
            yield_now().await;
            [0; 1024]
        }
        $(#[$attribute])*
        pub(super) fn opaque(a: Large) -> impl Future<Output = u8> {
            async move { yield_now().await; a[0] }
        }
        $(#[$attribute])*
        pub(super) fn helper(a: Large) -> impl Future<Output = u8> {
            consumes(a)
        }
        $(#[$attribute])*
        pub(super) fn boxed(a: Large) -> Pin<Box<dyn Future<Output = u8> + Send>> {
            Box::pin(consumes(a))
        }
    };
}

async fn consumes(a: Large) -> u8 {
    ready(()).await;
    a[1]
}
mod plain { use super::*; functions!(); }
mod annotated { use super::*; functions!(#[instrument_llm(operation = execute_tool)]); }

#[test]
fn print() {
    macro_rules! p { ($f:ident $($a:expr),*) => { eprintln!("{} {} {}", stringify!($f), size_of_val(&plain::$f($($a),*)), size_of_val(&annotated::$f($($a),*))) } }
    let l = [0; 1024];
    p!(nothing); p!(held l); p!(held_local); p!(consumed l); p!(passed_on l); p!(passed_by_ref &l); p!(boxed_arg Box::new(l)); p!(returns); p!(opaque l); p!(helper l); p!(boxed l);
    eprintln!("{} {}", size_of_val(&*plain::boxed(l)), size_of_val(&*annotated::boxed(l)));
}
