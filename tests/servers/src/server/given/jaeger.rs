//! Jaeger: asked over the API that its own page uses; see <https://www.jaegertracing.io/docs/latest/architecture/apis/>.

use serde_json::Value;

use super::{Given, Otlp, ROUNDS};
use crate::expectation::{self, Knows};
use crate::report::Sheet;
use crate::seen::SeenSpan;
use crate::server::Stage;
use crate::server::ddapm::TOKENS;

pub(in crate::server) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let given = Given::of(stage, "JAEGER_OTLP_URL", Otlp::Port(4318))?;
    let (service, ids) = given.send(stage, [true, false, false]).await?;
    let rounds = usize::from(ROUNDS);
    let (given, ids) = (&given, &ids);
    sheet
        .ask("spans", || async {
            expectation::spans(&spans(given, ids).await?, rounds, Knows::ALL)
        })
        .await;
    sheet
        .ask("tokens", || async { expectation::tokens(&spans(given, ids).await?, rounds, TOKENS) })
        .await;
    sheet
        .ask("the service", || async {
            let answer = given.get("/api/services", &[]).await?;
            let known = answer.get("data").and_then(Value::as_array).into_iter().flatten();
            let there = known.into_iter().any(|name| name.as_str() == Some(&service));
            there.then(|| service.clone()).ok_or_else(|| format!("no service {service}"))
        })
        .await;
    Ok(())
}

async fn spans(given: &Given, ids: &[String]) -> Result<Vec<SeenSpan>, String> {
    let mut all = Vec::new();
    for id in ids {
        let answer = given.get(&format!("/api/traces/{id}"), &[]).await?;
        let spans = answer.pointer("/data/0/spans").and_then(Value::as_array);
        all.extend(spans.into_iter().flatten().map(seen));
    }
    Ok(all)
}

/// A span in Jaeger's own JSON: what OTLP has beside attributes is a tag there, too.
fn seen(span: &Value) -> SeenSpan {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let tags = span.get("tags").and_then(Value::as_array).into_iter().flatten();
    let attributes: std::collections::BTreeMap<_, _> =
        tags.filter_map(|tag| Some((text(tag, "key"), tag.get("value")?.clone()))).collect();
    let references = span.get("references").and_then(Value::as_array).into_iter().flatten();
    let parent = references.into_iter().find(|it| text(it, "refType") == "CHILD_OF");
    let tag = |key: &str| attributes.get(key).and_then(Value::as_str).map(str::to_owned);
    SeenSpan {
        name: text(span, "operationName"),
        trace: text(span, "traceID"),
        id: text(span, "spanID"),
        parent: parent.map(|parent| text(parent, "spanID")),
        kind: tag("span.kind"),
        failed: Some(tag("otel.status_code").as_deref() == Some("ERROR")),
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::stand_in;
    use super::*;

    #[tokio::test]
    async fn spans_are_read() {
        let answer = json!({"data": [{"traceID": "t1", "spans": [{
            "traceID": "t1", "spanID": "s2", "operationName": "chat o3",
            "references": [{"refType": "CHILD_OF", "traceID": "t1", "spanID": "s1"}],
            "tags": [
                {"key": "span.kind", "type": "string", "value": "client"},
                {"key": "otel.status_code", "type": "string", "value": "ERROR"},
                {"key": "gen_ai.usage.input_tokens", "type": "int64", "value": 12}
            ]
        }, {"traceID": "t1", "spanID": "s1", "operationName": "plan Planner", "references": [],
            "tags": [{"key": "span.kind", "type": "string", "value": "internal"}]}]}]});
        let given = stand_in(vec![("/api/traces/t1", answer)]).await;
        let found = spans(&given, &["t1".to_owned()]).await.expect("two");
        let [chat, plan] = &found[..] else { panic!("{found:?}") };
        assert_eq!((chat.name.as_str(), chat.parent.as_deref()), ("chat o3", Some("s1")));
        assert_eq!((chat.kind.as_deref(), chat.failed), (Some("client"), Some(true)));
        assert_eq!(chat.number("gen_ai.usage.input_tokens"), Some(12));
        assert_eq!((plan.parent.as_deref(), plan.failed), (None, Some(false)));
        let missing = spans(&given, &["t2".to_owned()]).await.expect_err("there is none");
        assert!(missing.contains("404"), "{missing}");
    }
}
