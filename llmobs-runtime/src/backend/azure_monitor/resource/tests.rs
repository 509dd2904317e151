//! Each platform with an environment of its own, and a metadata service that behaves as it likes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::AzureResourceDetector;
use super::host::Host;

type Text = BTreeMap<&'static str, String>;

/// Nobody listens here.
fn nowhere() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address")
}

fn detect(
    detector: &AzureResourceDetector,
    env: &[(&str, &str)],
    files: &[(&str, &str)],
    metadata: SocketAddr,
) -> Text {
    // Long enough for a busy machine: what these tests say does not come of a time that ran out.
    detect_within(Duration::from_mins(1), detector, env, files, metadata)
}

fn detect_within(
    patience: Duration,
    detector: &AzureResourceDetector,
    env: &[(&str, &str)],
    files: &[(&str, &str)],
    metadata: SocketAddr,
) -> Text {
    let find = |all: &[(&str, &str)], wanted: &str| {
        all.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
    };
    let host = Host {
        env: &|name| find(env, name),
        file: &|path: &Path| find(files, path.to_str()?),
        metadata,
        patience,
    };
    detector.detect_on(&host).text()
}

fn in_env(env: &[(&str, &str)]) -> Text {
    detect(&AzureResourceDetector::new(), env, &[], nowhere())
}

