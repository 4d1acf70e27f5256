//! Placeholder value.

use crate::model::{Date, Entry, Flaws, Record, RowName, Settings, Subject, Value, Visited};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// No date, name or state id is a placeholder. Placeholder dates, in any date column, are 0001-01-01, 1753-01-01,
    /// 1899-12-30, 1899-12-31, 1900-01-01, 1901-01-01, 2099-12-31, 2999-12-31 and 9999-12-31; 1970-01-01 is not, because
    /// people were born and hired on it. Placeholder names of people, organizations and programs are TEST, TESTING,
    /// DUMMY, UNKNOWN, UNK, N/A, NOT APPLICABLE, NO NAME, NONAME, TBA, TBD, FNU, LNU and DO NOT USE in any case, only X
    /// (two or more), and punctuation without a letter such as a hyphen; Null, None and Na are real names. Placeholder
    /// state ids are the same words, and six or more equal digits.
    ///
    /// ## Why it matters
    /// The value is taken at face value: ages exceed a hundred years, strangers share a name or a number, and an end in
    /// 9999 is treated as a real end.
    ///
    /// ## How to fix it
    /// Enter the true value. If it is unknown, or if there is no end, leave the column empty.
    "REF-017", "placeholder value", Warning, ["date"], needs [], among [], Entry(check)
}

/// Placeholder dates, sorted: the first day of a calendar, a spreadsheet or a century, and last days.
const SENTINELS: [Date; 9] = [
    Date::MIN,
    day(1753, 1, 1),
    day(1899, 12, 30),
    day(1899, 12, 31),
    day(1900, 1, 1),
    day(1901, 1, 1),
    day(2099, 12, 31),
    day(2999, 12, 31),
    Date::MAX,
];

const fn day(year: i32, month: u32, day: u32) -> Date {
    Date::ymd(year, month, day).expect("invariant: sentinels are days of the calendar")
}

#[inline]
fn is_sentinel(day: Date) -> bool {
    // Nearly every date is between the early and the late placeholders.
    !(SENTINELS[5] < day && day < SENTINELS[6]) && SENTINELS.contains(&day)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(row) = entry else { return };
    // Nearly every row passes: check whether there is a finding before locating it.
    let mut found = row.flaws() != Flaws::default();
    row.visit(&mut |_, visited| found |= matches!(visited, Visited::Day(day) if is_sentinel(day)));
    if found {
        report(row, findings);
    }
}

#[cold]
fn report(row: &Record, findings: &mut Findings<'_>) {
    let subject = |column| Subject::Column(row.table(), RowName::Key(row.symbol()), column);
    row.visit(&mut |column, visited| {
        if let Visited::Day(day) = visited
            && is_sentinel(day)
        {
            findings.open(subject(column as u8), &[Value::Day(day)]);
        }
    });
    // The word itself is not reported, because it is in a name column.
    for column in row.flaws().placeholders(row.table()) {
        findings.open(subject(column), &[]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn placeholder_dates() {
        let changes = "
            student | student_id birth_date first_us_school_date
            2025-09-02 + S1 1900-01-01 9999-12-31
            2025-09-02 + S2 1970-01-01 .
            2025-09-02 + S3 1753-01-01 2099-12-31
            2025-09-02 + S4 1899-12-30 2999-12-31
            2025-09-02 + S5 1899-12-31 .
            2025-09-02 + S6 1901-01-01 .
            2025-09-02 + S7 1901-01-02 2099-12-30
            2025-09-02 + S8 1890-05-05 3000-01-01
            calendar_day | calendar_id date
            2025-09-02 + K 0001-01-01
            student | student_id birth_date first_us_school_date
            2025-09-03 + S1 2015-01-01 9999-12-31
            2025-09-04 + S1 2015-01-01 .
        ";
        check_rule(
            "REF-017",
            changes,
            expect![[r#"
                2025-09-02 + calendar_day|K/0001-01-01|date date=0001-01-01
                2025-09-02 + student|S1|birth_date date=1900-01-01
                2025-09-02 + student|S1|first_us_school_date date=9999-12-31
                2025-09-02 + student|S3|birth_date date=1753-01-01
                2025-09-02 + student|S3|first_us_school_date date=2099-12-31
                2025-09-02 + student|S4|birth_date date=1899-12-30
                2025-09-02 + student|S4|first_us_school_date date=2999-12-31
                2025-09-02 + student|S5|birth_date date=1899-12-31
                2025-09-02 + student|S6|birth_date date=1901-01-01
                2025-09-03 - student|S1|birth_date date=1900-01-01
                2025-09-04 - student|S1|first_us_school_date date=9999-12-31
            "#]],
        );
    }

    #[test]
    fn placeholder_names_and_numbers() {
        let changes = "
            student | student_id state_student_id first_name middle_name last_name
            2025-09-02 + S1 9999999999 Test N/A xxx
            2025-09-02 + S2 99999 Null X Na
            staff | staff_id state_staff_id first_name last_name former_last_name suffix
            2025-09-02 + 999999 000000 Ana Ruiz unknown III
            organization | org_id name
            2025-09-02 + North TBD
            student | student_id state_student_id first_name middle_name last_name
            2025-09-03 + S1 4123456789 Test . Ruiz
            staff | staff_id
            2025-09-03 - 999999
        ";
        check_rule(
            "REF-017",
            changes,
            expect![[r#"
            2025-09-02 + organization|North|name date=.
            2025-09-02 + staff|999999|former_last_name date=.
            2025-09-02 + staff|999999|state_staff_id date=.
            2025-09-02 + student|S1|first_name date=.
            2025-09-02 + student|S1|last_name date=.
            2025-09-02 + student|S1|middle_name date=.
            2025-09-02 + student|S1|state_student_id date=.
            2025-09-03 - staff|999999|former_last_name date=.
            2025-09-03 - staff|999999|state_staff_id date=.
            2025-09-03 - student|S1|last_name date=.
            2025-09-03 - student|S1|middle_name date=.
            2025-09-03 - student|S1|state_student_id date=.
        "#]],
        );
    }
}
