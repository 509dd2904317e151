//! What a body may contain.

use std::future::{Future, ready};
use std::panic::catch_unwind;

use futures::FutureExt;
use llmobs_runtime::instrument_llm;
use llmobs_tests::{Recorded, Recorder};

use super::{awaited, block_on, recorded};

/// Leaves the function, out of sight of whoever looks at its tokens.
macro_rules! leave_with {
    ($value:expr) => {
        return $value
    };
}

macro_rules! ask {
    ($value:expr) => {
        $value?
    };
}

#[instrument_llm(operation = execute_tool)]
fn hidden_exits(a: &str) -> Result<u8, String> {
    let a: u8 = ask!(a.parse::<u8>().map_err(|error| error.to_string()));
    if a == 1 {
        leave_with!(Err("one".to_owned()));
    }
    println!("{a} {}", if a == 2 { return Ok(22) } else { a });
    let all = vec![a, Some(a).ok_or_else(String::new)?];
    assert!(all[0] > 0, "positive: {all:?}");
    Ok(all.iter().sum())
}

#[instrument_llm(operation = execute_tool)]
async fn async_hidden_exits(a: &str) -> Result<u8, String> {
    let a: u8 = ask!(a.parse::<u8>().map_err(|error| error.to_string()));
    ready(()).await;
    if a == 1 {
        leave_with!(Err("one".to_owned()));
    }
    println!("{a} {}", if a == 2 { return Ok(22) } else { a });
    Ok(a)
}

/// The error that `run` recorded.
fn error_of<T>(run: impl FnOnce() -> T) -> Option<String> {
    let recorder = Recorder::new();
    run();
    recorder.span().text("error.type")
}

#[test]
fn macros_that_leave() {
    recorded(&["execute_tool hidden_exits"], || assert_eq!(hidden_exits("3"), Ok(6)));
    recorded(&["execute_tool hidden_exits"], || assert_eq!(hidden_exits("2"), Ok(22)));
    let string = Some("alloc::string::String".to_owned());
    assert_eq!(error_of(|| hidden_exits("x")), string);
    assert_eq!(error_of(|| hidden_exits("1")), string);
    assert_eq!(error_of(|| hidden_exits("2")), None);
    assert_eq!(awaited(&["execute_tool async_hidden_exits"], || async_hidden_exits("3")), Ok(3));
    assert_eq!(error_of(|| block_on(async_hidden_exits("x"))), string);
    assert_eq!(error_of(|| block_on(async_hidden_exits("1"))), string);
    assert_eq!(error_of(|| block_on(async_hidden_exits("2"))), None);
}

#[instrument_llm(operation = execute_tool)]
#[expect(clippy::needless_return, reason = "an exit of the kind that one meets")]
async fn selects(a: u8) -> u8 {
    let (b, c) = tokio::join!(ready(a), async {
        ready(()).await;
        a + 1
    });
    tokio::select! {
        biased;
        () = std::future::pending() => return 0,
        d = ready(b + c) => d,
    }
}

#[instrument_llm(operation = execute_tool)]
fn loops(mut a: Vec<u8>) -> u8 {
    let sum = 'outer: loop {
        for b in &a {
            if *b == 3 {
                break 'outer 3;
            }
            if *b == 4 {
                continue;
            }
            if *b == 5 {
                return 5;
            }
        }
        a.push(3);
    };
    let add = |b: u8| -> u8 {
        if b == 0 {
            return 0;
        }
        b + sum
    };
    add(1)
}

#[instrument_llm(operation = execute_tool)]
fn inner_items(a: u8) -> u8 {
    use std::ops::Add as _;
    const ONE: u8 = 1;
    struct Local(u8);
    impl Local {
        fn one(&self) -> u8 {
            self.0.add(ONE)
        }
    }
    #[instrument_llm(operation = execute_tool)]
    fn inner(a: Local) -> u8 {
        a.one()
    }
    inner(Local(a))
}

