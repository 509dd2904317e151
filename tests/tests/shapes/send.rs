//! What was `Send` stays so, what was not still compiles; lifetimes and function pointers are as they were.

use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;

use llmobs_runtime::instrument_llm;

use super::{awaited, recorded};

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_sync<T: Sync>(value: T) -> T {
    value
}

fn is_static<T: 'static>(value: T) -> T {
    value
}

#[instrument_llm(provider = "openai", model = model, response = none, attributes(app.size = text.len()))]
async fn owned(model: String, text: Vec<u8>) -> Result<Vec<u8>, std::io::Error> {
    ready(()).await;
    drop(model);
    Ok(text)
}

#[instrument_llm(operation = execute_tool)]
async fn borrowed<'a>(a: &'a str, _b: &str) -> &'a str {
    ready(()).await;
    a
}

#[instrument_llm(operation = execute_tool)]
async fn not_send(a: Rc<Cell<u8>>) -> Rc<Cell<u8>> {
    ready(()).await;
    a.set(a.get() + 1);
    a
}

/// The value is not `Send`, but the future that makes it is: it does not hold it across an `.await`.
#[instrument_llm(operation = execute_tool)]
async fn returns_not_send() -> Rc<u8> {
    ready(()).await;
    Rc::new(3)
}

#[instrument_llm(operation = execute_tool)]
fn send_future(a: u8) -> impl Future<Output = u8> {
    async move { ready(a).await }
}

#[instrument_llm(operation = execute_tool)]
fn not_send_future(a: u8) -> impl Future<Output = u8> {
    let a = Rc::new(a);
    async move {
        ready(()).await;
        *a
    }
}

#[instrument_llm(operation = execute_tool)]
fn not_send_box(a: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(not_send_future(a))
}

#[instrument_llm(operation = execute_tool)]
async fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * Box::pin(factorial(n - 1)).await }
}

#[instrument_llm(operation = execute_tool)]
async fn generic<T: Send>(value: T) -> T {
    ready(value).await
}

#[test]
fn send() {
    let text = awaited(&["chat m"], || is_sync(is_static(is_send(owned("m".into(), vec![1])))));
    assert_eq!(text.unwrap(), [1]);
    assert_eq!(awaited(&["execute_tool not_send"], || not_send(Rc::new(Cell::new(1)))).get(), 2);
    assert_eq!(*awaited(&["execute_tool returns_not_send"], || is_send(returns_not_send())), 3);
    assert_eq!(awaited(&["execute_tool send_future"], || is_send(is_static(send_future(1)))), 1);
    assert_eq!(awaited(&["execute_tool not_send_future"], || not_send_future(1)), 1);
    let both = ["execute_tool not_send_future", "execute_tool not_send_box"];
    assert_eq!(awaited(&both, || not_send_box(1)), 1);
    assert_eq!(awaited(&["execute_tool factorial"; 4], || is_send(factorial(3))), 6);
    assert_eq!(awaited(&["execute_tool generic"], || is_send(generic("x"))), "x");
}

#[test]
fn a_result_does_not_borrow_from_more_than_it_did() {
    let a = String::from("a");
    let out = {
        let b = String::from("b");
        awaited(&["execute_tool borrowed"], || is_send(borrowed(&a, &b)))
    };
    assert_eq!(out, "a");
}

#[instrument_llm(operation = execute_tool)]
fn pointed(a: &str, b: u8) -> usize {
    a.len() + usize::from(b)
}

#[instrument_llm(operation = execute_tool)]
extern "C" fn pointed_c(a: u8) -> u8 {
    a
}

struct S(u8);

#[instrument_llm(operation = execute_tool)]
impl S {
    fn pointed(&self, a: &mut u8) {
        *a += self.0;
    }
}

#[test]
fn functions_coerce_to_the_same_pointers() {
    let pointer: fn(&str, u8) -> usize = pointed;
    assert_eq!(recorded(&["execute_tool pointed"], || pointer("a", 1)), 2);
    let pointer: extern "C" fn(u8) -> u8 = pointed_c;
    assert_eq!(recorded(&["execute_tool pointed_c"], || pointer(1)), 1);
    let pointer: for<'a, 'b> fn(&'a S, &'b mut u8) = S::pointed;
    let mut a = 1;
    recorded(&["execute_tool pointed"], || pointer(&S(1), &mut a));
    assert_eq!(a, 2);
    let all: [fn(&str, u8) -> usize; 2] = [pointed, |_, _| 0];
    assert_eq!(recorded(&["execute_tool pointed"], || all.map(|f| f("", 1))), [1, 0]);
}
