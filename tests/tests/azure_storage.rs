//! Azure Monitor: what cannot be sent is in storage, and what becomes of it there, seen from outside.

#[path = "azure_storage/place.rs"]
mod place;

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use llmobs_runtime::backend::azure_monitor::{
    AzureMonitor, DropReason, Exporters, Statistics, Storage,
};
use llmobs_tests::ingestion::{Answer, Ingestion};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use place::Place;
use proptest::prelude::*;

/// What a service answers that has a bad day.
fn unavailable() -> Ingestion {
    Ingestion::deciding(|_| Answer::status(503))
}

fn exporters(server: &Ingestion, storage: Storage) -> Exporters {
    AzureMonitor::new()
        .connection_string(server.connection_string())
        .storage(storage)
        .retry_delay(Duration::from_millis(5), Duration::from_millis(20))
        .resource_metric(false)
        .exporters()
        .expect("exporters")
}

/// Makes spans with numbers from a range and text that compresses badly, and ends.
fn make(azure: Exporters, numbers: std::ops::Range<i64>, text: usize) -> Statistics {
    let metrics = azure.metrics;
    let provider = SdkTracerProvider::builder().with_simple_exporter(azure.spans).build();
    drop(azure.logs);
    let tracer = provider.tracer("test");
    let mut mixed = 1_u64;
    for number in numbers {
        let mut span = tracer.start("work");
        span.set_attribute(KeyValue::new("seq", number));
        let text: String = (0..text)
            .map(|_| {
                mixed = mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'a' + (mixed >> 59) as u8 % 26)
            })
            .collect();
        span.set_attribute(KeyValue::new("text", text));
        span.end();
        if number % 40 == 39 {
            metrics.force_flush().expect("settled");
        }
    }
    provider.shutdown().expect("settled");
    metrics.shutdown_with_timeout(Duration::from_secs(5)).expect("settled");
    metrics.statistics()
}

/// How often each number came.
fn numbers(server: &Ingestion, from: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for envelope in server.received().iter().skip(from).flat_map(|request| &request.envelopes) {
        let number = &envelope["data"]["baseData"]["properties"]["seq"];
        *counts.entry(number.as_str().expect("a number").to_owned()).or_default() += 1;
    }
    counts
}

/// Each of these once.
fn once(numbers: std::ops::Range<usize>) -> BTreeMap<String, usize> {
    numbers.map(|number| (number.to_string(), 1)).collect()
}

#[test]
fn what_could_not_be_sent_is_sent_by_who_comes_next() {
    let (place, server) = (Place::new(), unavailable());
    let made = make(exporters(&server, Storage::at(&place.path)), 0..100, 10);
    place.wait_until_free();
    assert_eq!((made.accepted, made.delivered, made.dropped_in_all()), (100, 0, 0));
    assert_eq!((made.stored, place.kept().1), (100, 100));

    let tried = server.received().len();
    server.then((0..100).map(|_| Answer::Accept));
    let azure = exporters(&server, Storage::at(&place.path));
    place.wait_until_sent();
    assert_eq!(numbers(&server, tried), once(0..100));
    let sent = azure.spans.statistics();
    assert_eq!((sent.accepted, sent.delivered, sent.dropped_in_all()), (0, 100, 0));
}

#[test]
fn without_storage_it_is_counted() {
    let server = unavailable();
    let azure = exporters(&server, Storage::off());
    let (metrics, logs) = (azure.metrics, azure.logs);
    let provider = SdkTracerProvider::builder().with_simple_exporter(azure.spans).build();
    provider.tracer("test").start("work").end();
    drop((logs, provider));
    // The last exporter: it waits in vain.
    let _ = metrics.shutdown_with_timeout(Duration::from_millis(300));
    let ended = metrics.statistics();
    assert_eq!((ended.stored, ended.dropped(DropReason::NotStored)), (0, 1));
}

#[test]
fn when_it_is_full_the_oldest_go_and_every_item_is_accounted_for() {
    let (place, server) = (Place::new(), unavailable());
    let storage = || Storage::at(&place.path).max_bytes(64 << 10);
    let made = make(exporters(&server, storage()), 0..600, 1_000);
    place.wait_until_free();
    let (files, kept) = place.kept();
    let on_disk = kept as u64;
    let full = made.dropped(DropReason::StorageFull);
    assert_eq!(made.accepted, 600);
    assert_eq!(made.delivered + on_disk + full, 600, "{made:?}");
    assert_eq!(made.dropped_in_all(), full, "{made:?}");
    assert!(full > 0 && files > 1, "{made:?}");
    let bytes: u64 = place.files().iter().map(|file| fs::metadata(file).expect("it").len()).sum();
    assert!(bytes <= 64 << 10, "{bytes}");

    // What is left is the newest.
    let tried = server.received().len();
    server.then((0..100).map(|_| Answer::Accept));
    let _azure = exporters(&server, storage());
    place.wait_until_sent();
    assert_eq!(numbers(&server, tried), once(600 - kept..600));
}

