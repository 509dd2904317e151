//! `unsafe` functions. The workspace forbids them, so they are compiled, and run, as a program of their own.

#[test]
fn unsafe_functions_stay_unsafe() {
    trybuild::TestCases::new().pass("tests/shapes/unsafety/functions.rs");
}
