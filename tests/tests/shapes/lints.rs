//! The attribute adds no warning of its own, and hides none of the user's.
//!
//! `cargo clippy` is what checks the clippy half of this file: everything is denied in here, and each `expect`
//! is itself a warning where the lint that it names is silent.
//!
//! What clippy can no longer tell, since the body has become a closure or an `async` block that takes its
//! arguments: `needless_pass_by_value` of an argument that the body names, `unused_async` (there is something to
//! wait for now), `missing_const_for_fn`, and `diverging_sub_expression` inside the body. And an `async fn` or
//! function with a `mut` argument that is assigned to only for its `Drop` to see is told that the value is never
//! read: the compiler looks at a captured variable more strictly than at one of the function's own.

#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    unfulfilled_lint_expectations,
    unused_qualifications,
    let_underscore_drop,
    elided_lifetimes_in_paths
)]

use super::{awaited, recorded};

/// Code without a fault.
mod clean {
    use std::fmt::{Debug, Display};
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;

    use llmobs_runtime::instrument_llm;
    use tokio::task::yield_now;

    pub(super) struct Tokens(pub(super) u64);

    #[derive(llmobs_runtime::LlmResponse)]
    pub(super) struct Reply {
        #[llm(usage.input_tokens)]
        pub(super) input: u64,
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn unit() {
        println!("done");
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) async fn async_unit() {
        yield_now().await;
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn one_call(a: u8) -> String {
        a.to_string()
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn items_first() -> u8 {
        const ONE: u8 = 1;
        fn two() -> u8 {
            "2".parse().unwrap_or(ONE)
        }
        ONE + two()
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) async fn async_items_first(_guard: String, _: String) -> u8 {
        const ONE: u8 = 1;
        yield_now().await;
        ONE
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn opaque(a: u8) -> Result<impl Display, Box<dyn std::error::Error>> {
        const LIMIT: u8 = 3;
        if a > LIMIT {
            return Err("too many".into());
        }
        Ok(a)
    }

    #[instrument_llm(
        provider = "openai",
        model = model,
        response = none,
        server = "https://api.openai.com",
        attributes(app.size = text.len(), "app.kind" = "x"),
        metric_attributes(app.region = "north"),
        name = format!("chat {model}"),
        kind = internal,
        usage = |it| llmobs_runtime::Usage { input: Some(it.0), ..llmobs_runtime::Usage::default() }
    )]
    pub(super) async fn arguments(model: &str, text: &[u8]) -> Result<Tokens, std::io::Error> {
        yield_now().await;
        Ok(Tokens(text.len() as u64))
    }

    #[instrument_llm(provider = "openai")]
    pub(super) async fn replies() -> Result<Reply, std::io::Error> {
        yield_now().await;
        Ok(Reply { input: 3 })
    }

    #[instrument_llm(provider = "openai", response = |(_, reply)| reply)]
    pub(super) fn replies_in_a_pair() -> (u8, Reply) {
        (1, Reply { input: 3 })
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn future(a: &[u8]) -> impl Future<Output = Result<usize, std::fmt::Error>> + Send {
        let size = a.len();
        async move {
            yield_now().await;
            Ok(size)
        }
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn boxed(a: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        Box::pin(async move { a })
    }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked(a: Option<u8>) -> Option<u8> {
        let a = a?;
        if a == 0 {
            return None;
        }
        Some(a)
    }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked_without_exit(a: u8) {
        assert!(a < 9, "too many");
    }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked_without_end() -> u8 {
        panic!("never ends")
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn never() -> ! {
        panic!("never returns")
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) async fn async_without_end() -> u8 {
        yield_now().await;
        panic!("never ends")
    }

    #[instrument_llm(operation = execute_tool)]
    pub(super) async fn large(a: Vec<u8>) -> usize {
        let mut held = [0_u8; 16_000];
        yield_now().await;
        held[0] = 1;
        a.len() + usize::from(held[1])
    }

    #[derive(Clone, Debug)]
    pub(super) struct S<T>(pub(super) T);

    #[instrument_llm(operation = execute_tool)]
    impl<T: Clone + Debug + Send + Sync> S<T> {
        /// Documented.
        #[must_use]
        pub(super) fn get(&self) -> &T {
            &self.0
        }

        pub(super) fn set(&mut self, a: T) -> &mut Self {
            self.0 = a;
            self
        }

        pub(super) async fn shared(self: Arc<Self>, mut b: Vec<T>, (c, _): (T, T)) -> Vec<T> {
            yield_now().await;
            b.push(self.0.clone());
            b.push(c);
            b
        }
    }
}

#[test]
fn clean_code_stays_clean() {
    use clean::{S, Tokens};
    recorded(&["execute_tool unit"], clean::unit);
    awaited(&["execute_tool async_unit"], clean::async_unit);
    assert_eq!(recorded(&["execute_tool one_call"], || clean::one_call(1)), "1");
    assert_eq!(recorded(&["execute_tool items_first"], clean::items_first), 3);
    let run = || clean::async_items_first(String::new(), String::new());
    assert_eq!(awaited(&["execute_tool async_items_first"], run), 1);
    assert!(recorded(&["execute_tool opaque"], || clean::opaque(4)).is_err());
    let Tokens(tokens) = awaited(&["chat m"], || clean::arguments("m", b"abc")).unwrap();
    assert_eq!(tokens, 3);
    assert_eq!(awaited(&["chat"], clean::replies).unwrap().input, 3);
    let (one, reply) = recorded(&["chat"], clean::replies_in_a_pair);
    assert_eq!((one, reply.input), (1, 3));
    assert_eq!(awaited(&["execute_tool future"], || clean::future(b"abc")), Ok(3));
    assert_eq!(awaited(&["execute_tool boxed"], || clean::boxed(3)), 3);
    assert_eq!(recorded(&["execute_tool tracked"], || clean::tracked(Some(0))), None);
    recorded(&["execute_tool tracked_without_exit"], || clean::tracked_without_exit(3));
    let caught = |name: &str, run: fn()| {
        recorded(&[name], || std::panic::catch_unwind(run).unwrap_err());
    };
    caught("execute_tool tracked_without_end", || {
        clean::tracked_without_end();
    });
    caught("execute_tool never", || clean::never());
    caught("execute_tool async_without_end", || {
        super::block_on(clean::async_without_end());
    });
    assert_eq!(
        awaited(&["execute_tool large"], || Box::pin(clean::large(vec![0; 20_000]))),
        20_000
    );
    let mut s = S(1);
    assert_eq!(recorded(&["execute_tool get"], || *s.get()), 1);
    recorded(&["execute_tool set"], || s.set(2).0);
    let run = || std::sync::Arc::new(s.clone()).shared(vec![0], (3, 4));
    assert_eq!(awaited(&["execute_tool shared"], run), [0, 2, 3]);
}

/// Code without a fault whose bodies stand on one line, where braces may look like too many.
#[rustfmt::skip]
mod one_line {
    use std::fmt::Display;
    use std::future::{Future, ready};
    use std::pin::Pin;

    use llmobs_runtime::instrument_llm;

    #[instrument_llm(provider = "openai", response = none)]
    pub(super) async fn awaits(a: &str) -> String { ready(a.to_owned()).await }

    #[instrument_llm(provider = "openai", response = none)]
    pub(super) fn calls(a: &str) -> String { a.to_owned() }

    #[instrument_llm(operation = execute_tool, capture(arguments(a = a.len(), b = f(a)), result = |it| f(it)))]
    pub(super) fn captures(a: &str) -> String { f(a) }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn names(a: u8) -> u8 { a }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn literal() -> u8 { 1 }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn unit(a: &str) { drop(a.to_owned()) }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn unit_with_semicolon(a: &str) { drop(a.to_owned()); }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn chooses(a: bool) -> u8 { if a { 1 } else { u8::from(a) } }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn fallible(a: &str) -> Result<u8, std::num::ParseIntError> { Ok(a.parse::<u8>()? / 2) }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn opaque(a: u8) -> impl Display { u16::from(a) }

    #[instrument_llm(operation = execute_tool)]
    pub(super) async fn async_opaque(a: u8) -> impl Display { ready(a).await }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn future(a: u8) -> impl Future<Output = u8> { ready(a) }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn future_of_a_block(a: u8) -> impl Future<Output = u8> { async move { ready(a).await } }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn boxed(a: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> { Box::pin(ready(a)) }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked(a: u8) -> String { a.to_string() }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked_unit(a: &str) { drop(a.to_owned()) }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked_with_exit(a: Option<u8>) -> Option<u8> { Some(a?) }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked_future(a: u8) -> impl Future<Output = u8> { ready(a) }

    fn f(a: &str) -> String { a.to_owned() }

    #[instrument_llm(operation = execute_tool)]
    pub(super) fn never(a: u8) -> ! { std::panic::panic_any(a) }

    #[instrument_llm(operation = execute_tool)]
    pub(super) async fn async_never(a: u8) -> ! { std::panic::panic_any(ready(a).await) }

    #[instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked_never(a: u8) -> ! { std::panic::panic_any(a) }

    pub(super) struct S(pub(super) u8);

    #[instrument_llm(operation = execute_tool)]
    impl S {
        pub(super) fn get(&self) -> String { self.0.to_string() }
        pub(super) async fn taken(self, more: u8) -> u8 { ready(self.0 + more).await }
    }
}

#[test]
fn bodies_on_one_line_stay_clean() {
    use one_line::S;
    let tool = |name: &str| format!("execute_tool {name}");
    assert_eq!(awaited(&["chat"], || one_line::awaits("a")), "a");
    assert_eq!(recorded(&["chat"], || one_line::calls("a")), "a");
    assert_eq!(recorded(&[&tool("captures")], || one_line::captures("a")), "a");
    assert_eq!(recorded(&[&tool("names")], || one_line::names(1)), 1);
    assert_eq!(recorded(&[&tool("literal")], one_line::literal), 1);
    recorded(&[&tool("unit")], || one_line::unit("a"));
    recorded(&[&tool("unit_with_semicolon")], || one_line::unit_with_semicolon("a"));
    assert_eq!(recorded(&[&tool("chooses")], || one_line::chooses(false)), 0);
    assert!(recorded(&[&tool("fallible")], || one_line::fallible("a")).is_err());
    assert_eq!(recorded(&[&tool("opaque")], || one_line::opaque(1).to_string()), "1");
    assert_eq!(awaited(&[&tool("async_opaque")], || one_line::async_opaque(1)).to_string(), "1");
    assert_eq!(awaited(&[&tool("future")], || one_line::future(1)), 1);
    assert_eq!(awaited(&[&tool("future_of_a_block")], || one_line::future_of_a_block(1)), 1);
    assert_eq!(awaited(&[&tool("boxed")], || one_line::boxed(1)), 1);
    assert_eq!(recorded(&[&tool("tracked")], || one_line::tracked(1)), "1");
    recorded(&[&tool("tracked_unit")], || one_line::tracked_unit("a"));
    assert_eq!(recorded(&[&tool("tracked_with_exit")], || one_line::tracked_with_exit(None)), None);
    assert_eq!(awaited(&[&tool("tracked_future")], || one_line::tracked_future(1)), 1);
    let caught = |name: &str, run: fn()| {
        recorded(&[&tool(name)], || std::panic::catch_unwind(run).unwrap_err());
    };
    caught("never", || one_line::never(1));
    caught("async_never", || super::block_on(one_line::async_never(1)));
    caught("tracked_never", || one_line::tracked_never(1));
    assert_eq!(recorded(&[&tool("get")], || S(1).get()), "1");
    assert_eq!(awaited(&[&tool("taken")], || S(1).taken(2)), 3);
}

/// Code with a fault each, which the compiler and clippy find as they would without the attribute.
#[allow(dead_code, reason = "only their warnings matter")]
mod faulty {
    use std::future::Future;

    use llmobs_runtime::instrument_llm;
    use tokio::task::yield_now;

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_variables, reason = "the argument")]
    fn unused_argument(a: u8) {}

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_variables, reason = "the argument")]
    async fn async_unused_argument(a: u8) {
        yield_now().await;
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_variables, reason = "the argument")]
    fn future_unused_argument(a: u8) -> impl Future<Output = ()> {
        yield_now()
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_variables, reason = "the local")]
    fn unused_local() {
        let a = 3;
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_mut, reason = "the argument")]
    fn unused_mut(mut a: u8) -> u8 {
        a
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_mut, reason = "the argument")]
    async fn async_unused_mut(mut a: u8) -> u8 {
        yield_now().await;
        a
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unreachable_code, reason = "the last line")]
    fn unreachable() -> u8 {
        return 1;
        2
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unreachable_code, reason = "the last line")]
    async fn async_unreachable() -> u8 {
        yield_now().await;
        return 1;
        2
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unreachable_code, reason = "the last line")]
    #[track_caller]
    fn tracked_unreachable() -> u8 {
        return 1;
        2
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_must_use, reason = "the result")]
    fn unused_result() {
        "1".parse::<u8>();
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_assignments, reason = "the first value")]
    async fn unused_assignment() -> u8 {
        let mut a = 1;
        a = 2;
        yield_now().await;
        a
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_parens, reason = "those in the body")]
    fn parentheses(a: u8) -> u8 {
        let b = (a);
        b + 1
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::needless_return, reason = "the last line")]
    fn returns() -> u8 {
        return 1;
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::needless_return, reason = "the last line")]
    async fn async_returns() -> u8 {
        yield_now().await;
        return 1;
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::let_and_return, reason = "the last line")]
    fn lets() -> u8 {
        let a = 1;
        a
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::semicolon_if_nothing_returned, reason = "the last line")]
    fn semicolon() {
        println!("a");
        println!()
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::items_after_statements, reason = "the item")]
    fn items_last() -> u8 {
        let a = 1;
        const ONE: u8 = 1;
        a + ONE
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::redundant_closure_call, reason = "the closure")]
    fn closure() -> u8 {
        (|| 3)()
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::let_unit_value, reason = "the unit")]
    fn units() {
        let a = println!();
        dbg!(a);
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::used_underscore_binding, reason = "the argument")]
    fn underscore(_a: u8) -> u8 {
        _a
    }

    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::too_many_arguments, reason = "the arguments")]
    fn many(_a: u8, _b: u8, _c: u8, _d: u8, _e: u8, _f: u8, _g: u8, _h: u8) {}

    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_braces, reason = "those in the body")]
    fn braces(a: u8) -> u8 {
        u8::from({ a > 1 })
    }

    #[rustfmt::skip]
    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_braces, reason = "those in the body")]
    async fn async_braces(a: u8) -> u8 { { std::future::ready(a).await } }

    #[rustfmt::skip]
    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::needless_return, reason = "the only line")]
    fn returns_on_one_line(a: u8) -> u16 { return u16::from(a) }

    #[rustfmt::skip]
    #[instrument_llm(operation = execute_tool)]
    #[expect(unused_parens, reason = "the only line")]
    fn parentheses_on_one_line(a: u8) -> u16 { (u16::from(a)) }

    struct S;

    #[instrument_llm(operation = execute_tool)]
    impl S {
        #[expect(clippy::unused_self, reason = "the receiver")]
        fn unused_self(&self) -> String {
            String::new()
        }
    }
}
