//! The corpus of `tests/compiled-out` in a release build, with its annotations and without.

use std::path::Path;
use std::{fs, iter};

use llmobs_tests::scratch::{Artifacts, Functions, compare, functions, unannotated};

use crate::scratch;

/// A function of the corpus.
#[derive(Debug)]
struct Written {
    name: String,
    asynchronous: bool,
}

impl Written {
    /// Its symbols' common part, however symbols are made.
    fn is(&self, symbol: &str) -> bool {
        let Self { name, asynchronous } = self;
        let named = symbol == *name || symbol.contains(&format!("{}{name}", name.len()));
        // What is awaited is a function in the one that returns it.
        named && (!asynchronous || symbol.contains("closure") || symbol.contains("NC"))
    }
}

/// The functions of a source that stand below one of `marks`, or in a block that does.
fn below<'a>(source: &'a str, marks: &'a [&'a str]) -> impl Iterator<Item = Written> + 'a {
    let mut marked = false;
    let mut block: Option<usize> = None;
    source.lines().filter_map(move |line| {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if marks.iter().any(|mark| text.starts_with(mark)) {
            marked = true;
        } else if text.starts_with("impl ") && marked {
            (marked, block) = (false, Some(indent));
        } else if text == "}" && block == Some(indent) {
            block = None;
        }
        let (before, after) = text.split_once("fn ").filter(|_| marked || block.is_some())?;
        let words =
            ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
        if !before.split_whitespace().all(|word| words.contains(&word)) {
            return None;
        }
        marked = false;
        let name = after.split(|it: char| !it.is_alphanumeric() && it != '_').next()?;
        Some(Written { name: name.to_owned(), asynchronous: before.contains("async") })
    })
}

/// The functions of the corpus of which the assembly has to hold something.
fn written() -> Vec<Written> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiled-out/corpus");
    let marks = ["#[instrument_llm", "#[llmobs_runtime::instrument_llm", "#[inline(never)]"];
    let sources = fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| fs::read_to_string(entry.expect("a file").path()).expect("a source"));
    let written: Vec<_> =
        sources.flat_map(|source| below(&source, &marks).collect::<Vec<_>>()).collect();
    let substituted = Written { name: "substituted".to_owned(), asynchronous: false };
    // Of one nothing is there, as its caller has it. One gets its name from a macro.
    let named = written.into_iter().filter(|it| it.name != "inlined" && !it.name.is_empty());
    named.chain(iter::once(substituted)).collect()
}

/// The functions of the corpus that are not in an assembly with instructions of their own.
fn missing(written: &[Written], functions: &Functions<'_>) -> Vec<String> {
    let there = |it: &&Written| {
        functions
            .iter()
            .any(|(symbol, function)| it.is(symbol) && function.instructions().count() > 1)
    };
    let missing = written.iter().filter(|it| !there(it));
    missing.map(|it| it.name.clone()).collect()
}

fn assembly(artifacts: &Artifacts) -> &str {
    artifacts.assembly.get("corpus").map_or("", String::as_str)
}

#[test]
fn annotations_leave_no_trace() {
    let scratch = scratch();
    let with = scratch.build("corpus", &[], str::to_owned);
    let without = scratch.build("corpus", &[], unannotated);
    let same = compare(&without, &with).unwrap_or_else(|difference| panic!("{difference}"));

    // All of it was there to be compared.
    let written = written();
    let functions = functions(assembly(&with));
    assert_eq!(missing(&written, &functions), [""; 0]);
    assert_eq!(missing(&written, &Functions::new()).len(), written.len());
    let sizes: Vec<_> = with.stdout.lines().filter(|line| line.starts_with("size of")).collect();
    println!("{same}");
    println!("{} functions of the corpus; {} futures and streams:", written.len(), sizes.len());
    println!("{}", sizes.join("\n"));
    assert!(written.len() >= 70 && sizes.len() >= 40, "{} and {}", written.len(), sizes.len());
    assert!(with.stdout.ends_with("threads = 1\n"), "{}", with.stdout);
    assert_eq!(with.warnings, "");

    // One other constant, in a function that runs, in one that never does, and in a future.
    let seeds = [
        ("x.wrapping_mul(3_001)", "x.wrapping_mul(3_002)", "synchronous::plain", true),
        ("code as i32 + 83", "code as i32 + 84", "synchronous::ends", false),
        ("bytes[7]) * 3_019", "bytes[7]) * 3_020", "asynchronous::holding", true),
    ];
    for (constant, other, name, shows) in seeds {
        let seeded =
            scratch.build("corpus", &[], |text| unannotated(text).replace(constant, other));
        let difference = compare(&without, &seeded).expect_err("a difference");
        println!("seeded:\n{difference}");
        let found = |what: &str| difference.0.iter().filter(|line| line.contains(what)).count();
        assert_eq!((found("function `"), found(name)), (1, 1), "{difference}");
        assert_eq!(found("printed") > 0, shows, "{difference}");
        assert_eq!(found("bytes of the program differ"), 1, "{difference}");
    }
}
