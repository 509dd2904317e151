//! The veto of the final binary: `LLMOBS_COMPILED_OUT` turns out what the features of a dependency turn on.

#[path = "veto/proof.rs"]
mod proof;
#[path = "veto/switch.rs"]
mod switch;
#[path = "veto/twins.rs"]
mod twins;

use llmobs_tests::scratch::Package;

/// The dependency that wants the console, whoever else does.
fn watch() -> Package {
    let manifest = "[dependencies]\n\
        llmobs-runtime = { path = '{llmobs}/llmobs-runtime', features = [\"console\"] }\n\
        opentelemetry = { version = \"0.33\", default-features = false, features = [\"trace\"] }\n";
    Package::new("watch", manifest).file("src/lib.rs", include_str!("../veto/watch.rs"))
}
