//! Where on Azure the process runs.

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::ResourceDetector;

/// Finds out from the environment where on Azure the process runs.
#[derive(Debug, Default)]
pub struct AzureResourceDetector {}

impl ResourceDetector for AzureResourceDetector {
    fn detect(&self) -> Resource {
        Resource::builder_empty().build()
    }
}
