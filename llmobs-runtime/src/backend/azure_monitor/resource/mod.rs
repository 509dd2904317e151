//! Where on Azure the process runs.

mod host;
mod metadata;
mod platforms;
#[cfg(test)]
mod tests;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::ResourceDetector;

use crate::environment::names::RESOURCE_DETECTORS as DETECTORS;
use host::{Found, Host};

/// The name that stands for all of them.
const ALL: &str = "*";

/// Finds out where on Azure the process runs: App Service, Functions, Kubernetes Service, or a virtual machine.
///
/// The first three are read from the environment, Kubernetes Service also from the files of a mounted config map. For a
/// virtual machine the metadata service has to be asked, at `169.254.169.254` and without a proxy; that is done only
/// [when asked for](Self::with_vm_metadata), never where one of the others or any Kubernetes was found, and takes at most
/// 200 ms however the service behaves. Where nothing is found the resource is empty.
///
/// | detector | found by | attributes, as far as they are known |
/// |---|---|---|
/// | `azure_app_service` | `WEBSITE_SITE_NAME` | `service.name`, `service.instance.id`, `cloud.provider`, `cloud.platform` (`azure_app_service`), `cloud.region`, `cloud.resource_id`, `deployment.environment`, `host.id`, `azure.app.service.stamp` |
/// | `azure_functions` | `FUNCTIONS_WORKER_RUNTIME` | `service.name`, `process.pid`, `cloud.provider`, `cloud.platform` (`azure_functions`), `cloud.region`, `cloud.resource_id`, `faas.instance`, `faas.max_memory` in bytes |
/// | `azure_aks` | `CLUSTER_RESOURCE_ID`, `/etc/kubernetes/aks-cluster-metadata` | `cloud.provider`, `cloud.platform` (`azure.aks`), `cloud.account.id`, `cloud.resource_id`, `k8s.cluster.name` |
/// | `azure_vm` | the metadata service | `service.instance.id`, `cloud.provider`, `cloud.platform` (`azure_vm`), `cloud.region`, `cloud.resource_id`, `host.id`, `host.name`, `host.type`, `os.type`, `os.version`, `azure.vm.scaleset.name`, `azure.vm.sku` |
///
/// The environment variable `OTEL_EXPERIMENTAL_RESOURCE_DETECTORS`, where it is set, restricts them to those it names,
/// with commas between; naming `azure_vm`, or `*` for all, asks for that one too. What `OTEL_SERVICE_NAME` and
/// `OTEL_RESOURCE_ATTRIBUTES` say is left to them, whatever the order of detectors.
///
/// ```
/// use llmobs_runtime::backend::azure_monitor::AzureResourceDetector;
/// use opentelemetry_sdk::Resource;
///
/// let resource = Resource::builder().with_detector(Box::new(AzureResourceDetector::new())).build();
/// ```
#[derive(Clone, Debug, Default)]
pub struct AzureResourceDetector {
    vm_metadata: bool,
}

impl AzureResourceDetector {
    /// What can be found without asking anybody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to ask the metadata service of a virtual machine; not unless said here or in the environment.
    #[must_use]
    pub fn with_vm_metadata(mut self, on: bool) -> Self {
        self.vm_metadata = on;
        self
    }

    fn detect_on(&self, host: &Host<'_>) -> Found {
        let names = host.env(DETECTORS).map(|names| names.to_ascii_lowercase());
        let names = |name: &str| {
            let names = names.as_deref()?;
            Some(names.split(',').map(str::trim).any(|said| said == name || said == ALL))
        };
        let runs = |name| names(name).unwrap_or(true);
        let mut found = Found::default();
        if runs("azure_aks") {
            platforms::kubernetes_service(host, &mut found);
        }
        if runs("azure_app_service") {
            platforms::app_service(host, &mut found);
        }
        if runs("azure_functions") {
            platforms::functions(host, &mut found);
        }
        if names("azure_vm").unwrap_or(self.vm_metadata)
            && found.is_empty()
            && !platforms::is_elsewhere(host)
        {
            metadata::virtual_machine(host, &mut found);
        }
        found.leave_to_user(host);
        found
    }
}

impl ResourceDetector for AzureResourceDetector {
    fn detect(&self) -> Resource {
        self.detect_on(&Host::this()).resource()
    }
}
