//! Log records and metrics on the console, in a pipeline of ours.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use llmobs_runtime::backend::console::{ColorChoice, Console, ConsoleBuilder};
use llmobs_runtime::content::ContentCapture;
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{Telemetry, builder, call, tracing_events};
use llmobs_tests::alone;
use llmobs_tests::written::{Captured, Gate};
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry::{InstrumentationScope, KeyValue, global};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLogger};
use tracing_subscriber::layer::SubscriberExt;

/// A pipeline with a console and nothing else.
fn printing(console: ConsoleBuilder) -> (Telemetry, Captured) {
    let output = Captured::default();
    let console = console.writer(Box::new(output.clone())).build();
    (builder().self_metrics(false).console(console).install().unwrap(), output)
}

/// 09:30:07 on 9 October 2025.
fn at() -> SystemTime {
    UNIX_EPOCH + Duration::from_mins(29_333_370) + Duration::from_secs(7)
}

fn logger(telemetry: &Telemetry) -> SdkLogger {
    let scope = InstrumentationScope::builder("app").build();
    telemetry.logger_provider().expect("logs are printed").logger_with_scope(scope)
}

/// Emits a record at that time.
fn emit(logger: &SdkLogger, with: impl FnOnce(&mut SdkLogRecord)) {
    let mut record = logger.create_log_record();
    record.set_timestamp(at());
    with(&mut record);
    logger.emit(record);
}

/// The text without the times of this run.
fn without_times(text: &str) -> String {
    let times = regex::Regex::new(r"\d\d:\d\d:\d\d").unwrap();
    times.replace_all(text, "hh:mm:ss").into_owned()
}

#[test]
fn a_record_is_a_line_with_its_facts_and_without_content() {
    alone("a_record_is_a_line_with_its_facts_and_without_content", &[], || {
        let (telemetry, output) = printing(Console::builder().logs(true));
        let logger = logger(&telemetry);
        emit(&logger, |record| {
            record.set_severity_number(Severity::Warn);
            record.set_severity_text("WARN");
            record.set_target("shop::till");
            record.set_event_name("event shop/src/till.rs:7");
            record.set_body("too busy\nfor now\u{1b}[2J".into());
            let trace = TraceId::from(0x0af7_651b << 96);
            record.set_trace_context(trace, SpanId::from(1), Some(TraceFlags::SAMPLED));
            record.add_attribute("attempts", 3);
            record.add_attribute("ratio", 0.1 + 0.2);
            record.add_attribute("paid", false);
            record.add_attribute("gen_ai.operation.name", "chat");
        });
        emit(&logger, |record| {
            record.set_event_name("sold");
            record.set_severity_number(Severity::Info);
            record.add_attribute("exception.type", "Broken");
            record.add_attribute("exception.message", "secret");
            record.add_attribute("exception.stacktrace", "secret");
            record.add_attribute("gen_ai.input.messages", "secret");
            record.add_attribute("gen_ai.prompt", "secret");
            record.add_attribute("gen_ai.unknown", "secret");
            record.add_attribute("list", AnyValue::ListAny(Box::new(vec!["secret".into()])));
        });
        emit(&logger, |record| {
            record.set_event_name("gen_ai.user.message");
            record.set_body("secret".into());
        });
        emit(&logger, |record| {
            record.set_body(AnyValue::Map(Box::new([("content".into(), "secret".into())].into())));
        });
        emit(&logger, |record| record.set_body("long ".repeat(100).into()));
        telemetry.force_flush().unwrap();
        let long = format!("09:30:07 UTC         app  {}…", &"long ".repeat(100)[..93]);
        assert_eq!(long.chars().count(), 120);
        assert_eq!(
            output.text().lines().collect::<Vec<_>>(),
            [
                "09:30:07 UTC  WARN   trace 0af7651b  shop::till  too busy for now�[2J  attempts=3  ratio=0.3  \
                 paid=false  gen_ai.operat…",
                "09:30:07 UTC  INFO   sold  exception.type=Broken",
                "09:30:07 UTC         gen_ai.user.message",
                "09:30:07 UTC         app",
                &long,
            ]
        );
        telemetry.shutdown().unwrap();
    });
}

