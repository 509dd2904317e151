use std::sync::Arc;

use super::*;
use crate::backend::azure_monitor::item::ItemKind;

fn items(count: usize, length: usize) -> Vec<Item> {
    vec![Item { kind: ItemKind::Message, json: vec![b'x'; length] }; count]
}

#[test]
fn a_batch_is_bounded_in_items_and_bytes_and_has_one_at_least() {
    let buffer = Buffer::default();
    assert_eq!(buffer.push(items(10, 100)), Refused::NoRoom(0));
    let places = |taken: &[Queued]| taken.iter().map(|queued| queued.place).collect::<Vec<_>>();
    assert_eq!(places(&buffer.take(3, 1 << 20)), [0, 1, 2]);
    assert_eq!(places(&buffer.take(100, 250)), [3, 4]);
    assert_eq!(places(&buffer.take(100, 1)), [5]);
    assert_eq!(places(&buffer.take(100, usize::MAX)), [6, 7, 8, 9]);
    assert!(buffer.take(100, usize::MAX).is_empty());
    let view = buffer.look();
    assert_eq!((view.items, view.bytes, view.since), (0, 0, None));
}

#[test]
fn what_is_full_refuses_and_takes_again_when_something_is_settled() {
    let buffer = Buffer::default();
    assert_eq!(buffer.push(items(70, 1 << 20)), Refused::NoRoom(7));
    assert_eq!(buffer.push(items(1, 1 << 20)), Refused::NoRoom(1));
    // What is on its way takes room until it is settled.
    let taken = buffer.take(10, usize::MAX);
    assert_eq!(buffer.push(items(1, 1 << 20)), Refused::NoRoom(1));
    buffer.settle(taken, InHand::default());
    assert_eq!(buffer.push(items(1, 1 << 20)), Refused::NoRoom(1));
    drop(buffer.take(10, usize::MAX));
    buffer.settle(Vec::new(), InHand::default());
    assert_eq!(buffer.push(items(11, 1 << 20)), Refused::NoRoom(1));
    buffer.close(Instant::now());
    assert_eq!(buffer.push(items(3, 1)), Refused::Closed(3));
}

/// Everything before the watermark is settled, whatever is taken, put back and settled, in any order.
#[test]
fn the_watermark_passes_nothing_that_is_not_settled() {
    let mut random = fastrand::Rng::with_seed(17);
    for _ in 0..300 {
        let buffer = Buffer::default();
        let (mut entered, mut open) = (0_u64, std::collections::BTreeSet::new());
        let mut job: Vec<Queued> = Vec::new();
        for _ in 0..60 {
            match random.u8(0..4) {
                0 => {
                    let count = random.usize(0..6);
                    buffer.push(items(count, 10));
                    for _ in 0..count {
                        open.insert(entered);
                        entered += 1;
                    }
                }
                1 if job.is_empty() => job = buffer.take(random.usize(1..5), 1000),
                // A part of the batch is put back, the rest is settled.
                2 => {
                    let back: Vec<_> = job.drain(..).filter(|_| random.bool()).collect();
                    open.retain(|place| {
                        back.iter().any(|queued| queued.place == *place)
                            || *place >= first(&buffer, entered)
                    });
                    buffer.settle(back, InHand::default());
                }
                // Others go beside it.
                3 => {
                    let beside = buffer.take(random.usize(1..5), 1000);
                    for queued in &beside {
                        open.remove(&queued.place);
                    }
                    buffer.settle(Vec::new(), job.iter().collect());
                }
                _ => {}
            }
            let oldest = open.first().copied().unwrap_or(entered);
            assert_eq!(buffer.state().settled(), oldest);
        }
    }
}

fn first(buffer: &Buffer, entered: u64) -> u64 {
    buffer.state().waiting.front().map_or(entered, |queued| queued.place)
}

/// As batches that were set aside do.
#[test]
fn what_comes_back_after_what_came_later_is_in_its_place_again() {
    let mut random = fastrand::Rng::with_seed(18);
    for _ in 0..300 {
        let buffer = Buffer::default();
        buffer.push(items(20, 10));
        let mut batches: Vec<_> = (0..4).map(|_| buffer.take(random.usize(1..6), 1000)).collect();
        random.shuffle(&mut batches);
        while let Some(batch) = batches.pop() {
            buffer.settle(batch, batches.iter().flatten().collect());
            assert_eq!(buffer.state().settled(), 0);
        }
        let places = buffer.take(20, 1000).into_iter().map(|queued| queued.place);
        assert!(places.eq(0..20));
    }
}

#[test]
fn a_flush_waits_for_what_came_before_it_and_for_nothing_else() {
    let buffer = Arc::new(Buffer::default());
    assert_eq!(buffer.flush(Duration::ZERO), Ok(()));
    buffer.push(items(2, 10));
    assert_eq!(buffer.flush(Duration::from_millis(1)), Err(Unsettled::Timeout));
    assert_eq!(buffer.look().give_up, None);
    let waiting = Arc::clone(&buffer);
    let flush = std::thread::spawn(move || waiting.flush(Duration::from_secs(30)));
    while buffer.look().give_up.is_none() {
        std::thread::yield_now();
    }
    let taken = buffer.take(2, 1000);
    buffer.push(items(1, 10));
    buffer.settle(Vec::new(), InHand::default());
    assert_eq!(flush.join().expect("no panic"), Ok(()));
    assert_eq!((taken.len(), buffer.look().items), (2, 1));
}

#[test]
fn when_the_thread_is_gone_who_waits_is_told() {
    let buffer = Buffer::default();
    buffer.push(items(3, 10));
    assert_eq!(buffer.abandon(), 3);
    buffer.end();
    assert_eq!(buffer.flush(Duration::from_secs(30)), Err(Unsettled::Ended));
    let buffer = Buffer::default();
    buffer.push(items(3, 10));
    buffer.take(3, 1000);
    buffer.settle(Vec::new(), InHand::default());
    assert_eq!(buffer.abandon(), 0);
    buffer.end();
    assert_eq!(buffer.flush(Duration::from_secs(30)), Ok(()));
}
