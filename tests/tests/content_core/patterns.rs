//! The ready-made patterns: what they find, and what they leave alone.

use std::sync::LazyLock;

use llmobs_runtime::content::Patterns;
use proptest::prelude::*;

/// Compiled once.
pub(crate) fn all() -> &'static Patterns {
    static ALL: LazyLock<Patterns> = LazyLock::new(Patterns::all);
    &ALL
}

fn redacted(text: &str) -> String {
    let mut text = text.to_owned();
    all().redact(&mut text);
    text
}

#[test]
fn keys_and_tokens_become_secrets() {
    let key = |length: usize| {
        "aB3dE5gH7jK9mN1pQ3sT5vW7xY9".chars().cycle().take(length).collect::<String>()
    };
    let secrets = [
        format!("sk-{}", key(48)),
        format!("sk-proj-{}", key(100)),
        format!("sk-ant-api03-{}", key(90)),
        format!("gsk_{}", key(52)),
        format!("xai-{}", key(80)),
        format!("hf_{}", key(34)),
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        "ASIAIOSFODNN7EXAMPLE".to_owned(),
        format!("AIza{}", key(35)),
        format!("ya29.{}", key(60)),
        format!("ghp_{}", key(36)),
        format!("github_pat_{}", key(82)),
        format!("glpat-{}", key(20)),
        format!("xoxb-{}-{}", "123456789012", key(24)),
        format!("sk_live_{}", key(24)),
        format!("npm_{}", key(36)),
        format!("SG.{}.{}", key(22), key(43)),
        format!("eyJ{}.eyJ{}.{}", key(20), key(40), key(43)),
        format!("{}JQQJ99BCACYeBjFXJ3w3AAABACOG{}", key(52), key(4)),
        format!("{}==", key(86)),
    ];
    for secret in secrets {
        assert_eq!(redacted(&secret), "[SECRET]");
        assert_eq!(redacted(&format!("use {secret}, he said")), "use [SECRET], he said");
        assert_eq!(redacted(&format!("\"{secret}\"")), "\"[SECRET]\"");
    }
}

