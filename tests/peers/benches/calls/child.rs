//! The measured process: it counts calls for callgrind, or takes times when it is asked to.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use llmobs_bench::{pin, process_time, run_counted, serve, thread_time};

use super::variant::{Session, Variant, Who};

/// Calls of one turn; the SDK's queue holds 2,048 spans and begins to export at 512.
const BURST: u64 = 500;
/// Calls of a turn where the exporter is to begin by itself.
const BATCH: u64 = 512;
/// Calls that go before a turn and do not count.
const WARM: u64 = 50;
/// Calls that go before the counted ones, in one go: what is used again and again is there then.
const FIRST: u64 = 896;
/// Bytes walked before a cold call: more than the caches hold.
const WALK: usize = 48 << 20;

/// Does what the arguments say; `false` where they say nothing.
pub(crate) fn run(arguments: &[String]) -> bool {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let variant = |name: &str| name.parse::<Variant>().expect("a variant");
    match arguments[..] {
        ["--count", name, calls] => {
            let calls = calls.parse().expect("a number of calls");
            let variant = variant(name);
            let session = run_counted(move |pause| {
                let session = Session::start(variant, false);
                for _ in 0..FIRST {
                    session.call();
                }
                pause();
                counted(&session, calls, pause);
                session
            });
            session.end(FIRST + calls);
        }
        ["--check", name] => {
            let session = Session::start(variant(name), true);
            session.call();
            session.call();
            for line in session.end(2) {
                println!("{line}");
            }
        }
        ["--serve", name, layout] => {
            // Threads of the pipeline stay where it was started.
            pin(usize::from(layout == "two-cores"));
            let session = Session::start(variant(name), false);
            pin(0);
            let measured = Measured { session, calls: AtomicU64::new(0), walked: vec![0; WALK] };
            measured.serve();
        }
        ["--drop", how, calls] => super::full::run(how, calls.parse().expect("a number of calls")),
        _ => return false,
    }
    true
}

/// Where counting begins.
#[inline(never)]
fn counted(session: &Session, calls: u64, pause: &dyn Fn()) {
    for call in 0..calls {
        if call % 128 == 0 {
            // Under valgrind only one thread runs at a time: without this the exporter would never keep up.
            pause();
        }
        session.call();
    }
    pause();
}

struct Measured {
    session: Session,
    calls: AtomicU64,
    walked: Vec<u8>,
}

impl Measured {
    fn serve(mut self) {
        self.calls(WARM);
        self.session.flush();
        serve(|question| match question {
            "burst" => vec![self.burst()],
            "cold" => vec![self.cold()],
            "total" => self.total(),
            "alone" => vec![self.threads(false)],
            "pair" => vec![self.threads(true)],
            other => panic!("nobody knows what {other} means"),
        });
        self.session.end(self.calls.into_inner());
    }

    fn calls(&self, calls: u64) {
        for _ in 0..calls {
            self.session.call();
        }
        self.calls.fetch_add(calls, Ordering::Relaxed);
    }

    /// Processor time of the calling thread, per call.
    fn timed(&self, calls: u64) -> f64 {
        let began = thread_time();
        self.calls(calls);
        per_call(thread_time() - began, calls)
    }

    fn burst(&self) -> f64 {
        self.calls(WARM);
        let time = self.timed(BURST);
        self.session.flush();
        time
    }

    /// Time of one call when the caches hold other things.
    fn cold(&mut self) -> f64 {
        for byte in self.walked.iter_mut().step_by(64) {
            *byte = byte.wrapping_add(1);
        }
        black_box(&self.walked);
        let began = Instant::now();
        self.calls(1);
        began.elapsed().as_secs_f64() * 1e9
    }

    /// Per call: processor time of the calling thread, and of all others, while exports begin by themselves.
    fn total(&self) -> Vec<f64> {
        const BURSTS: u64 = 8;
        let (whole, thread) = (process_time(), thread_time());
        let mut calling = 0.0;
        for _ in 0..BURSTS {
            calling += self.timed(BATCH);
            self.settle();
        }
        let others = (process_time() - whole) - (thread_time() - thread);
        vec![per_call(calling, BURSTS), per_call(others, BURSTS * BATCH)]
    }

    /// Waits until the exporter has taken what makes a batch.
    fn settle(&self) {
        let exported = self.session.variant.per_call()[0] > 0;
        if self.session.variant.who == Who::Fast {
            // It exports once a second, and loses what does not fit into its channels until then.
            self.session.flush();
        }
        if !exported {
            return;
        }
        for _ in 0..5_000 {
            let behind = self.calls.load(Ordering::Relaxed) - self.session.sink.seen()[0];
            if behind <= BATCH + 128 {
                return;
            }
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// Processor time per call and thread, with one thread or with two that call at the same time.
    fn threads(&self, two: bool) -> f64 {
        const ROUNDS: u64 = 12;
        const CALLS: u64 = 200;
        let (round, done) = (AtomicU64::new(0), AtomicU64::new(0));
        let over = AtomicBool::new(false);
        let wait = |value: &AtomicU64, least: u64| {
            while value.load(Ordering::Acquire) < least && !over.load(Ordering::Acquire) {
                spin_loop();
            }
        };
        let measure = || {
            self.calls(20);
            self.timed(CALLS)
        };
        let times = thread::scope(|scope| {
            // With a name, as the first has one: some record it.
            let named = || thread::Builder::new().name("main".to_owned());
            let other = two.then(|| {
                let run = || {
                    pin(1);
                    let rounds = 1..=ROUNDS;
                    let turn = |number| {
                        wait(&round, number);
                        let time = measure();
                        done.store(number, Ordering::Release);
                        time
                    };
                    rounds.map(turn).collect::<Vec<_>>()
                };
                named().spawn_scoped(scope, run).expect("a second thread")
            });
            let mut times = Vec::new();
            for number in 1..=ROUNDS {
                round.store(number, Ordering::Release);
                times.push(measure());
                if two {
                    wait(&done, number);
                }
                self.session.flush();
            }
            over.store(true, Ordering::Release);
            times.extend(other.into_iter().flat_map(|it| it.join().expect("it only calls")));
            times
        });
        llmobs_bench::median(times)
    }
}

#[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
fn per_call(time: f64, calls: u64) -> f64 {
    time / calls as f64
}
