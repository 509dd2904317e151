//! What a package that annotates builds along with it.

use crate::scratch;

#[test]
fn only_what_a_macro_needs() {
    let output =
        scratch().cargo(&["tree", "-p", "by-hand", "-e", "normal,build", "--prefix", "none"], &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    let mut names: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    let expected = [
        "by-hand",
        "llmobs-macros",
        "llmobs-runtime",
        "proc-macro2",
        "quote",
        "syn",
        "unicode-ident",
    ];
    assert_eq!(names, expected);
}