#[test]
fn what_a_name_gives_away_keeps_the_name() {
    for (text, expected) in [
        ("Authorization: Bearer abc123def456", "Authorization: Bearer [SECRET]"),
        ("Authorization: Basic dXNlcjpwYXNz12==", "Authorization: Basic [SECRET]"),
        (
            "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=https://x/",
            "InstrumentationKey=[SECRET];IngestionEndpoint=https://x/",
        ),
        (
            "AccountName=a;AccountKey=short;EndpointSuffix=core.windows.net",
            "AccountName=a;AccountKey=[SECRET];EndpointSuffix=core.windows.net",
        ),
        ("SharedAccessKey=abcdef==;EntityPath=q", "SharedAccessKey=[SECRET];EntityPath=q"),
        ("postgres://user:hunter2@db.example:5432/x", "postgres://user:[SECRET]@db.example:5432/x"),
        (
            "https://x.blob/y?sv=1&sig=abcdefghijklmnop%3D&se=2",
            "https://x.blob/y?sv=1&sig=[SECRET]&se=2",
        ),
        ("api-key: 0123456789abcdef0123456789abcdef", "api-key: [SECRET]"),
        (
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_SECRET_ACCESS_KEY=[SECRET]",
        ),
        ("{\"password\": \"correct horse\"}", "{\"password\": \"[SECRET]\"}"),
        ("{\"db_password\": \"hunter2hunter\"}", "{\"db_password\": \"[SECRET]\"}"),
        ("{\"n\": {\"cookies\": [\"a=b\", \"c", "{\"n\": {\"cookies\": \"[SECRET]\""),
        ("PASSWORD=hunter2", "PASSWORD=[SECRET]"),
        ("DB_PASSWORD=hunter2hunter;B=c", "DB_PASSWORD=[SECRET];B=c"),
        ("POSTGRES_PASSWORD: hunter2hunter", "POSTGRES_PASSWORD: [SECRET]"),
        (r#"x PASSWORD=a\b\\" y"#, r#"x PASSWORD=[SECRET]" y"#),
        (r#"{\"cmd\": \"PASSWORD=abc\"}"#, r#"{\"cmd\": \"PASSWORD=[SECRET]\"}"#),
        ("dbPassword=hunter pwd=hunter", "dbPassword=[SECRET] pwd=[SECRET]"),
        ("authorization=bearer abcdef", "authorization=bearer [SECRET]"),
        ("-H 'Authorization: ApiKey abcdef'", "-H 'Authorization: ApiKey [SECRET]'"),
        ("Bearer aBcDeFgHiJkLmNoP, he said", "Bearer [SECRET], he said"),
        ("bearer abcdefghijklmnopqrstuvwxyzabcdef", "bearer [SECRET]"),
    ] {
        assert_eq!(redacted(text), expected);
    }
    let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----";
    assert_eq!(redacted(&format!("a {block} b")), "a [SECRET] b");
    assert_eq!(redacted("a -----BEGIN PRIVATE KEY-----\nMIIE\nabc"), "a [SECRET]");
}

#[test]
fn people_are_not_named() {
    for (text, expected) in [
        ("Write to tine.asmussen+spam@mail.example.co.uk.", "Write to [EMAIL]."),
        ("müller@bücher.example, <a@b.de>", "[EMAIL], <[EMAIL]>"),
        ("mailto:a@b.de?subject=x", "mailto:[EMAIL]?subject=x"),
        ("Call +49 4841 123456 now", "Call [PHONE] now"),
        ("+1 (212) 555-0143", "[PHONE]"),
        ("(212) 555-0143 or 212-555-0143", "[PHONE] or [PHONE]"),
        ("0049 30 1234567", "[PHONE]"),
        ("030 1234567, 0171/1234567, 020 7946 0958", "[PHONE], [PHONE], [PHONE]"),
        ("Pay with 4111-1111-1111-1111.", "Pay with [CARD]."),
    ] {
        assert_eq!(redacted(text), expected);
    }
}

#[test]
fn prose_and_numbers_stay() {
    for text in [
        "The meeting is on 2026-11-22 at 14:32:10, room 12-345.",
        "It costs 1,234.56 euros; 3 of 12; 50%.",
        "The bearer certificates of the basic authentication scheme",
        "token: see the documentation; a secret: nobody knows",
        "Bearer Datenschutzgrundverordnung; the passwords: none; OLDPWD=/home/x",
        "{\"max_tokens\": 100, \"passwords_allowed\": \"many\", \"token_count\": 7}",
        "{\"hint\": \"password\", \"other\": \"it's a 'token'\"}",
        "a@b and @handle and 3 @ 5",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7",
        "id 01890a5d-ac96-774b-bcce-b302099a8057 at 1763812345678",
        "192.168.178.21:8080, v1.23.456",
        "task-manager risk-assessment-of-everything",
        "Grüße aus Husum – 🌊",
        "",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn only_what_was_chosen_is_replaced() {
    let mut text = "a@b.de 4111111111111111 +49 4841 123456 sk-abcdefghijklmnopqr".to_owned();
    let all = text.clone();
    Patterns::none().redact(&mut text);
    assert_eq!(text, all);
    Patterns::none().emails().cards().redact(&mut text);
    assert_eq!(text, "[EMAIL] [CARD] +49 4841 123456 sk-abcdefghijklmnopqr");
}

#[test]
fn patterns_of_ones_own_are_replaced_too() {
    let patterns = Patterns::none().custom("(?:K|k)unde [0-9]{3,}", "[$0]").expect("a pattern");
    let mut text = "Kunde 12345 war da".to_owned();
    patterns.redact(&mut text);
    assert_eq!(text, "[$0] war da");
    let error = Patterns::none().custom("(", "").expect_err("no pattern");
    assert!(error.to_string().contains("unclosed"), "{error}");
}

proptest! {
    /// It takes any text, and twice is as good as once.
    #[test]
    fn any_text_is_redacted(text in "[a-z0-9@.+:= \\-/\\PC]{0,200}") {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once);
    }
}

#[test]
fn long_texts_of_the_worst_kind_end() {
    for worst in [
        "a",
        "1",
        "1 ",
        "a@",
        "a.",
        "@a.",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----",
        "0",
        "+1",
        "://a:",
        "\"",
        "\"token\":",
        "\"token\": [",
        "\"token\": \"",
        "\\\"token\\\": ",
        "password=",
        "password= ",
        "Bearer ",
    ] {
        let text = worst.repeat(66_560 / worst.len());
        redacted(&text);
    }
}
