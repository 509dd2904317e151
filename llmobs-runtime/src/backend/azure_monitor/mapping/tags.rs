//! The names of the tags, and how long their values may be.

/// A tag of an envelope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) name: &'static str,
    pub(super) longest: usize,
}

const fn tag(name: &'static str, longest: usize) -> Tag {
    Tag { name, longest }
}

// The lengths are those of the service's context tags.
pub(super) const APPLICATION_VERSION: Tag = tag("ai.application.ver", 1_024);
pub(super) const CLOUD_ROLE: Tag = tag("ai.cloud.role", 256);
pub(super) const CLOUD_ROLE_INSTANCE: Tag = tag("ai.cloud.roleInstance", 256);
pub(super) const DEVICE_ID: Tag = tag("ai.device.id", 1_024);
pub(super) const DEVICE_LOCALE: Tag = tag("ai.device.locale", 64);
pub(super) const DEVICE_MODEL: Tag = tag("ai.device.model", 256);
pub(super) const DEVICE_OEM: Tag = tag("ai.device.oemName", 256);
pub(super) const DEVICE_TYPE: Tag = tag("ai.device.type", 64);
pub(super) const LOCATION_IP: Tag = tag("ai.location.ip", 46);
pub(super) const NODE_NAME: Tag = tag("ai.internal.nodeName", 256);
pub(super) const OPERATION_ID: Tag = tag("ai.operation.id", 128);
pub(super) const OPERATION_NAME: Tag = tag("ai.operation.name", 1_024);
pub(super) const OPERATION_PARENT: Tag = tag("ai.operation.parentId", 128);
pub(super) const SDK_VERSION: Tag = tag("ai.internal.sdkVersion", 64);
pub(super) const SESSION_ID: Tag = tag("ai.session.id", 64);
pub(super) const SYNTHETIC_SOURCE: Tag = tag("ai.operation.syntheticSource", 1_024);
pub(super) const USER_ACCOUNT: Tag = tag("ai.user.authUserId", 1_024);
pub(super) const USER_AGENT: Tag = tag("ai.user.userAgent", 2_048);
pub(super) const USER_ID: Tag = tag("ai.user.id", 128);
