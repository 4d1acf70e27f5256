//! Tallies: sums by grain, held in the difference. One file each.

pub mod demographics;
pub mod references;
pub mod scores;
pub mod staffing;
