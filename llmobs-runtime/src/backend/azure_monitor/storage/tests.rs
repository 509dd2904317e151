//! The store by its behaviour on a real disk.

mod damage;
#[cfg(unix)]
mod permissions;
#[cfg(unix)]
mod processes;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::super::item::{Item, ItemKind};
use super::super::statistics::{Counters, DropReason};
use super::{Claim, Storage, Store, StoreError};

/// A directory for one test.
struct Place {
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("llmobs-test-{process}-{number}"));
        fs::create_dir(&path).expect("a new directory");
        Self { path }
    }

    fn storage(&self) -> Storage {
        Storage::at(&self.path)
    }

    fn store(&self) -> (Store, Arc<Counters>) {
        open(&self.storage())
    }

    /// The folder that the store has made.
    fn folder(&self) -> PathBuf {
        let mut folders = fs::read_dir(&self.path).expect("the directory");
        folders.next().expect("a folder").expect("a folder").path()
    }

    /// The names of the files, sorted.
    fn names(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder()).expect("the folder");
        let mut names: Vec<_> = files
            .map(|file| file.expect("a file").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        names
    }

    /// The only file.
    fn name(&self) -> String {
        let mut names = self.names();
        assert_eq!(names.len(), 1, "{names:?}");
        names.remove(0)
    }

    /// Gives the only file another time, in milliseconds since 1970.
    fn kept_at(&self, millis: u64) -> String {
        let name = self.name();
        let (_, rest) = name.split_once('-').expect("a name");
        let new = format!("{millis:013}-{rest}");
        fs::rename(self.folder().join(name), self.folder().join(&new)).expect("renamed");
        new
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn open(settings: &Storage) -> (Store, Arc<Counters>) {
    let counters = Arc::<Counters>::default();
    let store = Store::open(settings, "key|endpoint", Arc::clone(&counters));
    (store.expect("a store"), counters)
}

/// So many items, from this number on.
fn items(first: usize, count: usize) -> Vec<Item> {
    (first..first + count)
        .map(|number| {
            let kind = if number % 2 == 0 { ItemKind::Request } else { ItemKind::Metric };
            Item { kind, json: format!("{{\"number\":{number}}}").into_bytes() }
        })
        .collect()
}

/// Claims all there is, and is done with it.
fn drain(store: &Store) -> Vec<Vec<Item>> {
    std::iter::from_fn(|| {
        let claim = store.claim()?;
        let items = claim.items().to_vec();
        claim.done(&[]).expect("removed");
        Some(items)
    })
    .collect()
}

fn dropped(counters: &Counters) -> Vec<(DropReason, u64)> {
    let now = counters.now();
    let all = DropReason::ALL.into_iter().map(|reason| (reason, now.dropped(reason)));
    all.filter(|(_, count)| *count > 0).collect()
}

fn millis() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().expect("a clock");
    u64::try_from(since.as_millis()).expect("no overflow")
}

#[test]
fn what_is_kept_comes_back_oldest_first_and_once() {
    let place = Place::new();
    let (store, counters) = place.store();
    assert!(store.claim().is_none());
    for (first, count) in [(0, 3), (3, 1), (4, 512)] {
        store.keep(&items(first, count)).expect("kept");
    }
    store.keep(&[]).expect("nothing to keep");
    assert_eq!(place.names().len(), 3);
    assert_eq!(drain(&store), [items(0, 3), items(3, 1), items(4, 512)]);
    assert_eq!(place.names(), [""; 0]);
    assert_eq!((counters.now().stored, dropped(&counters)), (516, vec![]));
}

#[test]
fn a_later_process_finds_what_was_kept() {
    let place = Place::new();
    place.store().0.keep(&items(0, 3)).expect("kept");
    let (store, counters) = place.store();
    assert_eq!(drain(&store), [items(0, 3)]);
    assert_eq!(counters.now().stored, 0);
}

#[test]
fn a_claim_that_is_dropped_keeps_everything() {
    let place = Place::new();
    let (store, _) = place.store();
    store.keep(&items(0, 3)).expect("kept");
    let name = place.name();
    drop(store.claim().expect("a claim"));
    assert_eq!(place.name(), name);
    assert_eq!(drain(&store), [items(0, 3)]);
}

