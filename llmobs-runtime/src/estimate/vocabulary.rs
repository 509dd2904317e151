//! A vocabulary that is loaded when it is needed, where nobody waits for it.

use std::panic::catch_unwind;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tiktoken_rs::CoreBPE;

pub(super) struct Vocabulary {
    /// `None` inside where it could not be loaded, which is not tried again.
    loaded: OnceLock<Option<CoreBPE>>,
    begun: AtomicBool,
    read: fn() -> Option<CoreBPE>,
}

impl Vocabulary {
    pub(super) const fn new(read: fn() -> Option<CoreBPE>) -> Self {
        Self { loaded: OnceLock::new(), begun: AtomicBool::new(false), read }
    }

    pub(super) fn loaded(&self) -> Option<&CoreBPE> {
        self.loaded.get()?.as_ref()
    }

    pub(super) fn load(&self) -> Option<&CoreBPE> {
        self.loaded.get_or_init(|| catch_unwind(self.read).ok().flatten()).as_ref()
    }

    /// Loads on another thread. Where there can be none, the next caller tries again.
    pub(super) fn warm_up(&'static self) {
        if self.loaded.get().is_some() || self.begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let thread = thread::Builder::new().name("llmobs-tokens".to_owned());
        if thread.spawn(|| self.load().is_some()).is_err() {
            self.begun.store(false, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vocabulary_that_is_broken_is_none() {
        static BROKEN: Vocabulary = Vocabulary::new(|| panic!("on purpose"));
        static EMPTY: Vocabulary = Vocabulary::new(|| None);
        for vocabulary in [&BROKEN, &EMPTY] {
            vocabulary.warm_up();
            assert!(vocabulary.load().is_none());
            assert!(vocabulary.loaded().is_none());
        }
    }
}