fn text(attributes: &[(&'static str, &str)]) -> Text {
    attributes.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

const SITE: [(&str, &str); 8] = [
    ("WEBSITE_SITE_NAME", "shop"),
    ("WEBSITE_OWNER_NAME", "0000-sub+group-westeuropewebspace"),
    ("WEBSITE_RESOURCE_GROUP", "group"),
    ("REGION_NAME", "West Europe"),
    ("WEBSITE_SLOT_NAME", "production"),
    ("WEBSITE_HOSTNAME", "shop.azurewebsites.net"),
    ("WEBSITE_INSTANCE_ID", "f00d"),
    ("WEBSITE_HOME_STAMPNAME", "waws-prod-1"),
];
const SITE_ID: &str =
    "/subscriptions/0000-sub/resourceGroups/group/providers/Microsoft.Web/sites/shop";
const CLUSTER_ID: &str = "/subscriptions/0000-sub/resourceGroups/group/providers/Microsoft.ContainerService/managedClusters/blue";

fn app_service() -> Text {
    text(&[
        ("service.name", "shop"),
        ("cloud.provider", "azure"),
        ("cloud.platform", "azure_app_service"),
        ("cloud.resource_id", SITE_ID),
        ("cloud.region", "West Europe"),
        ("deployment.environment", "production"),
        ("host.id", "shop.azurewebsites.net"),
        ("service.instance.id", "f00d"),
        ("azure.app.service.stamp", "waws-prod-1"),
    ])
}

fn cluster() -> Text {
    text(&[
        ("cloud.provider", "azure"),
        ("cloud.platform", "azure.aks"),
        ("cloud.account.id", "0000-sub"),
        ("cloud.resource_id", CLUSTER_ID),
        ("k8s.cluster.name", "blue"),
    ])
}

#[test]
fn elsewhere_nothing_is_found() {
    assert_eq!(in_env(&[]), Text::new());
    assert_eq!(in_env(&[("WEBSITE_SITE_NAME", " "), ("CLUSTER_RESOURCE_ID", "blue")]), Text::new());
}

#[test]
fn app_service_tells_all_or_what_it_has() {
    assert_eq!(in_env(&SITE), app_service());
    let platform = [("cloud.provider", "azure"), ("cloud.platform", "azure_app_service")];
    let mut little = text(&platform);
    little.insert("service.name", "shop".to_owned());
    assert_eq!(in_env(&[("WEBSITE_SITE_NAME", "shop"), ("WEBSITE_OWNER_NAME", "+x")]), little);
}

#[test]
fn functions_are_app_service_and_more() {
    let mut env = SITE.to_vec();
    env.extend([("FUNCTIONS_WORKER_RUNTIME", "custom"), ("WEBSITE_MEMORY_LIMIT_MB", "1536")]);
    let pid = std::process::id().to_string();
    let own = [
        ("cloud.platform", "azure_functions"),
        ("process.pid", pid.as_str()),
        ("faas.instance", "f00d"),
        ("faas.max_memory", "1610612736"),
    ];
    let mut expected = app_service();
    expected.extend(text(&own));
    assert_eq!(in_env(&env), expected);

    env.push(("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "azure_functions"));
    for app_service_alone in
        ["deployment.environment", "host.id", "service.instance.id", "azure.app.service.stamp"]
    {
        expected.remove(app_service_alone);
    }
    assert_eq!(in_env(&env), expected);

    // The other one alone leaves the service's name to this one, as the reference does.
    env.pop();
    env.push(("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "azure_app_service"));
    let mut expected = app_service();
    expected.remove("service.name");
    assert_eq!(in_env(&env), expected);
}

#[test]
fn a_memory_limit_that_is_none_says_nothing() {
    for limit in ["", "x", "-1", "0", "9223372036854775807"] {
        let found =
            in_env(&[("FUNCTIONS_WORKER_RUNTIME", "custom"), ("WEBSITE_MEMORY_LIMIT_MB", limit)]);
        assert_eq!(found.get("cloud.platform").map(String::as_str), Some("azure_functions"));
        assert_eq!(found.get("faas.max_memory"), None, "{limit}");
    }
}

#[test]
fn kubernetes_service_is_found_by_variable_and_by_file() {
    let detector = AzureResourceDetector::new();
    let folder = "/etc/kubernetes/aks-cluster-metadata";
    let file = "/etc/kubernetes/aks-cluster-metadata/clusterResourceId";
    let line = format!("{CLUSTER_ID}\n");
    let json = format!("{{\"clusterResourceId\": \"{CLUSTER_ID}\", \"other\": 1}}");
    assert_eq!(in_env(&[("CLUSTER_RESOURCE_ID", CLUSTER_ID)]), cluster());
    for files in [[(file, line.as_str())], [(folder, line.as_str())], [(folder, json.as_str())]] {
        assert_eq!(detect(&detector, &[], &files, nowhere()), cluster(), "{files:?}");
    }
    let broken = [(folder, "ünd /subscriptions/"), (file, "\u{130}/SUBSCRIPTIONS/0000-sub")];
    let found = detect(&detector, &[], &broken, nowhere());
    assert_eq!(found.get("cloud.account.id").map(String::as_str), Some("0000-sub"));
    assert_eq!(found.get("k8s.cluster.name"), None);
}

#[test]
fn what_the_user_says_is_left_to_the_user() {
    let mut env = SITE.to_vec();
    env.push(("OTEL_SERVICE_NAME", "mine"));
    env.push(("OTEL_RESOURCE_ATTRIBUTES", "host.id=h, cloud.region =r,broken"));
    let mut expected = app_service();
    for name in ["service.name", "host.id", "cloud.region"] {
        expected.remove(name);
    }
    assert_eq!(in_env(&env), expected);
}

#[test]
fn detectors_that_are_not_named_do_not_run() {
    let mut env = SITE.to_vec();
    env.push(("CLUSTER_RESOURCE_ID", CLUSTER_ID));
    env.push(("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "otel, AZURE_AKS"));
    assert_eq!(in_env(&env), cluster());
    env.pop();
    env.push(("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "process"));
    assert_eq!(in_env(&env), Text::new());
}

/// One machine's service: answers every request with `answer`, as long as the test goes on.
fn service(answer: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    address
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        request.extend(byte);
    }
    String::from_utf8_lossy(&request).into_owned()
}

fn answering(answer: Vec<u8>) -> SocketAddr {
    service(move |mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(&answer);
    })
}

const MACHINE: &str = r#"{"location":"westeurope","name":"vm1","osType":"Linux","resourceId":"/subscriptions/s/vm1",
    "sku":"22_04-lts","version":"22.04.1","vmId":"1234","vmScaleSetName":"","vmSize":"Standard_D2s_v5","tags":7}"#;

fn machine() -> Text {
    text(&[
        ("cloud.provider", "azure"),
        ("cloud.platform", "azure_vm"),
        ("cloud.region", "westeurope"),
        ("cloud.resource_id", "/subscriptions/s/vm1"),
        ("azure.vm.sku", "22_04-lts"),
        ("host.id", "1234"),
        ("service.instance.id", "1234"),
        ("host.name", "vm1"),
        ("host.type", "Standard_D2s_v5"),
        ("os.type", "Linux"),
        ("os.version", "22.04.1"),
    ])
}

fn on_machine(metadata: SocketAddr) -> Text {
    detect(&AzureResourceDetector::new().with_vm_metadata(true), &[], &[], metadata)
}

#[test]
fn a_virtual_machine_is_asked_as_its_service_wants_to_be() {
    let (requests, received) = mpsc::channel();
    let metadata = service(move |mut stream| {
        let _ = requests.send(read_request(&mut stream));
        // It does not close: the length says where the answer ends.
        let answer =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{MACHINE}", MACHINE.len());
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.read(&mut [0]);
    });
    assert_eq!(on_machine(metadata), machine());
    let request = received.recv().expect("a request");
    assert!(request.starts_with(
        "GET /metadata/instance/compute?api-version=2021-12-13&format=json HTTP/1.1\r\n"
    ));
    assert!(request.contains("\r\nMetadata: True\r\n"), "{request}");
}

#[test]
fn a_virtual_machine_is_asked_only_when_told_to() {
    let (asked, times) = mpsc::channel();
    let metadata = service(move |mut stream| {
        let _ = asked.send(());
        read_request(&mut stream);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{MACHINE}").as_bytes());
    });
    let names = "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS";
    let without = AzureResourceDetector::new();
    let with = AzureResourceDetector::new().with_vm_metadata(true);
    assert_eq!(detect(&without, &[], &[], metadata), Text::new());
    assert_eq!(detect(&with, &[(names, "azure_aks")], &[], metadata), Text::new());
    assert_eq!(detect(&with, &SITE, &[], metadata), app_service());
    for elsewhere in ["FUNCTIONS_WORKER_RUNTIME", "AKS_ARM_NAMESPACE_ID", "KUBERNETES_SERVICE_HOST"]
    {
        let found = detect(&with, &[(elsewhere, "x"), (names, "azure_vm")], &[], metadata);
        assert_eq!(found, Text::new(), "{elsewhere}");
    }
    assert_eq!(times.try_iter().count(), 0);
    for named in ["azure_vm", "otel,azure_vm", "*"] {
        assert_eq!(detect(&without, &[(names, named)], &[], metadata), machine(), "{named}");
    }
    assert_eq!(times.try_iter().count(), 3);
}

#[test]
fn an_answer_that_is_none_finds_nothing() {
    assert_eq!(on_machine(nowhere()), Text::new());
    let long = "x".repeat(2_000);
    for answer in [
        String::new(),
        "\0\u{1}garbage".to_owned(),
        "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\n\r\n[1]".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n{\"vmId\":".to_owned(),
        format!("HTTP/1.1 404 Not Found\r\n\r\n{MACHINE}"),
        format!("HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n{MACHINE}"),
        format!("220 ftp 200\r\n\r\n{MACHINE}"),
        format!("HTTP/1.1 200 OK\r\n\r\n{{\"vmId\":\"{}\"}}", "x".repeat(100_000)),
    ] {
        let shown: String = answer.chars().take(40).collect();
        assert_eq!(on_machine(answering(answer.into_bytes())), Text::new(), "{shown}");
    }
    let odd = format!("HTTP/1.1 200 OK\r\n\r\n{{\"vmId\":\"{long}\",\"name\":7,\"sku\":\"s\"}}");
    let expected =
        [("cloud.provider", "azure"), ("cloud.platform", "azure_vm"), ("azure.vm.sku", "s")];
    assert_eq!(on_machine(answering(odd.into_bytes())), text(&expected));
}

fn impatient(metadata: SocketAddr) -> Text {
    let detector = AzureResourceDetector::new().with_vm_metadata(true);
    detect_within(Host::this().patience, &detector, &[], &[], metadata)
}

#[test]
fn a_service_that_hangs_is_left_alone() {
    // It answers only after the detector has returned: were that to wait, this test would not end.
    let (returned, waits) = mpsc::channel::<()>();
    let metadata = service(move |stream| {
        let _ = waits.recv();
        drop(stream);
    });
    assert_eq!(impatient(metadata), Text::new());
    drop(returned);
}

#[test]
fn a_service_that_trickles_is_left_alone() {
    let metadata = service(|mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"vmId\":\"");
        while stream.write_all(b"1").is_ok() {
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert_eq!(impatient(metadata), Text::new());
}
