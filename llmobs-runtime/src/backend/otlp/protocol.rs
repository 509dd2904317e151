//! How requests are encoded and carried.

use std::fmt;

/// How requests are encoded and carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Protobuf over HTTP: what most products take. Feature `otlp-http`.
    HttpProtobuf,
    /// JSON over HTTP: about twice as large. Feature `otlp-http`.
    HttpJson,
    /// gRPC. Feature `otlp-grpc`.
    Grpc,
}

impl Protocol {
    /// What is used where nobody says anything: the first of these that is compiled in.
    pub(super) const fn usual() -> Self {
        if cfg!(feature = "otlp-http") { Self::HttpProtobuf } else { Self::Grpc }
    }

    /// As it stands in a variable.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "http/protobuf" => Some(Self::HttpProtobuf),
            "http/json" => Some(Self::HttpJson),
            "grpc" => Some(Self::Grpc),
            _ => None,
        }
    }

    /// What requests are made of: gRPC carries what protobuf over HTTP does.
    pub(super) const fn encoding(self) -> opentelemetry_otlp::Protocol {
        match self {
            #[cfg(feature = "otlp-http")]
            Self::HttpJson => opentelemetry_otlp::Protocol::HttpJson,
            #[cfg(not(feature = "otlp-http"))]
            Self::HttpJson => opentelemetry_otlp::Protocol::HttpBinary,
            Self::HttpProtobuf | Self::Grpc => opentelemetry_otlp::Protocol::HttpBinary,
        }
    }

    /// The cargo feature that brings it.
    pub(super) const fn feature(self) -> &'static str {
        match self {
            Self::HttpProtobuf | Self::HttpJson => "otlp-http",
            Self::Grpc => "otlp-grpc",
        }
    }

    /// Whether it is compiled in.
    pub(super) const fn is_here(self) -> bool {
        match self {
            Self::HttpProtobuf | Self::HttpJson => cfg!(feature = "otlp-http"),
            Self::Grpc => cfg!(feature = "otlp-grpc"),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::HttpJson => "http/json",
            Self::Grpc => "grpc",
        })
    }
}

/// How requests are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// With gzip: to about a tenth of the size, at some time of a thread of ours.
    Gzip,
}

impl Compression {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "gzip" => Some(Self::Gzip),
            _ => None,
        }
    }
}
