//! What the two readers of the conventions share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::table::Facts;

/// Attributes of one signal: level and whether samplers may want it.
pub(crate) type Levels = BTreeMap<String, (String, bool)>;

/// Where copies of the conventions lie, if any do.
pub(crate) fn beside() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conventions");
    folder.is_dir().then_some(folder)
}

/// The elements of an array, none where it is missing.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// A text that must be there.
pub(crate) fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// Adds what only a refinement has. What it requires is required of one provider only.
pub(crate) fn refine(base: &mut Levels, refinement: Levels) {
    for (name, (level, _)) in refinement {
        let level = if level == "required" { "conditionally_required".to_owned() } else { level };
        base.entry(name).or_insert((level, false));
    }
}

/// One fact for each level, one for each attribute that samplers may want.
pub(crate) fn add_levels(facts: &mut Facts, signal: &str, levels: &Levels) {
    for (name, (level, sampling)) in levels {
        facts.insert(format!("{signal} attribute {name} {level}"));
        if *sampling {
            facts.insert(format!("{signal} sampling {name}"));
        }
    }
}

/// `create_agent {gen_ai.agent.name}` is the same format as one that names the operation's
/// attribute.
pub(crate) fn general(format: &str, operation: Option<&str>) -> String {
    let rest = operation.and_then(|name| format.strip_prefix(name));
    rest.map_or(format.to_owned(), |rest| format!("{{gen_ai.operation.name}}{rest}"))
}

/// Finds out which attributes are content: those that are opt-in wherever a span has them.
#[derive(Default)]
pub(crate) struct Content(BTreeMap<String, bool>);

impl Content {
    /// Takes note of one span's levels.
    pub(crate) fn see(&mut self, levels: &Levels) {
        for (name, (level, _)) in levels {
            *self.0.entry(name.clone()).or_insert(true) &= level == "opt_in";
        }
    }

    /// One fact for each attribute that is content.
    pub(crate) fn add(self, facts: &mut Facts) {
        for (name, _) in self.0.into_iter().filter(|(_, opt_in)| *opt_in) {
            facts.insert(format!("attribute {name} content"));
        }
    }
}
