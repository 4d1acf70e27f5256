//! Data quality as it stands: which violations are open, whom they concern, and what share of records is clean. It comes
//! after the engine, because it follows what the engine says, and before the sinks, which render it.

mod dim_rule;
mod fct_dq_rule_org;
mod fct_dq_violation;
pub mod history;
pub mod open;
pub mod relations;
pub mod standing;
pub mod subjects;
pub mod violations;

pub use history::{Episode, History};
pub use open::{Open, open};
pub use standing::Standing;
pub use subjects::{Concerned, Whereabouts};
pub use violations::{Event, Violation, Violations};
