//! What was asked, and how it was answered.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::expectation::Outcome;

/// How long a server may take to have what it was sent.
const SETTLES: Duration = Duration::from_secs(30);
/// How long it is asked again where it already has answered wrongly.
const AT_LAST: Duration = Duration::from_secs(10);

/// A question and its outcome.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was asked.
    pub question: String,
    /// What was found, or what is wrong.
    pub outcome: Outcome,
    /// How long that took.
    pub took: Duration,
}

/// All that one server was asked.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name.
    pub server: &'static str,
    /// Its version.
    pub version: String,
    /// Whether it is a server of its own, and not others once more.
    pub counts: bool,
    /// The questions.
    pub rows: Vec<Row>,
    /// Why it was asked nothing.
    pub skipped: Option<String>,
    last: Instant,
}

impl Sheet {
    /// An empty sheet, of a server of its own.
    pub fn new(server: &'static str) -> Self {
        let last = Instant::now();
        Self { server, version: String::new(), counts: true, rows: Vec::new(), skipped: None, last }
    }

    /// Counts the time of the first question from now.
    pub fn restart(&mut self) {
        self.last = Instant::now();
    }

    /// Adds an outcome; its time is that since the one before.
    pub fn add(&mut self, question: impl Into<String>, outcome: Outcome) {
        let now = Instant::now();
        let took = now.saturating_duration_since(self.last);
        self.last = now;
        self.rows.push(Row { question: question.into(), outcome, took });
    }

    /// Asks until the answer is right, or for long enough: servers take a while until they have what they were sent.
    pub async fn ask<F>(&mut self, question: impl Into<String>, mut ask: impl FnMut() -> F)
    where
        F: Future<Output = Outcome>,
    {
        let wrong = self.rows.iter().any(|row| row.outcome.is_err());
        let until = Instant::now() + if wrong { AT_LAST } else { SETTLES };
        let outcome = loop {
            let outcome = ask().await;
            if outcome.is_ok() || Instant::now() >= until {
                break outcome;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        self.add(question, outcome);
    }

    /// Whether it was asked something, and everything was answered rightly.
    pub fn answered(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.outcome.is_ok())
    }
}

/// The table, in Markdown.
pub fn table(sheets: &[Sheet]) -> String {
    let mut table =
        String::from("| server | version | asked | answered | s |\n|---|---|---|---|--:|\n");
    for sheet in sheets {
        for row in &sheet.rows {
            let answer = match &row.outcome {
                Ok(found) => found.clone(),
                Err(wrong) => format!("WRONG: {wrong}"),
            };
            let [question, answer] =
                [&row.question, &answer].map(|text| text.replace('|', "\\|").replace('\n', " "));
            let (server, version) = (sheet.server, &sheet.version);
            let took = row.took.as_secs_f64();
            let _ = writeln!(table, "| {server} | {version} | {question} | {answer} | {took:.1} |");
        }
    }
    table
}

/// The last line, and whether all is well: somebody answered, nobody wrongly, and at least so many servers did.
pub fn summary(sheets: &[Sheet], at_least: usize, not_given: &[&str]) -> (String, bool) {
    let names = |of: &dyn Fn(&Sheet) -> bool| {
        sheets.iter().filter(|sheet| of(sheet)).map(|sheet| sheet.server).collect::<Vec<_>>()
    };
    let answered = names(&|sheet| sheet.counts && sheet.answered());
    let beside = names(&|sheet| !sheet.counts && sheet.answered());
    let wrong = names(&|sheet| sheet.skipped.is_none() && !sheet.answered());
    let questions: usize = sheets.iter().map(|sheet| sheet.rows.len()).sum();
    let mut line = format!("{questions} questions; {} servers answered rightly", answered.len());
    for (before, names) in [(": ", &answered), ("; so did ", &beside)] {
        if !names.is_empty() {
            let _ = write!(line, "{before}{}", names.join(", "));
        }
    }
    if !wrong.is_empty() {
        let _ = write!(line, "; wrong: {}", wrong.join(", "));
    }
    for sheet in sheets {
        if let Some(reason) = &sheet.skipped {
            let _ = write!(line, "; skipped: {} ({reason})", sheet.server);
        }
    }
    if !not_given.is_empty() {
        let _ = write!(line, "; not given: {}", not_given.join(", "));
    }
    if answered.len() < at_least {
        let _ = write!(line, "; at least {at_least} must answer");
    }
    let any = !answered.is_empty() || !beside.is_empty();
    (line, any && wrong.is_empty() && answered.len() >= at_least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(server: &'static str, outcome: Outcome) -> Sheet {
        let mut sheet = Sheet::new(server);
        sheet.version = "1.2".to_owned();
        sheet.add("names", outcome);
        sheet
    }

    #[test]
    fn all_is_well_where_enough_answered_and_none_wrongly() {
        let (a, b) = (sheet("a", Ok("3 | 4".to_owned())), sheet("b", Err("no".to_owned())));
        let mut skipped = Sheet::new("c");
        skipped.skipped = Some("this machine has no apt".to_owned());

        let (line, well) = summary(&[a.clone(), skipped.clone()], 1, &["JAEGER_URL"]);
        assert_eq!(
            line,
            "1 questions; 1 servers answered rightly: a; skipped: c (this machine has no apt); not given: JAEGER_URL"
        );
        assert!(well);
        let beside = Sheet { counts: false, ..a.clone() };
        let (line, well) = summary(&[a.clone(), beside], 2, &[]);
        assert!(
            !well
                && line.starts_with(
                    "2 questions; 1 servers answered rightly: a; so did a; at least 2"
                ),
            "{line}"
        );
        let (_, well) = summary(std::slice::from_ref(&skipped), 0, &[]);
        assert!(!well, "nobody was asked");
        let (line, well) = summary(&[a.clone(), skipped], 2, &[]);
        assert!(!well && line.ends_with("; at least 2 must answer"), "{line}");
        let (line, well) = summary(&[a.clone(), b.clone()], 1, &[]);
        assert!(!well && line.ends_with("; wrong: b"), "{line}");
        let (_, well) = summary(&[a.clone(), Sheet::new("d")], 1, &[]);
        assert!(!well, "one that was neither asked nor skipped");

        let table = table(&[a, b]);
        assert!(table.contains("| a | 1.2 | names | 3 \\| 4 | 0."), "{table}");
        assert!(table.contains("| b | 1.2 | names | WRONG: no | 0."), "{table}");
    }

    #[tokio::test]
    async fn a_question_is_repeated_until_it_is_answered() {
        let (mut sheet, mut asked) = (Sheet::new("a"), 0);
        sheet
            .ask("late", || {
                asked += 1;
                let outcome = if asked < 3 { Err("not yet") } else { Ok("there") };
                async move { outcome.map(str::to_owned).map_err(str::to_owned) }
            })
            .await;
        assert_eq!((asked, sheet.rows[0].outcome.as_deref()), (3, Ok("there")));
    }
}
