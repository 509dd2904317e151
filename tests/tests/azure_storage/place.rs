//! A directory for one test, and what storage put into it.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) struct Place {
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("llmobs-storage-{process}-{number}"));
        fs::create_dir(&path).expect("a new directory");
        Self { path }
    }

    /// The files in storage.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(&self.path).expect("the directory").flatten();
        let files = folders.filter_map(|folder| fs::read_dir(folder.path()).ok());
        let mut files: Vec<_> = files.flatten().flatten().map(|file| file.path()).collect();
        files.sort();
        files
    }

    /// How many of them are to be sent, and how many items these hold, as their names say.
    pub(crate) fn kept(&self) -> (usize, usize) {
        let files = self.files();
        let counts = files.iter().filter_map(|file| {
            let name = file.file_name()?.to_str()?;
            name.strip_suffix(".v1.blob")?.rsplit('-').next()?.parse::<usize>().ok()
        });
        counts.fold((0, 0), |(files, items), count| (files + 1, items + count))
    }

    /// Waits until nothing is left to be sent.
    pub(crate) fn wait_until_sent(&self) {
        let end = Instant::now() + Duration::from_mins(1);
        while self.kept().0 > 0 {
            assert!(Instant::now() < end, "{:?} are still there", self.files());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until nobody holds a file any more: who was shut down may still be about to let go of one.
    pub(crate) fn wait_until_free(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        let is_held =
            |file: &PathBuf| fs::File::open(file).is_ok_and(|file| file.try_lock().is_err());
        while self.files().iter().any(is_held) {
            assert!(Instant::now() < end, "{:?} are still held", self.files());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
