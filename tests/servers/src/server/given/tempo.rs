//! Tempo: a trace by its id; see <https://grafana.com/docs/tempo/latest/api_docs/>.

use serde_json::Value;

use super::{Given, Otlp, ROUNDS};
use crate::expectation::{self, Knows};
use crate::otlp::{self, each};
use crate::report::Sheet;
use crate::seen::SeenSpan;
use crate::server::Stage;
use crate::server::ddapm::TOKENS;

pub(in crate::server) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let given = Given::of(stage, "TEMPO_OTLP_URL", Otlp::Port(4318))?;
    let (_, ids) = given.send(stage, [true, false, false]).await?;
    ask(&given, sheet, &ids).await;
    Ok(())
}

/// Asks for the spans of these traces.
pub(super) async fn ask(given: &Given, sheet: &mut Sheet, ids: &[String]) {
    let rounds = usize::from(ROUNDS);
    sheet
        .ask("traces: spans", || async {
            expectation::spans(&spans(given, ids).await?, rounds, Knows::ALL)
        })
        .await;
    sheet
        .ask("traces: tokens", || async {
            expectation::tokens(&spans(given, ids).await?, rounds, TOKENS)
        })
        .await;
}

/// The spans of these traces. Tempo answers in OTLP's JSON, where the resources stand in `batches`, or in the second
/// version of the API, which not all have, below `trace`.
pub(super) async fn spans(given: &Given, ids: &[String]) -> Result<Vec<SeenSpan>, String> {
    let mut all = Vec::new();
    for id in ids {
        let answer = given.get(&format!("/api/traces/{id}"), &[]).await?;
        let trace: &Value = answer.get("trace").unwrap_or(&answer);
        let resources = each(trace, "batches").chain(each(trace, "resource_spans"));
        let scopes = resources.flat_map(|it| each(it, "scope_spans"));
        all.extend(scopes.flat_map(|it| each(it, "spans")).map(otlp::span));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{otlp_span, stand_in};
    use super::*;

    #[tokio::test]
    async fn spans_are_read_from_either_form() {
        let hex = "0af7651916cd43dd8448eb211c80319c";
        let span = || otlp_span("CvdlGRbNQ92ESOshHIAxnA==", "t61rcWkgMzE=", "chat o3");
        let resource = || json!([{"scopeSpans": [{"spans": [span()]}]}]);
        let given = stand_in(vec![
            ("/api/traces/one", json!({ "batches": resource() })),
            ("/api/traces/two", json!({ "trace": { "resourceSpans": resource() } })),
        ])
        .await;
        for id in ["one", "two"] {
            let found = spans(&given, &[id.to_owned()]).await.expect("one");
            let [chat] = &found[..] else { panic!("{found:?}") };
            assert_eq!((chat.trace.as_str(), chat.id.as_str()), (hex, "b7ad6b7169203331"));
            assert_eq!(chat.text("gen_ai.operation.name"), Some("chat"));
        }
    }
}
