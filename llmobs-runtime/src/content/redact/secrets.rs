//! The shapes of keys and tokens.
//!
//! Where the secret has a form of its own the whole match goes; where only its name gives it away the name, which
//! is the first group, stays. Classes are written out: the regular expressions know no Unicode tables.

/// A pattern, and whether a match counts only with a digit in its second group: prose has none.
pub(super) type Shape = (&'static str, bool);

pub(super) const SHAPES: &[Shape] = &[
    // A block without an end is one that was cut.
    (
        r"(?s)()(-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,48}-----|\z))",
        false,
    ),
    // OpenAI, Anthropic, OpenRouter and others that took the form over.
    (r"()((?-u:\b)sk-[A-Za-z0-9_-]{16,})", false),
    // Groq, xAI, Perplexity, Hugging Face, Replicate.
    (r"()((?-u:\b)(?:gsk_|xai-|pplx-|hf_|r8_)[A-Za-z0-9_-]{16,})", false),
    // Azure: keys of the AI services, of storage and of Service Bus.
    (r"()((?-u:\b)[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{20,})", false),
    (r"()((?-u:\b)[A-Za-z0-9+/]{86}==)", false),
    (r"()((?-u:\b)[A-Za-z0-9+/]{43}=(?-u:\B))", true),
    // AWS.
    (r"()((?-u:\b)(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|ANPA|AROA)[A-Z0-9]{12,})", false),
    // Google.
    (r"()((?-u:\b)AIza[A-Za-z0-9_-]{24,})", false),
    (r"()((?-u:\b)(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{16,})", false),
    // GitHub, GitLab.
    (r"()((?-u:\b)(?:gh[oprsu]_|github_pat_|glpat-)[A-Za-z0-9_-]{16,})", false),
    // Slack.
    (r"()((?-u:\b)(?:xox[a-z]-|xapp-)[A-Za-z0-9-]{10,})", false),
    (r"()(hooks\.slack\.com/services/[A-Za-z0-9/]{10,})", false),
    // Stripe; npm, PyPI; SendGrid.
    (r"()((?-u:\b)(?:[prs]k_(?:live|test)_|whsec_)[A-Za-z0-9]{10,})", false),
    (r"()((?-u:\b)(?:npm_|pypi-)[A-Za-z0-9_-]{20,})", false),
    (r"()((?-u:\b)SG\.[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]*)?)", false),
    // JSON web tokens: base64 of `{"`.
    (r"()((?-u:\b)eyJ[A-Za-z0-9_-]{14,}(?:\.[A-Za-z0-9_-]*){0,4})", false),
    // What an HTTP header carries; of letters alone where it is named, long, or in both cases.
    (
        r#"((?i-u:authorization(?:\\*["'])?[ \t]{0,4}[=:][ \t]{0,4}(?:\\*["'])?(?:bearer|basic|digest|token|apikey)[ \t]{1,4}))((?:[^\x00-\x20"',;<>\[\]\\]|\\[^\x00-\x20"',;<>\[\]]){3,})"#,
        false,
    ),
    (r"(?-u:\b)((?i-u:bearer)[ \t]+)([A-Za-z0-9._~+/=-]{8,})", true),
    (
        r"(?-u:\b)((?i-u:bearer)[ \t]+)([A-Za-z0-9._~+/=-]{32,}|[A-Za-z._~+/=-]{4,}[a-z][A-Z][A-Za-z._~+/=-]{2,})",
        false,
    ),
    (r"(?-u:\b)((?i-u:basic)[ \t]+)([A-Za-z0-9+/]{8,}={0,2})", true),
    // A password in a URL.
    (r#"(://[^/\x00-\x20"'<>:@]*:)([^/\x00-\x20"'<>@]+)@"#, false),
    // A signature of a URL.
    (r"([?&](?:sig|X-Amz-Signature|X-Goog-Signature)=)([A-Za-z0-9%/+=_-]{16,})", false),
    // What connection strings and settings call by name. A word may end with it: `DB_PASSWORD`, `dbPassword`.
    (
        r#"((?i-u:AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecretValue|InstrumentationKey|passwo?r?d|passwd|passphrase)(?:\\*["'])?[ \t]{0,4}[=:][ \t]{0,4}(?:\\*["'])?)((?:[^\x00-\x20"',;<>\[\]\\]|\\[^\x00-\x20"',;<>\[\]]){3,})"#,
        false,
    ),
    (
        r#"((?:\A|[^A-Za-z])(?i-u:pwd)(?:\\*["'])?[ \t]{0,4}[=:][ \t]{0,4}(?:\\*["'])?)((?:[^\x00-\x20"',;<>\[\]\\]|\\[^\x00-\x20"',;<>\[\]]){3,})"#,
        false,
    ),
    (
        r#"((?i-u:api[-_]?key|subscription[-_]key|secret|token|access[-_]?key|private[-_]?key)(?:\\*["'])?[ \t]{0,4}[=:][ \t]{0,4}(?:\\*["'])?)((?:[^\x00-\x20"',;<>\[\]\\]|\\[^\x00-\x20"',;<>\[\]]){8,})"#,
        true,
    ),
];
