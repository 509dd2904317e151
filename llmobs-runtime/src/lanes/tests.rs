use std::sync::atomic::AtomicU32;
use std::sync::mpsc;

use super::lane::CAPACITY;
use super::*;

/// A number that is written down where it is delivered.
struct Parcel {
    number: u32,
    at: Instant,
    book: Arc<Book>,
}

#[derive(Default)]
struct Book {
    delivered: Mutex<Vec<u32>>,
    emptied: AtomicU32,
}

impl Book {
    fn delivered(&self) -> Vec<u32> {
        self.delivered.lock().unwrap().clone()
    }
}

impl Deliver for Parcel {
    fn handed_over(&self) -> Option<Instant> {
        Some(self.at)
    }

    fn deliver(&mut self, _: &Now) {
        self.book.delivered.lock().unwrap().push(self.number);
        self.book.emptied.fetch_add(1, Ordering::Relaxed);
    }
}

/// Lanes without a thread of their own, so that nothing is delivered before somebody drains.
fn still() -> Arc<Lanes<Parcel>> {
    let (newcomers, announced) = channel();
    let drainer = Mutex::new(Drainer::new(announced));
    let closed = AtomicBool::new(false);
    Arc::new(Lanes { drainer, newcomers, worker: OnceLock::new(), closed })
}

fn parcel(book: &Arc<Book>, number: u32) -> Parcel {
    Parcel { number, at: Instant::now(), book: Arc::clone(book) }
}

fn give(lane: &mut Lane<Parcel>, book: &Arc<Book>, number: u32) -> bool {
    lane.give(Box::new(parcel(book, number)), 0).is_ok()
}

#[test]
fn what_one_thread_hands_over_arrives_once_and_in_order_and_the_boxes_come_back() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let mut lane = lanes.lane();
    assert!(lane.take().is_none());
    for number in 0..300 {
        assert!(give(&mut lane, &book, number));
    }
    assert_eq!(lanes.drain(), 300);
    assert_eq!(lanes.drain(), 0);
    assert_eq!(book.delivered(), (0..300).collect::<Vec<_>>());
    let mut back = 0;
    while lane.take().is_some() {
        back += 1;
    }
    assert_eq!(back, 300);
}

#[test]
fn a_full_ring_is_emptied_by_who_fills_it() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let mut lane = lanes.lane();
    let many = u32::try_from(CAPACITY * 3 + 10).unwrap();
    for number in 0..many {
        assert!(give(&mut lane, &book, number));
    }
    assert_eq!(book.delivered().len(), CAPACITY * 3);
    lanes.drain();
    assert_eq!(book.delivered(), (0..many).collect::<Vec<_>>());
}

#[test]
fn a_full_ring_gives_back_while_another_thread_is_emptying() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let mut lane = lanes.lane();
    for number in 0..u32::try_from(CAPACITY).unwrap() {
        assert!(give(&mut lane, &book, number));
    }
    let busy = lanes.drainer.lock().unwrap();
    let back = lane.give(Box::new(parcel(&book, 7_777)), 0).unwrap_err();
    assert_eq!(back.number, 7_777);
    drop(busy);
    assert!(lane.give(back, 0).is_ok());
}

#[test]
fn what_came_after_another_threads_arrives_after_it() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    // Two threads take turns: each hands over after the other has.
    let (to_other, at_other) = mpsc::channel::<u32>();
    let (to_one, at_one) = mpsc::channel::<u32>();
    let turn = |mut lane: Lane<Parcel>,
                book: Arc<Book>,
                inbox: mpsc::Receiver<u32>,
                out: mpsc::Sender<u32>| {
        move || {
            while let Ok(number) = inbox.recv() {
                let mut next = Some(Box::new(parcel(&book, number)));
                // A full ring gives back what the drainer is about to make room for.
                while let Some(item) = next.take() {
                    next = lane.give(item, 0).err();
                }
                if number == 9_999 || out.send(number + 1).is_err() {
                    break;
                }
            }
        }
    };
    let draining = Arc::clone(&lanes);
    let done = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&done);
    let one = thread::spawn(turn(lanes.lane(), Arc::clone(&book), at_one, to_other));
    let other = thread::spawn(turn(lanes.lane(), Arc::clone(&book), at_other, to_one.clone()));
    let drainer = thread::spawn(move || {
        while !until.load(Ordering::Acquire) {
            draining.drain();
        }
    });
    to_one.send(0).unwrap();
    drop(to_one);
    one.join().unwrap();
    other.join().unwrap();
    done.store(true, Ordering::Release);
    drainer.join().unwrap();
    lanes.drain();
    let delivered = book.delivered();
    let wrong = delivered.windows(2).find(|pair| pair[0] + 1 != pair[1]);
    assert_eq!((delivered.len(), wrong), (10_000, None));
}

