//! What says what is recorded: the environment of the build, the configuration of cargo, features of a library.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use llmobs_tests::scratch::{Package, Scratch};

use super::watch;

const VARIABLE: &str = "LLMOBS_COMPILED_OUT";

/// Both tests build in the same place.
static PLACE: Mutex<()> = Mutex::new(());

/// A library with features, a dependency that wants the console, and the program made of both.
fn workspace() -> Scratch {
    let guide = "[dependencies]\n\
        llmobs-runtime = { path = '{llmobs}/llmobs-runtime' }\n\
        [features]\nchat = []\ntools = []\n";
    let tour = "[dependencies]\nguide = { path = '../guide' }\nwatch = { path = '../watch' }\n\
        [features]\nchat = [\"guide/chat\"]\ntools = [\"guide/tools\"]\n";
    let packages = vec![
        Package::new("guide", guide).file("src/lib.rs", include_str!("../../veto/guide.rs")),
        watch(),
        Package::new("tour", tour).file("src/main.rs", include_str!("../../veto/tour.rs")),
    ];
    Scratch::new(env!("CARGO_TARGET_TMPDIR"), "veto-switch", packages)
}

/// Builds and runs the program as most people do: for this machine, without saying so.
fn run(root: &Path, features: &str, veto: Option<&str>) -> Output {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--offline", "--package", "tour", "--features", features]);
    cargo.current_dir(root).env("CARGO_TARGET_DIR", root.join("target"));
    cargo.env_remove(VARIABLE).env("CARGO_TERM_COLOR", "never").env("CARGO_INCREMENTAL", "0");
    cargo.envs(veto.map(|said| (VARIABLE, said)));
    cargo.output().unwrap()
}

/// What of the program was recorded, in the order of the console's lines; whether a function's future is as it was.
fn recorded(output: &Output) -> (Vec<&'static str>, bool) {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{out}\n{err}");
    let spans = ["chat ask", "execute_tool call", "execute_tool weather", "execute_tool clock"];
    let found: Vec<_> = spans.into_iter().filter(|span| err.contains(span)).collect();
    assert_eq!(found.is_empty(), err.is_empty(), "{err}");
    assert_eq!(found.is_empty(), out.contains("global = false"), "{out}");
    (found, out.contains("grown = 0\n"))
}

const ALL: [&str; 4] =
    ["chat ask", "execute_tool call", "execute_tool weather", "execute_tool clock"];

#[test]
fn a_change_of_the_veto_builds_anew() {
    let _alone = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    let scratch = workspace();
    let configuration = scratch.root().join(".cargo/config.toml");
    let _ = fs::remove_file(&configuration);
    let run = |veto| run(scratch.root(), "chat,tools", veto);
    assert_eq!(recorded(&run(None)), (ALL.to_vec(), false));
    assert_eq!(recorded(&run(Some("1"))), (vec![], true));

    fs::create_dir_all(configuration.parent().unwrap()).unwrap();
    fs::write(&configuration, format!("[env]\n{VARIABLE} = \"true\"\n")).unwrap();
    assert_eq!(recorded(&run(None)), (vec![], true), "cargo's own configuration");
    assert_eq!(recorded(&run(Some("0"))), (ALL.to_vec(), false), "which the environment overrides");
    fs::remove_file(&configuration).unwrap();
    assert_eq!(recorded(&run(Some("true"))), (vec![], true));
    assert_eq!(recorded(&run(None)), (ALL.to_vec(), false));

    let refused = run(Some("yes"));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && told.contains("LLMOBS_COMPILED_OUT is `yes`"), "{told}");
}

#[test]
fn features_of_a_library_say_what_of_it_is_recorded() {
    let _alone = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    let scratch = workspace();
    let run = |features| run(scratch.root(), features, None);
    assert_eq!(recorded(&run("")), (vec!["execute_tool clock"], true));
    assert_eq!(recorded(&run("chat")), (vec!["chat ask", "execute_tool clock"], true));
    let tools = vec!["execute_tool weather", "execute_tool clock"];
    assert_eq!(recorded(&run("tools")), (tools, false));
    assert_eq!(recorded(&run("chat,tools")), (ALL.to_vec(), false));
}
