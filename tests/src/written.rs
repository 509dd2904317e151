//! Writers that keep what is written, or hold it up.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps what is written.
#[derive(Clone, Debug, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// All of it so far.
    ///
    /// # Panics
    ///
    /// Where it is not UTF-8.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(bytes.clone()).expect("UTF-8")
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Stops at the first write until told to go on.
#[derive(Debug)]
pub struct Gate {
    entered: Sender<()>,
    open: Receiver<()>,
    behind: Captured,
}

impl Gate {
    /// The gate, what tells that something stands before it, what opens it when dropped, and what is behind it.
    pub fn new() -> (Self, Receiver<()>, Sender<()>, Captured) {
        let (entered, has_entered) = channel();
        let (release, open) = channel();
        let behind = Captured::default();
        (Self { entered, open, behind: behind.clone() }, has_entered, release, behind)
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.entered.send(());
        // Once `release` is dropped this returns at once.
        let _ = self.open.recv();
        self.behind.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