#[test]
fn colours_tell_severities() {
    alone("colours_tell_severities", &[], || {
        let (telemetry, output) =
            printing(Console::builder().logs(true).color(ColorChoice::Always).width(40));
        let logger = logger(&telemetry);
        for severity in [Severity::Fatal, Severity::Warn2, Severity::Debug] {
            emit(&logger, |record| record.set_severity_number(severity));
        }
        telemetry.shutdown().unwrap();
        let lines = output.text().replace("\u{1b}[", "␛");
        let severity = |line: &str| line.split("  ").nth(1).unwrap_or_default().to_owned();
        assert_eq!(
            lines.lines().map(severity).collect::<Vec<_>>(),
            ["␛31mFATAL␛0m", "␛33mWARN2␛0m", "␛2mDEBUG␛0m"]
        );
    });
}

#[test]
fn events_of_calls_are_printed_and_their_content_is_not() {
    alone("events_of_calls_are_printed_and_their_content_is_not", &[], || {
        let output = Captured::default();
        let console = Console::builder().logs(true).writer(Box::new(output.clone())).width(300);
        let telemetry = builder()
            .console(console.build())
            .capture_content(ContentCapture::SpanAndEvent)
            .install()
            .unwrap();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_events::layer(telemetry.logger_provider().expect("logs are printed")));
        let chat = call(&operation::CHAT).provider("openai").model("m");
        let request = serde_json::json!({"messages": [{"role": "user", "content": "secret"}]});
        let chat = chat.request(&request).start();
        tracing::subscriber::with_default(subscriber, || {
            chat.scope(|| tracing::info!(target: "shop::till", attempts = 3, "in the chat"));
        });
        chat.end();
        telemetry.force_flush().unwrap();
        telemetry.shutdown().unwrap();
        let text = output.text();
        assert!(!text.contains("secret"), "{text}");
        let trace = text.split("UTC  trace ").nth(1).expect("a tree").get(..8).expect("its id");
        let line = format!("INFO   trace {trace}  shop::till  in the chat  attempts=3\n");
        assert!(text.contains(&line), "{text}");
        let event = format!(
            "DEBUG  trace {trace}  gen_ai.client.inference.operation.details  gen_ai.operation.name=chat"
        );
        assert!(text.contains(&event), "{text}");
    });
}

#[test]
fn metrics_are_a_block_with_their_values() {
    alone("metrics_are_a_block_with_their_values", &[], || {
        let (telemetry, output) = printing(Console::builder().metrics(true));
        let meter = global::meter("app");
        let jobs = meter.u64_counter("jobs").with_unit("{job}").build();
        jobs.add(1_234_567, &[KeyValue::new("queue", "slow"), KeyValue::new("paid", true)]);
        jobs.add(5, &[KeyValue::new("queue", "fast"), KeyValue::new("gen_ai.prompt", "secret")]);
        jobs.add(7, &[KeyValue::new("queue", "fast"), KeyValue::new("gen_ai.prompt", "secret")]);
        meter.i64_up_down_counter("balance").build().add(-1_500, &[]);
        meter.f64_gauge("load").with_unit("1").build().record(0.75, &[]);
        let wait = meter.f64_histogram("wait").with_unit("s").build();
        for seconds in [0.31, 2.5, 1.24] {
            wait.record(seconds, &[]);
        }
        meter.f64_gauge("tiny").build().record(0.000_012_5, &[]);
        telemetry.force_flush().unwrap();
        assert_eq!(
            without_times(&output.text()),
            "hh:mm:ss UTC  5 metrics  6 points\n\
             balance  up-down counter, cumulative since hh:mm:ss\n  \
               -1,500\n\
             jobs  {job}  counter, cumulative since hh:mm:ss\n  \
               1,234,567  paid=true  queue=slow\n  \
               12  queue=fast\n\
             load  1  gauge\n  \
               0.75\n\
             tiny  gauge\n  \
               1.25e-5\n\
             wait  s  histogram, cumulative since hh:mm:ss\n  \
               count 3  sum 4.05  min 0.31  max 2.5\n\n"
        );
        // Counted on, and once more at the end.
        jobs.add(8, &[KeyValue::new("queue", "fast"), KeyValue::new("gen_ai.prompt", "secret")]);
        telemetry.shutdown().unwrap();
        assert_eq!(output.text().matches("  20  queue=fast\n").count(), 1, "{}", output.text());
    });
}