#[test]
fn what_a_thread_left_behind_arrives_and_its_ring_goes() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let mut lane = lanes.lane();
    let left = Arc::clone(&book);
    thread::spawn(move || assert!(give(&mut lane, &left, 1))).join().unwrap();
    assert_eq!(lanes.drain(), 1);
    assert_eq!(book.delivered(), [1]);
    assert!(lanes.drainer.lock().unwrap().outlets.is_empty());
}

#[test]
fn heavy_ones_do_not_pile_up() {
    const MIB: usize = 1_024 * 1_024;
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let mut lane = lanes.lane();
    // One alone may be of any weight.
    assert!(lane.give(Box::new(parcel(&book, 0)), 100 * MIB).is_ok());
    for number in 1..40 {
        assert!(lane.give(Box::new(parcel(&book, number)), MIB).is_ok());
    }
    assert!(book.delivered().len() >= 24, "{} of 40", book.delivered().len());
    let busy = lanes.drainer.lock().unwrap();
    let mut refused = 0;
    for number in 40..80 {
        refused += u32::from(lane.give(Box::new(parcel(&book, number)), MIB).is_err());
    }
    drop(busy);
    assert!(refused >= 24, "{refused} of 40");
}

#[test]
fn the_thread_delivers_without_being_asked_and_ends_with_the_lanes() {
    let book = Arc::new(Book::default());
    let lanes = Lanes::<Parcel>::start();
    let watched = Arc::downgrade(&lanes);
    let mut lane = lanes.lane();
    assert!(give(&mut lane, &book, 1));
    while book.emptied.load(Ordering::Relaxed) == 0 {
        thread::yield_now();
    }
    lanes.close();
    assert!(lanes.is_closed());
    drop((lane, lanes));
    while watched.upgrade().is_some() {
        thread::yield_now();
    }
}

#[test]
fn the_wall_clock_at_another_time_is_reckoned() {
    let now = Now::read();
    let second = Duration::from_secs(1);
    assert_eq!(now.wall(now.monotonic + second), now.wall + second);
    assert_eq!(now.wall(now.monotonic), now.wall);
    if let Some(before) = now.monotonic.checked_sub(second) {
        assert_eq!(now.wall(before), now.wall - second);
    }
}

#[test]
fn who_is_in_a_hurry_does_not_wait_for_one_that_takes_its_time() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let mut lane = lanes.lane();
    assert!(give(&mut lane, &book, 1));
    let busy = lanes.drainer.lock().unwrap();
    lanes.drain_within(Duration::from_millis(5));
    assert!(book.delivered().is_empty());
    drop(busy);
    lanes.drain_within(Duration::ZERO);
    assert_eq!(book.delivered(), [1]);
}

#[test]
fn nothing_is_held_once_it_is_over() {
    let (lanes, book) = (still(), Arc::new(Book::default()));
    let (mut lane, mut other) = (lanes.lane(), lanes.lane());
    assert!(give(&mut lane, &book, 1));
    assert!(give(&mut other, &book, 2));
    // Put off, as if it had been handed over while they were emptied.
    let mut tomorrow = Box::new(parcel(&book, 3));
    tomorrow.at = Instant::now() + Duration::from_mins(1);
    assert!(lane.give(tomorrow, 0).is_ok());
    lanes.close();
    assert_eq!(book.delivered(), [1, 2, 3]);
    // One that comes too late goes with its thread.
    assert!(give(&mut other, &book, 4));
    let weak = Arc::downgrade(&book);
    drop((lane, other, book));
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn one_reading_of_the_clocks_goes_on_from_another_until_the_clock_is_set() {
    let first = Now::read();
    let later = |monotonic, wall| Now {
        monotonic: first.monotonic + Duration::from_micros(monotonic),
        wall: first.wall + Duration::from_micros(wall),
    };
    let at = first.monotonic;
    for off in [990, 1_000, 1_010] {
        assert_eq!(later(1_000, off).from(Some(first)).wall(at), first.wall);
    }
    for off in [0, 989, 1_011, 1_000_000] {
        let set = later(1_000, off);
        assert_eq!(set.from(Some(first)).wall(set.monotonic), set.wall);
    }
    assert_eq!(first.from(None).wall(at), first.wall);
}
