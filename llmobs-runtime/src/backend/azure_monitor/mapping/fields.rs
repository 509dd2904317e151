//! The attributes that the mapping knows by name, found in one probe.

use std::sync::LazyLock;

use super::super::sampling::SAMPLE_RATE;
use super::super::{main_agent_names, names};
use super::limits;

/// Where among the properties one stands: the service cuts `customDimensions` from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// What dashboards count and group by.
    First,
    Middle,
    /// What people or models wrote, as long as it may be.
    Last,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// The attribute, where the mapping reads it.
    pub(super) field: Option<Field>,
    pub(super) place: Place,
    /// How many characters its value may have.
    pub(super) longest: usize,
    /// Whether a span's attribute of that name is no property: other fields of the envelope tell it.
    pub(super) is_told_elsewhere: bool,
    /// Of the key, for who looks for it again.
    pub(super) hash: u64,
}

macro_rules! fields {
    ($($field:ident = $name:expr;)*) => {
        /// An attribute that the mapping reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Field {
            $($field,)*
        }

        /// How many there are.
        pub(super) const FIELDS: usize = [$(Field::$field),*].len();

        fn all() -> [(Field, &'static str); FIELDS] {
            [$((Field::$field, $name)),*]
        }
    };
}

fields! {
    // GenAI
    GenAiOperation = names::operation_name();
    GenAiProvider = names::provider_name();
    GenAiSystem = names::DEPRECATED_PROVIDER;
    // General
    ErrorType = ERROR_TYPE;
    ServerAddress = "server.address";
    ServerPort = "server.port";
    ClientAddress = "client.address";
    PeerService = "peer.service";
    PeerAddress = "peer.address";
    NetPeerName = "net.peer.name";
    NetPeerIp = "net.peer.ip";
    NetPeerPort = "net.peer.port";
    NetHostName = "net.host.name";
    NetHostPort = "net.host.port";
    AzNamespace = "az.namespace";
    // Users and sessions
    EndUserId = "enduser.id";
    EndUserPseudoId = "enduser.pseudo.id";
    SessionId = "session.id";
    UserAgent = "user_agent.original";
    UserAgentSynthetic = "user_agent.synthetic.type";
    // HTTP, and its names before they were stable
    HttpMethod = "http.request.method";
    HttpMethodOld = "http.method";
    HttpStatus = "http.response.status_code";
    HttpStatusOld = "http.status_code";
    HttpRoute = "http.route";
    HttpScheme = "http.scheme";
    HttpHost = "http.host";
    HttpTarget = "http.target";
    HttpServerName = "http.server_name";
    HttpUrl = "http.url";
    HttpClientIp = "http.client_ip";
    HttpUserAgent = "http.user_agent";
    UrlFull = "url.full";
    UrlPath = "url.path";
    UrlQuery = "url.query";
    UrlScheme = "url.scheme";
    // Databases
    DbSystem = "db.system.name";
    DbSystemOld = "db.system";
    DbNamespace = "db.namespace";
    DbName = "db.name";
    DbQuery = "db.query.text";
    DbStatement = "db.statement";
    DbOperation = "db.operation.name";
    DbOperationOld = "db.operation";
    // Messaging
    MessagingSystem = "messaging.system";
    MessagingDestination = "messaging.destination.name";
    MessagingDestinationOld = "messaging.destination";
    MessageBusDestination = "message_bus.destination";
    // RPC
    RpcSystem = "rpc.system.name";
    RpcSystemOld = "rpc.system";
    RpcStatus = "rpc.response.status_code";
    RpcStatusOfGrpc = "rpc.grpc.status_code";
    RpcStatusOfConnect = "rpc.connect_rpc.error_code";
    RpcStatusOfJson = "rpc.jsonrpc.error_code";
    // Exceptions
    ExceptionType = "exception.type";
    ExceptionMessage = "exception.message";
    ExceptionStacktrace = "exception.stacktrace";
    ExceptionEscaped = "exception.escaped";
    // Azure Monitor's own
    SampleRate = SAMPLE_RATE;
    Measurements = "microsoft.custom_measurements";
    CustomEventName = "microsoft.custom_event.name";
    EventMarker = "APPLICATION_INSIGHTS_EVENT_MARKER_ATTRIBUTE";
    AvailabilityId = "microsoft.availability.id";
    AvailabilityName = "microsoft.availability.name";
    AvailabilityDuration = "microsoft.availability.duration";
    AvailabilitySuccess = "microsoft.availability.success";
    AvailabilityLocation = "microsoft.availability.runLocation";
    AvailabilityMessage = "microsoft.availability.message";
    OperationName = "ai.operation.name";
    LoggerName = "logger_name";
}

/// Costs, which the portal's Agents view sums up.
const COST: &str = "microsoft.gen_ai.cost.";

const ERROR_TYPE: &str = "error.type";

/// What the protocol leaves out of a span's properties: by the start of the name, by the whole name.
///
/// The reference also leaves out `error.type`, which then is nowhere: the portal's Agents view reads it among the
/// properties of a dependency, and a result code may be a number instead.
const TOLD_ELSEWHERE: ([&str; 12], [&str; 21]) = (
    [
        "http.",
        "db.",
        "message.",
        "messaging.",
        "rpc.",
        "enduser.",
        "net.",
        "peer.",
        "exception.",
        "thread.",
        "fass.",
        "code.",
    ],
    [
        "client.address",
        "client.port",
        "server.address",
        "server.port",
        "url.full",
        "url.path",
        "url.query",
        "url.scheme",
        "url.template",
        "network.local.address",
        "network.local.port",
        "network.protocol.name",
        "network.protocol.version",
        "network.peer.address",
        "network.peer.port",
        "network.transport",
        "user_agent.original",
        "user_agent.synthetic.type",
        "session.id",
        SAMPLE_RATE,
        "microsoft.custom_measurements",
    ],
);

