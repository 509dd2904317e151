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

/// Prints the size of a future, and what comes of it. Behind a pointer, so that its code is a function of its own.
#[inline(never)]
fn awaits<F: Future<Output: std::fmt::Debug> + 'static>(name: &str, future: F) {
    says(name, size_of_val(&future));
    let mut future: Pin<Box<dyn Future<Output = F::Output>>> = Box::pin(std::hint::black_box(future));
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 1;
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return says(name, (value, polls)),
            Poll::Pending => polls += 1,
        }
    }
}

/// Prints the size of a stream, and its items.
#[inline(never)]
fn reads<S: Stream<Item: std::fmt::Debug> + 'static>(name: &str, stream: S) {
    says(name, size_of_val(&stream));
    let mut stream: Pin<Box<dyn Stream<Item = S::Item>>> = Box::pin(std::hint::black_box(stream));
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(item)) = stream.as_mut().poll_next(&mut context) {
        says(name, item);
    }
}