#[instrument_llm(operation = execute_tool)]
fn attributes_inside(a: u8) -> u8 {
    #![expect(clippy::let_and_return, reason = "an attribute that begins a body is kept")]
    //! So is documentation in here.
    let b = a;
    b
}

#[instrument_llm(operation = execute_tool)]
async fn empty() {}

#[instrument_llm(operation = execute_tool)]
fn unit(a: &mut u8) {
    *a = 3;
}

#[instrument_llm(operation = execute_tool)]
fn fibonacci(n: u8) -> u8 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

#[test]
fn ordinary_code() {
    assert_eq!(awaited(&["execute_tool selects"], || selects(1)), 3);
    assert_eq!(recorded(&["execute_tool loops"], || loops(vec![4])), 4);
    assert_eq!(recorded(&["execute_tool loops"], || loops(vec![5])), 5);
    let both = ["execute_tool inner", "execute_tool inner_items"];
    assert_eq!(recorded(&both, || inner_items(1)), 2);
    assert_eq!(recorded(&["execute_tool attributes_inside"], || attributes_inside(1)), 1);
    awaited(&["execute_tool empty"], empty);
    let mut a = 0;
    recorded(&["execute_tool unit"], || unit(&mut a));
    assert_eq!(a, 3);
}

#[test]
fn recursion_nests() {
    let recorder = Recorder::new();
    assert_eq!(fibonacci(3), 2);
    let spans = recorder.spans();
    assert_eq!(spans.len(), 5);
    let last = spans.last().unwrap();
    assert_eq!(spans.iter().filter(|span| span.is_below(last)).count(), 2);
}

#[instrument_llm(operation = execute_tool)]
fn never() -> ! {
    std::panic::panic_any("never");
}

#[instrument_llm(operation = execute_tool)]
async fn async_never(a: &str) -> ! {
    loop {
        if a.len() > 2 {
            std::panic::panic_any("async never");
        }
        tokio::task::yield_now().await;
    }
}

#[instrument_llm(operation = execute_tool)]
fn panics(a: u8) -> u8 {
    assert!(a > 100, "not enough");
    a
}

#[instrument_llm(operation = execute_tool)]
fn panicking_future() -> impl Future<Output = u8> {
    async { std::panic::panic_any("future") }
}

#[instrument_llm(operation = execute_tool)]
async fn unfinished() -> u8 {
    todo!("later")
}

#[test]
fn a_panic_is_recorded_and_goes_on() {
    type Run = fn() -> u8;
    let runs: [(&str, Run); 5] = [
        ("never", || never()),
        ("async_never", || block_on(async_never("abc"))),
        ("panics", || panics(1)),
        ("panicking_future", || block_on(panicking_future())),
        ("unfinished", || block_on(unfinished())),
    ];
    for (name, run) in runs {
        let recorder = Recorder::new();
        catch_unwind(run).unwrap_err();
        let span = recorder.span();
        assert_eq!(span.name(), format!("execute_tool {name}"));
        assert_eq!(span.text("error.type").as_deref(), Some("panic"));
    }
}

#[test]
fn a_function_that_never_returns_can_be_cancelled() {
    let recorder = Recorder::new();
    block_on(async {
        let mut future = Box::pin(async_never(""));
        assert!((&mut future).now_or_never().is_none());
    });
    assert_eq!(recorder.span().text("error.type").as_deref(), Some("cancelled"));
}

#[test]
fn a_panic_leaves_no_span_behind() {
    let recorder = Recorder::new();
    catch_unwind(|| panics(1)).unwrap_err();
    assert_eq!(panics(101), 101);
    let spans = recorder.spans();
    assert_eq!(spans.iter().map(Recorded::name).collect::<Vec<_>>(), ["execute_tool panics"; 2]);
    assert!(!spans[1].is_below(&spans[0]));
}
