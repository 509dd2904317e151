//! Where an example sends its requests: to Azure or `OpenAI` if the environment says so, else to
//! the stand-in on this machine.
//!
//! | service | variables |
//! |---|---|
//! | Azure `OpenAI` | `AZURE_OPENAI_ENDPOINT`, `AZURE_OPENAI_API_KEY`, `AZURE_OPENAI_DEPLOYMENT`, optionally `AZURE_OPENAI_API_VERSION` |
//! | `OpenAI`, or what speaks its language | `OPENAI_API_KEY`, optionally `OPENAI_BASE_URL` and `OPENAI_MODEL` |
//! | the stand-in | none of them |

use std::{env, error::Error};

use async_openai::{
    Client,
    config::{AzureConfig, Config, OpenAIConfig},
    middleware::ReqwestService,
};

use crate::loopback_openai::{Behaviour, LoopbackOpenAi};

/// The model that is asked for, unless the environment names another.
const MODEL: &str = "gpt-5-mini";
/// Azure's newest stable version of the API.
const AZURE_API_VERSION: &str = "2024-10-21";

/// What can go wrong in an example, in a form that says what it was and no more.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A client, and what is known about the service that it calls.
pub struct OpenAi {
    /// The client of `async-openai`.
    pub client: Client<Box<dyn Config>>,
    /// The provider, by the name that the conventions give it.
    pub provider: &'static str,
    /// The model; on Azure the deployment, which stands for it.
    pub model: String,
    /// Whether the environment named the model.
    chosen: bool,
    /// The stand-in, if nothing else is configured: it runs as long as this value lives.
    loopback: Option<LoopbackOpenAi>,
}

impl OpenAi {
    /// Reads the environment. `behaviour` is for the stand-in, if it comes to that.
    ///
    /// # Errors
    ///
    /// When the environment names Azure but not all that it takes, when the stand-in finds no
    /// port, or when the system has no certificates to trust a service by.
    pub async fn from_env(behaviour: Behaviour) -> Result<Self, Failure> {
        // Several crates bring cryptography for rustls, so a program says which one it takes.
        // It fails if somebody has said so before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();

        if let Some(endpoint) = variable("AZURE_OPENAI_ENDPOINT") {
            let model = required("AZURE_OPENAI_DEPLOYMENT")?;
            let version = variable("AZURE_OPENAI_API_VERSION");
            let config = AzureConfig::new()
                .with_api_base(endpoint.trim_end_matches('/'))
                .with_api_key(required("AZURE_OPENAI_API_KEY")?)
                .with_deployment_id(&model)
                .with_api_version(version.as_deref().unwrap_or(AZURE_API_VERSION));
            let client = client(Box::new(config), reqwest::Client::builder())?;
            return Ok(Self {
                client,
                provider: "azure.ai.openai",
                model,
                chosen: true,
                loopback: None,
            });
        }

        let model = variable("OPENAI_MODEL");
        let chosen = model.is_some();
        let model = model.unwrap_or_else(|| MODEL.to_owned());
        let (key, base_url) = (variable("OPENAI_API_KEY"), variable("OPENAI_BASE_URL"));
        if key.is_some() || base_url.is_some() {
            let config = OpenAIConfig::new().with_api_key(key.unwrap_or_default());
            let config = match base_url {
                Some(url) => config.with_api_base(url.trim_end_matches('/')),
                None => config.with_api_base(async_openai::config::OPENAI_API_BASE),
            };
            let client = client(Box::new(config), reqwest::Client::builder())?;
            return Ok(Self { client, provider: "openai", model, chosen, loopback: None });
        }

        Self::loopback(behaviour, model, chosen).await
    }

    /// The stand-in, whatever the environment says.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env), but for the environment.
    pub async fn stand_in(behaviour: Behaviour) -> Result<Self, Failure> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self::loopback(behaviour, MODEL.to_owned(), false).await
    }

    async fn loopback(behaviour: Behaviour, model: String, chosen: bool) -> Result<Self, Failure> {
        let loopback = LoopbackOpenAi::start(behaviour).await?;
        let config =
            OpenAIConfig::new().with_api_base(loopback.base_url()).with_api_key("not-a-real-key");
        // Neither a proxy nor the system's certificates have a part in talking to oneself.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let client = client(Box::new(config), http)?;
        Ok(Self { client, provider: "openai", model, chosen, loopback: Some(loopback) })
    }

    /// The address that requests go to.
    pub fn server(&self) -> &str {
        self.client.config().api_base()
    }

    /// The model that the environment names, or else this one, which can do what an example is about.
    pub fn model_or<'a>(&'a self, usual: &'a str) -> &'a str {
        if self.chosen { &self.model } else { usual }
    }

    /// Whether answers come from the stand-in and not from a model.
    pub fn is_loopback(&self) -> bool {
        self.loopback.is_some()
    }
}

/// A client that sends every request once. Left to itself, it would repeat a `429` up to three
/// times before the caller, and the caller's spans, learn of it.
fn client(
    config: Box<dyn Config>,
    http: reqwest::ClientBuilder,
) -> reqwest::Result<Client<Box<dyn Config>>> {
    let http = http.build()?;
    Ok(Client::build(http.clone(), config).with_http_service(ReqwestService::new(http)))
}

/// A variable of the environment; an empty one counts as absent.
fn variable(name: &str) -> Option<String> {
    let value = env::var(name).ok()?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn required(name: &str) -> Result<String, String> {
    variable(name).ok_or_else(|| format!("AZURE_OPENAI_ENDPOINT is set, but {name} is not"))
}
