//! Jaeger, which takes OTLP since version 1.35, on ports 4317 and 4318, and traces only: see
//! <https://www.jaegertracing.io/docs/latest/architecture/apis/>.

use super::error::OtlpError;
use super::variables::Env;
use super::{Otlp, product};
use crate::environment::names::{
    JAEGER as ADDRESS, JAEGER_RETIRED_ADDRESSES as RETIRED_ADDRESSES,
    JAEGER_RETIRED_HOSTS as RETIRED_HOSTS,
};

const PORT: u16 = 4318;

pub(super) fn from_env(env: Env<'_>) -> Result<Otlp, OtlpError> {
    let jaeger = Otlp::of_product("Jaeger").metrics(false).logs(false);
    if let Some(said) = product::first(env, &[ADDRESS]) {
        return Ok(jaeger.based(said.place, product::address(&said)?));
    }
    if let Some(said) = product::first(env, &RETIRED_ADDRESSES) {
        return Ok(jaeger.based(said.place, product::neighbour(&said, PORT)?));
    }
    if let Some(said) = product::first(env, &RETIRED_HOSTS) {
        return Ok(jaeger.based(said.place, product::host(&said, PORT)?));
    }
    Ok(jaeger.based(ADDRESS, format!("http://localhost:{PORT}")))
}
