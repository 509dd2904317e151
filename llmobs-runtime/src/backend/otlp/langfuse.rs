//! Langfuse, in its cloud or on servers of one's own, as
//! <https://langfuse.com/integrations/native/opentelemetry> describes it. It takes traces only.

use super::error::OtlpError;
use super::variables::{Env, Said};
use super::{Compression, Otlp, basic, product};
use crate::environment::names::{
    LANGFUSE_PUBLIC as PUBLIC, LANGFUSE_SECRET as SECRET, LANGFUSE_SERVER as SERVER,
};

const PATH: &str = "/api/public/otel";

pub(super) fn from_env(env: Env<'_>) -> Result<Otlp, OtlpError> {
    let [server, ..] = SERVER;
    let said = product::first(env, &SERVER)
        .unwrap_or(Said { place: server, value: "https://cloud.langfuse.com".to_owned() });
    let base = product::address(&said)?;
    let keys = (product::first(env, &[PUBLIC]), product::first(env, &[SECRET]));
    let (public, secret) = match keys {
        (Some(public), Some(secret)) => (public, secret),
        (None, Some(_)) => {
            return Err(missing(
                "LANGFUSE_PUBLIC_KEY is not set (pk-lf-…): see Settings > API Keys of the project",
            ));
        }
        (Some(_), None) => {
            return Err(missing(
                "LANGFUSE_SECRET_KEY is not set (sk-lf-…): see Settings > API Keys of the project",
            ));
        }
        (None, None) => {
            return Err(missing(
                "LANGFUSE_PUBLIC_KEY (pk-lf-…) and LANGFUSE_SECRET_KEY (sk-lf-…) are not set: see Settings > API Keys \
                 of the project; with LANGFUSE_BASE_URL where it is not https://cloud.langfuse.com",
            ));
        }
    };
    Ok(Otlp::of_product("Langfuse")
        .based(said.place, format!("{base}{PATH}"))
        .compression(Compression::Gzip)
        .header("authorization", basic::authorization(public.value.trim(), secret.value.trim()))
        .metrics(false)
        .logs(false))
}

fn missing(missing: &'static str) -> OtlpError {
    OtlpError::Missing { product: "Langfuse", missing }
}
