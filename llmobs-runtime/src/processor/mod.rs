//! Processors that lose nothing in a burst: bounded queues in front of any exporter.
