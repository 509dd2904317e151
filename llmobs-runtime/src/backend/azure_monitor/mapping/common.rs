//! What every item of one resource begins with, encoded once: the instrumentation key and the tags of §2.

use opentelemetry::{Key, Value};
use opentelemetry_sdk::Resource as SdkResource;
use opentelemetry_sdk::resource::{ResourceDetector as _, TelemetryResourceDetector};

use super::tags::{self, Tag};
use super::value::Val;
use super::{json, limits};

const SERVICE_NAME: &str = "service.name";
const SERVICE_NAMESPACE: &str = "service.namespace";
const SERVICE_VERSION: &str = "service.version";
const SERVICE_INSTANCE: &str = "service.instance.id";
const POD: &str = "k8s.pod.name";
const HOST: &str = "host.name";
const DEVICE_ID: &str = "device.id";
const DEVICE_MODEL: &str = "device.model.name";
const DEVICE_MANUFACTURER: &str = "device.manufacturer";
const SDK_VERSION: &str = "telemetry.sdk.version";
/// What names a role where the service has no name, the first that there is.
const WORKLOADS: [&str; 6] = [
    "k8s.deployment.name",
    "k8s.replicaset.name",
    "k8s.statefulset.name",
    "k8s.job.name",
    "k8s.cronjob.name",
    "k8s.daemonset.name",
];
/// What OpenTelemetry calls a service that nobody named.
const UNNAMED: &str = "unknown_service";

/// Where the process runs.
pub(super) struct Surroundings<'a> {
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    pub(super) host: Option<String>,
}

impl Surroundings<'_> {
    fn has(&self, name: &str) -> bool {
        (self.env)(name).is_some_and(|value| !value.is_empty())
    }
}

/// The name of this machine, where it can be had without asking anyone.
pub(super) fn host(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let told = |name: &str| std::fs::read_to_string(name).ok();
    told("/proc/sys/kernel/hostname")
        .or_else(|| told("/etc/hostname"))
        .into_iter()
        .chain(["HOSTNAME", "COMPUTERNAME"].into_iter().filter_map(env))
        .map(|name| name.trim().to_owned())
        .find(|name| !name.is_empty())
}

/// From the end of the envelope's name to within its tags.
pub(super) fn head(key: &str, resource: &SdkResource, around: &Surroundings<'_>) -> Vec<u8> {
    let mut out = b"\",\"iKey\":".to_vec();
    json::string(&mut out, key);
    out.extend_from_slice(b",\"tags\":{");
    let first = out.len();
    let mut tag = |tag: Tag, value: Option<String>| {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return };
        if out.len() > first {
            out.push(b',');
        }
        json::string(&mut out, tag.name);
        out.push(b':');
        json::string(&mut out, limits::cut(&value, tag.longest));
    };
    let said = |name: &'static str| said(resource, name);
    let host = || around.host.clone().or_else(|| said(HOST));
    tag(tags::DEVICE_TYPE, Some("Other".to_owned()));
    tag(tags::DEVICE_ID, said(DEVICE_ID).or_else(host));
    tag(tags::DEVICE_LOCALE, locale(around));
    tag(tags::DEVICE_MODEL, said(DEVICE_MODEL));
    tag(tags::DEVICE_OEM, said(DEVICE_MANUFACTURER));
    tag(tags::SDK_VERSION, Some(sdk_version(around)));
    // Of a resource that says nothing the reference makes no role; the machine is in the device's id.
    if resource.is_empty() {
        return out;
    }
    tag(tags::CLOUD_ROLE, role(&said));
    let instance = || said(POD).or_else(|| said(SERVICE_INSTANCE)).or_else(host);
    tag(tags::CLOUD_ROLE_INSTANCE, instance());
    tag(tags::NODE_NAME, instance());
    tag(tags::APPLICATION_VERSION, said(SERVICE_VERSION));
    out
}

fn said(resource: &SdkResource, name: &'static str) -> Option<String> {
    let value = resource.get(&Key::from_static_str(name))?;
    Some(value.as_str().into_owned()).filter(|value| !value.is_empty())
}

/// `namespace.name`; a service without a name has that of what Kubernetes runs it as.
fn role(said: &dyn Fn(&'static str) -> Option<String>) -> Option<String> {
    let name = said(SERVICE_NAME);
    let is_named = name.as_ref().is_some_and(|name| !name.starts_with(UNNAMED));
    if !is_named && let Some(workload) = WORKLOADS.into_iter().find_map(said) {
        return Some(workload);
    }
    let name = name?;
    Some(match said(SERVICE_NAMESPACE) {
        Some(namespace) => format!("{namespace}.{name}"),
        None => name,
    })
}

/// `en_US` of `en_US.UTF-8`.
fn locale(around: &Surroundings<'_>) -> Option<String> {
    let said =
        ["LC_ALL", "LANG"].into_iter().filter_map(around.env).find(|said| !said.is_empty())?;
    let locale = said.split(['.', '@']).next().unwrap_or_default();
    Some(locale.to_owned())
        .filter(|locale| !locale.is_empty() && locale != "C" && locale != "POSIX")
}

/// The reference's grammar: where it runs, the system, how it was attached, then the versions of the language (here
/// the oldest compiler that builds this crate), of OpenTelemetry's SDK and of this exporter.
fn sdk_version(around: &Surroundings<'_>) -> String {
    let place = if around.has("FUNCTIONS_WORKER_RUNTIME") {
        'f'
    } else if around.has("WEBSITE_SITE_NAME") {
        'a'
    } else if around.has("AKS_ARM_NAMESPACE_ID") || around.has("KUBERNETES_SERVICE_HOST") {
        'k'
    } else {
        'u'
    };
    let system = match std::env::consts::OS {
        "linux" => 'l',
        "windows" => 'w',
        "macos" => 'm',
        _ => 'u',
    };
    let sdk = said(&TelemetryResourceDetector.detect(), SDK_VERSION).unwrap_or_default();
    // Attached by hand: a line in the program.
    format!(
        "{place}{system}m_rust{}:otel{sdk}:ext{}",
        env!("CARGO_PKG_RUST_VERSION"),
        env!("CARGO_PKG_VERSION"),
    )
}

/// The attributes of a resource as properties, encoded once.
#[derive(Debug, Default)]
pub(super) struct Resource {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    key: String,
    hash: u64,
    json: Vec<u8>,
}

impl Resource {
    /// Those of `resource` in the order of their keys.
    pub(super) fn new(resource: &SdkResource) -> Self {
        let mut members: Vec<_> =
            resource.iter().filter_map(|(key, value)| member(key.as_str(), value)).collect();
        members.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Self { members }
    }

    /// Key, its hash, and `"key":"value"`.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, u64, &[u8])> {
        self.members.iter().map(|member| (member.key.as_str(), member.hash, member.json.as_slice()))
    }
}

