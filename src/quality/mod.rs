//! Data quality as it stands: which violations are open, whom they concern, and what share of records is clean. It comes
//! after the engine, because it follows what the engine says, and before the sinks, which render it.

pub mod relations;
pub mod subjects;
pub mod violations;

pub use subjects::Concerned;
pub use violations::{Event, Violation, Violations};
