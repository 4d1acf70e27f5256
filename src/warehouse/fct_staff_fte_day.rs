//! `fct_staff_fte_day`: the FTE of staff over time, by periods without a change.

use super::columns::{Of, columns_of, date, fixed4, int, text};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::{Field, Interval, StaffId, Value};
use crate::views::staff::StaffView;
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_staff_fte_day",
    grain: "one row per staff member and period without a change",
    key: &["staff_id", "from_date"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"])],
    source: Source::Staff(rows),
};

pub(super) static COLUMNS: [Of<FctStaffFteDay>; 6] = [
    text("staff_id", "the staff member", |row| row.staff.value()),
    date("from_date", "first day of the period", |row| row.holds.begin.value()),
    date("to_date", "first day after it; empty for the last period", |row| row.holds.end.value()),
    fixed4("sum_fte", "sum of the assignments", |row| Value::Decimal(row.fte, 4)),
    int("assignments", "number of assignments", |row| Value::Int(row.assignments)),
    fixed4("contract_fte", "sum of the contracts with an FTE", |row| {
        row.contract_fte.map_or(Value::Null, |fte| Value::Decimal(fte, 4))
    }),
];

/// A period without a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctStaffFteDay {
    staff: StaffId,
    holds: Interval,
    fte: i64,
    assignments: i64,
    contract_fte: Option<i64>,
}

fn rows(view: &StaffView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for load in view.loads(|_| true, true) {
        let row = FctStaffFteDay {
            staff: view.id,
            holds: load.holds,
            fte: load.fte,
            assignments: load.assignments,
            contract_fte: load.contract_fte,
        };
        out(RelationRow::FctStaffFteDay(row), Interval::ALWAYS);
    }
}
