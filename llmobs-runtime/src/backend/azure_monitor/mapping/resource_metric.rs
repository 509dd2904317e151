//! The metric `_OTELRESOURCE_`: the resource's attributes, once for each batch of spans.
//!
//! On every item they would cost their size each time; the service joins them by the role's instance.

use std::time::SystemTime;

use opentelemetry_sdk::Resource as SdkResource;

use super::super::item::{Item, ItemKind};
use super::common::Resource;
use super::envelope::Envelope;
use super::{Mapper, json};

const NAME: &str = "_OTELRESOURCE_";
const APPLICATION_ID: &str = "microsoft.applicationId";

/// The properties as a JSON object.
pub(super) fn properties(resource: &SdkResource, application_id: Option<&str>) -> Vec<u8> {
    let mut out = vec![b'{'];
    let resource = Resource::new(resource);
    for (key, _, member) in resource.members() {
        // The connection string knows it better.
        if key == APPLICATION_ID && application_id.is_some() {
            continue;
        }
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(member);
    }
    if let Some(id) = application_id {
        if out.len() > 1 {
            out.push(b',');
        }
        json::string(&mut out, APPLICATION_ID);
        out.push(b':');
        json::string(&mut out, id);
    }
    out.push(b'}');
    out
}

/// The item at one time.
pub(super) fn item(mapper: &Mapper, properties: &[u8], now: SystemTime) -> Item {
    let mut data = Envelope::new(mapper, ItemKind::Metric, properties.len()).data(now, None);
    let metrics = data.field("metrics");
    metrics.extend_from_slice(b"[{\"name\":");
    json::string(metrics, NAME);
    metrics.extend_from_slice(b",\"value\":0}]");
    data.field("properties").extend_from_slice(properties);
    data.finish_bare()
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[test]
    fn the_resource_is_a_metric_of_nothing() {
        let resource = [("service.name", "checkout"), ("cloud.region", "westeurope")];
        let mapper = testing::mapper(&resource, &testing::options());
        let mut out = Vec::new();
        mapper.resource_metric(&mut out);
        let json = testing::parsed(&out[0]);
        assert_eq!(json["name"], "Microsoft.ApplicationInsights.Metric");
        assert_eq!(json["tags"]["ai.cloud.role"], "checkout");
        assert_eq!(
            json["data"],
            serde_json::json!({"baseType": "MetricData", "baseData": {
                "ver": 2,
                "metrics": [{"name": "_OTELRESOURCE_", "value": 0}],
                "properties": {
                    "service.name": "checkout",
                    "cloud.region": "westeurope",
                    "microsoft.applicationId": "app-1",
                },
            }})
        );
    }

    #[test]
    fn none_where_it_is_not_wanted() {
        let options = super::super::Options { resource_metric: false, ..testing::options() };
        let mut out = Vec::new();
        testing::mapper(&[], &options).resource_metric(&mut out);
        assert!(out.is_empty());
    }
}
