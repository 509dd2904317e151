//! The body of a response: one piece, or several with a pause before each further one.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Sleep;

pub(super) struct Pieces {
    queue: VecDeque<Bytes>,
    gap: Duration,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    /// A body that is there at once.
    pub(super) fn whole(body: Bytes) -> Self {
        Self::spaced(VecDeque::from([body]), Duration::ZERO)
    }

    /// A body that comes piece by piece, `gap` apart.
    pub(super) fn spaced(queue: VecDeque<Bytes>, gap: Duration) -> Self {
        Self { queue, gap, pause: None }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        let piece = self.queue.pop_front();
        if !self.queue.is_empty() && !self.gap.is_zero() {
            self.pause = Some(Box::pin(tokio::time::sleep(self.gap)));
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.queue.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let bytes = self.queue.iter().map(Bytes::len).fold(0, usize::saturating_add);
        u64::try_from(bytes).map_or_else(|_| SizeHint::new(), SizeHint::with_exact)
    }
}
