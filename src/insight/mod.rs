//! Insight: which findings matter to those who lead a district. The published tables are read into [`Numbers`], of which
//! findings are drawn, tested, ranked and put into sentences with their figures. Only published tables are read, so that
//! nothing suppressed can become a finding. Nothing in here knows how a finding is shown.

pub mod findings;
pub mod numbers;
pub mod words;

pub use findings::{Advice, Chosen, choose, gap_candidates, implausible, series};
pub use numbers::Numbers;
