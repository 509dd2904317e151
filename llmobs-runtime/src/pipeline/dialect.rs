//! Which dialect of the conventions is recorded.

use crate::conventions::Dialect;
use crate::environment::names::SEMCONV_OPT_IN;

/// The value that asks for the newest GenAI conventions.
pub(super) const LATEST: &str = "gen_ai_latest_experimental";

/// The dialect that `OTEL_SEMCONV_STABILITY_OPT_IN` asks for: [`Dialect::Latest`] if its comma-separated list
/// names `gen_ai_latest_experimental`, else [`Dialect::Released`].
pub fn dialect_from_env() -> Dialect {
    from_list(&std::env::var(SEMCONV_OPT_IN).unwrap_or_default())
}

fn from_list(list: &str) -> Dialect {
    if list.split(',').any(|item| item.trim() == LATEST) {
        Dialect::Latest
    } else {
        Dialect::Released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_searched() {
        assert_eq!(from_list(""), Dialect::Released);
        assert_eq!(from_list("http/dup"), Dialect::Released);
        assert_eq!(from_list("http/dup, gen_ai_latest_experimental "), Dialect::Latest);
    }
}
