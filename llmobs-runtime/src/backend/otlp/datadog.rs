//! Datadog: its OTLP intake, or an Agent.
//!
//! Addresses by site: <https://docs.datadoghq.com/opentelemetry/setup/otlp_ingest/>; headers for traces of LLMs:
//! <https://docs.datadoghq.com/llm_observability/instrumentation/otel_instrumentation/>; metrics must be deltas:
//! <https://docs.datadoghq.com/opentelemetry/setup/otlp_ingest/metrics/>; the Agent:
//! <https://docs.datadoghq.com/opentelemetry/setup/otlp_ingest_in_the_agent/>; the variables that describe a service:
//! <https://docs.datadoghq.com/getting_started/tagging/unified_service_tagging/>.

use super::error::OtlpError;
use super::headers::Headers;
use super::variables::{self, Env, Said};
use super::{Compression, Otlp, Temporality, product};
use crate::environment::is_socket;
use crate::environment::names::{
    DATADOG_AGENT_HOST as AGENT_HOST, DATADOG_AGENT_OTLP as AGENT_OTLP,
    DATADOG_AGENT_URL as AGENT_URL, DATADOG_AGENTLESS as AGENTLESS, DATADOG_ENV,
    DATADOG_KEY as KEY, DATADOG_SERVICE, DATADOG_SITE as SITE, DATADOG_TAGS as TAGS,
    DATADOG_VERSION,
};

/// What describes a service, and the attribute of the resource that says the same.
const OF_SERVICE: [(&str, &str, &str); 3] = [
    (DATADOG_SERVICE, "service", "service.name"),
    (DATADOG_ENV, "env", "deployment.environment.name"),
    (DATADOG_VERSION, "version", "service.version"),
];
const PORT: u16 = 4318;

/// Where an Agent is, unless only tracers get there.
fn agent_url(env: Env<'_>) -> Option<Said> {
    variables::one(env, AGENT_URL).filter(|said| !is_socket(&said.value))
}

pub(super) fn from_env(env: Env<'_>) -> Result<Otlp, OtlpError> {
    let mut datadog = Otlp::of_product("Datadog").temporality(Temporality::Delta);
    datadog.resource = resource(env);
    let agentless = variables::one(env, AGENTLESS)
        .map(|said| {
            said.read("`true` or `false`", |text| match text.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            })
        })
        .transpose()?;
    if agentless != Some(true)
        && let Some((place, agent)) = agent(env)?
    {
        return Ok(datadog.based(place, agent));
    }
    let key = product::first(env, &[KEY]).ok_or(NOTHING)?;
    let (place, site) = match product::first(env, &[SITE]) {
        Some(said) => (said.place, site(said)?),
        None => (SITE, "datadoghq.com".to_owned()),
    };
    // Without this traces are taken for those of web services.
    let mut of_traces = Headers::default();
    of_traces.set("dd-otlp-source", "llmobs".to_owned())?;
    datadog.own.traces = of_traces;
    Ok(datadog
        .based(place, format!("https://otlp.{site}"))
        .compression(Compression::Gzip)
        .header("dd-api-key", key.value.trim()))
}

/// The Agent's address, where one is named.
fn agent(env: Env<'_>) -> Result<Option<(&'static str, String)>, OtlpError> {
    let port = match variables::one(env, AGENT_OTLP) {
        Some(said) => said.read("an address and a port, as `0.0.0.0:4318`", |text| {
            text.rsplit_once(':')?.1.parse().ok()
        })?,
        None => PORT,
    };
    if let Some(said) = agent_url(env) {
        return Ok(Some((said.place, product::neighbour(&said, port)?)));
    }
    let Some(said) = variables::one(env, AGENT_HOST) else { return Ok(None) };
    Ok(Some((said.place, product::host(&said, port)?)))
}

/// A site is a part of a host's name.
fn site(said: Said) -> Result<String, OtlpError> {
    said.read("a site of Datadog's, as `datadoghq.eu`", |site| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        (site.contains('.') && site.bytes().all(plain)).then(|| site.to_owned())
    })
}

/// The tags, and above them what describes the service.
fn resource(env: Env<'_>) -> Vec<(String, String)> {
    let mut resource = variables::one(env, TAGS).map_or_else(Vec::new, |said| tags(&said.value));
    for (name, _, attribute) in OF_SERVICE {
        if let Some(said) = variables::one(env, name) {
            resource.retain(|(known, _)| known != attribute);
            resource.push((attribute.to_owned(), said.value.trim().to_owned()));
        }
    }
    resource
}

/// Tags stand apart by commas or by spaces. One without a value, which the Agent takes and which is no attribute, is
/// left out.
fn tags(text: &str) -> Vec<(String, String)> {
    let tags = text.split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty());
    tags.filter_map(|tag| {
        let (key, value) = tag.split_once(':').filter(|(key, _)| !key.is_empty())?;
        let known = OF_SERVICE.iter().find(|(_, tag, _)| *tag == key);
        Some((known.map_or(key, |(.., attribute)| attribute).to_owned(), value.to_owned()))
    })
    .collect()
}

const NOTHING: OtlpError = OtlpError::Missing {
    product: "Datadog",
    missing: "neither DD_API_KEY is set (a key from Organization Settings > API Keys, with DD_SITE where the site is \
              not datadoghq.com) nor DD_AGENT_HOST or DD_TRACE_AGENT_URL (an Agent that takes OTLP on port 4318)",
};