#[test]
fn what_is_left_over_takes_its_place_and_keeps_its_age() {
    let place = Place::new();
    let (store, counters) = place.store();
    store.keep(&items(0, 5)).expect("kept");
    let before = place.kept_at(millis() - 5_000);
    let (store, _) = (place.store().0, store);
    store.keep(&items(5, 1)).expect("kept");
    let claim = store.claim().expect("a claim");
    claim.done(&items(1, 2)).expect("written");
    let after = place.names().remove(0);
    assert_ne!(after, before);
    assert_eq!(after.get(..13), before.get(..13));
    assert!(after.ends_with("-2.v1.blob"), "{after}");
    assert_eq!(drain(&store), [items(1, 2), items(5, 1)]);
    assert_eq!(counters.now().stored, 5);

    // All of it left over: nothing is written.
    store.keep(&items(0, 5)).expect("kept");
    let name = place.name();
    store.claim().expect("a claim").done(&items(0, 5)).expect("released");
    assert_eq!(place.name(), name);
}

#[test]
fn two_claims_are_never_the_same() {
    let place = Place::new();
    let ((one, _), (other, _)) = (place.store(), place.store());
    one.keep(&items(0, 1)).expect("kept");
    one.keep(&items(1, 1)).expect("kept");
    one.keep(&items(2, 1)).expect("kept");
    let claims: Vec<Claim> =
        [one.claim(), other.claim(), one.claim()].into_iter().flatten().collect();
    let claimed: Vec<_> = claims.iter().map(Claim::items).collect();
    assert_eq!(claimed, [items(0, 1), items(1, 1), items(2, 1)]);
    assert!(one.claim().is_none() && other.claim().is_none());
    drop(claims);
    assert_eq!(drain(&other).len(), 3);
    assert!(one.claim().is_none());
}

#[test]
fn the_oldest_make_room_and_are_counted() {
    let place = Place::new();
    // Three files of a block each.
    let (store, counters) = open(&place.storage().max_bytes(3 * 4096));
    for count in 1..=5 {
        store.keep(&items(count * 10, count)).expect("kept");
    }
    assert_eq!(dropped(&counters), [(DropReason::StorageFull, 1 + 2)]);
    assert_eq!(drain(&store), [items(30, 3), items(40, 4), items(50, 5)]);
    assert_eq!(counters.now().stored, 15);
}

#[test]
fn what_is_being_sent_makes_no_room() {
    let place = Place::new();
    let (store, counters) = open(&place.storage().max_bytes(2 * 4096));
    store.keep(&items(0, 1)).expect("kept");
    store.keep(&items(1, 2)).expect("kept");
    let oldest = store.claim().expect("a claim");
    store.keep(&items(3, 3)).expect("kept");
    assert_eq!(dropped(&counters), [(DropReason::StorageFull, 2)]);
    let newest = store.claim().expect("a claim");
    assert!(matches!(store.keep(&items(6, 4)), Err(StoreError::Full { max: 8192 })));
    assert_eq!((oldest.items(), newest.items()), (&*items(0, 1), &*items(3, 3)));
    // What was refused is the caller's to count.
    assert_eq!(dropped(&counters), [(DropReason::StorageFull, 2)]);
    assert_eq!(counters.now().stored, 6);
}

#[test]
fn files_of_other_processes_count() {
    let place = Place::new();
    let (other, _) = place.store();
    for number in 0..4 {
        other.keep(&items(number, 1)).expect("kept");
    }
    let (store, counters) = open(&place.storage().max_bytes(2 * 4096));
    store.keep(&items(4, 1)).expect("kept");
    assert_eq!(dropped(&counters), [(DropReason::StorageFull, 3)]);
    // Two that were kept in the same millisecond have no order.
    let mut left = drain(&store);
    left.sort_by_key(|items| items[0].json.clone());
    assert_eq!(left, [items(3, 1), items(4, 1)]);
}

#[test]
fn what_alone_is_more_than_all_may_take_is_refused() {
    let place = Place::new();
    let (store, counters) = open(&place.storage().max_bytes(2 * 4096));
    store.keep(&items(0, 1)).expect("kept");
    let mut random = fastrand::Rng::with_seed(7);
    let json: Vec<u8> = (0..20_000).map(|_| random.alphanumeric() as u8).collect();
    let refused = store.keep(&[Item { kind: ItemKind::Message, json }]);
    assert!(matches!(refused, Err(StoreError::TooLarge { max: 8192, .. })), "{refused:?}");
    assert_eq!((counters.now().stored, dropped(&counters)), (1, vec![]));
    assert_eq!(drain(&store), [items(0, 1)]);
}

