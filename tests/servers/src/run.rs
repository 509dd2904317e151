//! Installs, starts, asks, reports.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use futures::future::join_all;
use llmobs_servers_install::{Installed, Place, install, named};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;

use crate::http::Http;
use crate::options::Options;
use crate::report::{Sheet, summary, table};
use crate::server::{Kept, SERVERS, Server, Stage};
use crate::service::emptied;

/// How many servers must have answered, where not only some were wanted.
const AT_LEAST: usize = 4;

/// Everything; ends early, with all servers, where it is interrupted.
pub(crate) async fn main(options: &Options) -> ExitCode {
    let interrupted = async {
        let mut terminated = signal(SignalKind::terminate()).ok();
        let terminated = async {
            match &mut terminated {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated => {}
        }
    };
    tokio::select! {
        () = interrupted => ExitCode::FAILURE,
        code = run(options) => code.unwrap_or_else(|error| {
            eprintln!("{error}");
            ExitCode::FAILURE
        }),
    }
}

#[expect(clippy::print_stdout, reason = "the report")]
async fn run(options: &Options) -> Result<ExitCode, String> {
    let began = Instant::now();
    let place = match &options.directory {
        Some(directory) => Place::at(
            std::path::absolute(directory).map_err(|error| format!("{directory}: {error}"))?,
        ),
        None => Place::of_this_build().map_err(|error| error.to_string())?,
    };
    let given = |server: &Server| {
        let url = std::env::var(server.given?).ok()?;
        Some(url.trim().trim_end_matches('/').to_owned()).filter(|url| !url.is_empty())
    };
    let wanted: Vec<_> = SERVERS
        .iter()
        .filter(|server| options.wants(server.name))
        .filter(|server| server.given.is_none() || given(server).is_some())
        .collect();
    if options.install_only {
        let packages = wanted.iter().flat_map(|server| server.packages);
        for (name, outcome) in installed(&place, packages.copied()).await {
            match outcome {
                Ok(it) => println!("{name} {} in {}", it.version, it.directory.display()),
                Err(reason) => println!("{name} is not installed: {reason}"),
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    // Two runs would write into the same directories.
    let lock = {
        let root = place.root().to_owned();
        spawn_blocking(move || {
            std::fs::create_dir_all(&root)?;
            let file = std::fs::File::create(root.join("run.lock"))?;
            file.lock().map(|()| file)
        })
    };
    let _lock =
        lock.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let kept = options.keep.then(|| Kept::new(Mutex::new(Vec::new())));
    let http = Http::new()?;
    let sheets = join_all(wanted.iter().map(|server| {
        let (place, http, kept, given) = (place.clone(), http.clone(), kept.clone(), given(server));
        async move {
            let mut sheet = Sheet::new(server.name);
            sheet.counts = server.counts;
            let stage = match stage(server, place, http, given, kept).await {
                Ok(stage) => stage,
                Err(reason) => {
                    sheet.skipped = Some(reason);
                    return sheet;
                }
            };
            let version = server.packages.first().and_then(|first| stage.installed.get(first));
            sheet.version = version.map(|it| it.version_of(server.name)).unwrap_or_default();
            sheet.restart();
            if let Err(error) = (server.prove)(&stage, &mut sheet).await {
                sheet.add("anything", Err(error));
            }
            sheet
        }
    }))
    .await;
    let not_given: Vec<_> = SERVERS
        .iter()
        .filter(|server| options.wants(server.name) && given(server).is_none())
        .filter_map(|server| server.given)
        .collect();
    let at_least = if options.only.is_empty() { AT_LEAST } else { 0 };
    let (line, well) = summary(&sheets, at_least, &not_given);
    println!("\n{}\n{line} ({} s)", table(&sheets), began.elapsed().as_secs());
    if let Some(kept) = kept {
        linger(&kept).await;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Waits with the servers running; only an interruption ends that.
#[expect(clippy::print_stdout, reason = "the report")]
async fn linger(kept: &Kept) {
    for (place, _) in kept.lock().iter().flat_map(|kept| kept.iter()) {
        println!("still running: {place}");
    }
    std::future::pending::<()>().await;
}

/// Installs packages, several at a time; the reason in one line where one is not there.
async fn installed(
    place: &Place,
    names: impl Iterator<Item = &'static str>,
) -> BTreeMap<&'static str, Result<Installed, String>> {
    let tasks: BTreeMap<_, _> = names
        .filter_map(|name| Some((name, named(name)?)))
        .map(|(name, package)| {
            let place = place.clone();
            (name, spawn_blocking(move || install(&place, package)))
        })
        .collect();
    let mut all = BTreeMap::new();
    for (name, task) in tasks {
        let outcome = match task.await {
            Ok(Ok(installed)) => Ok(installed),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        all.insert(name, outcome);
    }
    all
}

/// What a server's part has at hand, or why it is to be skipped.
async fn stage(
    server: &Server,
    place: Place,
    http: Http,
    given: Option<String>,
    kept: Option<Kept>,
) -> Result<Stage, String> {
    let mut there = BTreeMap::new();
    for (name, outcome) in installed(&place, server.packages.iter().copied()).await {
        there.insert(name, outcome?);
    }
    let scratch = emptied(&place.scratch(server.name))?;
    Ok(Stage { name: server.name, scratch, place, http, installed: there, given, kept })
}