#[test]
fn what_has_expired_is_counted_by_who_finds_it() {
    let (place, server) = (Place::new(), unavailable());
    make(exporters(&server, Storage::at(&place.path)), 0..20, 10);
    place.wait_until_free();
    for file in place.files() {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let (millis, rest) = name.split_once('-').expect("a name");
        let older = millis.parse::<u64>().expect("a time") - 48 * 60 * 60 * 1_000;
        fs::rename(&file, file.with_file_name(format!("{older:013}-{rest}"))).expect("renamed");
    }
    let tried = server.received().len();
    assert_eq!(place.kept().1, 20);
    let azure = exporters(&server, Storage::at(&place.path));
    let end = Instant::now() + Duration::from_secs(30);
    while azure.spans.statistics().dropped(DropReason::Expired) < 20 {
        assert!(Instant::now() < end, "{:?}, {:?}", azure.spans.statistics(), place.files());
        thread::sleep(Duration::from_millis(5));
    }
    assert!(place.files().is_empty() && server.received().len() == tried);
}

#[test]
fn two_that_find_it_at_the_same_time_send_everything_once() {
    let (place, server) = (Place::new(), unavailable());
    make(exporters(&server, Storage::at(&place.path)), 0..1_000, 10);
    place.wait_until_free();
    assert!(place.kept().0 > 10);
    let tried = server.received().len();
    server.then((0..200).map(|_| Answer::Accept));
    let _both = [0, 1].map(|_| exporters(&server, Storage::at(&place.path)));
    place.wait_until_sent();
    assert_eq!(numbers(&server, tried), once(0..1_000));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let (place, server) = (Place::new(), unavailable());
    make(exporters(&server, Storage::at(&place.path)), 0..20, 10);
    place.wait_until_free();
    let mode = |path: &std::path::Path| {
        fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o7777
    };
    for file in place.files() {
        assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));
        let path = file.display().to_string();
        assert!(!path.contains("11111111"), "the key is in {path}");
    }
    assert!(!place.files().is_empty());
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_not_ours_alone_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;

    let (place, server) = (Place::new(), unavailable());
    make(exporters(&server, Storage::at(&place.path)), 0..20, 10);
    place.wait_until_free();
    let folder = place.files()[0].parent().expect("a folder").to_owned();
    let (files, before) = (place.files(), server.received().len());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).expect("a mode");
    server.then([Answer::Accept]);
    let made = make(exporters(&server, Storage::at(&place.path)), 20..21, 10);
    place.wait_until_free();
    assert_eq!((made.accepted, made.delivered, made.stored), (1, 1, 0));
    assert_eq!(place.files(), files);
    assert_eq!(numbers(&server, before), once(20..21));
}

/// A file name of ours, or nearly so.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{13}-[0-9]{1,5}-[0-9a-f]{8}-[0-9]{1,6}\\.(v1|v2|vx)\\.(blob|corrupt)",
        "[0-9]{13}-[0-9]{1,5}-[0-9a-f]{8}-[0-9]{1,3}\\.tmp",
        "[0-9a-f.-]{1,40}blob",
    ]
}

/// What could stand in a file.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| [
            b"llmobs-azure-monitor 1\n".as_slice(),
            &bytes
        ]
        .concat()),
        "([A-Z] \\{\"a\":[0-9]\\}\n){0,5}[A-Z ]?".prop_map(|text| {
            use std::io::Write as _;
            let head = b"llmobs-azure-monitor 1\n".to_vec();
            let mut encoder = flate2::write::GzEncoder::new(head, flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).expect("memory");
            encoder.finish().expect("memory")
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_lies_there_hurts_nobody(files in proptest::collection::vec((name(), content()), 1..8)) {
        let (place, server) = (Place::new(), unavailable());
        make(exporters(&server, Storage::at(&place.path)), 0..3, 10);
    place.wait_until_free();
        let folder = place.files()[0].parent().expect("a folder").to_owned();
        for (name, content) in &files {
            fs::write(folder.join(name), content).expect("written");
        }
        let tried = server.received().len();
        server.then((0..1_000).map(|_| Answer::Accept));
        let _azure = exporters(&server, Storage::at(&place.path));
        place.wait_until_sent();
        // Foreign items that are whole are sent too: they have no number.
        let received = server.received();
        let ours = received.iter().skip(tried).flat_map(|request| &request.envelopes).filter(|envelope| {
            envelope["data"]["baseData"]["properties"]["seq"].is_string()
        });
        prop_assert_eq!(ours.count(), 3);
    }
}
