//! `#[track_caller]`: the body knows who called the function.

use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{block_on, recorded};

type Place = &'static Location<'static>;

/// An error that remembers where it was made.
#[derive(Debug, thiserror::Error)]
#[error("at {place}")]
struct Located {
    place: Place,
}

impl From<std::num::ParseIntError> for Located {
    #[track_caller]
    fn from(_: std::num::ParseIntError) -> Self {
        Self { place: Location::caller() }
    }
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn free() -> Place {
    Location::caller()
}

#[instrument_llm(operation = execute_tool)]
#[track_caller]
fn asking(a: &str) -> Result<(u8, Place), Located> {
    let mut sum = 0;
    'body: for part in a.split(',') {
        if part.is_empty() {
            break 'body;
        }
        sum += part.parse::<u8>()?;
        let a: u8 = part.parse()?;
        if a == 7 {
            return Ok((7, Location::caller()));
        }
        // The exits of these are their own.
        let half = |a: u8| -> Option<u8> { (a != 0).then_some(a / 2)?.checked_add(0) };
        let _ = half(a);
        sum += loop {
            if a == 9 {
                return match "".parse::<u8>() {
                    Ok(b) => Ok((b, Location::caller())),
                    Err(error) => Err(Located::from(error)),
                };
            }
            if a > 0 {
                break 0;
            }
        };
    }
    Ok((sum, Location::caller()))
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn odd(a: u8) -> u8 {
    if a == 0 {
        return 'inner: loop {
            if a == 0 {
                break 'inner 1;
            }
        };
    }
    match a {
        1 => return 2,
        _ => 3,
    }
}

struct S<T>(T);

#[instrument_llm(operation = execute_tool)]
impl<T: Clone> S<T> {
    #[track_caller]
    fn method(&mut self, value: T) -> (T, Place) {
        self.0 = value;
        (self.0.clone(), Location::caller())
    }

    #[cfg_attr(all(), track_caller)]
    fn generic<U>(&self, value: Option<U>) -> Option<(T, U, Place)> {
        if true {
            let value = value?;
            return Some((self.0.clone(), value, Location::caller()));
        }
        None
    }
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn opaque(a: u8) -> Result<impl std::fmt::Display, Located> {
    let _: u8 = if a == 0 { "".parse()? } else { a };
    Ok(Location::caller())
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn flow(a: u8) -> ControlFlow<Place, u8> {
    let a = if a == 0 { ControlFlow::Break(Location::caller()) } else { ControlFlow::Continue(a) }?;
    ControlFlow::Continue(a + 1)
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn polls(a: Poll<Result<u8, std::num::ParseIntError>>) -> Poll<Option<Result<u8, Located>>> {
    let Poll::Ready(a) = a? else { return Poll::Pending };
    Poll::Ready(Some(Ok(a)))
}

/// Asserts that a place is on the line that says so.
macro_rules! here {
    ($place:expr) => {
        assert_eq!($place.line(), line!())
    };
}

#[test]
fn the_caller_is_the_line_of_the_call() {
    let recorder = Recorder::new();
    let mut s = S('a');
    here!(free());
    here!(asking("1,2").unwrap().1);
    here!(asking("7,").unwrap().1);
    here!(asking("1,x").unwrap_err().place);
    here!(asking("9").unwrap_err().place);
    here!(s.method('b').1);
    here!(s.generic(Some(1)).unwrap().2);
    here!(flow(0).break_value().unwrap());
    here!(polled(polls(Poll::Ready("".parse()))).unwrap_err().place);
    let line = opaque(1).map(|place| (place.to_string(), line!())).unwrap();
    assert!(line.0.contains(&format!(":{}:", line.1)), "{line:?}");
    assert_eq!(recorder.spans().len(), 10);
}

fn polled<T>(polled: Poll<Option<T>>) -> T {
    match polled {
        Poll::Ready(Some(value)) => value,
        _ => panic!("nothing there"),
    }
}

#[test]
fn each_exit_gives_what_it_gave() {
    assert_eq!(recorded(&["execute_tool asking"], || asking("1,2")).unwrap().0, 3);
    assert_eq!(recorded(&["execute_tool generic"], || S(1).generic(None::<u8>)), None);
    assert_eq!(recorded(&["execute_tool flow"], || flow(1)), ControlFlow::Continue(2));
    assert!(recorded(&["execute_tool polls"], || polls(Poll::Pending)).is_pending());
    let ready = recorded(&["execute_tool polls"], || polls(Poll::Ready(Ok(1))));
    assert_eq!(polled(ready).unwrap(), 1);
    assert_eq!(recorded(&["execute_tool odd"; 3], || [odd(0), odd(1), odd(2)]), [1, 2, 3]);
}

/// Whatever was returned is of no interest.
fn ignore<T>(_: T) {}

#[test]
fn what_leaves_is_what_is_recorded() {
    let error = |run: &dyn Fn()| {
        let recorder = Recorder::new();
        run();
        recorder.span().text("error.type")
    };
    let located = Some("shapes::track_caller::Located".to_owned());
    assert_eq!(error(&|| ignore(asking("1,x"))), located);
    assert_eq!(error(&|| ignore(asking("9"))), located);
    assert_eq!(error(&|| ignore(opaque(0))), located);
    assert_eq!(error(&|| ignore(asking("7"))), None);
    assert_eq!(error(&|| ignore(S(0).generic(None::<u8>))), None);
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn panics(a: Option<u8>) -> u8 {
    a.expect("something")
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn never() -> ! {
    std::panic::panic_any(Location::caller())
}

#[test]
fn a_panic_names_the_caller() {
    let recorder = Recorder::new();
    let before = std::panic::take_hook();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::panic::set_hook(Box::new(move |info| {
        let _ = sender.send(info.location().map(Location::line));
    }));
    let line = catch_unwind(|| panics(None)).map_or(line!(), |_| 0);
    let caught = catch_unwind(AssertUnwindSafe(|| never())).unwrap_err();
    std::panic::set_hook(before);
    assert_eq!(receiver.recv().unwrap(), Some(line));
    assert_eq!(caught.downcast_ref::<Place>().unwrap().line(), line + 1);
    let errors: Vec<_> = recorder.spans().iter().map(|span| span.text("error.type")).collect();
    assert_eq!(errors, [Some("panic".to_owned()), Some("panic".to_owned())]);
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn future(a: &str) -> impl Future<Output = Result<(u8, Place), Located>> + use<> {
    let place = Location::caller();
    let a = a.parse::<u8>();
    async move {
        ready(()).await;
        Ok((a?, place))
    }
}

#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn boxed(a: u8) -> Pin<Box<dyn Future<Output = Place> + Send>> {
    let place = Location::caller();
    if a == 0 {
        return Box::pin(ready(place));
    }
    Box::pin(async move { place })
}

#[test]
fn a_function_that_returns_a_future_knows_its_caller() {
    let turn = Recorder::new();
    here!(block_on(future("1")).unwrap().1);
    here!(block_on(boxed(0)));
    here!(block_on(boxed(1)));
    drop(turn);
    let recorder = Recorder::new();
    block_on(future("x")).unwrap_err();
    let error = recorder.span().text("error.type");
    assert_eq!(error.as_deref(), Some("shapes::track_caller::Located"));
}
