//! Where batches go: to the service, or to whoever wants to read them.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::answer::Answer;
use super::body::{self, Compressor};
use super::link::{Exchange, Failure, Link};
use crate::backend::azure_monitor::diagnostics;
use crate::backend::azure_monitor::item::Item;

pub(super) enum Outlet {
    Writer(Box<dyn Write + Send>),
    Service(Box<Link>, Box<Compressor>),
    /// There is no address: nothing can be sent.
    Nowhere,
}

impl Outlet {
    pub(super) fn link(link: Option<Link>) -> Self {
        link.map_or(Self::Nowhere, |link| {
            Self::Service(Box::new(link), Box::new(Compressor::new()))
        })
    }

    /// Begins to send a batch.
    pub(super) fn send<'a>(&mut self, items: impl IntoIterator<Item = &'a Item>) -> Exchange {
        let answer = match self {
            Self::Service(link, compressor) => match compressor.body(items) {
                Ok(body) => return link.send(body),
                Err(_) => Err(Failure::Other),
            },
            Self::Writer(writer) => Ok(Self::line(writer, items)),
            Self::Nowhere => Err(Failure::Other),
        };
        Box::pin(async { answer })
    }

    /// What cannot be written is refused for good; the writer is the application's, and may panic.
    fn line<'a>(writer: &mut dyn Write, items: impl IntoIterator<Item = &'a Item>) -> Answer {
        let write = || {
            let mut line = Vec::new();
            body::write(items, &mut line)?;
            line.push(b'\n');
            writer.write_all(&line)?;
            writer.flush()
        };
        let status = match catch_unwind(AssertUnwindSafe(write)) {
            Ok(Ok(())) => 200,
            Ok(Err(error)) => {
                diagnostics::not_written(error.kind());
                404
            }
            Err(panic) => {
                diagnostics::writer_panicked(panic);
                404
            }
        };
        Answer { status, body: Some(Vec::new()), ..Answer::default() }
    }

    pub(super) fn service(&mut self) -> Option<&mut Link> {
        match self {
            Self::Service(link, _) => Some(link),
            Self::Writer(_) | Self::Nowhere => None,
        }
    }
}
