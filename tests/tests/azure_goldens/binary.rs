//! The program `azure-envelope` as it is called.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::{directory, golden};
use llmobs_tests::envelope::{differences, normalised};

fn run(files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_azure-envelope")).args(files).output().expect("it runs")
}

#[test]
fn a_line_for_each_file() {
    let names = ["trace_batch_order", "metric_std_http_other_dropped", "log_attrs"];
    let files = names.map(|name| directory().join(format!("{name}.json")));
    let output = run(&files.each_ref().map(PathBuf::as_path));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Vec<Value>> = String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an array"))
        .collect();
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [3, 0, 1]);
    for (line, name) in lines.iter().zip(names) {
        let file = golden(name);
        let of_library = file.envelopes().expect("envelopes");
        let (line, of_library) =
            (normalised(line, file.recorded()), normalised(&of_library, file.recorded()));
        assert_eq!(differences(&line, &of_library), [], "{name}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_others_are_processed() {
    let directory = std::env::temp_dir().join(format!("azure-envelope-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let span = r#"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"x",
        "startTimeUnixNano":"1","endTimeUnixNano":"2","kind":"#;
    let given = [
        (file("a.json", "{"), "not JSON"),
        (file("b.json", "{}"), "input.signal: missing"),
        (
            file(
                "c.json",
                &format!(r#"{{"input":{{"signal":"trace","span":{span}"SIDEWAYS"}}}}}}"#),
            ),
            "input.span.kind: `SIDEWAYS` is none of",
        ),
        (
            file(
                "d.json",
                &format!(
                    r#"{{"input":{{"signal":"trace","span":{span}"SERVER","attributes":[{{"key":"k","value":{{"intValue":"much"}}}}]}}}}}}"#
                ),
            ),
            r#"input.span.attributes[0].value.intValue: expected is an integer of 64 bits, not "much""#,
        ),
        (file("e.json", r#"{"input":{"signal":"trace","span":{"traceId":"xyz"}}}"#), "input.span."),
        (
            file("f.json", r#"{"input":{"signal":"logs","logRecord":{"severityNumber":99}}}"#),
            "input.logRecord.severityNumber: 99 is no severity",
        ),
        (
            file(
                "g.json",
                r#"{"input":{"signal":"metrics","metric":{"name":"x","type":"summary"}}}"#,
            ),
            "input.metric.type: `summary` is none of",
        ),
        (directory.join("none.json"), "No such file"),
    ];
    let good =
        file("z.json", &format!(r#"{{"input":{{"signal":"trace","span":{span}"SERVER"}}}}}}"#));
    let mut files: Vec<_> = given.iter().map(|(path, _)| path.as_path()).collect();
    files.push(&good);
    let output = run(&files);
    std::fs::remove_dir_all(&directory).expect("the directory goes");

    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(said.lines().count(), given.len(), "{said}");
    for (line, (path, what)) in said.lines().zip(&given) {
        let wanted = format!("{}: {what}", path.display());
        assert!(line.starts_with(&wanted), "{line}\n{wanted}");
    }
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(printed.lines().count(), 1, "{printed}");
    assert!(printed.contains("b7ad6b7169203331"));
}
