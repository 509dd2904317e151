//! Processes that share a directory, are killed, or find no room on the disk: this test program, run again.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use super::*;

/// What the process is to do: `keep`, `claim` or `fail`.
const ROLE: &str = "LLMOBS_TEST_ROLE";
const DIRECTORY: &str = "LLMOBS_TEST_DIRECTORY";

fn command(place: &Place, role: &str, shell: &str) -> Command {
    let (_, module) = module_path!().split_once("::").expect("a module");
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{shell} exec \"$@\"")])
        .arg("sh")
        .arg(std::env::current_exe().expect("this program"))
        .args([
            &format!("{module}::in_a_process_of_its_own"),
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(ROLE, role)
        .env(DIRECTORY, &place.path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The numbers that the process prints after this word, until it ends.
fn numbers(child: &mut Child, word: &str) -> impl Iterator<Item = usize> + use<> {
    let prefix = format!("{word} ");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    lines.map_while(Result::ok).filter_map(move |line| line.strip_prefix(&prefix)?.parse().ok())
}

fn number(item: &Item) -> usize {
    let text = str::from_utf8(&item.json).expect("text");
    let digits = text.trim_start_matches("{\"number\":").trim_end_matches('}');
    digits.parse().expect("a number")
}

#[test]
#[ignore = "the other side of the tests below"]
fn in_a_process_of_its_own() {
    let (Ok(role), Ok(path)) = (std::env::var(ROLE), std::env::var(DIRECTORY)) else { return };
    let counters = Arc::<Counters>::default();
    let store = Store::open(&Storage::at(path), "key|endpoint", counters).expect("a store");
    match role.as_str() {
        "keep" => {
            let mut random = fastrand::Rng::new();
            // Numbers that no other process uses.
            let mut next = usize::try_from(std::process::id()).expect("an id") * 10_000_000;
            loop {
                let count = random.usize(1..400);
                store.keep(&items(next, count)).expect("kept");
                next += count;
                println!("\nkept {next}");
            }
        }
        "claim" => {
            while let Some(claim) = store.claim() {
                for item in claim.items() {
                    println!("\nclaimed {}", number(item));
                }
                claim.done(&[]).expect("removed");
            }
        }
        "fail" => {
            let mut random = fastrand::Rng::with_seed(7);
            let json = (0..100_000).map(|_| random.alphanumeric() as u8).collect();
            let error = store.keep(&[Item { kind: ItemKind::Message, json }]);
            println!("\nfailed {}", u8::from(matches!(error, Err(StoreError::Io(_)))));
        }
        other => panic!("no role: {other}"),
    }
}

#[test]
fn a_process_killed_at_any_instant_leaves_nothing_torn_and_loses_nothing_kept() {
    let place = Place::new();
    let mut random = fastrand::Rng::with_seed(11);
    let mut acknowledged = Vec::new();
    for _ in 0..25 {
        let mut child = command(&place, "keep", "").spawn().expect("a process");
        let mut kept = numbers(&mut child, "kept");
        assert!(kept.next().is_some(), "it keeps something");
        thread::sleep(Duration::from_micros(random.u64(..20_000)));
        child.kill().expect("killed");
        let first = usize::try_from(child.id()).expect("an id") * 10_000_000;
        // What it had printed before is still in the pipe.
        acknowledged.extend(first..kept.last().unwrap_or(first));
        child.wait().expect("ended");
    }
    let (store, counters) = open(&place.storage().max_bytes(u64::MAX));
    let mut found = BTreeSet::new();
    for item in drain(&store).concat() {
        assert!(found.insert(number(&item)), "twice: {}", number(&item));
    }
    let lost = acknowledged.iter().filter(|number| !found.contains(number)).count();
    assert_eq!((lost, dropped(&counters)), (0, vec![]), "of {}", acknowledged.len());
    assert!(acknowledged.len() > 2_500, "{}", acknowledged.len());
    assert!(!place.names().iter().any(|name| name.contains(".v1.")), "{:?}", place.names());
}

#[test]
fn processes_that_claim_at_the_same_time_share_without_overlap() {
    let place = Place::new();
    let (store, _) = place.store();
    for number in 0..300 {
        store.keep(&items(number * 3, 3)).expect("kept");
    }
    let children: Vec<_> = (0..3)
        .map(|_| {
            let mut child = command(&place, "claim", "").spawn().expect("a process");
            thread::spawn(move || {
                let claimed: Vec<_> = numbers(&mut child, "claimed").collect();
                assert!(child.wait().expect("ended").success());
                claimed
            })
        })
        .collect();
    let claimed: Vec<Vec<usize>> =
        children.into_iter().map(|child| child.join().expect("no panic")).collect();
    let mut all = claimed.concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..900), "each exactly once");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_behind() {
    let place = Place::new();
    // No file may have more than some kilobytes; writing more fails instead of killing.
    let mut child =
        command(&place, "fail", "trap '' XFSZ; ulimit -f 8;").spawn().expect("a process");
    assert_eq!(numbers(&mut child, "failed").collect::<Vec<_>>(), [1]);
    assert!(child.wait().expect("ended").success());
    assert_eq!(place.names(), [""; 0]);
}
