//! The veto of the final binary: `LLMOBS_COMPILED_OUT` turns out what features turn on.
//!
//! An environment variable, since neither `--cfg` nor a feature of the binary's own reaches everything: with
//! `--target`, flags go past the macros, and features only ever add.

const VARIABLE: &str = "LLMOBS_COMPILED_OUT";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    println!("cargo::rustc-check-cfg=cfg(compiled_out)");
    let said = std::env::var_os(VARIABLE).unwrap_or_default();
    let said = said.to_string_lossy();
    let vetoed = match &*said {
        // The macros know these two, too.
        "1" | "true" => true,
        "" | "0" | "false" => false,
        _ => {
            println!(
                "cargo::error={VARIABLE} is `{said}`: set it to `1` or `true` to compile all recording out, to `0` or \
                 `false` to leave it to the cargo features"
            );
            return;
        }
    };
    // One name for the two ways to be out.
    if vetoed || std::env::var_os("CARGO_FEATURE_ENABLE").is_none() {
        println!("cargo::rustc-cfg=compiled_out");
    }
}
