//! Files that are not as they were written.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::super::blob;
use super::super::name::Name;
use super::*;

#[test]
fn a_damaged_file_is_set_aside_and_the_next_is_claimed() {
    let place = Place::new();
    let (store, counters) = place.store();
    store.keep(&items(0, 3)).expect("kept");
    let damaged = place.folder().join(place.name());
    let mut bytes = fs::read(&damaged).expect("the file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&damaged, bytes).expect("written");
    store.keep(&items(3, 2)).expect("kept");
    assert_eq!(drain(&store), [items(3, 2)]);
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, 3)]);
    assert!(place.name().ends_with("-3.v1.corrupt"), "{}", place.name());
    // It is not looked at again.
    assert!(store.claim().is_none());
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, 3)]);
}

#[test]
fn damaged_files_make_room_first_and_expire() {
    let place = Place::new();
    let settings = place.storage().max_bytes(3 * 4096).retention(Duration::from_secs(10));
    let (store, counters) = open(&settings);
    store.keep(&items(0, 1)).expect("kept");
    store.keep(&items(1, 4)).expect("kept");
    let newest = place.names().remove(1);
    fs::write(place.folder().join(newest), b"nonsense").expect("written");
    let claim = store.claim().expect("a claim");
    assert!(store.claim().is_none());
    drop(claim);
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, 4)]);
    store.keep(&items(5, 1)).expect("kept");
    store.keep(&items(6, 1)).expect("kept");
    assert_eq!(drain(&store), [items(0, 1), items(5, 1), items(6, 1)]);
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, 4)]);

    store.keep(&items(7, 2)).expect("kept");
    fs::write(place.folder().join(place.name()), b"").expect("written");
    assert!(store.claim().is_none());
    place.kept_at(millis() - 11_000);
    store.tidy();
    assert_eq!(place.names(), [""; 0]);
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, 6)]);
}

#[test]
fn another_version_inside_is_set_aside() {
    let place = Place::new();
    let (store, counters) = place.store();
    store.keep(&items(0, 3)).expect("kept");
    let file = place.folder().join(place.name());
    let mut bytes = b"llmobs-azure-monitor 2\n".to_vec();
    bytes.extend_from_slice(&fs::read(&file).expect("the file")[bytes.len()..]);
    fs::write(&file, bytes).expect("written");
    assert!(store.claim().is_none());
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, 3)]);
}

#[test]
fn a_file_of_another_version_is_left_to_it() {
    let place = Place::new();
    let (store, counters) = open(&place.storage().max_bytes(2 * 4096));
    store.keep(&items(0, 3)).expect("kept");
    let newer = place.name().replace(".v1.", ".v2.");
    fs::rename(place.folder().join(place.name()), place.folder().join(&newer)).expect("renamed");
    assert!(store.claim().is_none());
    assert_eq!((place.name(), dropped(&counters)), (newer, vec![]));
    // It takes room as any other, and makes room when it is the oldest.
    store.tidy();
    store.keep(&items(3, 1)).expect("kept");
    store.keep(&items(4, 1)).expect("kept");
    assert_eq!(dropped(&counters), [(DropReason::StorageFull, 3)]);
    assert_eq!(drain(&store), [items(3, 1), items(4, 1)]);
}

#[test]
fn what_was_left_unfinished_is_never_claimed_and_removed_in_time() {
    let place = Place::new();
    let (store, counters) = place.store();
    let name = Name::blob(millis(), 1, 3).unfinished();
    let path = place.folder().join(name.as_str());
    let whole = blob::encode(&items(0, 3)).expect("encoded");
    let file = File::create_new(&path).expect("a file");
    fs::write(&path, whole).expect("written");
    let exists = || path.exists();
    assert!(store.claim().is_none());
    store.tidy();
    assert!(exists(), "it may be in the making");
    file.set_modified(SystemTime::now() - Duration::from_secs(61)).expect("a time");
    file.lock().expect("locked");
    store.tidy();
    assert!(exists(), "somebody holds it");
    drop(file);
    store.tidy();
    assert!(!exists());
    assert_eq!(dropped(&counters), []);
}

#[test]
fn files_of_others_are_not_touched() {
    let place = Place::new();
    let (store, _) = open(&place.storage().max_bytes(4096).retention(Duration::ZERO));
    let folder = place.folder();
    fs::write(folder.join("notes.txt"), vec![0; 10_000]).expect("written");
    let like_a_blob = Name::blob(1, 1, 3);
    fs::create_dir(folder.join(like_a_blob.as_str())).expect("a directory");
    store.tidy();
    store.keep(&items(0, 1)).expect("kept");
    assert_eq!(place.names().len(), 3);
    store.tidy();
    assert!(folder.join("notes.txt").exists() && folder.join(like_a_blob.as_str()).exists());
}

#[test]
fn random_bytes_are_set_aside_and_never_a_panic() {
    let place = Place::new();
    let (store, counters) = place.store();
    let folder = place.folder();
    let mut random = fastrand::Rng::with_seed(4);
    let whole = blob::encode(&items(0, 20)).expect("encoded");
    let mut bad = 0;
    for number in 0..500_u32 {
        let mut bytes = whole.clone();
        match number % 4 {
            0 => bytes = (0..random.usize(..300)).map(|_| random.u8(..)).collect(),
            1 => bytes.truncate(random.usize(..whole.len())),
            2 => {
                let from = random.usize(23..whole.len());
                bytes[from..].iter_mut().for_each(|byte| *byte = random.u8(..));
            }
            _ => (0..3).for_each(|_| {
                let at = random.usize(33..whole.len());
                bytes[at] ^= 1 << random.u8(..8);
            }),
        }
        if bytes != whole {
            bad += 1;
            let name = Name::blob(millis(), number, 20);
            fs::write(folder.join(name.as_str()), bytes).expect("written");
        }
    }
    store.keep(&items(0, 1)).expect("kept");
    assert_eq!(drain(&store), [items(0, 1)]);
    assert_eq!(dropped(&counters), [(DropReason::Corrupt, bad * 20)]);
    assert!(bad > 450, "{bad}");
}

#[test]
fn random_names_are_never_a_panic() {
    let mut random = fastrand::Rng::with_seed(4);
    let whole = Name::blob(millis(), 7, 20);
    let pieces = ["-", ".", "v1", "blob", "tmp", "é", "0", "99999999999999999999999", "a", "\u{0}"];
    for _ in 0..20_000 {
        let mut text: Vec<char> = whole.as_str().chars().collect();
        for _ in 0..random.usize(..4) {
            let at = random.usize(..=text.len());
            let until = random.usize(at..=text.len());
            let piece = pieces[random.usize(..pieces.len())];
            text.splice(at..until, piece.chars());
        }
        let text: String = text.into_iter().collect();
        if let Some(name) = Name::parse(&text) {
            assert_eq!(name.as_str(), text);
            assert_eq!(Name::parse(name.corrupt().as_str()), Some(name.corrupt()));
        }
    }
}
