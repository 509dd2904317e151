//! A Collector: it has nothing that can be asked, but takes everything or refuses it, and counts what it took where it
//! tells of itself; see <https://opentelemetry.io/docs/collector/internal-telemetry/>.

use super::{Given, Otlp, ROUNDS};
use crate::expectation::{Outcome, SPANS};
use crate::report::Sheet;
use crate::server::Stage;

pub(in crate::server) async fn prove(stage: &Stage, sheet: &mut Sheet) -> Result<(), String> {
    let given = Given::of(stage, "OTEL_COLLECTOR_URL", Otlp::Path(""))?;
    let told = std::env::var("OTEL_COLLECTOR_METRICS_URL").ok().filter(|url| !url.is_empty());
    let page = || async {
        match &told {
            Some(url) => stage.http.text(url).await,
            None => Ok(String::new()),
        }
    };
    let before = counts(&page().await?);
    // A round whose telemetry is refused, or in part, fails.
    let sent = given.send(stage, [true, true, true]).await;
    sheet.add("all three signals", sent.map(|_| format!("{ROUNDS} rounds taken")));
    if told.is_some() {
        sheet.ask("what it counted", || async { grown(before, counts(&page().await?)) }).await;
    }
    Ok(())
}

/// The spans and the log records that a Collector has taken, by the page that it tells of itself on.
fn counts(page: &str) -> [f64; 2] {
    ["otelcol_receiver_accepted_spans", "otelcol_receiver_accepted_log_records"].map(|name| {
        let lines = page.lines().filter(|line| {
            let rest = line.strip_prefix(name).map(|it| it.strip_prefix("_total").unwrap_or(it));
            rest.is_some_and(|rest| rest.starts_with('{') || rest.starts_with(' '))
        });
        lines
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .fold(0.0, |sum, it| sum + it)
    })
}

/// Whether it counted what was sent; others may send to it at the same time.
fn grown(before: [f64; 2], after: [f64; 2]) -> Outcome {
    let [spans, logs] = [after[0] - before[0], after[1] - before[1]];
    let rounds = usize::from(ROUNDS);
    let expected =
        [SPANS.len() * rounds, rounds].map(|count| u32::try_from(count).map_or(0.0, f64::from));
    if spans < expected[0] || logs < expected[1] {
        return Err(format!("{spans} spans and {logs} log records, not {expected:?}"));
    }
    Ok(format!("{spans} spans, {logs} log records"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_tells_is_counted() {
        let page = "# TYPE otelcol_receiver_accepted_spans counter\n\
                    otelcol_receiver_accepted_spans{receiver=\"otlp\",transport=\"http\"} 40\n\
                    otelcol_receiver_accepted_spans_total{receiver=\"otlp\",transport=\"grpc\"} 4\n\
                    otelcol_receiver_accepted_spans_other{receiver=\"otlp\"} 9\n\
                    otelcol_receiver_accepted_log_records 3\n";
        let found = counts(page);
        assert_eq!(found.map(|count| count.to_string()), ["44", "3"]);
        assert_eq!(grown([2.0, 1.0], found).expect("enough"), "42 spans, 2 log records");
        assert!(grown([3.0, 1.0], found).is_err() && grown([2.0, 2.0], found).is_err());
        assert_eq!(counts("").map(|count| count.to_string()), ["0", "0"]);
    }
}
