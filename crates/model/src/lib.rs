//! The vocabulary of rollcall: values (ids, days, codes, texts), the tables of the data model with one file each, and batches
//! of changes to their rows. No input or output, and no dataflow. One declaration per table produces its reader, its row
//! type, its SQL and its documentation.
//!
//! It is a separate crate because the generator of synthetic districts needs nothing else, and because a change to a rule or
//! a relation does not recompile it.

pub mod batch;
pub mod codes;
pub mod date;
pub mod delivery_note;
pub mod fields;
pub mod finding;
pub mod flaws;
pub mod ids;
pub mod names;
pub mod settings;
pub mod subgroup;
pub mod tables;
pub mod texts;

pub use batch::{Batch, Change, Entry, Reason, Rejected, RowName, Superseded, UnmappedCodePeriod, timestamp};
pub use codes::{Code, CodeMaps, CodeSet, Codes, UnrecognizedCode};
pub use date::{Date, Interval, SchoolYear};
pub use delivery_note::{DeliveryNote, Note};
pub use fields::{Field, FieldType, Fixed, Fte, Ids, List, Score, Unreadable, Value, Visited};
pub use finding::{Evidence, Finding, RuleNumber, Subject};
pub use flaws::Flaws;
pub use ids::*;
pub use settings::Settings;
pub use tables::*;
pub use texts::Texts;
