//! Strings of which a program uses few, kept for ever: models, names of spans, finish reasons, servers.
//!
//! A span and its metric points name the same dozen of strings call after call. Here each becomes a `&'static str`
//! once, which costs nothing to copy and to drop. What is kept is leaked on purpose, so it is bounded: 1,024 strings
//! of 256 bytes in the whole process. Ids never come here, and a string is kept only when it is seen a second time.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::conventions::{ATTRIBUTES, AttributeId, Level, METRICS, attr};
use crate::hash::{Hasher, Recent, place};

/// No more strings than this are kept in the process.
const LIMIT: usize = 1_024;
/// No string longer than this is kept.
const LENGTH: usize = 256;

/// Whether an attribute takes few values, so that they are worth keeping: it is a dimension of a metric, or it says
/// why a model stopped.
#[inline]
pub(crate) fn few_valued(id: AttributeId) -> bool {
    FEW.get(usize::from(id.index())).is_some_and(|few| *few)
}

/// Which attributes take few values, each at its index.
static FEW: [bool; ATTRIBUTES.len()] = {
    let mut few = [false; ATTRIBUTES.len()];
    let mut metric = 0;
    while metric < METRICS.len() {
        let attributes = METRICS[metric].attributes;
        let mut at = 0;
        while at < attributes.len() {
            let of = attributes[at];
            let index = of.id.index() as usize;
            few[index] |= (is_recorded(of.latest) || is_recorded(of.released))
                && !ATTRIBUTES[index].high_cardinality;
            at += 1;
        }
        metric += 1;
    }
    few[attr::GEN_AI_RESPONSE_FINISH_REASONS.id().index() as usize] = true;
    few
};

/// Whether a metric has an attribute without being asked for it.
const fn is_recorded(level: Option<Level>) -> bool {
    !matches!(level, None | Some(Level::OptIn))
}

/// The same string for ever, where it is kept; `None` where the caller has to copy it.
///
/// Takes no lock for a string that the thread has had before, and never waits for one.
pub(crate) fn interned(text: &str) -> Option<&'static str> {
    let mut hasher = Hasher::new();
    hasher.text(text);
    let wanted = Wanted { hash: hasher.finish(), first: text, second: None };
    wanted.find()
}

/// The same for `{first} {second}`, which is not put together where it is kept already.
pub(crate) fn interned_pair(first: &str, second: &str) -> Option<&'static str> {
    let mut hasher = Hasher::new();
    hasher.text(first);
    hasher.text(second);
    let wanted = Wanted { hash: hasher.finish(), first, second: Some(second) };
    wanted.find()
}

/// A string to look for, as it is or in two parts.
struct Wanted<'a> {
    hash: u64,
    first: &'a str,
    second: Option<&'a str>,
}

impl Wanted<'_> {
    fn is(&self, known: &str) -> bool {
        match self.second {
            None => known == self.first,
            Some(second) => {
                known.strip_prefix(self.first).and_then(|rest| rest.strip_prefix(' '))
                    == Some(second)
            }
        }
    }

    fn length(&self) -> usize {
        let second = self.second.map_or(0, |second| second.len().saturating_add(1));
        self.first.len().saturating_add(second)
    }

    fn text(&self) -> String {
        match self.second {
            None => self.first.to_owned(),
            Some(second) => [self.first, second].join(" "),
        }
    }

    fn find(&self) -> Option<&'static str> {
        if self.first.is_empty() || self.length() > LENGTH {
            return None;
        }
        // Nobody is called back meanwhile; a thread that ends may have none any more.
        LOCAL.try_with(|local| local.try_borrow_mut().ok()?.find(self)).ok()?
    }
}

thread_local! {
    static LOCAL: RefCell<Local> = RefCell::new(Local::new());
}

const BUCKETS: usize = 64;

