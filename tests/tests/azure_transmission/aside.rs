//! One batch that never passes, where there is no storage to put it into.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use llmobs_runtime::backend::azure_monitor::{DropReason, Storage};
use llmobs_tests::ingestion::Answer;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SpanExporter as _;

use crate::sender::{
    Directory, Sender, all_delivered, each_at_once, names, numbered, span, taking,
};

fn poisoned(names: &[String]) -> bool {
    names.iter().any(|name| name.starts_with("poison"))
}

#[test]
fn a_batch_that_never_passes_does_not_hold_up_what_lies_behind_it_in_the_buffer() {
    let cases = [
        (Answer::status(503), 1, true),
        (Answer::status(503), 3, false),
        (Answer::status(403), 1, false),
        (Answer::Reset, 1, false),
    ];
    each_at_once(cases, |(failure, bad, unusable): (Answer, usize, bool)| {
        let told = failure.clone();
        let (server, taken) =
            taking(
                move |request| {
                    if poisoned(&names(request)) { told.clone() } else { Answer::Accept }
                },
            );
        let directory = Directory::new();
        let file = directory.path().join("file");
        std::fs::write(&file, "").expect("a file");
        let storage = if unusable { Storage::at(&file) } else { Storage::off() };
        let sender = Sender::with(&server, |azure| azure.storage(storage));
        let good = numbered("span", 2_000);
        for name in numbered("poison", bad) {
            sender.send([name]);
            sender.wait_until(|statistics| statistics.requests > 0);
        }
        for batch in good.chunks(100) {
            sender.send(batch.to_vec());
        }
        // Those that went with it, too: that it is not the service is seen by what is recorded meanwhile.
        sender.wait_until(|_| {
            sender.send(["live"]);
            let taken = taken.now();
            good.iter().all(|name| taken.contains_key(name))
        });
        // It is not forgotten.
        let flush = sender.flush();
        assert!(matches!(flush, Err(OTelSdkError::Timeout(_))), "{failure:?}: {flush:?}");
        let requests = sender.statistics().requests;
        sender.wait_until(|statistics| statistics.requests > requests);
        let end = sender.exporter.shutdown_with_timeout(Duration::from_secs(1));
        assert!(matches!(end, Err(OTelSdkError::InternalFailure(_))), "{failure:?}: {end:?}");
        let statistics = sender.statistics();
        let lost = statistics.dropped(DropReason::NotStored);
        assert_eq!((lost, statistics.dropped_in_all()), (bad as u64, bad as u64), "{failure:?}");
        assert_eq!(statistics.delivered, statistics.accepted - lost, "{failure:?}");
        let mut taken = taken.now();
        assert_eq!(
            taken.remove("live"),
            Some(usize::try_from(statistics.delivered).expect("few") - 2_000)
        );
        assert!(taken.len() == 2_000 && taken.values().all(|times| *times == 1), "{failure:?}");
    });
}

#[test]
fn what_was_set_aside_is_sent_when_it_passes_or_at_the_end() {
    each_at_once([false, true], |at_the_end: bool| {
        let works = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&works);
        let (server, taken) = taking(move |request| {
            let passes = is_over.load(Ordering::Relaxed) || !poisoned(&names(request));
            if passes { Answer::Accept } else { Answer::status(503) }
        });
        let sender = Sender::in_memory(&server);
        sender.send(["poison"]);
        sender.wait_until(|statistics| statistics.retried >= 2);
        sender.send(["a"]);
        sender.wait_until(|statistics| statistics.delivered == 1);
        works.store(true, Ordering::Relaxed);
        if !at_the_end {
            sender.wait_until(|statistics| statistics.delivered == 2);
            sender.flush().expect("all is settled");
        }
        all_delivered(&sender.end(), 2);
        taken.is_each_once(&["a".to_owned(), "poison".to_owned()]);
    });
}

#[test]
fn in_an_outage_there_is_one_request_for_each_pause() {
    let (works, times) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Vec<Instant>>>::default());
    let (is_over, seen) = (Arc::clone(&works), Arc::clone(&times));
    let (server, taken) = taking(move |_| {
        if is_over.load(Ordering::Relaxed) {
            return Answer::Accept;
        }
        seen.lock().expect("no panic").push(Instant::now());
        Answer::status(503)
    });
    let pause = Duration::from_secs(1);
    let sender =
        Sender::with(&server, |azure| azure.storage(Storage::off()).retry_delay(pause, pause));
    let all = numbered("span", 4_000);
    for batch in all.chunks(400) {
        sender.export(batch.iter().map(|name| span(name, &[])).collect());
    }
    sender.wait_until(|statistics| statistics.requests >= 15);
    works.store(true, Ordering::Relaxed);
    sender.wait_until(|statistics| statistics.delivered == 4_000);
    all_delivered(&sender.end(), 4_000);
    taken.is_each_once(&all);
    // Each pause is a tenth of its limit at least.
    let times = times.lock().expect("no panic");
    let shortest = times.windows(2).map(|pair| pair[1] - pair[0]).min();
    assert!(shortest >= Some(pause / 10), "{shortest:?}");
}
