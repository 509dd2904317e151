//! A library that annotates and takes no feature.

mod corpus;

pub use corpus::run;
