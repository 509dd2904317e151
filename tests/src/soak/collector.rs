//! The hop: rotel as `examples/collector/rotel.env` sets it up, at ports of this run.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Collector {
    child: Child,
    port: u16,
    directory: PathBuf,
}

/// What the file sets.
pub(super) fn settings() -> Result<Vec<(String, String)>, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/collector/rotel.env");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let pair = line.split_once('=').ok_or_else(|| format!("no setting: {line}"))?;
            Ok((pair.0.to_owned(), pair.1.to_owned()))
        })
        .collect()
}

impl Collector {
    pub(super) fn start(program: &Path, gateway: &str) -> Result<Self, String> {
        let directory = std::env::temp_dir().join(format!("llmobs-soak-{}", std::process::id()));
        std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let (port, http) = (free_port()?, free_port()?);
        let log = directory.join("log");
        let printed = std::fs::File::create(&log).map_err(|error| error.to_string())?;
        let child = Command::new(program)
            .envs(settings()?)
            .env("ROTEL_OTLP_GRPC_ENDPOINT", format!("127.0.0.1:{port}"))
            .env("ROTEL_OTLP_HTTP_ENDPOINT", format!("127.0.0.1:{http}"))
            .env("ROTEL_OTLP_EXPORTER_ENDPOINT", gateway)
            .arg("start")
            .arg("--pid-file")
            .arg(directory.join("pid"))
            .stdin(Stdio::null())
            .stdout(printed)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut collector = Self { child, port, directory };
        let until = Instant::now() + PATIENCE;
        // It listens before it has read all of its settings.
        let mut answers = 0;
        while answers < 10 {
            if let Ok(Some(status)) = collector.child.try_wait() {
                let printed = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("the collector ended with {status}: {printed}"));
            }
            if Instant::now() > until {
                return Err("the collector does not listen".to_owned());
            }
            answers += u8::from(TcpStream::connect(("127.0.0.1", port)).is_ok());
            thread::sleep(Duration::from_millis(50));
        }
        Ok(collector)
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to end, as a service manager does; how it did.
    pub(super) fn stop(&mut self) -> String {
        // Without a signal of our own: the standard library knows none.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.to_string();
            }
            thread::sleep(Duration::from_millis(20));
        }
        "did not end".to_owned()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}
