//! Vetoed, annotations leave no trace in a release build, though a dependency brings a backend.

use std::fs;
use std::process::{Command, Output};

use llmobs_tests::scratch::{Artifacts, Package, Scratch, compare, unannotated};

use super::watch;

const VETO: &[(&str, &str)] = &[("LLMOBS_COMPILED_OUT", "1")];

/// What the console prints of a trace, and at the end.
const TRACE: &str = " UTC  trace ";
const SUMMARY: &str = "  calls  errors  ";

/// A library that annotates, a dependency that wants the console, and the program made of both.
fn packages() -> Vec<Package> {
    let library = "[dependencies]\n\
        futures-core = { version = \"0.3\", default-features = false, features = [\"std\"] }\n\
        llmobs-runtime = { path = '{llmobs}/llmobs-runtime' }\n";
    let program =
        "[dependencies]\nlibrary = { path = '../library' }\nwatch = { path = '../watch' }\n";
    vec![
        Package::new("library", library)
            .folder("compiled-out/corpus", "src/corpus")
            .file("src/lib.rs", include_str!("../../veto/library.rs")),
        watch(),
        Package::new("program", program).file("src/main.rs", include_str!("../../veto/main.rs")),
    ]
}

/// Without the modules that compile only where nothing is recorded.
fn recordable(text: &str) -> String {
    let only_out = ["mod by_hand;", "by_hand::run();", "mod streams;", "streams::run();"];
    only_out.iter().fold(text.to_owned(), |text, line| text.replace(line, ""))
}

/// Runs a program that was built before.
fn run(program: &Artifacts, name: &str) -> Output {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    fs::write(&path, &program.binary).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    }
    Command::new(&path).env_clear().output().unwrap()
}

#[test]
fn vetoed_annotations_leave_no_trace() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "veto", packages());
    let without = scratch.build("program", VETO, unannotated);
    let with = scratch.build("program", VETO, str::to_owned);
    let same = compare(&without, &with).unwrap_or_else(|difference| panic!("{difference}"));
    println!("{same}");
    assert_eq!(same.crates, 3);
    assert!(same.functions > 100, "the corpus is there");
    let printed = |line| with.stdout.lines().any(|printed| printed == line);
    assert!(printed("threads = 1") || !cfg!(target_os = "linux"));
    assert!(printed("global = false"));
    let silent = String::from_utf8(run(&with, "vetoed").stderr).unwrap();
    assert!(!silent.contains(TRACE) && !silent.contains(SUMMARY), "{silent}");

    // What the same program is without the veto: all of this could have shown.
    let on = scratch.build("program", &[], recordable);
    let spans = String::from_utf8(run(&on, "unvetoed").stderr).unwrap();
    assert!(spans.contains(TRACE) && spans.contains(SUMMARY), "{spans}");
    assert!(on.stdout.contains("global = true") && !on.stdout.contains("threads = 1\n"));
    let difference = compare(&with, &on).expect_err("a function that is recorded is another");
    assert!(difference.0.len() > 50, "{difference}");
}
