//! Insight: which findings matter to district leaders. The published tables are read into [`Numbers`]; from these, findings
//! are derived, tested, ranked and written as sentences with their figures. Only published tables are read, so nothing
//! suppressed can become a finding. How findings are shown is decided elsewhere.

pub mod findings;
pub mod numbers;
pub mod words;

pub use findings::{Advice, Chosen, choose, gap_candidates, implausible, series};
pub use numbers::Numbers;
