//! What does not compile, and what the compiler says then.
//!
//! Each file of `ui/` holds the faults of one topic, since all faults of a macro are reported together. What only
//! the type checker finds has files of its own: it does not run where a macro has reported something.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test -p llmobs-compile-fail`, and read the difference.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    // The workspace forbids `unsafe`, so these compile, and run, as a program of their own.
    cases.pass("tests/pass/unsafe_functions.rs");
}
