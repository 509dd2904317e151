use super::*;

const KEEP: Mark = Mark::Keep { throttled: false };
const THROTTLED: Mark = Mark::Keep { throttled: true };

fn verdict(status: u16, body: &str, items: usize) -> Verdict {
    Answer { status, body: Some(body.as_bytes().to_vec()), ..Answer::default() }.verdict(items)
}

#[test]
fn each_status_has_its_decision() {
    for status in 100..=999 {
        let expected = match status {
            200..=205 | 207..=299 => Verdict::Taken(Vec::new()),
            206 => Verdict::Unclear,
            307 | 308 => Verdict::Elsewhere,
            400 => Verdict::Malformed(Vec::new()),
            401 | 403 | 407 => Verdict::Unauthorized,
            402 | 439 => Verdict::Quota,
            413 => Verdict::TooLarge,
            408 | 425 | 429 | 500 | 502..=504 | 506..=599 => Verdict::Later,
            _ => Verdict::Refused,
        };
        assert_eq!(verdict(status, "", 3), expected, "{status}");
    }
}

#[test]
fn an_answer_that_breaks_off_decides_only_where_its_body_matters() {
    let broken = |status| Answer { status, ..Answer::default() }.verdict(3);
    assert_eq!(broken(200), Verdict::Later);
    assert_eq!(broken(206), Verdict::Later);
    assert_eq!(broken(204), Verdict::Taken(Vec::new()));
    assert_eq!(broken(400), Verdict::Malformed(Vec::new()));
    assert_eq!(broken(404), Verdict::Refused);
    assert_eq!(broken(429), Verdict::Later);
}

#[test]
fn each_item_has_its_decision() {
    for status in 0..=700_u64 {
        let body = format!(
            r#"{{"itemsReceived":3,"itemsAccepted":2,"errors":[{{"index":1,"statusCode":{status},"message":"no"}}]}}"#
        );
        let mark = match status {
            200..=299 => None,
            401 | 402 | 403 | 407 | 429 | 439 => Some(THROTTLED),
            413 => Some(Mark::Cut(65_536)),
            408 | 425 | 500 | 502 | 503 | 504 | 506..=599 => Some(KEEP),
            _ => Some(Mark::Reject),
        };
        let marks: Vec<_> = mark.map(|mark| (1, mark)).into_iter().collect();
        assert_eq!(verdict(200, &body, 3), Verdict::Taken(marks.clone()), "{status}");
        assert_eq!(verdict(400, &body, 3), Verdict::Malformed(marks.clone()), "{status}");
        let partial = if marks.is_empty() { Verdict::Unclear } else { Verdict::Taken(marks) };
        assert_eq!(verdict(206, &body, 3), partial, "{status}");
    }
}

#[test]
fn messages_that_the_service_is_known_to_send() {
    let of = |status: u16, message: &str| {
        let body =
            format!(r#"{{"errors":[{{"index":0,"statusCode":{status},"message":"{message}"}}]}}"#);
        match verdict(206, &body, 1) {
            Verdict::Taken(marks) => marks.first().map(|(_, mark)| *mark),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(of(500, "Telemetry sampled out."), Some(Mark::SampledOut));
    assert_eq!(of(400, "Telemetry item length must not exceed 65536"), Some(Mark::Cut(65_536)));
    assert_eq!(of(400, "item length must not exceed: 32768 bytes"), Some(Mark::Cut(32_768)));
    assert_eq!(of(400, "item length must not exceed 7"), Some(Mark::Cut(16_384)));
    assert_eq!(of(400, "Field 'name' length must not exceed 1024"), Some(Mark::Reject));
    assert_eq!(
        of(400, "item length must not exceed 99999999999999999999999"),
        Some(Mark::Cut(65_536))
    );
    assert_eq!(of(400, "103: Field 'time' on type 'Envelope' is older"), Some(Mark::Reject));
    assert_eq!(of(413, "too big"), Some(Mark::Cut(65_536)));
}

#[test]
fn places_that_do_not_exist_and_places_named_twice() {
    let body = r#"{"itemsReceived":3,"itemsAccepted":1,"errors":[
        {"index":7,"statusCode":400,"message":""},{"index":-1,"statusCode":400},{"index":1.5,"statusCode":400},
        {"index":"0","statusCode":400},{"statusCode":400},null,7,[],
        {"index":2,"statusCode":400,"message":""},{"index":2,"statusCode":500,"message":""},
        {"index":0,"statusCode":400},{"index":0,"statusCode":400}]}"#;
    assert_eq!(verdict(206, body, 3), Verdict::Taken(vec![(0, Mark::Reject), (2, KEEP)]));
    assert_eq!(verdict(200, body, 3), Verdict::Taken(vec![(0, Mark::Reject), (2, KEEP)]));
}

#[test]
fn a_partial_answer_that_does_not_name_all_failures_is_unclear() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "<html>",
        "\u{1}",
        r#"{"errors":7}"#,
        r#"{"itemsAccepted":"3"}"#,
        r#"{"itemsReceived":3,"itemsAccepted":1,"errors":[{"index":0,"statusCode":500}]}"#,
        r#"{"itemsReceived":3,"itemsAccepted":0}"#,
    ] {
        assert_eq!(verdict(206, body, 3), Verdict::Unclear, "{body}");
        assert!(matches!(verdict(200, body, 3), Verdict::Taken(_)), "{body}");
    }
    assert_eq!(verdict(206, r#"{"itemsAccepted":3,"errors":[]}"#, 3), Verdict::Taken(vec![]));
    assert_eq!(verdict(206, r#"{"itemsAccepted":3}"#, 3), Verdict::Taken(vec![]));
}

#[test]
fn any_body_is_read_without_harm() {
    let words = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"errors\"",
        "\"index\"",
        "\"statusCode\"",
        "\"message\"",
        "\"itemsAccepted\"",
        "0",
        "1",
        "2",
        "18446744073709551615",
        "400",
        "500",
        "-1",
        "1e9",
        "\"Telemetry item length must not exceed 65536\"",
        "\"sampled out\"",
        "null",
        "true",
        "é",
    ];
    let mut random = fastrand::Rng::with_seed(4);
    let mut reports = 0;
    for _ in 0..20_000 {
        let mut body: String =
            (0..random.usize(0..24)).filter_map(|_| random.choice(words)).collect();
        if random.bool() {
            body = format!(r#"{{"itemsAccepted":1,"errors":[{{"index":{}}}]}}"#, random.u8(..5));
        }
        for status in [200, 206, 400] {
            if let Verdict::Taken(marks) | Verdict::Malformed(marks) = verdict(status, &body, 3) {
                assert!(marks.iter().all(|(index, _)| *index < 3), "{body}");
                assert!(marks.is_sorted_by(|(a, _), (b, _)| a < b), "{body}");
                reports += usize::from(!marks.is_empty());
            }
        }
    }
    assert!(reports > 1000, "{reports}");
}
