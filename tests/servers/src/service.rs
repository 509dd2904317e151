//! A server that runs as long as its value lives.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use llmobs_servers_install::Group;

use crate::http::Http;

/// How long a server may take until it answers. Two of them set up a database first, on a machine that is busy.
const START: Duration = Duration::from_mins(3);

/// A server's processes.
#[derive(Debug)]
pub struct Service {
    group: Option<Group>,
    log: PathBuf,
}

impl Service {
    /// Starts it; what it prints goes to a file.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self, String> {
        let mut started = || {
            if let Some(directory) = log.parent() {
                fs::create_dir_all(directory)?;
            }
            let file = File::create(log)?;
            command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
            Group::start(command)
        };
        let group = started().map_err(|error: std::io::Error| format!("did not start: {error}"))?;
        Ok(Self { group: Some(group), log: log.to_owned() })
    }

    /// Waits until it answers there.
    ///
    /// # Errors
    ///
    /// When it ends first, or takes too long; with the last line that it printed.
    pub async fn ready(&mut self, http: &Http, url: &str) -> Result<(), String> {
        let until = Instant::now() + START;
        while !http.is_up(url).await {
            if let Some(Ok(Some(status))) = self.group.as_mut().map(Group::ended) {
                return Err(format!("ended with {status}: {}", self.last_line()));
            }
            if Instant::now() >= until {
                return Err(format!("did not answer in time: {}", self.last_line()));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    fn last_line(&self) -> String {
        let printed = fs::read(&self.log).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        let last = printed.lines().rev().find(|line| !line.trim().is_empty());
        last.unwrap_or("it printed nothing").trim().to_owned()
    }

    /// Ends it, without holding up others.
    pub async fn stop(mut self) {
        if let Some(group) = self.group.take() {
            let _ = tokio::task::spawn_blocking(move || drop(group)).await;
        }
    }
}

/// A port of this machine that nobody listens at. No two callers get the same.
///
/// # Errors
///
/// What the system says.
pub fn free_port() -> Result<u16, String> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().map_err(|error| error.to_string())?;
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        if given.insert(port) {
            return Ok(port);
        }
    }
}

/// An empty directory.
///
/// # Errors
///
/// What the system says.
pub fn emptied(directory: &Path) -> Result<PathBuf, String> {
    let made = match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(directory),
    };
    made.map(|()| directory.to_owned()).map_err(|error| format!("{}: {error}", directory.display()))
}
