//! Azure Monitor: whatever the service answers and whenever the process is killed, everything is delivered, on disk,
//! or counted as dropped.

#[path = "azure_storage/place.rs"]
mod place;
#[path = "azure_nothing_lost/processes.rs"]
mod processes;
#[path = "azure_nothing_lost/service.rs"]
mod service;
#[path = "azure_nothing_lost/shutdown.rs"]
mod shutdown;

use place::Place;

/// Numbers that look random, the same each time.
struct Seeded(u64);

impl Seeded {
    /// Below this number.
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % limit as u64).expect("below a limit that is one")
    }
}