#[test]
fn a_block_is_bounded_and_says_what_is_left_out() {
    alone("a_block_is_bounded_and_says_what_is_left_out", &[], || {
        let (telemetry, output) = printing(Console::builder().metrics(true));
        let meter = global::meter("app");
        for index in 0..103 {
            meter.u64_counter(format!("m{index:03}")).build().add(1, &[]);
        }
        let many = meter.u64_counter("a").build();
        for index in 0..25 {
            many.add(1, &[KeyValue::new("index", index)]);
        }
        telemetry.force_flush().unwrap();
        let text = without_times(&output.text());
        assert_eq!(text.lines().next(), Some("hh:mm:ss UTC  104 metrics  128 points"));
        assert_eq!(text.lines().nth(22), Some("  5 points not shown"));
        assert!(text.ends_with("\n4 metrics not shown\n\n"), "{text}");
        assert_eq!(text.lines().count(), 1 + 22 + 99 * 2 + 2);
        telemetry.shutdown().unwrap();
    });
}

#[test]
fn neither_is_printed_unless_asked_for() {
    alone("neither_is_printed_unless_asked_for", &[], || {
        let (telemetry, output) = printing(Console::builder());
        assert!(telemetry.logger_provider().is_none());
        global::meter("app").u64_counter("jobs").build().add(1, &[]);
        call(&operation::CHAT).model("m").start().end();
        telemetry.shutdown().unwrap();
        let text = output.text();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.contains("1 span") && !text.contains("jobs"), "{text}");
    });
}

#[test]
fn all_of_it_without_traces() {
    alone("all_of_it_without_traces", &[], || {
        let (telemetry, output) =
            printing(Console::builder().traces(false).metrics(true).logs(true));
        call(&operation::CHAT).model("m").start().end();
        emit(&logger(&telemetry), |record| record.set_body("written".into()));
        telemetry.shutdown().unwrap();
        let text = output.text();
        assert!(text.contains("09:30:07 UTC         app  written\n"), "{text}");
        assert!(text.contains("gen_ai.client.operation.duration  s  histogram"), "{text}");
        assert!(!text.contains("chat m") && !text.contains("p95"), "{text}");
    });
}

#[test]
fn blocks_come_as_often_as_the_environment_says() {
    let interval = [("OTEL_METRIC_EXPORT_INTERVAL", "20")];
    alone("blocks_come_as_often_as_the_environment_says", &interval, || {
        let (telemetry, output) = printing(Console::builder().metrics(true));
        global::meter("app").u64_counter("jobs").build().add(1, &[]);
        let began = Instant::now();
        while output.text().matches("jobs  counter").count() < 3 {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", output.text());
            std::thread::sleep(Duration::from_millis(5));
        }
        telemetry.shutdown().unwrap();
    });
}

#[test]
fn a_terminal_that_stands_still_holds_nobody_up_and_what_is_lost_is_counted() {
    const CAPACITY: usize = 8_192;
    const TEST: &str = "a_terminal_that_stands_still_holds_nobody_up_and_what_is_lost_is_counted";
    alone(TEST, &[], || {
        let (gate, entered, release, output) = Gate::new();
        let console = Console::builder().logs(true).writer(Box::new(gate)).build();
        let telemetry = builder().self_metrics(false).console(console).install().unwrap();
        let logger = logger(&telemetry);
        let write = || emit(&logger, |record| record.set_body("written".into()));
        write();
        entered.recv().expect("the first line is written");
        for _ in 0..CAPACITY + 3 {
            write();
        }
        drop(release);
        telemetry.shutdown().unwrap();
        let text = output.text();
        assert_eq!(text.matches("app  written\n").count(), CAPACITY + 1);
        assert!(text.ends_with("\n3 log records not shown\n"));
    });
}
