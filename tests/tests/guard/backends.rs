//! Several backends of which one hangs, fails or panics: the others get everything, at the end too.

use std::thread;
use std::time::Duration;

use llmobs_runtime::Telemetry;
use llmobs_tests::alone;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};

use llmobs_tests::sinks::{Does, Sink, chat};

const TROUBLE: [Does; 4] = [Does::Hang, Does::Block, Does::Fail, Does::Panic];

/// A pipeline of two, of which the first or the last is in trouble.
fn two(trouble: &Sink, kept: &Sink, trouble_is_first: bool) -> Telemetry {
    let builder = if trouble_is_first {
        kept.beside(trouble.builder())
    } else {
        trouble.beside(kept.builder())
    };
    builder.shutdown_deadline(Duration::from_millis(600)).install().unwrap()
}

fn work(telemetry: &Telemetry) {
    chat();
    let logger = telemetry.logger_provider().unwrap().logger("app");
    let mut record = logger.create_log_record();
    record.set_body("text".into());
    logger.emit(record);
}

/// A thread that an exporter of metrics holds cannot be taken from it: the reader of the SDK that comes after it does
/// not get its turn.
fn metrics_are_lost(does: Does, trouble_is_first: bool) -> bool {
    does == Does::Block && trouble_is_first
}

#[test]
fn a_flush_delivers_to_those_that_take_it() {
    alone("backends::a_flush_delivers_to_those_that_take_it", &[], || {
        for does in TROUBLE {
            for trouble_is_first in [true, false] {
                let (trouble, kept) = (Sink::new(does), Sink::keeping());
                let telemetry = two(&trouble, &kept, trouble_is_first);
                work(&telemetry);
                telemetry.force_flush().unwrap_err();
                let (spans, records, metrics) = kept.kept();
                assert_eq!((spans, records), (1, 1), "{does:?} {trouble_is_first}");
                let lost = metrics_are_lost(does, trouble_is_first);
                assert_eq!(metrics == 0, lost, "{does:?} {trouble_is_first}");
                assert!(trouble.tried() >= 3, "{does:?} {trouble_is_first}");
                trouble.open();
            }
        }
    });
}

#[test]
fn the_end_delivers_to_those_that_take_it() {
    alone("backends::the_end_delivers_to_those_that_take_it", &[], || {
        for does in TROUBLE {
            for trouble_is_first in [true, false] {
                let (trouble, kept) = (Sink::new(does), Sink::keeping());
                let telemetry = two(&trouble, &kept, trouble_is_first);
                work(&telemetry);
                drop(telemetry);
                let (spans, records, metrics) = kept.kept();
                assert_eq!((spans, records), (1, 1), "{does:?} {trouble_is_first}");
                let lost = metrics_are_lost(does, trouble_is_first);
                assert_eq!(metrics == 0, lost, "{does:?} {trouble_is_first}");
                assert!(kept.is_down());
                trouble.open();
            }
        }
    });
}

#[test]
fn trouble_that_is_over_leaves_nothing_behind() {
    alone("backends::trouble_that_is_over_leaves_nothing_behind", &[], || {
        let (trouble, kept) = (Sink::new(Does::Hang), Sink::keeping());
        let telemetry = two(&trouble, &kept, true);
        work(&telemetry);
        telemetry.force_flush().unwrap_err();
        trouble.open();
        work(&telemetry);
        telemetry.force_flush().unwrap();
        assert_eq!((trouble.spans(), kept.spans()), (2, 2));
        drop(telemetry);
        assert!(trouble.is_down() && kept.is_down());
    });
}

#[test]
fn exporters_that_panic_are_called_again_and_again() {
    alone("backends::exporters_that_panic_are_called_again_and_again", &[], || {
        let panics = Sink::new(Does::Panic);
        let telemetry = panics.builder().install().unwrap();
        for turn in 1..=3 {
            work(&telemetry);
            telemetry.force_flush().unwrap_err();
            // Spans, log records and metrics, of which no thread has ended.
            assert_eq!(panics.tried(), 3 * turn);
        }
    });
}

#[test]
fn a_deadline_that_is_longer_than_usual_is_waited_for() {
    alone("backends::a_deadline_that_is_longer_than_usual_is_waited_for", &[], || {
        let slow = Sink::new(Does::Hang);
        let deadline = Duration::from_mins(1);
        let telemetry = slow.builder().shutdown_deadline(deadline).install().unwrap();
        work(&telemetry);
        let opens = slow.clone();
        // Longer than processors wait where nobody says otherwise.
        let opener = thread::spawn(move || {
            thread::sleep(Duration::from_millis(5_500));
            opens.open();
        });
        telemetry.force_flush().unwrap();
        assert_eq!(slow.spans(), 1);
        opener.join().unwrap();
        telemetry.shutdown().unwrap();
    });
}
