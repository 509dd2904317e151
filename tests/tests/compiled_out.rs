//! Without a feature nothing is left of llmobs: shown in a workspace that has none, as a stranger's would be.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use llmobs_tests::scratch::{Package, Scratch};

#[path = "compiled_out/by_hand.rs"]
mod by_hand;
#[path = "compiled_out/corpus.rs"]
mod corpus;
#[path = "compiled_out/cost.rs"]
mod cost;
#[path = "compiled_out/dependencies.rs"]
mod dependencies;
#[path = "compiled_out/errors.rs"]
mod errors;

/// What a package depends on that annotates its functions.
const LLMOBS: &str = "[dependencies]
llmobs-runtime = { path = '{llmobs}/llmobs-runtime' }
";

/// What one depends on whose functions return streams.
const LLMOBS_AND_STREAMS: &str = "[dependencies]
futures-core = { version = \"0.3\", default-features = false, features = [\"std\"] }
llmobs-runtime = { path = '{llmobs}/llmobs-runtime' }
";

/// One workspace for all tests, which take turns.
fn scratch() -> MutexGuard<'static, Scratch> {
    static SCRATCH: LazyLock<Mutex<Scratch>> = LazyLock::new(|| {
        let corpus = Package::new("corpus", LLMOBS_AND_STREAMS)
            .folder("compiled-out/corpus", "src/corpus")
            .file("src/main.rs", include_str!("../compiled-out/main.rs"));
        let by_hand = Package::new("by-hand", LLMOBS)
            .file("src/main.rs", include_str!("../compiled-out/by_hand.rs"));
        let faults = Package::new("faults", LLMOBS_AND_STREAMS).folder(errors::FOLDER, "src/bin");
        let packages = vec![corpus, by_hand, faults];
        Mutex::new(Scratch::new(env!("CARGO_TARGET_TMPDIR"), "compiled-out", packages))
    });
    SCRATCH.lock().unwrap_or_else(PoisonError::into_inner)
}
