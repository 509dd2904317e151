use std::future::ready;
use std::task::{Context, Poll, Waker};

use llmobs_runtime::instrument_llm;

#[instrument_llm(operation = execute_tool)]
unsafe fn reads(a: *const u8) -> u8 {
    unsafe { *a }
}

#[instrument_llm(operation = execute_tool)]
async unsafe fn async_reads(a: &[u8], at: usize) -> u8 {
    ready(()).await;
    unsafe { *a.get_unchecked(at) }
}

#[instrument_llm(operation = execute_tool)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn llmobs_tests_reads(a: *const u8) -> u8 {
    unsafe { *a }
}

#[instrument_llm(operation = execute_tool)]
#[track_caller]
pub(crate) unsafe fn tracked(a: Option<*const u8>) -> Option<u8> {
    Some(unsafe { *a? })
}

struct S(u8);

#[instrument_llm(operation = execute_tool)]
impl S {
    unsafe fn method(&mut self, a: *const u8) -> &mut u8 {
        self.0 = unsafe { *a };
        &mut self.0
    }
}

unsafe trait Tool {
    unsafe fn call(&self, a: *const u8) -> u8;
}

#[instrument_llm(operation = execute_tool)]
unsafe impl Tool for S {
    unsafe fn call(&self, a: *const u8) -> u8 {
        unsafe { *a }
    }
}

// Still unsafe to call: not one of these blocks is unused.
#[deny(unused_unsafe)]
fn main() {
    let a = 3;
    assert_eq!(unsafe { reads(&a) }, 3);
    let future = std::pin::pin!(unsafe { async_reads(&[1, 2], 1) });
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(2));
    assert_eq!(unsafe { llmobs_tests_reads(&a) }, 3);
    assert_eq!(unsafe { tracked(Some(&a)) }, Some(3));
    assert_eq!(unsafe { tracked(None) }, None);
    let mut s = S(0);
    assert_eq!(*unsafe { s.method(&a) }, 3);
    assert_eq!(unsafe { s.call(&a) }, 3);
    let pointer: unsafe extern "C" fn(*const u8) -> u8 = llmobs_tests_reads;
    assert_eq!(unsafe { pointer(&a) }, 3);
    let pointer: unsafe fn(*const u8) -> u8 = reads;
    assert_eq!(unsafe { pointer(&a) }, 3);
}

use std::future::Future as _;
