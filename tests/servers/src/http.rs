//! Requests to servers on this machine.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

/// A client that goes through no proxy.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
}

impl Http {
    /// A client.
    ///
    /// # Errors
    ///
    /// What `reqwest` says.
    pub fn new() -> Result<Self, String> {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build();
        client.map(|client| Self { client }).map_err(|error| error.to_string())
    }

    /// A request to be completed.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Whether a `GET` is answered with success.
    pub async fn is_up(&self, url: &str) -> bool {
        let asked = self.client.get(url).timeout(Duration::from_secs(2)).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// The JSON that a `GET` is answered with.
    ///
    /// # Errors
    ///
    /// The status and the start of the body, or why there is none.
    pub async fn get(&self, url: &str) -> Result<Value, String> {
        json(self.client.get(url)).await
    }

    /// The JSON that a `POST` of JSON is answered with.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn post(&self, url: &str, body: &Value) -> Result<Value, String> {
        let request = self.client.post(url).header("content-type", "application/json");
        json(request.body(body.to_string())).await
    }

    /// The text that a `GET` is answered with.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn text(&self, url: &str) -> Result<String, String> {
        text(self.client.get(url)).await
    }
}

/// Sends, and reads JSON.
///
/// # Errors
///
/// The status and the start of the body, or why there is none.
pub async fn json(request: RequestBuilder) -> Result<Value, String> {
    let text = text(request).await?;
    serde_json::from_str(&text).map_err(|error| format!("{error} in {}", start(&text)))
}

/// Sends, and reads text.
///
/// # Errors
///
/// As [`json`].
pub async fn text(request: RequestBuilder) -> Result<String, String> {
    let answer: Response = request.send().await.map_err(|error| whole(&error))?;
    let (status, url) = (answer.status(), answer.url().path().to_owned());
    let text = answer.text().await.map_err(|error| whole(&error))?;
    if status.is_success() {
        return Ok(text);
    }
    Err(format!("{url} answered {status}: {}", start(&text)))
}

/// An error with what is behind it.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn start(text: &str) -> String {
    text.chars().take(300).collect()
}
