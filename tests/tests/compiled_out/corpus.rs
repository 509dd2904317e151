//! The corpus of `tests/compiled-out` in a release build, with its annotations and without.

use llmobs_tests::scratch::{
    Artifacts, Package, Scratch, compare, functions, readable, unannotated,
};

/// A program made of the corpus.
fn corpus() -> Package {
    let manifest = "[dependencies]\n\
        futures-core = { version = \"0.3\", default-features = false, features = [\"std\"] }\n\
        llmobs-runtime = { path = '{llmobs}/llmobs-runtime' }\n";
    Package::new("corpus", manifest)
        .folder("compiled-out/corpus", "src/corpus")
        .file("src/main.rs", include_str!("../../compiled-out/main.rs"))
}

#[test]
fn annotations_leave_no_trace() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "compiled-out", vec![corpus()]);
    let with = scratch.build("corpus", &[], str::to_owned);
    let without = scratch.build("corpus", &[], unannotated);
    let same = compare(&without, &with).unwrap_or_else(|difference| panic!("{difference}"));
    println!("{same}");
    println!("{}", with.stdout);
    let seeded = scratch.build("corpus", &[], |text| text.replace("3_001", "3_002"));
    let difference = compare(&without, &seeded).expect_err("a seeded difference");
    println!("{difference}");
    let _: (&Artifacts, _, _) = (&with, functions as fn(_) -> _, readable as fn(_) -> _);
}
