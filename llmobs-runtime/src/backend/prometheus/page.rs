//! The page, made whenever somebody asks for it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use opentelemetry_sdk::metrics::ManualReader;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;

use super::accept::Format;
use super::exemplars::Exemplars;
use super::family::Pages;
use super::text;
use crate::guard::guarded;

/// The metrics of a pipeline as Prometheus reads them, made whenever it asks; clones are of the same pipeline.
///
/// Calls that are over by then are in it. Before the pipeline is installed and after it was shut down there is none.
#[derive(Clone)]
pub struct Page(Arc<Shared>);

/// What a page and its reader share.
pub(super) struct Shared {
    pub(super) reader: ManualReader,
    pub(super) exemplars: Arc<Exemplars>,
    pub(super) looks: OnceLock<Looks>,
    pub(super) addresses: OnceLock<Vec<SocketAddr>>,
}

/// What is on the page beside metrics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looks {
    pub(super) scope_labels: bool,
    pub(super) target_info: bool,
}

impl Default for Looks {
    fn default() -> Self {
        Self { scope_labels: true, target_info: true }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl Page {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            reader: ManualReader::builder().build(),
            exemplars: Arc::default(),
            looks: OnceLock::new(),
            addresses: OnceLock::new(),
        }))
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0
    }

    /// What to answer to `GET /metrics`, given the request's `Accept` header.
    ///
    /// The header decides between `OpenMetrics` 1.0, which has exemplars, and the older text format 0.0.4. Making the
    /// page takes some milliseconds at most while there are no more than some thousand series; it may wait up to
    /// 100 ms for calls that another thread is putting together.
    ///
    /// ```
    /// use llmobs_runtime::backend::prometheus::Prometheus;
    ///
    /// let prometheus = Prometheus::new().without_server();
    /// let page = prometheus.page();
    /// let telemetry = llmobs_runtime::builder().prometheus(prometheus).install()?;
    ///
    /// // In the handler of a router: `accept` is the header of the request, if it has one.
    /// let accept = Some("application/openmetrics-text; version=1.0.0");
    /// let response = page.response(accept);
    /// assert_eq!(response.status(), 200);
    /// assert!(response.content_type().starts_with("application/openmetrics-text; version=1.0.0"));
    /// assert!(response.body().ends_with("# EOF\n"));
    ///
    /// drop(telemetry);
    /// assert_eq!(page.response(accept).status(), 503);
    /// # Ok::<(), llmobs_runtime::ConfigureError>(())
    /// ```
    pub fn response(&self, accept: Option<&str>) -> Response {
        let format = Format::accepted(accept);
        match self.make(format) {
            Ok(body) => Response { status: 200, content_type: format.content_type(), body },
            Err((status, why)) => Response::failed(status, why),
        }
    }

    /// The page in the text format 0.0.4; `None` while there is no pipeline.
    pub fn text(&self) -> Option<String> {
        self.make(Format::Text).ok()
    }

    /// The page in `OpenMetrics` 1.0; `None` while there is no pipeline.
    pub fn open_metrics(&self) -> Option<String> {
        self.make(Format::OpenMetrics).ok()
    }

    /// Where a server of ours serves it; `None` without one. Of several addresses, one of IPv4.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.addresses.get()?.first().copied()
    }

    fn make(&self, format: Format) -> Result<String, (u16, &'static str)> {
        let Shared { reader, exemplars, looks, .. } = &*self.0;
        let mut collected = ResourceMetrics::default();
        // Callbacks of the application's run meanwhile.
        let done = guarded("collecting metrics", &mut || reader.collect(&mut collected));
        match done {
            Some(Ok(())) => {}
            Some(Err(_)) => {
                return Err((503, "no metrics: telemetry is not installed, or was shut down\n"));
            }
            None => return Err((500, "metrics could not be collected\n")),
        }
        exemplars.age(SystemTime::now());
        let Looks { scope_labels, target_info } = looks.get().copied().unwrap_or_default();
        let pages = Pages { exemplars, scope_labels, target_info, format };
        Ok(text::page(&pages.families(&collected), format))
    }
}

/// What to answer to a scraper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: u16,
    content_type: &'static str,
    body: String,
}

impl Response {
    pub(super) fn failed(status: u16, why: &str) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: why.to_owned() }
    }

    /// The status: 200, or 503 where there is no pipeline and 500 where a callback of an instrument panicked.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of the header `Content-Type`.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The page, or why there is none.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The same, to own.
    pub fn into_body(self) -> String {
        self.body
    }
}
