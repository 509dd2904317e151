//! What stands under `examples/dashboards/`, as the queries that it makes.

mod grafana;
mod rules;
pub mod workload;

use std::fs;
use std::path::{Path, PathBuf};

pub use grafana::{Dashboard, LabelValues, Naming};
pub use rules::{Price, Rule, prices, rules};

/// A query, and where it stands.
#[derive(Clone, Debug)]
pub struct Query {
    /// The file, and the panel or rule in it.
    pub place: String,
    /// The query as it is sent.
    pub text: String,
}

/// The directory of all of them, or one below.
pub fn directory(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/dashboards").join(of)
}

/// A file of theirs.
///
/// # Panics
///
/// When it cannot be read.
pub fn read(path: &str) -> String {
    let path = directory(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
