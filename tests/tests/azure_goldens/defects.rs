//! Each defect