fn member(key: &str, value: &Value) -> Option<Member> {
    let about = super::fields::about(key);
    if key.is_empty() || limits::cut(key, limits::PROPERTY_KEY).len() < key.len() {
        return None;
    }
    let mut json = Vec::new();
    json::string(&mut json, key);
    json.push(b':');
    Val::from(value).write(&mut json, &mut Vec::new(), about.longest);
    Some(Member { key: key.to_owned(), hash: about.hash, json })
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::super::testing;
    use super::*;

    fn tags(
        resource: &[(&'static str, &'static str)],
        env: &[(&str, &str)],
        host: Option<&str>,
    ) -> Json {
        let env = |name: &str| {
            env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let around = Surroundings { env: &env, host: host.map(str::to_owned) };
        let head = head(testing::KEY, &testing::resource(resource), &around);
        let text = format!("{{\"name\":\"{}}}}}", String::from_utf8(head).expect("text"));
        let mut json: Json = serde_json::from_str(&text).expect("the start of an envelope");
        assert_eq!(json["iKey"], testing::KEY);
        json["tags"].take()
    }

    #[test]
    fn a_role_is_the_service_or_what_kubernetes_runs() {
        for (resource, role) in [
            (&[("service.name", "checkout"), ("service.namespace", "shop")][..], "shop.checkout"),
            (&[("service.name", "svc"), ("k8s.deployment.name", "dep")], "svc"),
            (
                &[("service.name", "unknown_service"), ("service.namespace", "ns")],
                "ns.unknown_service",
            ),
            (&[("service.name", "unknown_service:x"), ("k8s.deployment.name", "dep")], "dep"),
            (
                &[
                    ("k8s.job.name", "job"),
                    ("k8s.replicaset.name", "rs"),
                    ("k8s.daemonset.name", "ds"),
                ],
                "rs",
            ),
        ] {
            assert_eq!(tags(resource, &[], None)["ai.cloud.role"], role, "{resource:?}");
        }
        assert_eq!(tags(&[], &[], None).get("ai.cloud.role"), None);
    }

    #[test]
    fn an_instance_is_the_pod_or_what_it_says_or_the_machine() {
        let all = [("service.instance.id", "inst"), ("k8s.pod.name", "pod-1")];
        let none = [("service.name", "s")];
        for (resource, instance) in [(&all[..], "pod-1"), (&all[..1], "inst"), (&none, "box")] {
            let tags = tags(resource, &[], Some("box"));
            assert_eq!(tags["ai.cloud.roleInstance"], instance);
            assert_eq!(tags["ai.internal.nodeName"], instance);
        }
        assert_eq!(tags(&[], &[], Some("box")).get("ai.cloud.roleInstance"), None);
        let unknown = tags(&none, &[], None);
        for tag in
            ["ai.cloud.roleInstance", "ai.internal.nodeName", "ai.device.id", "ai.device.locale"]
        {
            assert_eq!(unknown.get(tag), None, "what is unknown is no tag");
        }
    }

    #[test]
    fn the_device_and_the_version() {
        let device = [
            ("device.id", "d"),
            ("device.model.name", "m"),
            ("device.manufacturer", "o"),
            ("service.version", "1.4.2"),
        ];
        let tags = tags(&device, &[("LANG", "en_US.UTF-8")], Some("box"));
        assert_eq!(tags["ai.device.id"], "d");
        assert_eq!(tags["ai.device.model"], "m");
        assert_eq!(tags["ai.device.oemName"], "o");
        assert_eq!(tags["ai.device.type"], "Other");
        assert_eq!(tags["ai.device.locale"], "en_US");
        assert_eq!(tags["ai.application.ver"], "1.4.2");
    }

    #[test]
    fn the_version_of_the_sdk_says_where_it_runs() {
        for (env, place) in [
            (&[][..], 'u'),
            (&[("WEBSITE_SITE_NAME", "s")], 'a'),
            (&[("WEBSITE_SITE_NAME", "s"), ("FUNCTIONS_WORKER_RUNTIME", "custom")], 'f'),
            (&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")], 'k'),
        ] {
            let tags = tags(&[], env, None);
            let version = tags["ai.internal.sdkVersion"].as_str().expect("always there");
            assert!(version.starts_with(place) && version.get(2..7) == Some("m_rus"), "{version}");
            assert!(version.contains(":otel0.") && version.contains(":ext0."), "{version}");
            assert!(version.len() <= 64, "{version}");
        }
    }

    #[test]
    fn the_key_is_in_no_debug_output() {
        let mapper = testing::mapper(&[("service.name", "s")], &testing::options());
        assert!(!format!("{mapper:?}").contains("1111"));
    }
}