/// What this thread had before.
struct Local {
    /// Each bucket with the latest in front; the empty string where there is none.
    known: Box<[[&'static str; 4]]>,
    recent: Recent,
}

impl Local {
    fn new() -> Self {
        Self { known: vec![[""; 4]; BUCKETS].into(), recent: Recent::new() }
    }

    fn find(&mut self, wanted: &Wanted<'_>) -> Option<&'static str> {
        let bucket = self.known.get_mut(place(wanted.hash, BUCKETS))?;
        if let Some(known) = bucket.iter().find(|known| wanted.is(known)) {
            return Some(known);
        }
        if !self.recent.again(wanted.hash) {
            return None;
        }
        // Whoever else is in there is done before a copy would be; but nobody waits.
        let kept = TABLE.try_lock().ok()?.keep(&wanted.text())?;
        bucket.rotate_right(1);
        if let Some(first) = bucket.first_mut() {
            *first = kept;
        }
        Some(kept)
    }
}

static TABLE: Mutex<Table> = Mutex::new(Table(BTreeSet::new()));

/// All that is kept in the process.
struct Table(BTreeSet<&'static str>);

impl Table {
    fn keep(&mut self, text: &str) -> Option<&'static str> {
        if let Some(known) = self.0.get(text) {
            return Some(known);
        }
        if self.0.len() >= LIMIT {
            return None;
        }
        let kept: &'static str = Box::leak(Box::from(text));
        self.0.insert(kept);
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With patience for the other tests, which may be at the table.
    fn patiently(find: impl Fn() -> Option<&'static str>) -> Option<&'static str> {
        (0..1_000).find_map(|_| {
            std::thread::yield_now();
            find()
        })
    }

    fn kept(text: &str) -> Option<&'static str> {
        patiently(|| interned(text))
    }

    fn is_kept(text: &str) -> bool {
        TABLE.lock().unwrap().0.contains(text)
    }

    #[test]
    fn a_string_is_kept_when_it_comes_again_and_is_one_for_all_threads() {
        assert_eq!(interned("intern-test-model"), None, "the first time");
        assert!(!is_kept("intern-test-model"));
        let here = kept("intern-test-model").unwrap();
        assert_eq!(here, "intern-test-model");
        let there = std::thread::spawn(|| kept("intern-test-model").unwrap()).join().unwrap();
        assert!(std::ptr::eq(here, there));
    }

    #[test]
    fn a_pair_is_the_string_of_both_with_a_space() {
        let patient = |a: &str, b: &str| patiently(|| interned_pair(a, b));
        assert_eq!(patient("chat", "intern-test-4o"), Some("chat intern-test-4o"));
        assert!(std::ptr::eq(
            patient("chat", "intern-test-4o").unwrap(),
            kept("chat intern-test-4o").unwrap()
        ));
        assert_eq!(patient("chat intern-test", "4o"), Some("chat intern-test 4o"));
        assert_eq!(patient("chat", "intern-test 4o"), Some("chat intern-test 4o"));
    }

    #[test]
    fn a_flood_of_values_seen_once_leaves_nothing() {
        for n in 0..20_000 {
            assert_eq!(interned(&format!("intern-flood-{n}")), None);
        }
        let table = TABLE.lock().unwrap();
        assert!(!table.0.iter().any(|known| known.starts_with("intern-flood-")));
    }

    #[test]
    fn what_is_long_or_empty_is_not_kept() {
        let longest = "x".repeat(LENGTH);
        assert_eq!(kept(&longest), Some(longest.as_str()));
        let longer = "y".repeat(LENGTH + 1);
        assert_eq!(kept(&longer), None);
        assert_eq!(kept(""), None);
        assert!((0..9).all(|_| interned_pair("y", &"y".repeat(LENGTH - 1)).is_none()));
    }

    #[test]
    fn the_table_is_bounded_and_still_knows_what_it_has() {
        let mut table = Table(BTreeSet::new());
        let kept = (0..2 * LIMIT).filter_map(|n| table.keep(&format!("bounded-{n}"))).count();
        assert_eq!((kept, table.0.len()), (LIMIT, LIMIT));
        assert_eq!(table.keep("bounded-7"), Some("bounded-7"));
        assert_eq!(table.keep("another"), None);
    }

    #[test]
    fn nobody_waits_for_the_table() {
        assert_eq!(interned("intern-test-busy"), None);
        let busy = TABLE.lock().unwrap();
        assert_eq!(interned("intern-test-busy"), None, "held by another");
        drop(busy);
        assert!(kept("intern-test-busy").is_some());
    }

    #[test]
    fn a_thread_finds_more_strings_than_it_holds_itself() {
        let texts: Vec<String> = (0..400).map(|n| format!("intern-many-{n}")).collect();
        for _ in 0..3 {
            for text in &texts {
                assert_eq!(kept(text), Some(text.as_str()));
            }
        }
    }

    #[test]
    fn ids_are_not_few() {
        for few in [
            attr::GEN_AI_REQUEST_MODEL.id(),
            attr::GEN_AI_RESPONSE_MODEL.id(),
            attr::GEN_AI_PROVIDER_NAME.id(),
            attr::SERVER_ADDRESS.id(),
            attr::ERROR_TYPE.id(),
            attr::GEN_AI_AGENT_NAME.id(),
            attr::GEN_AI_TOOL_NAME.id(),
            attr::GEN_AI_RESPONSE_FINISH_REASONS.id(),
        ] {
            assert!(few_valued(few), "{}", few.row().key);
        }
        for many in [
            attr::GEN_AI_RESPONSE_ID.id(),
            attr::GEN_AI_CONVERSATION_ID.id(),
            attr::GEN_AI_TOOL_CALL_ID.id(),
            attr::MCP_RESOURCE_URI.id(),
            AttributeId::new(255),
        ] {
            assert!(!few_valued(many), "{}", many.row().key);
        }
    }
}
