//! `code_map`: local codes and the standard codes that they mean.

use crate::{Date, Text};

table! {
    /// A local code and its standard code. Rows keep the code that was sent; all computations use the standard code as soon as
    /// the map is known.
    CodeMap "code_map" key(source, code_set, source_code) of CodeMapId as key
    {
        /// The system that the code comes from; maps of all systems are used.
        source: Text,
        /// The code set, such as ExitType.
        code_set: Text,
        /// The local code.
        source_code: Text,
        /// The standard code of the set.
        canonical_code: Text,
        /// First day on which the code may be used. The map applies to all days; REF-006 reports earlier use.
        begin_date: Option<Date>,
        /// First day on which the code may no longer be used (exclusive). The map applies to all days; REF-006 reports later
        /// use.
        end_date: Option<Date>,
    }
}
