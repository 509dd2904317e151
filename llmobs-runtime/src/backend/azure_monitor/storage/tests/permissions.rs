//! Nobody else gets in, and nothing leads elsewhere.

use std::os::unix::fs::{PermissionsExt, chown, symlink};

use super::*;

fn mode(path: impl AsRef<std::path::Path>) -> u32 {
    fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o7777
}

/// What opening says; it must fail.
fn refused(place: &Place) -> StoreError {
    Store::open(&place.storage(), "key|endpoint", Arc::default()).expect_err("refused")
}

#[test]
fn only_the_user_may_read_it() {
    let place = Place::new();
    let nested = place.path.join("made").join("too");
    let store =
        Store::open(&Storage::at(&nested), "key|endpoint", Arc::default()).expect("a store");
    store.keep(&items(0, 2)).expect("kept");
    store.claim().expect("a claim").done(&items(1, 1)).expect("written");
    assert_eq!((mode(place.path.join("made")), mode(&nested)), (0o700, 0o700));
    let folder = fs::read_dir(&nested).expect("it").next().expect("a folder").expect("it").path();
    assert_eq!(mode(&folder), 0o700);
    let file = fs::read_dir(&folder).expect("it").next().expect("a file").expect("it").path();
    assert_eq!(mode(file), 0o600);
}

#[test]
fn a_folder_that_lets_others_in_is_refused() {
    let place = Place::new();
    drop(place.store());
    for open in [0o701, 0o710, 0o720, 0o755, 0o777] {
        fs::set_permissions(place.folder(), fs::Permissions::from_mode(open)).expect("a mode");
        let error = refused(&place);
        assert!(matches!(error, StoreError::Mode { mode, .. } if mode == open), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("{open:o}")), "{text}");
        assert!(text.contains(&place.folder().display().to_string()), "{text}");
    }
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o700)).expect("a mode");
    drop(place.store());
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let place = Place::new();
    drop(place.store());
    // Only the superuser can give it away; to others, what is the superuser's is not known by its name.
    if chown(place.folder(), Some(65_534), None).is_ok() {
        let error = refused(&place);
        assert!(matches!(error, StoreError::Owner { owner: 65_534, .. }), "{error}");
    }
}

#[test]
fn a_folder_that_is_a_link_is_refused() {
    let place = Place::new();
    drop(place.store());
    let (folder, elsewhere) = (place.folder(), Place::new());
    fs::remove_dir(&folder).expect("removed");
    fs::set_permissions(&elsewhere.path, fs::Permissions::from_mode(0o700)).expect("a mode");
    symlink(&elsewhere.path, &folder).expect("a link");
    let error = refused(&place);
    assert!(matches!(&error, StoreError::NotADirectory { path } if *path == folder), "{error}");
    assert_eq!(fs::read_dir(&elsewhere.path).expect("it").count(), 0);
    fs::remove_file(&folder).expect("removed");
    fs::write(&folder, b"").expect("a file");
    assert!(matches!(refused(&place), StoreError::NotADirectory { .. }));
}

#[test]
fn a_link_among_the_files_is_not_followed() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let (store, counters) = place.store();
    elsewhere.store().0.keep(&items(0, 3)).expect("kept");
    let target = elsewhere.folder().join(elsewhere.name());
    symlink(&target, place.folder().join(elsewhere.name())).expect("a link");
    assert!(store.claim().is_none());
    store.tidy();
    store.keep(&items(3, 1)).expect("kept");
    assert_eq!(drain(&store), [items(3, 1)]);
    assert_eq!(dropped(&counters), []);
    assert!(target.exists());
}

#[test]
fn a_file_that_became_a_link_or_a_pipe_is_not_opened() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let (store, counters) = place.store();
    elsewhere.store().0.keep(&items(0, 3)).expect("kept");
    store.keep(&items(0, 3)).expect("kept");
    let file = place.folder().join(place.name());
    fs::remove_file(&file).expect("removed");
    symlink(elsewhere.folder().join(elsewhere.name()), &file).expect("a link");
    assert!(store.claim().is_none());
    assert_eq!(dropped(&counters), []);
}

#[test]
fn where_no_directory_can_be_is_said() {
    let store = Store::open(&Storage::at("/dev/null/telemetry"), "key|endpoint", Arc::default());
    let text = store.expect_err("no directory").to_string();
    assert!(text.contains("/dev/null/telemetry") && text.contains("Storage::at"), "{text}");
}