/// The first letters of those that are left out by their start: most attributes have another.
const INITIALS: &[u8] = b"hdmrenptfc";

/// Slots for several times as many names as there are, so that most unknown keys meet an empty one.
const SLOTS: usize = 1_024;

struct Known {
    slots: Box<[Option<(&'static str, About)>]>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(Known::new);

impl Known {
    fn new() -> Self {
        let mut known = Names::default();
        for (field, name) in all() {
            known.about(name, |about| about.field = Some(field));
        }
        for name in TOLD_ELSEWHERE.1 {
            known.about(name, |about| about.is_told_elsewhere = true);
        }
        for name in names::counted().chain(main_agent_names::ALL).chain([ERROR_TYPE]) {
            known.about(name, |about| about.place = Place::First);
        }
        for name in names::written() {
            known.about(name, |about| about.place = Place::Last);
        }
        for name in names::long() {
            known.about(name, |about| {
                (about.place, about.longest) = (Place::Last, limits::LONG_VALUE);
            });
        }
        let mut slots = vec![None; SLOTS].into_boxed_slice();
        for (name, about) in known.0 {
            let mut free = (0..SLOTS).map(|step| place(about.hash, step));
            let free = free.find(|place| slots.get(*place).is_some_and(Option::is_none));
            if let Some(slot) = free.and_then(|place| slots.get_mut(place)) {
                *slot = Some((name, about));
            }
        }
        Self { slots }
    }
}

/// The names while they are gathered: a few of them come from several lists.
#[derive(Default)]
struct Names(Vec<(&'static str, About)>);

impl Names {
    fn about(&mut self, name: &'static str, say: impl FnOnce(&mut About)) {
        if let Some((_, about)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            say(about);
        } else {
            let mut about = unknown(name, hash(name));
            say(&mut about);
            self.0.push((name, about));
        }
    }
}

fn place(hash: u64, step: usize) -> usize {
    let first = usize::try_from(hash % SLOTS as u64).unwrap_or_default();
    first.wrapping_add(step) % SLOTS
}

/// What is known of `key`.
pub(super) fn about(key: &str) -> About {
    let hash = hash(key);
    for step in 0..SLOTS {
        match KNOWN.slots.get(place(hash, step)) {
            Some(Some((name, about))) if *name == key => return *about,
            Some(Some(_)) => {}
            _ => break,
        }
    }
    unknown(key, hash)
}

/// What the start of a name says.
fn unknown(key: &str, hash: u64) -> About {
    static USAGE: LazyLock<&str> = LazyLock::new(names::usage_prefix);
    let is_counted = key.starts_with(COST) || key.starts_with(*USAGE);
    let initial = key.as_bytes().first().copied().unwrap_or_default();
    About {
        field: None,
        place: if is_counted { Place::First } else { Place::Middle },
        longest: limits::PROPERTY_VALUE,
        is_told_elsewhere: INITIALS.contains(&initial)
            && TOLD_ELSEWHERE.0.iter().any(|start| key.starts_with(start)),
        hash,
    }
}

/// Spreads keys over the slots. No one chooses keys to collide here: they are the application's own.
fn hash(key: &str) -> u64 {
    let (words, rest) = key.as_bytes().as_chunks::<8>();
    let mut last = [0_u8; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let start = key.len() as u64;
    let hash = words.iter().chain([&last]).fold(start, |hash, word| {
        (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x517c_c1b7_2722_0a95)
    });
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found_and_no_other() {
        for (field, name) in all() {
            assert_eq!(about(name).field, Some(field), "{name}");
            assert_eq!(about(&format!("{name}.")).field, None);
        }
        for name in names::long() {
            assert_eq!((about(name).place, about(name).longest), (Place::Last, 262_144), "{name}");
        }
        assert_eq!(names::long().collect::<std::collections::BTreeSet<_>>().len(), 7);
        for name in ["", "a", "gen_ai.request.temperature", "gen_ai.prompt"] {
            let about = about(name);
            assert_eq!(
                (about.field, about.place, about.longest),
                (None, Place::Middle, 8_192),
                "{name}"
            );
        }
    }

    #[test]
    fn what_dashboards_read_comes_first() {
        for name in [
            "gen_ai.operation.name",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.a_count_of_tomorrow",
            "gen_ai.system",
            "error.type",
            "microsoft.gen_ai.main_agent.name",
            "microsoft.gen_ai.cost.input",
        ] {
            assert_eq!(about(name).place, Place::First, "{name}");
        }
        assert_eq!(
            about("gen_ai.retrieval.documents").place,
            Place::Last,
            "content, if no long one"
        );
        assert_eq!(about("gen_ai.retrieval.documents").longest, 8_192);
    }

    #[test]
    fn the_initials_are_those_of_the_starts() {
        for start in TOLD_ELSEWHERE.0 {
            assert!(INITIALS.contains(&start.as_bytes()[0]), "{start}");
        }
    }

    #[test]
    fn the_filter_of_the_protocol_without_the_type_of_the_error() {
        for name in [
            "http.custom",
            "db.system.name",
            "fass.x",
            "code.function",
            "url.full",
            "server.port",
            "session.id",
            "exception.type",
        ] {
            assert!(about(name).is_told_elsewhere, "{name}");
        }
        for name in [
            "faas.x",
            "url.fragment",
            "error.type",
            "error.message",
            "network.type",
            "az.namespace",
            "https.x",
            "user.id",
        ] {
            assert!(!about(name).is_told_elsewhere, "{name}");
        }
    }
}
