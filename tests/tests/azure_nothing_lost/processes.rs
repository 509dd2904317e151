//! 200,000 spans, a service that does everything it can do, and ten processes that are killed.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::service::{Answer, Ledger, Service, connection_string};
use super::{Place, Seeded};

const SPANS: usize = 200_000;
const KILLS: usize = 10;
/// What a process may have made since it last knew that all was safe.
const PORTION: usize = 1_000;
/// What one request carries.
const BATCH: usize = 512;

/// A process that makes spans.
struct Producer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Producer {
    fn start(service: &Service, directory: &Path, first: usize, end: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_azure-producer"))
            .arg(connection_string(service.address()))
            .arg(directory)
            .args([first.to_string(), end.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines }
    }

    /// The next number before which everything is safe; none where there is no more.
    fn safe(&mut self) -> Option<usize> {
        let line = self.lines.next()?.expect("text");
        let (number, drops) = line.strip_prefix("safe ")?.split_once(' ').expect("two parts");
        dropped(drops);
        Some(number.parse().expect("a number"))
    }

    /// Kills it, and returns the last number that it still could say.
    fn kill(mut self) -> Option<usize> {
        self.child.kill().expect("killed");
        let last = std::iter::from_fn(|| self.safe()).last();
        self.child.wait().expect("ended");
        last
    }

    /// Lets it end by itself, and returns how many spans it says were accepted, delivered and dropped.
    fn end(mut self) -> [usize; 3] {
        drop(self.child.stdin.take());
        let line = self.lines.next().expect("a line").expect("text");
        assert!(self.child.wait().expect("ended").success());
        let mut parts = line.strip_prefix("ended ").expect("the end").splitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).expect("a number");
        let (accepted, delivered) = (number(), number());
        [accepted, delivered, dropped(parts.next().unwrap_or_default())]
    }
}

/// How many were dropped; that may be only what the service refused.
fn dropped(text: &str) -> usize {
    let counts = text.split_whitespace().map(|count| {
        let (reason, count) = count.split_once('=').expect("a count");
        assert_eq!(reason, "Rejected", "{text}");
        count.parse::<usize>().expect("a number")
    });
    counts.sum()
}

/// What the service answers when all goes wrong that can.
fn mixed(seed: u64) -> impl FnMut(usize) -> Answer {
    let mut random = Seeded(seed);
    move |spans| {
        let taken = random.below(2) == 0;
        let after = (random.below(5) == 0).then_some(1);
        match random.below(200) {
            0..20 => {
                let failures = (0..random.below(6)).map(|_| {
                    let status = [400, 429, 500, 503][random.below(4)];
                    (random.below(spans.max(1)), status)
                });
                let mut failures: Vec<_> = failures.collect();
                failures.sort_unstable();
                failures.dedup_by_key(|(at, _)| *at);
                Answer::Partial(failures)
            }
            20..28 => Answer::Status(429, after),
            28..34 => Answer::Status(500, None),
            34..40 => Answer::Status(503, after),
            40..46 => Answer::Redirect,
            46..52 => Answer::Reset { taken },
            52..54 => Answer::Hang { taken },
            54..60 => Answer::Truncated { taken },
            _ => Answer::Accept,
        }
    }
}

#[test]
fn nothing_is_lost_whatever_is_answered_and_whoever_is_killed() {
    let place = Place::new();
    let service = Service::deciding(mixed(4));
    let mut random = Seeded(40);
    let mut kills: Vec<usize> = (0..KILLS).map(|_| random.below(SPANS * 9 / 10)).collect();
    kills.sort_unstable();

    let mut safe = 0;
    for kill_after in kills {
        let mut producer = Producer::start(&service, &place.path, safe, SPANS);
        // At least one portion each time.
        while let Some(number) = producer.safe() {
            safe = number;
            if safe > kill_after {
                break;
            }
        }
        thread::sleep(Duration::from_micros(random.below(150_000) as u64));
        safe = producer.kill().unwrap_or(safe);
    }
    let mut producer = Producer::start(&service, &place.path, safe, SPANS);
    while let Some(number) = producer.safe() {
        safe = number;
        if safe == SPANS {
            break;
        }
    }
    assert_eq!(safe, SPANS, "the last one makes the rest");
    let [.., dropped] = producer.end();
    let on_disk = place.kept().1;
    let (before, delivered, answers) = {
        let ledger = service.ledger();
        (lost(&ledger), ledger.delivered(), ledger.answers.clone())
    };
    assert!(before <= on_disk, "{before} are neither delivered nor refused, {on_disk} on disk");

    // What is missing is on disk.
    service.accept_all();
    let drain = Producer::start(&service, &place.path, 0, 0);
    place.wait_until_sent();
    let [accepted, _, dropped_then] = drain.end();
    assert_eq!((accepted, dropped_then), (0, 0));

    let ledger = service.ledger();
    let refused = refused(&ledger);
    let duplicates = ledger.duplicates();
    let bound = ledger.ambiguous + KILLS * (PORTION + BATCH);
    println!(
        "{SPANS} spans, {KILLS} kills, answers {answers:?}: {delivered} delivered while all went wrong, {on_disk} then \
         on disk, {} delivered in the end, {refused} refused by the service (the last process counted {dropped}), \
         {duplicates} duplicates of {bound} possible ({} of answers that left it open)",
        ledger.delivered(),
        ledger.ambiguous,
    );
    assert_eq!(ledger.delivered() + refused, SPANS);
    assert_eq!(lost(&ledger), 0);
    assert!(duplicates <= bound, "{duplicates} duplicates, {bound} possible");
    let kinds: Vec<&str> = answers.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["200", "206", "307", "429", "500", "503", "hang", "reset", "truncated"]);
    assert!(ledger.ambiguous > 0 && refused > 0, "all of it happened");
}

#[test]
fn a_process_that_is_not_killed_accounts_for_every_span() {
    const SPANS: usize = 20_000;
    let place = Place::new();
    let service = Service::deciding(mixed(5));
    let mut producer = Producer::start(&service, &place.path, 0, SPANS);
    while producer.safe().expect("not the end yet") < SPANS {}
    let [accepted, delivered, dropped] = producer.end();
    let on_disk = place.kept().1;
    assert_eq!(accepted, SPANS);
    assert_eq!(delivered + dropped + on_disk, SPANS, "{delivered} + {dropped} + {on_disk}");
    // An answer that came too late was not seen: what it refused was sent again.
    let refused: u32 = service.ledger().refused.iter().sum();
    assert!(dropped > 0 && dropped <= refused as usize, "{dropped} of {refused}");
}

/// Of how many spans the service knows nothing.
fn lost(ledger: &Ledger) -> usize {
    let known = |counts: &[u32], span: usize| counts.get(span).is_some_and(|count| *count > 0);
    (0..SPANS).filter(|span| !known(&ledger.taken, *span) && !known(&ledger.refused, *span)).count()
}

/// How many spans were refused and never taken.
fn refused(ledger: &Ledger) -> usize {
    let taken = |span: usize| ledger.taken.get(span).is_some_and(|count| *count > 0);
    let refused = ledger.refused.iter().enumerate();
    refused.filter(|(span, count)| **count > 0 && !taken(*span)).count()
}
