//! Spans of Azure SDK clients inside ours.
