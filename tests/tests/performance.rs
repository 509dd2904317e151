//! What the README says of performance is what the benches have written.

#[test]
fn the_readme_tells_what_was_measured() {
    let readme = llmobs_bench::readme().expect("the README");
    let told = llmobs_bench::section(&readme).expect("a section between comments");
    let measured = llmobs_bench::summary().expect("files of results");
    assert!(measured.lines().count() > 3, "the files say something: {measured}");
    assert_eq!(told, measured, "`cargo bench -p llmobs-tests` writes both");
}
