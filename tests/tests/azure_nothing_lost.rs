//! Azure Monitor: whatever the service answers and whenever the process is killed, everything is delivered, on disk,
//! or counted as dropped.

#[path = "azure_nothing_lost/processes.rs"]
mod processes;
#[path = "azure_nothing_lost/service.rs"]
mod service;
#[path = "azure_nothing_lost/shutdown.rs"]
mod shutdown;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

/// A directory for one test.
struct Place {
    path: PathBuf,
}

impl Place {
    fn new() -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("llmobs-nothing-lost-{process}-{number}"));
        fs::create_dir(&path)?;
        Ok(Self { path })
    }

    /// How many items the files in storage hold, as their names say.
    fn stored(&self) -> usize {
        let Ok(folders) = fs::read_dir(&self.path) else { return 0 };
        let files = folders.flatten().filter_map(|folder| fs::read_dir(folder.path()).ok());
        let names = files.flatten().flatten().filter_map(|file| file.file_name().into_string().ok());
        names
            .filter_map(|name| {
                name.strip_suffix(".v1.blob")?.rsplit('-').next()?.parse::<usize>().ok()
            })
            .sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Numbers that look random, the same each time.
struct Seeded(u64);

impl Seeded {
    /// Below this number.
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
