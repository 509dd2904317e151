//! Functions with qualifiers.

use std::hint::black_box;
use std::panic::Location;

use llmobs_runtime::instrument_llm;

use super::{awaits, pause, says};

pub fn run() {
    let value = black_box(7);
    says("reads_pointer", unsafe { reads_pointer(&value) });
    says("foreign", foreign(black_box(3), black_box(4)));
    says("foreign_named", unsafe { corpus_foreign_named(&value) });
    says("tracked", tracked(black_box(1)));
    says("tracked_early", tracked_early(black_box(None)));
    let bytes: &'static [u8] = black_box(&[1, 2]);
    says("unsafe_async", awaits("unsafe_async", unsafe { unsafe_async(bytes, 1) }));
    says("located", located(black_box(2)));
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
unsafe fn reads_pointer(pointer: *const u32) -> u32 {
    unsafe { *pointer * 7_001 }
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
extern "C" fn foreign(a: u32, b: u32) -> u32 {
    a * 7_013 + b
}

#[instrument_llm(operation = execute_tool)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn corpus_foreign_named(a: *const u32) -> u32 {
    unsafe { *a + 7_019 }
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
#[track_caller]
fn tracked(x: u32) -> (u32, u32) {
    (Location::caller().line(), x * 7_027)
}

#[inline(never)]
#[track_caller]
#[instrument_llm(operation = execute_tool)]
fn tracked_early(x: Option<u32>) -> Option<u32> {
    let x = x?;
    Some(x + Location::caller().column() + 7_039)
}

#[instrument_llm(operation = execute_tool)]
async unsafe fn unsafe_async(values: &[u8], at: usize) -> u32 {
    pause().await;
    u32::from(unsafe { *values.get_unchecked(at) }) * 7_043
}

/// Where it stands is a part of what it returns.
#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn located(x: u32) -> (u32, u32, u32) {
    (line!(), column!(), x * 7_057)
}
