//! Loki: log records by the name of their service, with what OTLP has beside their text as structured metadata; see
//! <https://grafana.com/docs/loki/latest/reference/loki-http-api/>.

use serde_json::Value;

use super::{Given, Otlp, ROUNDS};
use crate::expectation::{LOG, Outcome};
use crate::report::Sheet;
use crate::seen::SeenLog;
use crate::server::{Stage, seconds_now};

pub(in crate::server) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let given = Given::of(stage, "LOKI_OTLP_URL", Otlp::Path("/otlp"))?;
    // Traces are made, so that records belong to them, and nobody is sent them.
    let (service, ids) = given.send(stage, [false, false, true]).await?;
    ask(&given, sheet, &service, &ids).await;
    Ok(())
}

/// Asks for the records of this service.
pub(super) async fn ask(given: &Given, sheet: &mut Sheet, service: &str, ids: &[String]) {
    sheet
        .ask("logs: records with their traces", || async {
            within(&logs(given, service).await?, ids)
        })
        .await;
}

async fn logs(given: &Given, service: &str) -> Result<Vec<SeenLog>, String> {
    let query = format!("{{service_name=\"{service}\"}}");
    let start = format!("{:.0}", (seconds_now() - 3600.0) * 1e9);
    let parameters = [("query", query.as_str()), ("start", &start), ("limit", "1000")];
    let answer = given.get("/loki/api/v1/query_range", &parameters).await?;
    let streams = answer.pointer("/data/result").and_then(Value::as_array).into_iter().flatten();
    let mut all = Vec::new();
    for stream in streams {
        let values = stream.get("values").and_then(Value::as_array).into_iter().flatten();
        for value in values {
            // Metadata is among the stream's labels, or, where an answer is to tell them apart, behind the text.
            let text = |key: &str| {
                let apart = value.get(2).and_then(|it| it.get("structuredMetadata")?.get(key));
                let label = stream.get("stream").and_then(|labels| labels.get(key));
                apart.or(label).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let body = value.get(1).and_then(Value::as_str).unwrap_or_default().to_owned();
            all.push(SeenLog { body, trace: text("trace_id"), span: text("span_id") });
        }
    }
    Ok(all)
}

/// Whether each record is of a trace of the workload.
fn within(logs: &[SeenLog], ids: &[String]) -> Outcome {
    let records: Vec<_> = logs.iter().filter(|log| log.body == LOG).collect();
    if records.len() != usize::from(ROUNDS) {
        return Err(format!("`{LOG}` is there {} times, not {ROUNDS}", records.len()));
    }
    match records.iter().find(|log| !ids.contains(&log.trace) || log.span.len() != 16) {
        Some(other) => Err(format!("`{LOG}` is of trace {:?}, span {:?}", other.trace, other.span)),
        None => Ok(format!("{} records, each of a trace of the workload", records.len())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::stand_in;
    use super::*;

    #[tokio::test]
    async fn records_are_read_with_metadata_in_either_place() {
        let span = "b7ad6b7169203331";
        let answer = json!({"status": "success", "data": {"resultType": "streams", "result": [
            {"stream": {"service_name": "s", "trace_id": "t1", "span_id": span},
             "values": [["1795000000000000000", LOG]]},
            {"stream": {"service_name": "s"}, "values": [["1795000000000000001", LOG,
                {"structuredMetadata": {"trace_id": "t2", "span_id": span}}]]}
        ]}});
        let given = stand_in(vec![("/loki/api/v1/query_range", answer)]).await;
        let found = logs(&given, "s").await.expect("two");
        let ids = ["t1", "t2"].map(str::to_owned);
        assert!(within(&found, &ids).is_ok(), "{found:?}");
        assert!(within(&found, &ids[..1]).expect_err("another").contains("\"t2\""));
        assert!(within(&found[..1], &ids).expect_err("one").contains("1 times"));
    }
}
