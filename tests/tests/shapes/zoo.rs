//! One small function for each shape that Rust has, with two sets of arguments.
//!
//! The functions come out of a `macro_rules!` macro, so that both sets see the same code; the other files of
//! this test have theirs written out.

use std::fmt::{Debug, Display};
use std::future::{Future, ready};
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use llmobs_runtime::instrument_llm;

use super::{awaited, block_on, recorded};

macro_rules! zoo {
    ($arguments:tt, $f:literal, $g:literal) => {
        #[test]
        fn sync() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> u8 {
                a
            }
            assert_eq!(recorded(&[$f], || f(3)), 3);
        }

        #[test]
        fn asynchronous() {
            #[instrument_llm $arguments]
            async fn f(a: u8) -> u8 {
                ready(a).await
            }
            assert_eq!(awaited(&[$f], || f(3)), 3);
        }

        #[test]
        fn result_with_question_mark() {
            #[instrument_llm $arguments]
            fn f(a: &str) -> Result<u8, ParseIntError> {
                let a = a.parse::<u8>()?;
                Ok(a)
            }
            assert_eq!(recorded(&[$f], || f("3")), Ok(3));
            assert!(recorded(&[$f], || f("x")).is_err());
        }

        #[test]
        fn async_result() {
            #[instrument_llm $arguments]
            async fn f(a: &str) -> Result<u8, ParseIntError> {
                let x = a.parse::<u8>()?;
                Ok(ready(x).await)
            }
            assert_eq!(awaited(&[$f], || f("3")), Ok(3));
            assert!(awaited(&[$f], || f("x")).is_err());
        }

        #[test]
        fn early_return() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> u8 {
                if a > 3 {
                    return 1;
                }
                2
            }
            assert_eq!(recorded(&[$f], || f(4)), 1);
            assert_eq!(recorded(&[$f], || f(3)), 2);
        }

        #[test]
        fn generic() {
            #[instrument_llm $arguments]
            fn f<T, const N: usize>(a: [T; N]) -> Vec<T>
            where
                T: Clone + Send,
            {
                a.to_vec()
            }
            assert_eq!(recorded(&[$f], || f(["a", "b"])), ["a", "b"]);
        }

        #[test]
        fn lifetime() {
            #[instrument_llm $arguments]
            fn f<'a>(a: &'a str, _b: &str) -> &'a str {
                a
            }
            let a = String::from("a");
            let out = {
                let b = String::from("b");
                recorded(&[$f], || f(&a, &b))
            };
            assert_eq!(out, "a");
        }

        #[test]
        fn async_lifetime() {
            #[instrument_llm $arguments]
            async fn f<'a>(a: &'a str, _b: &str) -> &'a str {
                ready(()).await;
                a
            }
            let a = String::from("a");
            let out = {
                let b = String::from("b");
                awaited(&[$f], || f(&a, &b))
            };
            assert_eq!(out, "a");
        }

        #[test]
        fn mutable_reference() {
            #[instrument_llm $arguments]
            fn f(a: &mut Vec<u8>) -> &mut u8 {
                a.push(1);
                a.last_mut().unwrap()
            }
            let mut a = Vec::new();
            *recorded(&[$f], || f(&mut a)) = 7;
            assert_eq!(a, [7]);
        }

        #[test]
        fn mutable_argument() {
            #[instrument_llm $arguments]
            fn f(mut a: Vec<u8>) -> Vec<u8> {
                a.push(1);
                a
            }
            assert_eq!(recorded(&[$f], || f(vec![0])), [0, 1]);
        }

        #[test]
        fn destructured_argument() {
            #[instrument_llm $arguments]
            fn f((a, b): (u8, u8)) -> u8 {
                a + b
            }
            assert_eq!(recorded(&[$f], || f((1, 2))), 3);
        }

        #[test]
        fn impl_argument() {
            #[instrument_llm $arguments]
            fn f(a: impl Debug) -> String {
                format!("{a:?}")
            }
            assert_eq!(recorded(&[$f], || f("x")), "\"x\"");
        }

        #[test]
        fn impl_return() {
            #[instrument_llm $arguments]
            fn f() -> impl Display {
                1
            }
            assert_eq!(recorded(&[$f], f).to_string(), "1");
        }

        #[test]
        fn impl_return_in_a_result() {
            #[instrument_llm $arguments]
            fn f() -> Result<impl Display, std::io::Error> {
                Ok(1)
            }
            assert_eq!(recorded(&[$f], f).unwrap().to_string(), "1");
        }

        #[test]
        fn async_impl_return() {
            #[instrument_llm $arguments]
            async fn f() -> impl Display {
                1
            }
            assert_eq!(awaited(&[$f], f).to_string(), "1");
        }

        #[test]
        fn impl_future() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> impl Future<Output = u8> {
                async move { a }
            }
            assert_eq!(awaited(&[$f], || f(3)), 3);
        }

        #[test]
        fn impl_future_of_a_helper() {
            async fn h(a: u8) -> u8 {
                a
            }
            #[instrument_llm $arguments]
            fn f(a: u8) -> impl Future<Output = u8> {
                h(a)
            }
            assert_eq!(awaited(&[$f], || f(3)), 3);
        }

        #[test]
        fn boxed_future() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
                Box::pin(async move { a })
            }
            assert_eq!(awaited(&[$f], || f(3)), 3);
        }

        #[test]
        fn boxed_future_after_a_statement() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
                let b = a + 1;
                Box::pin(async move { b })
            }
            assert_eq!(awaited(&[$f], || f(3)), 4);
        }

        #[test]
        fn impl_stream() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> impl Stream<Item = u8> {
                futures::stream::iter(vec![a])
            }
            assert_eq!(awaited(&[$f], || f(3).collect::<Vec<_>>()), [3]);
            recorded(&[], || drop(f(3)));
        }

        #[test]
        fn impl_stream_in_a_result() {
            #[instrument_llm $arguments]
            fn f(a: &str) -> Result<impl Stream<Item = u8>, ParseIntError> {
                let a = a.parse()?;
                Ok(futures::stream::iter(vec![a]))
            }
            let all = || async { f("3").unwrap().collect::<Vec<_>>().await };
            assert_eq!(awaited(&[$f], all), [3]);
            assert!(recorded(&[$f], || f("x").err()).is_some());
        }

        #[test]
        fn boxed_stream() {
            #[instrument_llm $arguments]
            async fn f(a: u8) -> Pin<Box<dyn Stream<Item = u8> + Send>> {
                Box::pin(futures::stream::iter(vec![a]))
            }
            let all = || async { f(3).await.collect::<Vec<_>>().await };
            assert_eq!(awaited(&[$f], all), [3]);
        }

        #[test]
        fn future_of_a_stream() {
            #[instrument_llm $arguments]
            fn f(a: u8) -> BoxFuture<'static, Result<BoxStream<'static, u8>, ParseIntError>> {
                async move { Ok(futures::stream::iter(vec![a]).boxed()) }.boxed()
            }
            let all = || async { f(3).await.unwrap().collect::<Vec<_>>().await };
            assert_eq!(awaited(&[$f], all), [3]);
        }

        #[test]
        fn extern_c() {
            #[instrument_llm $arguments]
            extern "C" fn f(a: u8) -> u8 {
                a
            }
            assert_eq!(recorded(&[$f], || f(3)), 3);
        }

        #[test]
        fn never() {
            #[instrument_llm $arguments]
            fn f() -> ! {
                std::panic::panic_any(3_u8)
            }
            let caught = recorded(&[$f], || catch_unwind(AssertUnwindSafe(|| f())));
            assert_eq!(*caught.unwrap_err().downcast::<u8>().unwrap(), 3);
        }

        #[test]
        fn methods() {
            #[derive(Debug)]
            struct S(u8);
            impl S {
                #[instrument_llm $arguments]
                fn f(&self) -> &u8 {
                    &self.0
                }
            }
            assert_eq!(recorded(&[$f], || *S(3).f()), 3);
        }

        #[test]
        fn methods_on_a_mutable_reference() {
            #[derive(Debug)]
            struct S(u8);
            impl S {
                #[instrument_llm $arguments]
                fn f(&mut self) -> &mut u8 {
                    &mut self.0
                }
            }
            let mut s = S(3);
            *recorded(&[$f], || s.f()) = 4;
            assert_eq!(s.0, 4);
        }

        #[test]
        fn methods_on_a_value() {
            #[derive(Debug)]
            struct S(u8);
            impl S {
                #[instrument_llm $arguments]
                fn f(self) -> u8 {
                    self.0
                }
            }
            assert_eq!(recorded(&[$f], || S(3).f()), 3);
        }

        #[test]
        fn async_methods_on_an_arc() {
            #[derive(Debug)]
            struct S(u8);
            impl S {
                #[instrument_llm $arguments]
                async fn f(self: Arc<Self>) -> u8 {
                    self.0
                }
            }
            assert_eq!(awaited(&[$f], || Arc::new(S(3)).f()), 3);
        }

        #[test]
        fn associated_function() {
            #[derive(Debug)]
            struct S(u8);
            impl S {
                #[instrument_llm $arguments]
                fn f(a: u8) -> Self {
                    Self(a)
                }
            }
            assert_eq!(recorded(&[$f], || S::f(3)).0, 3);
        }

        #[test]
        fn trait_implementation() {
            trait T {
                fn f(&self, a: u8) -> u8;
            }
            struct S;
            impl T for S {
                #[instrument_llm $arguments]
                fn f(&self, a: u8) -> u8 {
                    a
                }
            }
            assert_eq!(recorded(&[$f], || S.f(3)), 3);
        }

        #[test]
        fn default_body() {
            trait T: Debug {
                #[instrument_llm $arguments]
                fn f(&self, a: u8) -> u8 {
                    a
                }
            }
            #[derive(Debug)]
            struct S;
            impl T for S {}
            assert_eq!(recorded(&[$f], || S.f(3)), 3);
        }

        #[test]
        fn async_trait_implementation() {
            trait T {
                async fn f(&self, a: u8) -> u8;
            }
            struct S;
            impl T for S {
                #[instrument_llm $arguments]
                async fn f(&self, a: u8) -> u8 {
                    a
                }
            }
            assert_eq!(awaited(&[$f], || async { S.f(3).await }), 3);
        }

        #[test]
        fn boxed_async_trait() {
            #[async_trait]
            trait T {
                async fn f(&self, a: u8) -> u8;
            }
            struct S;
            #[async_trait]
            impl T for S {
                #[instrument_llm $arguments]
                async fn f(&self, a: u8) -> u8 {
                    ready(a).await
                }
            }
            assert_eq!(awaited(&[$f], || async { S.f(3).await }), 3);
        }

        #[test]
        fn boxed_async_trait_with_question_mark() {
            #[async_trait]
            trait T {
                async fn f(&self, a: &str) -> Result<u8, ParseIntError>;
            }
            struct S;
            #[async_trait]
            impl T for S {
                #[instrument_llm $arguments]
                async fn f(&self, a: &str) -> Result<u8, ParseIntError> {
                    Ok(a.parse()?)
                }
            }
            assert_eq!(awaited(&[$f], || async { S.f("3").await }), Ok(3));
            assert!(awaited(&[$f], || async { S.f("x").await }).is_err());
        }

        #[test]
        fn function_in_a_function() {
            fn o() -> u8 {
                #[instrument_llm $arguments]
                fn f() -> u8 {
                    3
                }
                f()
            }
            assert_eq!(recorded(&[$f], o), 3);
        }

        #[test]
        fn without_prelude() {
            #[no_implicit_prelude]
            mod m {
                #[::llmobs_runtime::instrument_llm $arguments]
                pub(super) fn f() {}
                #[::llmobs_runtime::instrument_llm $arguments]
                pub(super) async fn g() {}
            }
            recorded(&[$f], m::f);
            awaited(&[$g], m::g);
        }

        #[test]
        fn shadowed_variants() {
            mod m {
                #[derive(Debug, PartialEq)]
                #[expect(dead_code, reason = "only their names matter")]
                pub(super) enum E {
                    Ok,
                    Err,
                    Some,
                    None,
                }
                use E::*;
                #[llmobs_runtime::instrument_llm $arguments]
                pub(super) fn f() -> E {
                    Ok
                }
                #[llmobs_runtime::instrument_llm $arguments]
                pub(super) async fn g() -> E {
                    None
                }
            }
            assert_eq!(recorded(&[$f], m::f), m::E::Ok);
            assert_eq!(awaited(&[$g], m::g), m::E::None);
        }

        #[test]
        fn send() {
            #[instrument_llm $arguments]
            async fn f() -> u8 {
                ready(1).await
            }
            let spawned = || async { tokio::spawn(f()).await.unwrap() };
            assert_eq!(awaited(&[$f], spawned), 1);
        }

        #[test]
        fn whole_block() {
            struct S;
            #[instrument_llm $arguments]
            impl S {
                fn f(&self) -> u8 {
                    3
                }
                async fn g(&self) -> u8 {
                    4
                }
            }
            assert_eq!(recorded(&[$f], || S.f()), 3);
            assert_eq!(awaited(&[$g], || async { S.g().await }), 4);
        }

        #[test]
        fn nothing_before_the_first_poll() {
            #[instrument_llm $arguments]
            async fn f() {}
            #[instrument_llm $arguments]
            fn g() -> impl Future<Output = ()> {
                ready(())
            }
            recorded(&[], || drop((f(), g())));
            recorded(&[$f, $g], || block_on(async { (f().await, g().await) }));
        }
    };
}

mod tool {
    use super::*;
    zoo!((operation = execute_tool), "execute_tool f", "execute_tool g");
}

mod chat {
    use super::*;
    zoo!((provider = "openai", response = none), "chat", "chat");
}
