//! What it costs to compile the macros, next to an attribute that does nothing and needs the same crates.

use std::fs;

use llmobs_tests::scratch::{Package, Scratch};

const NOTHING: &str = "use quote::ToTokens;

#[proc_macro_attribute]
pub fn nothing(_: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    syn::parse_macro_input!(item as syn::Item).into_token_stream().into()
}
";

const ROUNDS: usize = 5;

/// Seconds that a CPU has spent on what this process has started and waited for, its own children included.
fn spent() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    // `cutime` and `cstime`, in hundredths of a second.
    let ticks: u32 = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(|it| it.parse::<u32>().expect("ticks"))
        .sum();
    f64::from(ticks) / 100.0
}

fn seconds(scratch: &Scratch, arguments: &[&str]) -> f64 {
    let before = spent();
    let output = scratch.cargo(arguments, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    spent() - before
}

/// The least of some rounds: the others were disturbed. Of a clean build, and of that of the macro alone.
fn least(scratch: &Scratch, user: &str, macros: &str) -> (f64, f64) {
    let mut least = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        scratch.clean();
        let all = seconds(scratch, &["build", "-q", "-p", user]);
        seconds(scratch, &["clean", "-q", "-p", macros]);
        let alone = seconds(scratch, &["build", "-q", "-p", user]);
        least = (least.0.min(all), least.1.min(alone));
    }
    least
}

#[test]
#[ignore = "measures, which takes a minute on a quiet machine: `--ignored --nocapture`"]
fn the_macro_next_to_one_that_does_nothing() {
    let needed = ["proc-macro2 = ", "quote = ", "syn = "];
    let dependencies: Vec<_> = include_str!("../../../Cargo.toml")
        .lines()
        .filter(|line| needed.iter().any(|name| line.starts_with(name)))
        .collect();
    assert_eq!(dependencies.len(), needed.len());
    let nothing =
        format!("[lib]\nproc-macro = true\n\n[dependencies]\n{}\n", dependencies.join("\n"));
    let packages = vec![
        Package::new("nothing", &nothing).file("src/lib.rs", NOTHING),
        Package::new("with-nothing", "[dependencies]\nnothing = { path = '../nothing' }\n")
            .file("src/lib.rs", ""),
        Package::new(
            "with-llmobs",
            "[dependencies]\nllmobs-macros = { path = '{llmobs}/llmobs-macros' }\n",
        )
        .file("src/lib.rs", ""),
    ];
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "compiled-out-cost", packages);
    let nothing = least(&scratch, "with-nothing", "nothing");
    let ours = least(&scratch, "with-llmobs", "llmobs-macros");
    println!("CPU seconds, the least of {ROUNDS} | clean build | the macro alone");
    println!("an attribute that does nothing | {:.2} | {:.2}", nothing.0, nothing.1);
    println!("llmobs-macros | {:.2} | {:.2}", ours.0, ours.1);
    println!("ratio | {:.2} | {:.1}", ours.0 / nothing.0, ours.1 / nothing.1);
}
