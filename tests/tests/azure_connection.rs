//! The connection string: what is accepted and what it means, what is refused and what the refusal shows.

use llmobs_runtime::backend::azure_monitor::{ConnectionString, ConnectionStringError};
use llmobs_tests::Memory;
use proptest::prelude::*;
use serde_json::Value;

const KEY: &str = "11111111-2222-3333-4444-555555555555";
const PLAIN: &str = "InstrumentationKey=11111111-2222-3333-4444-555555555555";

fn cases() -> Vec<Value> {
    let text = include_str!("../data/azure_monitor/connection_strings.json");
    let data: Value = serde_json::from_str(text).expect("the cases are JSON");
    data["cases"].as_array().expect("a list of cases").clone()
}

fn parse(text: &str) -> Result<ConnectionString, ConnectionStringError> {
    text.parse()
}

/// What the reference refuses, or takes where it should not, and what becomes of it here.
enum Decision {
    /// Accepted, and means the same as this.
    Means(&'static str),
    /// Refused, with an error that begins like this.
    Refused(&'static str),
}

/// Every case that is not as in the reference, with the reason; and those it rightly refuses.
fn decided(input: &str) -> Option<Decision> {
    use Decision::{Means, Refused};
    Some(match input {
        // An empty part says nothing, and the portal itself ends its strings with one. Spaces come of files and of
        // copying; no key and no value has one at its ends.
        "InstrumentationKey=11111111-2222-3333-4444-555555555555;"
        | ";InstrumentationKey=11111111-2222-3333-4444-555555555555"
        | "InstrumentationKey = 11111111-2222-3333-4444-555555555555"
        | "InstrumentationKey=11111111-2222-3333-4444-555555555555 " => Means(PLAIN),
        "InstrumentationKey=11111111-2222-3333-4444-555555555555;;EndpointSuffix=a.b" => {
            Means("InstrumentationKey=11111111-2222-3333-4444-555555555555;EndpointSuffix=a.b")
        }
        // A GUID is the same in upper and lower case.
        "InstrumentationKey=AAAAAAAA-2222-3333-4444-555555555555" => {
            Means("InstrumentationKey=aaaaaaaa-2222-3333-4444-555555555555")
        }
        // There is nothing to send with.
        "" => Refused("the connection string is empty"),
        "InstrumentationKey=" | "IngestionEndpoint=https://x/" => {
            Refused("`InstrumentationKey` is missing or empty")
        }
        // No GUID: the service would refuse every item. The `=` divides the part only once.
        "InstrumentationKey=nope" | "InstrumentationKey=11111111-2222-3333-4444-555555555555=x" => {
            Refused("`InstrumentationKey` is not a GUID")
        }
        "garbage" => Refused("part 1 of the connection string is not of the form `key=value`"),
        // Who asks for Entra ID here would be sent for without it.
        "Authorization=aad;InstrumentationKey=11111111-2222-3333-4444-555555555555" => {
            Refused("`Authorization` accepts only `ikey`")
        }
        // The path of each request is added to the address, which a query would swallow.
        "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://localhost:8080/a?b=c" => {
            Refused("`IngestionEndpoint` is `http://localhost:8080/a`: has a `?` or `#`")
        }
        // The reference takes it, and then never delivers anything.
        "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=notaurl" => {
            Refused("`IngestionEndpoint` is `notaurl`: is not an address")
        }
        _ => return None,
    })
}

#[test]
fn every_case_of_the_reference_is_right_or_decided_on() {
    let (mut same, mut other) = (0, 0);
    for case in cases() {
        // No string at all is for whoever looks for one.
        let Some(input) = case["input"].as_str() else { continue };
        match decided(input) {
            Some(Decision::Means(text)) => {
                other += 1;
                assert_eq!(parse(input), parse(text), "{input}");
                parse(text).expect(text);
            }
            Some(Decision::Refused(begins)) => {
                other += 1;
                let error = parse(input).expect_err(input).to_string();
                assert!(error.starts_with(begins), "{input}: {error}");
            }
            None => {
                same += 1;
                assert!(case.get("refused").is_none(), "not decided on: {input}");
                assert_means(input, &case);
            }
        }
    }
    // Of the others six are accepted here alone, and nine refused, one of them here alone.
    assert_eq!((same, other), (14, 15));
}

/// That the string means what the case says; addresses but for the slash at their end, which the reference keeps and
/// then sends twice.
fn assert_means(input: &str, case: &Value) {
    let connection = parse(input).expect(input);
    let text = |field: &str| case[field].as_str();
    let address = |field: &str| text(field).map(|address| address.trim_end_matches('/'));
    assert_eq!(Some(connection.ingestion_endpoint()), address("endpoint"), "{input}");
    assert_eq!(Some(connection.live_endpoint()), address("liveEndpoint"), "{input}");
    assert_eq!(connection.region(), text("region"), "{input}");
    assert_eq!(connection.application_id(), text("applicationId"), "{input}");
    assert_eq!(Some(connection.token_scope().as_str()), text("aadScope"), "{input}");
    // The instrumentation key is not to be had; a string that says it and the rest outright is equal.
    let said = [
        ("InstrumentationKey", text("instrumentationKey")),
        ("IngestionEndpoint", text("endpoint")),
        ("LiveEndpoint", text("liveEndpoint")),
        ("AADAudience", text("aadAudience")),
        ("ApplicationId", text("applicationId")),
    ];
    let said =
        said.map(|(key, value)| value.map_or(String::new(), |value| format!("{key}={value};")));
    assert_eq!(connection, parse(&said.concat()).expect("a string"), "{input}");
    let another = said.concat().replace("4444", "4445");
    assert_ne!(connection, parse(&another).expect("a string"), "{input}");
}

#[test]
fn addresses_are_normalised_and_keep_their_path() {
    for (given, expected) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("HTTPS://Private.Example/base/path///", "https://private.example/base/path"),
        ("https://host:443/", "https://host"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ] {
        let connection = parse(&format!("{PLAIN};IngestionEndpoint={given}")).expect(given);
        assert_eq!(connection.ingestion_endpoint(), expected);
    }
}

#[test]
fn addresses_that_nothing_can_be_sent_to_are_refused_by_name() {
    for (key, given, why) in [
        ("IngestionEndpoint", "ftp://host", "begins with neither `http://` nor `https://`"),
        ("IngestionEndpoint", "host.example:8080", "begins with neither"),
        ("IngestionEndpoint", "https:host", "has no `//` before its host"),
        ("IngestionEndpoint", "https:///host", "has no host after `//`"),
        ("IngestionEndpoint", "https://", "is not an address"),
        ("IngestionEndpoint", "https://host:99999", "is not an address"),
        ("IngestionEndpoint", "https://ho\tst", "has white space in it"),
        ("IngestionEndpoint", "https://host/#part", "has a `?` or `#`"),
        ("IngestionEndpoint", "https://hunter2@host", "has a user name or password"),
        ("LiveEndpoint", "https://user:hunter2@host", "has a user name or password"),
        ("LiveEndpoint", "https://@host", "has a user name or password"),
        ("EndpointSuffix", "host/hunter2@host", "is not the end of a host's name"),
        ("EndpointSuffix", ".", "is not the end of a host's name"),
    ] {
        let text = format!("{PLAIN};{key}={given}");
        let error = parse(&text).expect_err(given);
        let shown = error.to_string();
        assert!(shown.starts_with(&format!("`{key}`")) && shown.contains(why), "{given}: {shown}");
        assert!(!format!("{shown} {error:?}").contains("hunter2"), "{error:?}");
    }
    let error = parse(&format!("{PLAIN};EndpointSuffix=a.b;Location=x/y")).expect_err("a location");
    assert_eq!(
        error.to_string(),
        "`Location` is `x/y`: is not the name of a region; accepted is a region like `westeurope`"
    );
    let error = parse(&format!("{PLAIN};EndpointSuffix=https://a.b")).expect_err("a suffix");
    let accepted = "accepted is the end of a host's name like `applicationinsights.azure.us`";
    assert!(error.to_string().ends_with(accepted), "{error}");
}

#[test]
fn a_key_without_a_value_is_as_good_as_absent() {
    let text = format!(
        "{PLAIN};IngestionEndpoint=;LiveEndpoint= ;EndpointSuffix=;AADAudience=;ApplicationId=;Authorization="
    );
    assert_eq!(parse(&text), parse(PLAIN));
    assert_eq!(
        parse(&format!("{PLAIN};EndpointSuffix=.a.b;Location=north.")),
        parse(&format!(
            "{PLAIN};IngestionEndpoint=https://north.dc.a.b;LiveEndpoint=https://north.live.a.b"
        ))
    );
}

/// What is logged while something runs.
fn logged(run: impl FnOnce()) -> String {
    let log = Memory::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, run);
    log.text()
}

#[test]
fn a_key_that_nobody_knows_is_named_without_its_value() {
    let text = format!("{PLAIN};Ingestionpoint=https://hunter2;{KEY}=x");
    let log = logged(|| assert_eq!(parse(&text), parse(PLAIN)));
    assert!(log.contains("Ingestionpoint"), "{log}");
    assert!(!log.contains("hunter2") && !log.contains(KEY), "{log}");
}

/// A piece of something like a connection string.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "InstrumentationKey=", "IngestionEndpoint=", "LiveEndpoint=", "EndpointSuffix=", "Location=",
            "AADAudience=", "ApplicationId=", "Authorization=", "Authorization=ikey", "https://", "http://", "a.b",
            ";", ";", ";", "=", "@", "/", "?", "#", ":", "%", " ", "-", "{", "}", "\"", "\\",
        ]).prop_map(str::to_owned),
        1 => Just(PLAIN.to_owned()),
        1 => ".{0,8}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}",
        "[0-9a-f]{32}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_string_shows_its_key(
        before in prop::collection::vec(piece(), 0..8),
        key in key(),
        after in prop::collection::vec(piece(), 0..8),
    ) {
        let text = format!("{}{key}{}", before.concat(), after.concat());
        let mut shown = String::new();
        let log = logged(|| {
            shown = match parse(&text) {
                Ok(connection) => {
                    // It may have got into the place of another value, and not be the key then.
                    let is_key = parse(&format!("{text};InstrumentationKey={key}")) == Ok(connection.clone());
                    if is_key { format!("{connection:?}") } else { String::new() }
                }
                Err(error) => format!("{error} {error:?}"),
            };
        });
        let shown = format!("{shown} {log}").to_ascii_lowercase();
        prop_assert!(!shown.contains(&key.to_ascii_lowercase()), "{}: {}", text, shown);
    }

    #[test]
    fn no_text_is_too_odd(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse(&format!("{PLAIN};IngestionEndpoint={text}"));
        let _ = parse(&format!("{PLAIN};EndpointSuffix={text};Location={text}"));
    }

    #[test]
    fn an_accepted_address_takes_a_path(text in "(https?)://[a-zA-Z0-9./:_~-]{1,40}") {
        if let Ok(connection) = parse(&format!("{PLAIN};IngestionEndpoint={text}")) {
            let address = connection.ingestion_endpoint();
            prop_assert!(address.starts_with("http") && !address.ends_with('/'), "{}", address);
            let again = parse(&format!("{PLAIN};IngestionEndpoint={address}/"));
            prop_assert_eq!(again, Ok(connection));
        }
    }

    #[test]
    fn order_spaces_and_empty_parts_mean_nothing(
        parts in Just(vec![
            PLAIN,
            "IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/",
            "ApplicationId=99999999-8888-7777-6666-555555555555",
            "AADAudience=https://monitor.azure.us",
        ]).prop_shuffle(),
        spaces in prop::collection::vec(prop::sample::select(vec!["", " ", "\t", ";", " ;; "]), 5),
    ) {
        let plain = parse(&parts.join(";"));
        let mut text = spaces[0].to_owned();
        for (part, space) in parts.iter().zip(&spaces[1..]) {
            let (name, value) = part.split_once('=').expect("a pair");
            let blank = space.replace(';', " ");
            text.extend([&blank, &name.to_ascii_uppercase(), " = ", value, space, ";"]);
        }
        prop_assert!(plain.is_ok());
        prop_assert_eq!(parse(&text), plain);
    }
}
