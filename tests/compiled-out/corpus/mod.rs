//! Functions of every shape, annotated; a program made of them is compiled with the annotations and without.
//!
//! No two functions do the same, so that none of them is merged with another, and each has a name of its own.
//!
//! No module has two `impl` blocks if one of them is annotated or derived: the hash in a symbol counts the blocks of
//! a module, and counts those that any macro wrote after the others.

mod asynchronous;
mod blocks;
mod by_hand;
mod futures;
mod generic;
mod streams;
mod synchronous;
mod types;
mod unusual;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

/// Prints what every function returns, and the size of every future and stream.
pub fn run() {
    synchronous::run();
    generic::run();
    asynchronous::run();
    futures::run();
    streams::run();
    blocks::run();
    unusual::run();
    types::run();
    by_hand::run();
}

/// What goes wrong.
#[derive(Debug)]
pub struct Fault(pub u32);

impl From<std::num::ParseIntError> for Fault {
    fn from(_: std::num::ParseIntError) -> Self {
        Self(17)
    }
}

/// Something to wait for: ready when it is asked a second time.
pub struct Once(bool);

pub fn pause() -> Once {
    Once(false)
}

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A line of what is compared.
fn says(name: &str, value: impl std::fmt::Debug) {
    println!("{name} = {value:?}");
}

/// What comes of a future. Prints its size, and how often it was polled: behind a pointer, so that its code is a
/// function of its own.
#[inline(never)]
fn awaits<F: Future + 'static>(name: &str, future: F) -> F::Output {
    println!("size of {name} = {}", size_of_val(&future));
    let future: Pin<Box<dyn Future<Output = F::Output>>> = Box::pin(future);
    let mut future = std::hint::black_box(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 1;
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => {
                println!("polls of {name} = {polls}");
                return value;
            }
            Poll::Pending => polls += 1,
        }
    }
}

/// The same of what stands behind a pointer.
fn boxed<T: ?Sized>(name: &str, pointer: Pin<Box<T>>) -> Pin<Box<T>> {
    println!("size of what {name} points at = {}", size_of_val(&*pointer));
    pointer
}

/// Prints the size of a stream, and its items.
#[inline(never)]
fn reads<S: Stream<Item: std::fmt::Debug> + 'static>(name: &str, stream: S) {
    println!("size of {name} = {}", size_of_val(&stream));
    let stream: Pin<Box<dyn Stream<Item = S::Item>>> = Box::pin(stream);
    let mut stream = std::hint::black_box(stream);
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(item)) = stream.as_mut().poll_next(&mut context) {
        says(name, item);
    }
}
