//! Azure Monitor absent, dying, slow and answering nonsense, seen from an application.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Storage};
use llmobs_runtime::{Telemetry, builder};
use llmobs_tests::alone;
use llmobs_tests::ingestion::{Answer, Ingestion};

use llmobs_tests::sinks::chat;

fn start(address: SocketAddr, storage: Storage) -> Telemetry {
    let connection = format!(
        "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://{address}/"
    );
    let azure = AzureMonitor::new()
        .connection_string(connection)
        .storage(storage)
        .request_timeout(Duration::from_millis(500))
        .retry_delay(Duration::from_millis(10), Duration::from_millis(50));
    builder().azure_monitor(azure).install().unwrap()
}

fn spans(server: &Ingestion) -> usize {
    let envelopes = server.envelopes();
    envelopes.iter().filter(|it| it["data"]["baseType"] == "RemoteDependencyData").count()
}

fn wait_for_spans(server: &Ingestion, count: usize) {
    server.wait_until(|requests| {
        let envelopes = requests.iter().flat_map(|request| &request.envelopes);
        let spans = envelopes.filter(|it| it["data"]["baseType"] == "RemoteDependencyData");
        spans.count() >= count
    });
}

/// A place in the build directory that is gone afterwards.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("faults-{name}-{}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn address_of_nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).unwrap()
}

#[test]
fn absent_at_the_start_it_gets_everything_when_it_comes() {
    alone("azure_monitor::absent_at_the_start_it_gets_everything_when_it_comes", &[], || {
        let (address, place) = (address_of_nobody(), Place::new("absent"));
        let telemetry = start(address, Storage::at(&place.0));
        for _ in 0..100 {
            chat();
        }
        // It is in storage: an outage is no failure.
        telemetry.force_flush().unwrap();
        let server = Ingestion::start_at(address);
        wait_for_spans(&server, 100);
        chat();
        telemetry.force_flush().unwrap();
        wait_for_spans(&server, 101);
        drop(telemetry);
        assert_eq!(spans(&server), 101);
    });
}

#[test]
fn dying_midway_it_gets_what_came_later_when_it_is_back() {
    alone("azure_monitor::dying_midway_it_gets_what_came_later_when_it_is_back", &[], || {
        let place = Place::new("dying");
        let dead = Arc::new(AtomicBool::new(false));
        for broken in [
            Answer::Reset,
            Answer::status(503),
            Answer::Raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
            Answer::Truncated,
            Answer::Hang(Duration::from_secs(1)),
        ] {
            let is_dead = Arc::clone(&dead);
            let answer = broken.clone();
            let server = Ingestion::deciding(move |_| {
                if is_dead.load(Ordering::Acquire) { answer.clone() } else { Answer::Accept }
            });
            let address = server.endpoint();
            let address = address.trim_start_matches("http://").trim_end_matches('/');
            let telemetry = start(address.parse().unwrap(), Storage::at(&place.0));
            chat();
            telemetry.force_flush().unwrap();
            assert_eq!(spans(&server), 1, "{broken:?}");
            dead.store(true, Ordering::Release);
            for _ in 0..50 {
                chat();
            }
            telemetry.force_flush().unwrap();
            dead.store(false, Ordering::Release);
            // Those that were refused are sent again, and what comes now arrives.
            let before = server.received().len();
            chat();
            telemetry.force_flush().unwrap();
            server.wait_until(|requests| {
                let accepted = requests.iter().skip(before).flat_map(|request| &request.envelopes);
                let spans = accepted.filter(|it| it["data"]["baseType"] == "RemoteDependencyData");
                spans.count() >= 51
            });
            let statistics = telemetry.azure_monitor_statistics().unwrap();
            assert_eq!(statistics.dropped_in_all(), 0, "{broken:?}: {statistics:?}");
            drop(telemetry);
        }
    });
}
