//! Queries in Prometheus's language, to Prometheus or to what answers as it does.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use crate::http::{self, Http};
use crate::seen::SeenPoint;

/// Where queries go.
#[derive(Clone, Debug)]
pub struct PromQl {
    http: Http,
    base: String,
    token: Option<String>,
}

/// One element of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Its labels, with `__name__` where the query leaves it there.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

impl PromQl {
    /// Queries to the API below this address: what comes before `/api/v1`.
    pub fn at(http: &Http, base: impl Into<String>) -> Self {
        Self { http: http.clone(), base: base.into(), token: None }
    }

    /// With a token to be let in.
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }

    /// What a query gives now.
    ///
    /// # Errors
    ///
    /// What the server says of the query.
    pub async fn query(&self, query: &str) -> Result<Vec<Sample>, String> {
        let answer = self.ask("query", &[("query", query), ("nocache", "1")]).await?;
        samples(&answer)
    }

    /// The exemplars of a query in this span of time, in seconds since 1970: their labels.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn exemplars(
        &self,
        query: &str,
        from: f64,
        to: f64,
    ) -> Result<Vec<BTreeMap<String, String>>, String> {
        let (from, to) = (from.to_string(), to.to_string());
        let parameters = [("query", query), ("start", &*from), ("end", &*to)];
        let answer = self.ask("query_exemplars", &parameters).await?;
        let series = answer.pointer("/data").and_then(Value::as_array).into_iter().flatten();
        let exemplars = series
            .flat_map(|it| it.get("exemplars").and_then(Value::as_array).into_iter().flatten());
        Ok(exemplars.map(|exemplar| labels(exemplar.get("labels"))).collect())
    }

    /// The histograms of calls, by OpenTelemetry's names, of this job or service.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn histograms(&self, selector: &str) -> Result<Vec<SeenPoint>, String> {
        let mut points: Vec<SeenPoint> = Vec::new();
        for part in ["count", "sum"] {
            let query = format!("{{__name__=~\"gen_ai_.*_{part}\",{selector}}}");
            for sample in self.query(&query).await? {
                let name = sample.labels.get("__name__").map_or("", String::as_str);
                let Some(metric) = name.strip_suffix(part).and_then(|it| it.strip_suffix('_'))
                else {
                    continue;
                };
                let metric = original(metric);
                let attributes: BTreeMap<_, _> = sample
                    .labels
                    .iter()
                    .filter(|(key, _)| key.starts_with("gen_ai_") || *key == "error_type")
                    .map(|(key, value)| (original(key), value.clone()))
                    .collect();
                let known = points
                    .iter()
                    .position(|point| point.metric == metric && point.attributes == attributes);
                let place = known.unwrap_or_else(|| {
                    points.push(SeenPoint { metric, attributes, ..SeenPoint::default() });
                    points.len() - 1
                });
                let Some(point) = points.get_mut(place) else { continue };
                let total = if part == "count" { &mut point.count } else { &mut point.sum };
                *total += sample.value;
            }
        }
        Ok(points)
    }

    async fn ask(&self, what: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        let url =
            reqwest::Url::parse_with_params(&format!("{}/api/v1/{what}", self.base), parameters);
        let url = url.map_err(|error| error.to_string())?;
        let mut request = self.http.request(Method::GET, url.as_str());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        http::json(request).await
    }
}

/// The names that OpenTelemetry has for what the workload sends, by what Prometheus makes of them: dots become
/// underscores, and a unit is put behind the name of a metric.
fn original(name: &str) -> String {
    const KNOWN: [&str; 12] = [
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_to_first_chunk",
        "gen_ai.client.operation.time_per_output_chunk",
        "gen_ai.client.token.usage",
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.token.type",
        "gen_ai.agent.name",
        "gen_ai.request.stream",
        "error.type",
    ];
    let bare = name.strip_suffix("_seconds").unwrap_or(name);
    let known = KNOWN.iter().find(|known| known.replace('.', "_") == bare);
    known.map_or_else(|| name.to_owned(), |known| (*known).to_owned())
}

/// The elements of an answer: a vector, or one number.
fn samples(answer: &Value) -> Result<Vec<Sample>, String> {
    let number = |value: Option<&Value>| {
        let text = value.and_then(|pair| pair.get(1)).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("no number in {answer}"))
    };
    let result = answer.pointer("/data/result");
    match answer.pointer("/data/resultType").and_then(Value::as_str) {
        Some("vector") => {
            let elements = result.and_then(Value::as_array).into_iter().flatten();
            elements
                .map(|it| {
                    let labels = labels(it.get("metric"));
                    Ok(Sample { labels, value: number(it.get("value"))? })
                })
                .collect()
        }
        Some("scalar") => Ok(vec![Sample { labels: BTreeMap::new(), value: number(result)? }]),
        _ => Err(format!("neither a vector nor a number: {answer}")),
    }
}

fn labels(value: Option<&Value>) -> BTreeMap<String, String> {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_given_back() {
        for (name, expected) in [
            ("gen_ai_client_operation_duration_seconds", "gen_ai.client.operation.duration"),
            ("gen_ai_client_token_usage", "gen_ai.client.token.usage"),
            ("gen_ai_token_type", "gen_ai.token.type"),
            ("error_type", "error.type"),
            ("other_seconds", "other_seconds"),
        ] {
            assert_eq!(original(name), expected);
        }
    }

    #[test]
    fn an_answer_is_read_or_refused() {
        let vector = json!({"data": {"resultType": "vector", "result": [
            {"metric": {"a": "b"}, "value": [1.0, "12.5"]}
        ]}});
        let found = samples(&vector).expect("a vector");
        assert_eq!(found[0].labels["a"], "b");
        assert_eq!(found[0].value.to_string(), "12.5");
        let scalar = json!({"data": {"resultType": "scalar", "result": [1.0, "3"]}});
        assert_eq!(samples(&scalar).expect("a number")[0].value.to_string(), "3");
        assert!(samples(&json!({"data": {"resultType": "matrix", "result": []}})).is_err());
        let broken = json!({"data": {"resultType": "vector", "result": [{"metric": {}}]}});
        assert!(samples(&broken).is_err());
    }
}
