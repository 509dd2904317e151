//! Arguments of every form: patterns, generics, lifetimes, receivers.

#![expect(
    clippy::needless_pass_by_value,
    clippy::toplevel_ref_arg,
    clippy::unused_self,
    reason = "forms of arguments that one meets, if not the best"
)]

use std::fmt::Debug;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use llmobs_runtime::instrument_llm;

use super::{awaited, recorded};

struct Json<T>(T);

struct Point {
    x: u8,
    y: u8,
}

#[instrument_llm(operation = execute_tool, attributes("app.x" = i64::from(x[0])))]
async fn json(Json(mut x): Json<Vec<u8>>) -> Vec<u8> {
    ready(()).await;
    x.push(9);
    x
}

#[instrument_llm(operation = execute_tool)]
fn fields(Point { x, y: z }: Point, (a, (b, _)): (u8, (u8, String)), [c, ..]: [u8; 3]) -> u8 {
    x + z + a + b + c
}

#[instrument_llm(operation = execute_tool)]
async fn wild(_: String, mut a: u8, _unused: Vec<u8>, ref b: String, _: u8) -> (u8, usize) {
    a += 1;
    ready(()).await;
    (a, b.len())
}

#[instrument_llm(operation = execute_tool)]
fn sync_wild(_: String, mut a: u8, ref b: String, _: &str) -> String {
    a += 1;
    format!("{a}{b}")
}

/// What the last line borrows from an argument must not outlive it, in any edition.
#[instrument_llm(operation = execute_tool)]
fn last_line(mut a: std::cell::RefCell<u8>) -> u8 {
    *a.get_mut() += 1;
    *a.borrow()
}

#[instrument_llm(operation = execute_tool)]
async fn async_last_line(a: std::sync::Mutex<u8>) -> u8 {
    ready(()).await;
    *a.lock().unwrap()
}

#[test]
fn patterns() {
    assert_eq!(recorded(&["execute_tool last_line"], || last_line(1.into())), 2);
    assert_eq!(awaited(&["execute_tool async_last_line"], || async_last_line(1.into())), 1);
    assert_eq!(awaited(&["execute_tool json"], || json(Json(vec![1]))), [1, 9]);
    let point = Point { x: 1, y: 2 };
    let all = || fields(point, (3, (4, String::new())), [5, 0, 0]);
    assert_eq!(recorded(&["execute_tool fields"], all), 15);
    let all = || wild(String::new(), 1, vec![], "ab".into(), 0);
    assert_eq!(awaited(&["execute_tool wild"], all), (2, 2));
    let all = || sync_wild(String::new(), 1, "ab".into(), "");
    assert_eq!(recorded(&["execute_tool sync_wild"], all), "2ab");
}

#[instrument_llm(operation = execute_tool)]
fn conditional(
    #[cfg(any())] a: Absent,
    #[cfg(test)] b: u8,
    #[allow(unused_variables)] c: u8,
) -> u8 {
    b
}

#[instrument_llm(operation = execute_tool)]
#[expect(non_snake_case, reason = "an argument may look like a constant")]
fn raw(r#type: u8, r#in: u8, X: u8) -> String {
    format!("{type}{in}{X}")
}

#[instrument_llm(operation = execute_tool)]
async fn r#loop(r#type: String) -> usize {
    ready(()).await;
    r#type.len()
}

#[test]
fn names() {
    assert_eq!(recorded(&["execute_tool conditional"], || conditional(3, 4)), 3);
    assert_eq!(recorded(&["execute_tool raw"], || raw(1, 2, 3)), "123");
    assert_eq!(awaited(&["execute_tool loop"], || r#loop("abc".into())), 3);
}

#[instrument_llm(operation = execute_tool)]
async fn generic<'a, T, U: Clone, const N: usize>(
    a: &'a [T; N],
    b: U,
    c: impl Fn(&T) -> U,
) -> (&'a T, U)
where
    Option<U>: PartialEq,
{
    ready(()).await;
    let last = &a[N - 1];
    (last, if Some(c(last)) == Some(b.clone()) { b } else { c(last) })
}

#[instrument_llm(operation = execute_tool)]
fn dynamic(
    a: &mut dyn Iterator<Item = u8>,
    b: &dyn Fn(u8) -> Box<dyn Debug>,
) -> Vec<Box<dyn Debug>> {
    a.map(b).collect()
}

#[instrument_llm(operation = execute_tool)]
fn coerced(a: u8) -> Box<dyn Debug> {
    if a == 0 {
        return Box::new("none");
    }
    Box::new(a)
}

#[instrument_llm(operation = execute_tool)]
async fn async_coerced(a: u8) -> Result<Box<dyn Debug>, Box<dyn std::error::Error>> {
    if a == 0 {
        return Err("none".into());
    }
    ready(()).await;
    Ok(Box::new(a))
}

#[instrument_llm(operation = execute_tool)]
fn iterates<'a>(a: &'a [u8], _b: &str) -> impl Iterator<Item = u8> + use<'a> {
    a.iter().map(|a| a + 1)
}

#[instrument_llm(operation = execute_tool)]
fn adds(a: u8) -> impl Fn(u8) -> u8 {
    move |b| a + b
}

