//! The final binary.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use guide::tools::{Tool, Tools, plain};

fn main() {
    let telemetry = watch::set_up();
    guide::chat::ask("?");
    let tools = Tools;
    let grown = size_of_val(&tools.weather("Bern")) - size_of_val(&plain(&tools, "Bern"));
    println!("grown = {grown}");
    let mut call = pin!(tools.call("Bern"));
    assert_eq!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(4));
    tools.clock();
    watch::report();
    telemetry.shutdown().expect("in time");
}
