//! Functions that return a future.

use std::future::{Future, ready};
use std::pin::Pin;

use futures::future::{BoxFuture, FutureExt, LocalBoxFuture};
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{awaited, block_on};

async fn helper(a: &str) -> usize {
    ready(()).await;
    a.len()
}

#[instrument_llm(operation = execute_tool)]
fn by_helper(a: &str) -> impl Future<Output = usize> + use<'_> {
    helper(a)
}

#[instrument_llm(operation = execute_tool)]
fn bounded<'a>(a: &'a str, _b: &'a str) -> impl Future<Output = usize> + Send + 'a {
    let extra = a.len();
    async move { helper(a).await + extra }
}

#[instrument_llm(operation = execute_tool)]
fn unpin(a: u8) -> impl Future<Output = u8> + Unpin + Send {
    ready(a)
}

#[instrument_llm(operation = execute_tool)]
fn early(a: u8) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send>> {
    let b = a * 2;
    if a == 0 {
        return Box::pin(ready(Err("none".to_owned())));
    }
    if a == 1 {
        return Box::pin(async { Ok(1) });
    }
    Box::pin(async move { Ok(b) })
}

#[instrument_llm(operation = execute_tool)]
fn elided(a: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    Box::pin(helper(a))
}

#[instrument_llm(operation = execute_tool)]
fn boxed(a: String) -> BoxFuture<'static, usize> {
    async move { helper(&a).await }.boxed()
}

#[instrument_llm(operation = execute_tool)]
fn local<'a>(a: &'a str) -> LocalBoxFuture<'a, usize> {
    let shared = std::rc::Rc::new(a);
    async move { helper(&shared).await }.boxed_local()
}

#[instrument_llm(operation = execute_tool)]
fn asks(a: &str) -> impl Future<Output = Result<u8, std::num::ParseIntError>> + use<> {
    let a = a.to_owned();
    async move {
        let a: u8 = a.parse()?;
        Ok(a)
    }
}

fn unpinned<F: Future + Unpin + Send>(mut future: F) -> F::Output {
    block_on(async move { Pin::new(&mut future).await })
}

#[test]
fn each_kind_runs_inside_the_call() {
    assert_eq!(awaited(&["execute_tool by_helper"], || by_helper("abc")), 3);
    let a = String::from("abc");
    let b = String::from("b");
    assert_eq!(awaited(&["execute_tool bounded"], || bounded(&a, &b)), 6);
    assert_eq!(super::recorded(&["execute_tool unpin"], || unpinned(unpin(3))), 3);
    assert_eq!(awaited(&["execute_tool early"], || early(0)), Err("none".to_owned()));
    assert_eq!(awaited(&["execute_tool early"], || early(1)), Ok(1));
    assert_eq!(awaited(&["execute_tool early"], || early(2)), Ok(4));
    assert_eq!(awaited(&["execute_tool elided"], || elided(&a)), 3);
    assert_eq!(awaited(&["execute_tool boxed"], || boxed(a.clone())), 3);
    assert_eq!(awaited(&["execute_tool local"], || local(&a)), 3);
    assert_eq!(awaited(&["execute_tool asks"], || asks("3")), Ok(3));
}

#[test]
fn the_error_of_the_future_is_the_error_of_the_call() {
    let recorder = Recorder::new();
    block_on(asks("x")).unwrap_err();
    assert_eq!(
        recorder.span().text("error.type").as_deref(),
        Some("core::num::error::ParseIntError")
    );
    drop(recorder);
    let recorder = Recorder::new();
    block_on(early(0)).unwrap_err();
    assert_eq!(recorder.span().text("error.type").as_deref(), Some("alloc::string::String"));
}

#[test]
fn a_future_that_is_dropped_half_way_is_cancelled() {
    #[instrument_llm(operation = execute_tool)]
    fn pending() -> impl Future<Output = ()> + Send {
        futures::future::pending()
    }
    let recorder = Recorder::new();
    block_on(async {
        let mut future = Box::pin(pending());
        assert_eq!(futures::poll!(&mut future), std::task::Poll::Pending);
        assert!(recorder.spans().is_empty());
    });
    assert_eq!(recorder.span().text("error.type").as_deref(), Some("cancelled"));
}
