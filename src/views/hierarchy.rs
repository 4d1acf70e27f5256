//! The view of an organization and those directly below it; it passes staffing standards down.

use super::rows;
use super::school::SchoolRow;
use crate::model::OrgId;
use crate::model::codes::SchoolLevel;
use crate::model::tables::staffing_standard::Standard;

rows! {
    /// A row of the view.
    HierarchyRow by OrgId {
        /// An organization below it, with its level.
        Child: (OrgId, Option<SchoolLevel>), from Organization;
        /// One of its standards, and the level it is for.
        Standard: (Standard, Option<SchoolLevel>), from StaffingStandard;
    }
}

/// Passes the standards of an organization to those directly below it.
pub fn inherited(rows: &[HierarchyRow], out: &mut impl FnMut(OrgId, SchoolRow)) {
    for row in rows {
        let HierarchyRow::Standard((standard, of_level)) = *row else { continue };
        for other in rows {
            if let HierarchyRow::Child((child, level)) = *other
                && (of_level.is_none() || of_level == level)
            {
                out(child, SchoolRow::Standard((standard, false)));
            }
        }
    }
}
