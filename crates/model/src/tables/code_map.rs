//! `code_map`: local codes and the standard codes that they mean.

use crate::{Date, Text};

table! {
    /// A local code and the standard code that it stands for. Rows keep the code that was sent; everything that is
    /// computed sees the standard one, from the moment the map knows it.
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
        /// First day on which the code may be used; the map holds for all days, and REF-006 reports a code used before it.
        begin_date: Option<Date>,
        /// First day on which the code may not be used any more (exclusive); the map holds for all days, and REF-006 reports a
        /// code used since.
        end_date: Option<Date>,
    }
}
