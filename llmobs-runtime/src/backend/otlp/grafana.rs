//! Grafana Cloud's OTLP gateway, as
//! <https://grafana.com/docs/grafana-cloud/send-data/otlp/send-data-otlp/> describes it, by the variables of Grafana's
//! own distributions (<https://github.com/grafana/grafana-opentelemetry-dotnet>, Beyla); or servers of one's own.

use super::error::OtlpError;
use super::variables::Env;
use super::{Compression, Otlp, basic, product};
use crate::environment::names::{
    ALLOY, GRAFANA_GATEWAY as GATEWAY, GRAFANA_INSTANCE as INSTANCE, GRAFANA_TOKEN as TOKEN,
    GRAFANA_ZONE as ZONE, LOKI, MIMIR, TEMPO,
};

pub(super) fn from_env(env: Env<'_>) -> Result<Otlp, OtlpError> {
    let grafana = Otlp::of_product("Grafana");
    let gateway = match product::first(env, &[GATEWAY]) {
        Some(said) => Some((said.place, product::address(&said)?)),
        None => product::first(env, &[ZONE]).map(zone).transpose()?,
    };
    if let Some((place, gateway)) = gateway {
        let instance = product::first(env, &[INSTANCE]).ok_or(MISSING_INSTANCE)?;
        let token = product::first(env, &TOKEN).ok_or(MISSING_TOKEN)?;
        return Ok(grafana.based(place, gateway).compression(Compression::Gzip).header(
            "authorization",
            basic::authorization(instance.value.trim(), token.value.trim()),
        ));
    }
    if let Some(said) = product::first(env, &[ALLOY]) {
        return Ok(grafana.based(said.place, product::address(&said)?));
    }
    let mut apart = grafana;
    for (name, path) in
        [(TEMPO, "/v1/traces"), (MIMIR, "/otlp/v1/metrics"), (LOKI, "/otlp/v1/logs")]
    {
        let said = product::first(env, &[name]);
        let address = match &said {
            Some(said) => Some((said.place, format!("{}{path}", product::address(said)?))),
            None => None,
        };
        let (place, wanted) = match name {
            TEMPO => (&mut apart.endpoints.traces, &mut apart.wanted.traces),
            MIMIR => (&mut apart.endpoints.metrics, &mut apart.wanted.metrics),
            _ => (&mut apart.endpoints.logs, &mut apart.wanted.logs),
        };
        *wanted = address.is_some();
        *place = address;
    }
    if apart.wanted.traces || apart.wanted.metrics || apart.wanted.logs {
        Ok(apart)
    } else {
        Err(NOTHING)
    }
}

/// The gateway of a zone.
fn zone(said: super::variables::Said) -> Result<(&'static str, String), OtlpError> {
    let place = said.place;
    let zone = said.read("the zone of a stack, as `prod-eu-west-2`", |zone| {
        let plain = zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain.then(|| zone.to_owned())
    })?;
    Ok((place, format!("https://otlp-gateway-{zone}.grafana.net/otlp")))
}

const MISSING_INSTANCE: OtlpError = OtlpError::Missing {
    product: "Grafana Cloud",
    missing: "GRAFANA_CLOUD_INSTANCE_ID is not set: the number that the page OpenTelemetry of the stack, on \
              grafana.com, shows as its instance id",
};
const MISSING_TOKEN: OtlpError = OtlpError::Missing {
    product: "Grafana Cloud",
    missing: "GRAFANA_CLOUD_API_KEY is not set: a token of an access policy with the scopes metrics:write, \
              logs:write and traces:write, which the page OpenTelemetry of the stack, on grafana.com, makes",
};
const NOTHING: OtlpError = OtlpError::Missing {
    product: "Grafana",
    missing: "no server: for Grafana Cloud set GRAFANA_CLOUD_ZONE (as prod-eu-west-2, from the page OpenTelemetry of \
              the stack, on grafana.com) or GRAFANA_CLOUD_OTLP_ENDPOINT, with GRAFANA_CLOUD_INSTANCE_ID and \
              GRAFANA_CLOUD_API_KEY; for servers of your own ALLOY_URL, or TEMPO_URL, MIMIR_URL and LOKI_URL",
};
