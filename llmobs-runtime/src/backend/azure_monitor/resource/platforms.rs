//! The platforms that tell a process of themselves in its environment.
//!
//! Attributes have the names that the Python distribution's detectors give them, so that resources of services in both
//! languages compare; the one value that differs is `faas.max_memory`, which the convention wants in bytes.

use opentelemetry::Value;

use super::host::{Found, Host};

const SITE_NAME: &str = "WEBSITE_SITE_NAME";
const FUNCTIONS_RUNTIME: &str = "FUNCTIONS_WORKER_RUNTIME";

/// Where a config map with the cluster's id is mounted, as one file or as a folder of a file for each key.
const CLUSTER_FILES: [&str; 2] = [
    "/etc/kubernetes/aks-cluster-metadata",
    "/etc/kubernetes/aks-cluster-metadata/clusterResourceId",
];
/// How the id of anything in Azure begins, in lower case.
const SUBSCRIPTIONS: &str = "/subscriptions/";

const MEBIBYTE: i64 = 1024 * 1024;

pub(super) fn app_service(host: &Host<'_>, found: &mut Found) {
    let Some(site) = host.env(SITE_NAME) else {
        return;
    };
    on_azure(found, "azure_app_service");
    found.add("cloud.resource_id", site_id(host, &site));
    found.add("cloud.region", host.env("REGION_NAME"));
    found.add("deployment.environment", host.env("WEBSITE_SLOT_NAME"));
    found.add("host.id", host.env("WEBSITE_HOSTNAME"));
    found.add("service.instance.id", host.env("WEBSITE_INSTANCE_ID"));
    found.add("azure.app.service.stamp", host.env("WEBSITE_HOME_STAMPNAME"));
    if host.env(FUNCTIONS_RUNTIME).is_none() {
        found.add("service.name", Some(site));
    }
}

pub(super) fn functions(host: &Host<'_>, found: &mut Found) {
    if host.env(FUNCTIONS_RUNTIME).is_none() {
        return;
    }
    on_azure(found, "azure_functions");
    let site = host.env(SITE_NAME);
    found.add("cloud.resource_id", site.as_deref().and_then(|site| site_id(host, site)));
    found.add("cloud.region", host.env("REGION_NAME"));
    found.add("service.name", site);
    found.add("process.pid", Some(i64::from(std::process::id())));
    found.add("faas.instance", host.env("WEBSITE_INSTANCE_ID"));
    let mebibytes = host.env("WEBSITE_MEMORY_LIMIT_MB").and_then(|size| size.parse::<i64>().ok());
    let bytes = mebibytes.filter(|size| *size > 0).and_then(|size| size.checked_mul(MEBIBYTE));
    found.add("faas.max_memory", bytes);
}

pub(super) fn kubernetes_service(host: &Host<'_>, found: &mut Found) {
    let said = host.env("CLUSTER_RESOURCE_ID").as_deref().and_then(resource_id);
    let read = || CLUSTER_FILES.iter().find_map(|path| resource_id(&host.file(path)?));
    let Some(id) = said.or_else(read) else {
        return;
    };
    on_azure(found, "azure.aks");
    let mut parts = id.split('/').filter(|part| !part.is_empty()).skip(1);
    found.add("cloud.account.id", parts.next().map(str::to_owned));
    let mut rest = parts.skip_while(|part| !part.eq_ignore_ascii_case("managedClusters")).skip(1);
    found.add("k8s.cluster.name", rest.next().map(str::to_owned));
    found.add("cloud.resource_id", Some(id));
}

/// Whether this is no virtual machine of its own: a platform on top of one, or a pod, whose node is not it.
pub(super) fn is_elsewhere(host: &Host<'_>) -> bool {
    [SITE_NAME, FUNCTIONS_RUNTIME, "AKS_ARM_NAMESPACE_ID", "KUBERNETES_SERVICE_HOST"]
        .iter()
        .any(|name| host.env(name).is_some())
}

pub(super) fn on_azure(found: &mut Found, platform: &'static str) {
    found.add("cloud.provider", Some(Value::from("azure")));
    found.add("cloud.platform", Some(Value::from(platform)));
}

/// The id of a web site; its subscription stands before a `+` in the name of its owner.
fn site_id(host: &Host<'_>, site: &str) -> Option<String> {
    let owner = host.env("WEBSITE_OWNER_NAME")?;
    let subscription = owner.split('+').next().filter(|id| !id.is_empty())?;
    let group = host.env("WEBSITE_RESOURCE_GROUP")?;
    Some(format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Web/sites/{site}"
    ))
}

/// The first id of a resource in the text, which may say other things too.
fn resource_id(text: &str) -> Option<String> {
    let at = text.to_ascii_lowercase().find(SUBSCRIPTIONS)?;
    let from_there = text.get(at..)?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';');
    let id = from_there.split(ends).next()?;
    (id.len() > SUBSCRIPTIONS.len()).then(|| id.to_owned())
}
