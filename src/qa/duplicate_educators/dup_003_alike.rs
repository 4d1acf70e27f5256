//! Probably one person twice.

use crate::model::names::Names;
use crate::model::{Settings, StaffId, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};

rule! {
    /// ## What it checks
    /// Compares staff with the same birth date and similar-sounding last names, and staff with similar-sounding last
    /// names and the same first three letters of the first name. A former last name counts as a last name. They are
    /// probably one person if their first names are similar (Jaro-Winkler, at least 90 of 100), if the first names are
    /// variants of one name (Bill and William), or if the last name of one is the former last name of the other. In the
    /// second comparison, birth dates that are both known must differ in exactly one of year, month and day, as typing
    /// errors do. Pairs reported by DUP-002 are ignored, and so are match blocks of more than 50 people, where everybody
    /// is similar to everybody.
    ///
    /// ## Why it matters
    /// One person has two ids: FTE, credentials and experience are split between them.
    ///
    /// ## How to fix it
    /// Merge the records if they are one person; otherwise no correction is needed.
    "DUP-003", "probably one person twice", Warning, ["likeness"], needs [Staff], among [Staff], MatchBlock(check)
}

fn check(block: &MatchBlock, members: &[Member], settings: &Settings, findings: &mut Findings<'_>) {
    if !matches!(block, MatchBlock::Alike(_)) || members.len() > settings.duplicate_block_max {
        return;
    }
    let named = |member: &Member| if let Member::Named(staff, names) = *member { Some((staff, names)) } else { None };
    let persons: Vec<(StaffId, Names)> = members.iter().filter_map(named).collect();
    for (place, (one, names)) in persons.iter().enumerate() {
        for (other, others) in &persons[place + 1..] {
            let likeness = names.first.likeness(&others.first);
            let alike = likeness >= settings.duplicate_likeness_min || names.first.calls_same(&others.first);
            if one != other && (alike || is_renamed(names, others)) && may_be_born_alike(names, others) {
                // The pair is ordered by symbol here, and by text when it is published.
                findings.open(Subject::StaffPair(*one.min(other), *one.max(other)), &[Value::Int(likeness)]);
            }
        }
    }
}

/// Whether the last name of one is the former last name of the other.
fn is_renamed(one: &Names, other: &Names) -> bool {
    one.former == Some(other.last) || other.former == Some(one.last)
}

/// Whether the birth dates allow it, and it is not also the same name, which DUP-002 reports.
fn may_be_born_alike(one: &Names, other: &Names) -> bool {
    let (Some(a), Some(b)) = (one.birth_date, other.birth_date) else { return true };
    if a == b {
        return one.whole != other.whole;
    }
    let ((a_year, a_month, a_day), (b_year, b_month, b_day)) = (a.to_ymd(), b.to_ymd());
    u8::from(a_year != b_year) + u8::from(a_month != b_month) + u8::from(a_day != b_day) == 1
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_rule, violated};
    use expect_test::expect;

    #[test]
    fn fifty_persons_are_compared_with_each_other_and_more_are_not() {
        let found = |persons: usize| {
            let mut changes = "staff | staff_id first_name last_name\n".to_owned();
            changes.extend((0..persons).map(|number| format!("2025-09-02 + T{number} Annabelle{number} Smith\n")));
            violated("DUP-003", &changes).len()
        };
        assert_eq!([50, 51].map(found), [50 * 49 / 2, 0]);
    }

    #[test]
    fn names_are_similar_and_birth_dates_are_compatible() {
        let changes = "
            staff | staff_id first_name last_name birth_date former_last_name
            2025-09-02 + T1 William Meyer 1980-02-03 .
            2025-09-02 + T2 Bill Meier 1980-02-03 .
            2025-09-02 + T3 Bill Miller 1980-02-03 .
            2025-09-02 + T4 Martha Smith 1975-05-05 .
            2025-09-02 + T5 Marhta Smyth 1975-05-06 .
            2025-09-02 + T6 Martha Smith 1961-11-30 .
            2025-09-02 + T7 Ana Lopez 1990-01-01 .
            2025-09-02 + T8 Zoe Garcia 1990-01-01 Lopez
            2025-09-02 + T9 Ana Lopez 1990-01-01 .
            2025-09-03 + T2 Bert Meier 1980-02-03 .
            2025-09-04 + T6 Martha Smith . .
            2025-09-05 + T10 Martha Jones 1975-05-05 .
            2025-09-05 + T11 Martha Jones 1976-05-05 .
            2025-09-05 + T12 Martha Jones 1977-06-05 .
        ";
        check_rule(
            "DUP-003",
            changes,
            expect![[r#"
                2025-09-02 + T1|T2 likeness=72
                2025-09-02 + T4|T5 likeness=96
                2025-09-02 + T7|T8 likeness=0
                2025-09-02 + T8|T9 likeness=0
                2025-09-03 - T1|T2 likeness=72
                2025-09-04 + T4|T6 likeness=100
                2025-09-04 + T5|T6 likeness=96
                2025-09-05 + T10|T11 likeness=100
            "#]],
        );
    }
}