#[test]
fn types() {
    let a = ["x", "y"];
    let out = awaited(&["execute_tool generic"], || generic(&a, 1, |text| text.len()));
    assert_eq!(out, (&"y", 1));
    let out = recorded(&["execute_tool dynamic"], || dynamic(&mut (0..2), &|a| Box::new(a)));
    assert_eq!(format!("{out:?}"), "[0, 1]");
    assert_eq!(format!("{:?}", recorded(&["execute_tool coerced"], || coerced(0))), "\"none\"");
    let out = awaited(&["execute_tool async_coerced"], || async_coerced(3));
    assert_eq!(format!("{out:?}"), "Ok(3)");
    let kept = [1_u8, 2];
    let iterator = {
        let b = String::new();
        recorded(&["execute_tool iterates"], || iterates(&kept, &b))
    };
    assert_eq!(iterator.collect::<Vec<_>>(), [2, 3]);
    assert_eq!(recorded(&["execute_tool adds"], || adds(1))(2), 3);
}

#[derive(Clone, Debug)]
struct S<'a, T> {
    text: &'a str,
    value: T,
}

#[instrument_llm(operation = execute_tool)]
impl<'a, T: Clone> S<'a, T> {
    const SPACE: &'static str = " ";

    fn by_ref(&self) -> &'a str {
        self.text
    }
    fn elided(&self) -> &T {
        &self.value
    }
    async fn async_elided(&self, _: &str) -> &T {
        ready(()).await;
        &self.value
    }
    fn by_mut(&mut self, value: T) -> &mut Self {
        self.value = value;
        self
    }
    fn mut_value(mut self, value: T) -> Self {
        self.value = value;
        self
    }
    async fn async_mut_value(mut self, value: T) -> Self {
        ready(()).await;
        self.value = value;
        self
    }
    fn boxed(self: Box<Self>) -> T {
        self.value
    }
    fn shared(self: &Arc<Self>) -> Arc<Self> {
        Arc::clone(self)
    }
    fn pinned(self: Pin<&mut Self>) -> &T
    where
        T: Unpin,
    {
        &self.get_mut().value
    }
    async fn async_pinned(mut self: Pin<&mut Self>, value: T)
    where
        T: Unpin,
    {
        ready(()).await;
        self.as_mut().value = value;
    }
    fn unused(&self) -> &'static str {
        Self::SPACE
    }
    fn formatted(&self) -> String
    where
        Self: Debug,
    {
        format!("{self:?}")
    }
    fn made(text: &'a str, value: T) -> Self {
        Self { text, value }
    }
    fn parts(self) -> Option<(&'a str, T)> {
        let Self { text, value } = self;
        Some((text, value))
    }
}

#[test]
fn receivers() {
    let mut s = recorded(&["execute_tool made"], || S::made("a", 1_u8));
    assert_eq!(recorded(&["execute_tool by_ref"], || s.by_ref()), "a");
    assert_eq!(recorded(&["execute_tool elided"], || *s.elided()), 1);
    assert_eq!(awaited(&["execute_tool async_elided"], || async { *s.async_elided("").await }), 1);
    assert_eq!(recorded(&["execute_tool by_mut"], || s.by_mut(2).value), 2);
    assert_eq!(recorded(&["execute_tool mut_value"], || s.clone().mut_value(3)).value, 3);
    assert_eq!(
        awaited(&["execute_tool async_mut_value"], || s.clone().async_mut_value(4)).value,
        4
    );
    assert_eq!(recorded(&["execute_tool boxed"], || Box::new(s.clone()).boxed()), 2);
    let shared = Arc::new(s.clone());
    assert!(Arc::ptr_eq(&recorded(&["execute_tool shared"], || shared.shared()), &shared));
    assert_eq!(recorded(&["execute_tool pinned"], || *Pin::new(&mut s).pinned()), 2);
    awaited(&["execute_tool async_pinned"], || Pin::new(&mut s).async_pinned(5));
    assert_eq!(s.value, 5);
    assert_eq!(recorded(&["execute_tool unused"], || s.unused()), " ");
    assert_eq!(
        recorded(&["execute_tool formatted"], || s.formatted()),
        "S { text: \"a\", value: 5 }"
    );
    assert_eq!(recorded(&["execute_tool parts"], || s.parts()), Some(("a", 5)));
}

/// An operator binds weaker than the reference that is taken of a value.
#[test]
fn values_with_operators() {
    #[instrument_llm(
        provider = "openai",
        response = none,
        attributes(gen_ai.request.seed = seed + 1, gen_ai.request.max_tokens = seed.unsigned_abs() & 7, app.odd = seed % 2 == 1),
        usage = |it| it.clone()
    )]
    fn ask(seed: i64) -> Option<llmobs_runtime::Usage> {
        assert_eq!(seed, 3);
        None
    }
    let recorder = llmobs_tests::Recorder::new();
    ask(3);
    let span = recorder.span();
    assert_eq!(span.int("gen_ai.request.seed"), Some(4));
    assert_eq!(span.int("gen_ai.request.max_tokens"), Some(3));
    assert_eq!(span.text("app.odd").as_deref(), Some("true"));
}
