//! Two futures, of which the first to be ready counts.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Which of two.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Either<A, B> {
    First(A),
    Second(B),
}

/// Waits for one of two; where both are ready, the first counts. The other is dropped.
pub(super) async fn race<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> Either<A, B> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        if let Poll::Ready(value) = first.as_mut().poll(context) {
            return Poll::Ready(Either::First(value));
        }
        second.as_mut().poll(context).map(Either::Second)
    })
    .await
}
