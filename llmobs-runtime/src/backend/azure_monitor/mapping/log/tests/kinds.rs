//! Events, exceptions and availability results.

use opentelemetry::logs::{LogRecord as _, Severity};
use opentelemetry_sdk::logs::SdkLogRecord;
use serde_json::json;

use super::super::super::super::names;
use super::{data, map};

#[test]
fn an_event_name_is_exported_and_is_the_message_of_an_event_without_a_body() {
    let bare = data("Message", |record| record.set_event_name("cart.emptied"));
    assert_eq!(bare["message"], "cart.emptied");
    assert_eq!(bare["properties"]["event.name"], "cart.emptied");
    let full = data("Message", |record| {
        record.set_event_name("cart.emptied");
        record.set_body("all gone".into());
    });
    assert_eq!(full["message"], "all gone");
    assert_eq!(full["properties"]["event.name"], "cart.emptied");
    // Where events had their name before.
    let old = data("Message", |record| record.add_attribute("event.name", "cart.filled"));
    assert_eq!(old["message"], "cart.filled");
    assert_eq!(old["properties"]["event.name"], "cart.filled");
}

#[test]
fn an_evaluation_is_a_custom_event_with_all_that_it_says() {
    let name = names::evaluation_event();
    let long = names::long().last().expect("some are long");
    let fill = |record: &mut SdkLogRecord| {
        record.add_attribute("score", 4.0);
        record.add_attribute("label", "pass");
        record.add_attribute("error.type", "timeout");
        record.add_attribute("internal_properties", r#"{"threshold":3}"#);
        record.add_attribute(long, "e".repeat(9_000));
    };
    // The service's queries read text, so a score is no measurement.
    let expected = json!({
        "score": "4.0",
        "label": "pass",
        "error.type": "timeout",
        "internal_properties": r#"{"threshold":3}"#,
        long: "e".repeat(9_000),
        "logger_name": "app.logger",
    });
    let by_name = data("Event", |record| {
        record.set_event_name(name);
        fill(record);
    });
    let by_marker = data("Event", |record| {
        record.add_attribute("microsoft.custom_event.name", name);
        fill(record);
    });
    for data in [by_name, by_marker] {
        let expected = json!({
            "ver": 2, "name": name, "measurements": {}, "properties": expected,
        });
        assert_eq!(data, expected);
    }
    let with_body = data("Event", |record| {
        record.set_event_name(name);
        record.set_body(map([("score", 1.into())]));
    });
    assert_eq!(with_body["properties"]["event.body"], r#"{"score":1}"#);
}

#[test]
fn a_marker_makes_a_custom_event() {
    let marked = data("Event", |record| {
        record.set_event_name("order");
        record.set_body("hello".into());
        record.add_attribute("microsoft.custom_event.name", "Order placed");
        record.add_attribute("microsoft.custom_measurements", r#"{"total": 12, "text": "no"}"#);
    });
    assert_eq!(
        marked,
        json!({
            "ver": 2,
            "name": "Order placed",
            "measurements": {"total": 12.0},
            "properties": {"logger_name": "app.logger", "event.name": "order"},
        })
    );
    let old = data("Event", |record| {
        record.set_body("Order placed".into());
        record.add_attribute("APPLICATION_INSIGHTS_EVENT_MARKER_ATTRIBUTE", true);
    });
    assert_eq!(old["name"], "Order placed");
    let nameless =
        data("Message", |record| record.add_attribute("microsoft.custom_event.name", ""));
    assert_eq!(nameless["message"], "n/a");
    let long = data("Event", |record| {
        record.add_attribute("microsoft.custom_event.name", "é".repeat(600));
    });
    assert_eq!(long["name"], "é".repeat(512));
}

#[test]
fn exceptions_come_first_and_have_a_stack_only_where_there_is_one() {
    let bare = data("Exception", |record| {
        record.set_severity_number(Severity::Error);
        record.set_body("b".into());
        record.add_attribute("exception.type", "E");
        record.add_attribute("microsoft.custom_event.name", "ev");
    });
    assert_eq!(
        bare,
        json!({
            "ver": 2,
            "severityLevel": 3,
            "measurements": {},
            "properties": {"logger_name": "app.logger"},
            "exceptions": [{"typeName": "E", "message": "b", "hasFullStack": false}],
        })
    );
    let full = data("Exception", |record| {
        record.add_attribute("exception.type", "io::Error");
        record.add_attribute("exception.message", "no \"space\"");
        record.add_attribute("exception.stacktrace", "at main");
    });
    assert_eq!(
        full["exceptions"],
        json!([{
            "typeName": "io::Error", "message": "no \"space\"", "hasFullStack": true,
            "stack": "at main",
        }])
    );
    let message = |attribute, value| {
        let data = data("Exception", |record| record.add_attribute(attribute, value));
        let exception = data["exceptions"][0].clone();
        [exception["typeName"].clone(), exception["message"].clone()]
    };
    assert_eq!(message("exception.message", "bad"), ["Exception", "bad"]);
    assert_eq!(message("exception.type", "KeyError"), ["KeyError", "Exception"]);
}

#[test]
fn a_body_does_not_displace_what_the_exception_says() {
    let fill = |body: &'static str| {
        move |record: &mut SdkLogRecord| {
            record.set_body(body.into());
            record.add_attribute("exception.message", "connection reset");
        }
    };
    let both = data("Exception", fill("request failed"));
    assert_eq!(both["exceptions"][0]["message"], "request failed");
    assert_eq!(both["properties"]["exception.message"], "connection reset");
    let same = data("Exception", fill("connection reset"));
    assert_eq!(same["exceptions"][0]["message"], "connection reset");
    assert_eq!(same["properties"].get("exception.message"), None);
}

#[test]
fn a_formatted_error_is_an_exception_where_the_record_is_an_error() {
    let error = data("Exception", |record| {
        record.set_severity_number(Severity::Error);
        record.set_event_name("event src/main.rs:12");
        record.add_attribute("error", "connection reset");
        record.add_attribute("error.type", "reset");
    });
    assert_eq!(
        error["exceptions"],
        json!([{"typeName": "reset", "message": "connection reset", "hasFullStack": false}])
    );
    assert_eq!(error["properties"]["error"], "connection reset");
    let warning = data("Message", |record| {
        record.set_severity_number(Severity::Warn4);
        record.set_body("retrying".into());
        record.add_attribute("error", "connection reset");
    });
    assert_eq!(warning["message"], "retrying");
    assert_eq!(warning["properties"]["error"], "connection reset");
    // A flag is no error's text.
    data("Message", |record| {
        record.set_severity_number(Severity::Error);
        record.add_attribute("error", true);
    });
}

#[test]
fn four_attributes_make_an_availability_result() {
    let fill = |record: &mut SdkLogRecord| {
        record.set_body("b".into());
        record.add_attribute("microsoft.availability.id", "id1");
        record.add_attribute("microsoft.availability.name", "ping");
        record.add_attribute("microsoft.availability.duration", "00.00:00:00.120");
    };
    let failed = data("Availability", |record| {
        fill(record);
        record.add_attribute("microsoft.availability.success", false);
        record.add_attribute("microsoft.availability.message", "timeout");
    });
    assert_eq!(
        failed,
        json!({
            "ver": 2, "id": "id1", "name": "ping", "duration": "00.00:00:00.120",
            "success": false, "message": "timeout", "measurements": {},
            "properties": {"logger_name": "app.logger"},
        })
    );
    let passed = data("Availability", |record| {
        fill(record);
        record.add_attribute("microsoft.availability.success", "True");
        record.add_attribute("microsoft.availability.runLocation", "Oslo");
    });
    assert_eq!((&passed["success"], &passed["runLocation"]), (&json!(true), &json!("Oslo")));
    let three = data("Message", fill);
    assert_eq!(three["message"], "b");
    assert_eq!(three["properties"], json!({"logger_name": "app.logger"}));
}