#[test]
fn very_many_items_become_several_files() {
    let place = Place::new();
    let (store, counters) = place.store();
    let large = |number: u8| Item { kind: ItemKind::Message, json: vec![b'0' + number; 3 << 20] };
    let all = [large(0), large(1), large(2)];
    store.keep(&all).expect("kept");
    assert_eq!(counters.now().stored, 3);
    assert_eq!(drain(&store).concat(), all);

    // Room for the first, which is claimed, and no more: the rest is counted here.
    let (store, counters) = open(&place.storage().max_bytes(8 * 4096));
    store.keep(&items(0, 1)).expect("kept");
    let _claim = store.claim().expect("a claim");
    let mut random = fastrand::Rng::with_seed(7);
    let mut all = all.to_vec();
    all.splice(
        1..,
        [Item {
            kind: ItemKind::Message,
            json: (0..5 << 20).map(|_| random.alphanumeric() as u8).collect(),
        }],
    );
    all.push(large(3));
    store.keep(&all).expect("the first is kept");
    assert_eq!(counters.now().stored, 2);
    assert_eq!(dropped(&counters), [(DropReason::NotStored, 2)]);
}

#[test]
fn what_is_too_old_is_removed_and_counted() {
    let place = Place::new();
    let settings = place.storage().retention(Duration::from_secs(10));
    for by_claim in [true, false] {
        place.store().0.keep(&items(0, 3)).expect("kept");
        place.kept_at(millis() - 9_000);
        let (store, counters) = open(&settings);
        assert_eq!((place.names().len(), dropped(&counters)), (1, vec![]));
        place.kept_at(millis() - 11_000);
        if by_claim {
            assert!(store.claim().is_none());
        } else {
            store.tidy();
        }
        assert_eq!(dropped(&counters), [(DropReason::Expired, 3)]);
        assert_eq!(place.names(), [""; 0]);
    }
    // A clock that was set back makes nothing old.
    let (store, counters) = open(&settings);
    store.keep(&items(0, 1)).expect("kept");
    place.kept_at(millis() + 1_000_000);
    store.tidy();
    assert_eq!((drain(&store), dropped(&counters)), (vec![items(0, 1)], vec![]));
}

#[test]
fn what_is_claimed_does_not_expire() {
    let place = Place::new();
    let (store, counters) = open(&place.storage().retention(Duration::from_secs(10)));
    store.keep(&items(0, 1)).expect("kept");
    let claim = store.claim().expect("a claim");
    place.kept_at(millis() - 11_000);
    store.tidy();
    assert_eq!(dropped(&counters), []);
    drop(claim);
    store.tidy();
    assert_eq!(dropped(&counters), [(DropReason::Expired, 1)]);
}

#[test]
fn a_directory_that_was_removed_is_made_again() {
    let place = Place::new();
    let (store, counters) = place.store();
    fs::remove_dir_all(&place.path).expect("removed");
    store.keep(&items(0, 2)).expect("kept");
    // A second one, made by another process instead of the one that is open here.
    fs::remove_dir_all(&place.path).expect("removed");
    place.store().0.keep(&items(2, 2)).expect("kept");
    store.tidy();
    assert_eq!(drain(&store), [items(2, 2)]);
    assert_eq!((counters.now().stored, dropped(&counters)), (2, vec![]));
}

#[test]
fn destinations_have_each_their_own() {
    let place = Place::new();
    let open_for =
        |identity: &str| Store::open(&place.storage(), identity, Arc::default()).expect("a store");
    let key = "11111111-2222-3333-4444-555555555555";
    let (one, other) = (open_for(&format!("{key}|here")), open_for(&format!("{key}|there")));
    one.keep(&items(0, 1)).expect("kept");
    assert!(other.claim().is_none());
    for folder in fs::read_dir(&place.path).expect("the directory") {
        let name = folder.expect("a folder").file_name().into_string().expect("a name");
        assert!(!name.contains("1111") && !name.contains("here"), "{name}");
    }
    assert_eq!(drain(&one), [items(0, 1)]);
}
