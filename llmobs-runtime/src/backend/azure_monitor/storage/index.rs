//! What is in the directory, as far as this process knows; other processes write there too.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Bound::{Excluded, Unbounded};
use std::time::{Duration, Instant};

use super::directory::Directory;
use super::name::{Kind, Name};

/// What the disk is used up by: a file of one byte takes a block.
const BLOCK: u64 = 4096;

/// How long to believe what was read.
const FRESH: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Index {
    /// What is still to be sent, oldest first, with the room each takes.
    kept: BTreeMap<Name, u64>,
    /// Damaged and unfinished files.
    waste: BTreeMap<Name, u64>,
    /// What could be read and not removed: this process leaves it alone, or it would send it again and again.
    stuck: BTreeSet<Name>,
    room: u64,
    read: Option<Instant>,
}

impl Index {
    /// Reads the directory, if that was not done just now.
    pub(super) fn freshen(&mut self, directory: &Directory) {
        if self.read.is_none_or(|read| read.elapsed() >= FRESH) {
            self.refresh(directory);
        }
    }

    /// Reads the directory. Where that fails, what was known stays.
    pub(super) fn refresh(&mut self, directory: &Directory) {
        self.read = Some(Instant::now());
        let Ok((kept, waste)) = self.list(directory) else { return };
        self.room =
            kept.values().chain(waste.values()).fold(0, |sum, room| sum.saturating_add(*room));
        self.stuck.retain(|name| kept.contains_key(name));
        (self.kept, self.waste) = (kept, waste);
    }

    fn list(
        &self,
        directory: &Directory,
    ) -> io::Result<(BTreeMap<Name, u64>, BTreeMap<Name, u64>)> {
        let (mut kept, mut waste) = (BTreeMap::new(), BTreeMap::new());
        for name in directory.names()?.iter().filter_map(|text| Name::parse(text)) {
            let map = if is_kept(&name) { &mut kept } else { &mut waste };
            // A complete file never changes.
            let known = self.kept.get(&name).copied();
            if let Some(room) = known.or_else(|| directory.size(name.as_str()).map(room)) {
                map.insert(name, room);
            }
        }
        Ok((kept, waste))
    }

    pub(super) fn add(&mut self, name: Name, bytes: u64) {
        let room = room(bytes);
        self.room = self.room.saturating_add(room);
        let map = if is_kept(&name) { &mut self.kept } else { &mut self.waste };
        map.insert(name, room);
    }

    pub(super) fn forget(&mut self, name: &Name) {
        self.stuck.remove(name);
        if let Some(room) = self.kept.remove(name).or_else(|| self.waste.remove(name)) {
            self.room = self.room.saturating_sub(room);
        }
    }

    pub(super) fn leave_alone(&mut self, name: Name) {
        self.stuck.insert(name);
    }

    /// What all of it takes.
    pub(super) fn room(&self) -> u64 {
        self.room
    }

    /// The oldest blob, or the one after this one.
    pub(super) fn blob_after(&self, name: Option<&Name>) -> Option<Name> {
        let is_next = |name: &&Name| name.kind == Kind::Blob && !self.stuck.contains(*name);
        after(&self.kept, name).find(is_next).cloned()
    }

    /// What makes room first, or after this one: what is damaged, then what is oldest.
    pub(super) fn victim_after(&self, name: Option<&Name>) -> Option<Name> {
        let is_corrupt = |name: &&Name| name.kind == Kind::Corrupt;
        let name_in = |is_kept: bool| name.filter(|name| self::is_kept(name) == is_kept);
        let corrupt = || after(&self.waste, name_in(false)).find(is_corrupt);
        let oldest = || after(&self.kept, name_in(true)).next();
        match name {
            Some(name) if is_kept(name) => oldest().cloned(),
            _ => corrupt().or_else(oldest).cloned(),
        }
    }

    /// All files.
    pub(super) fn names(&self) -> Vec<Name> {
        self.kept.keys().chain(self.waste.keys()).cloned().collect()
    }
}

/// What a file of so many bytes takes.
pub(super) fn room(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK).saturating_mul(BLOCK)
}

fn is_kept(name: &Name) -> bool {
    matches!(name.kind, Kind::Blob | Kind::OfAnotherVersion)
}

fn after<'map>(
    map: &'map BTreeMap<Name, u64>,
    name: Option<&Name>,
) -> impl Iterator<Item = &'map Name> {
    let from = name.map_or(Unbounded, |name| Excluded(name.clone()));
    map.range((from, Unbounded)).map(|(name, _)| name)
}
