//! KPI-13: teacher qualification shares.

use super::Kind::Real;
use super::{Figure, Kpi, Published, Row};
use crate::tallies::staffing::{OrgScope, Staffing};

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-13",
    name: "kpi_13_teacher_qualification",
    title: "Teacher qualification shares",
    doc: "Shares of current teacher FTE that are fully certified (a valid credential of full level), have only an \
          emergency, provisional or intern credential or a waiver, have no valid credential, teach a section out of field \
          (CRT-005), or are in the first or second year of experience. For each school, the district, and the quarters of \
          schools with the most and the least economically disadvantaged students. Rows with fewer than five full-time \
          teachers are suppressed. Source: ED FS203; CEDS EDFacts certification, inexperienced and out-of-field status.",
    grain: "one row per organization with teachers today, one for the district, and one for each poverty quarter",
    unit: "percent of full-time equivalents",
    stored_as: Some(9),
    keys: &["org_id", "name"],
    columns: &[
        ("teacher_fte", Real),
        ("certified", Real),
        ("emergency", Real),
        ("not_certified", Real),
        ("out_of_field", Real),
        ("inexperienced", Real),
    ],
    rows,
};

/// The minimum of teacher FTE for publication, in 1/10,000.
const LEAST_FTE: i64 = 50_000;

fn rows(published: &Published<'_>) -> Vec<Row> {
    let staffed = || published.today.staffing.iter().filter(|(_, staffing)| staffing.teacher_fte > 0);
    let mut rows: Vec<Row> =
        staffed().map(|(place, staffing)| Row { keys: published.place_keys(place), figures: figures(staffing) }).collect();
    let is_school = |place: &OrgScope| matches!(place, OrgScope::Organization(_));
    let mut schools: Vec<&(OrgScope, Staffing)> =
        staffed().filter(|(place, s)| is_school(place) && s.headcount > 0).collect();
    // By poverty, highest first; ties in the order of ids.
    schools.sort_by(|(_, a), (_, b)| (b.econ * a.headcount).cmp(&(a.econ * b.headcount)));
    let quarter = schools.len() / 4;
    if quarter > 0 {
        let sum =
            |of: &[&(OrgScope, Staffing)]| of.iter().fold(Staffing::default(), |sum, (_, staffing)| plus(sum, staffing));
        let (poorest, richest) = (&schools[..quarter], &schools[schools.len() - quarter..]);
        for (name, of) in [("(poorest quarter)", poorest), ("(richest quarter)", richest)] {
            rows.push(Row { keys: vec![String::new(), name.to_owned()], figures: figures(&sum(of)) });
        }
    }
    rows
}

fn figures(staffing: &Staffing) -> Option<Vec<Figure>> {
    let teachers = staffing.teacher_fte;
    let share = |fte: i64| Figure::Real(100.0 * fte as f64 / teachers as f64, 1);
    let Staffing { certified_fte, emergency_fte, out_of_field_fte, inexperienced_fte, .. } = *staffing;
    let not_certified = teachers - certified_fte - emergency_fte;
    let shares = [certified_fte, emergency_fte, not_certified, out_of_field_fte, inexperienced_fte].map(share);
    (teachers >= LEAST_FTE).then(|| [vec![Figure::Real(teachers as f64 / 10_000.0, 2)], shares.to_vec()].concat())
}

fn plus(mut sum: Staffing, staffing: &Staffing) -> Staffing {
    use differential_dataflow::difference::Semigroup;
    sum.plus_equals(staffing);
    sum
}

#[cfg(test)]
mod tests {
    use crate::testing::check_kpi;
    use expect_test::expect;

    /// Of eight schools two are a quarter: the poorest are A, all of whose students are poor, and of those of which half are
    /// the first by id.
    #[test]
    fn the_quarters_are_those_of_the_schools_by_poverty() {
        let mut changes = "
            staff_assignment | assignment_id staff_id org_id role begin_date fte
        "
        .to_owned();
        let schools = ["A", "B", "C", "D", "E", "F", "G", "H"];
        let fte = |place: usize| place + 5;
        changes.extend(schools.iter().enumerate().map(|(place, school)| {
            format!("2026-03-02 + {school} T{school} {school} teacher_elem 2025-08-20 {}\n", fte(place))
        }));
        changes += "school_enrollment | enrollment_id student_id school_id entry_date\n";
        let two = || schools.iter().flat_map(|school| ["1", "2"].map(move |number| format!("{school}{number}")));
        changes.extend(two().map(|student| format!("2026-03-02 + {student} {student} {} 2025-08-20\n", &student[..1])));
        changes += "student_status | status_id student_id status_type status_value begin_date\n";
        for student in ["A1", "A2", "C1", "D1", "E1", "G2"] {
            changes += &format!("2026-03-02 + {student} {student} frl free 2025-08-20\n");
        }
        changes += "staff | staff_id years_experience\n2026-03-02 + TA 1\n2026-03-02 + TH 1\n";
        check_kpi(
            "KPI-13",
            10,
            &changes,
            expect![[r#"
             (whole district) |
              teacher_fte=68.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=25.0
            A  |
              teacher_fte=5.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=100.0
            B  |
              teacher_fte=6.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=0.0
            C  |
              teacher_fte=7.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=0.0
            D  |
              teacher_fte=8.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=0.0
            E  |
              teacher_fte=9.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=0.0
            F  |
              teacher_fte=10.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=0.0
            G  |
              teacher_fte=11.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=0.0
            H  |
              teacher_fte=12.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=100.0
             (poorest quarter) |
              teacher_fte=12.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=41.7
             (richest quarter) |
              teacher_fte=22.00 certified=0.0 emergency=0.0 not_certified=100.0 out_of_field=0.0 inexperienced=54.5
        "#]],
        );
    }

    #[test]
    fn five_full_time_teachers_are_published_and_fewer_are_not() {
        let changes = "
            organization | org_id org_type name
            2026-03-02 + N school North
            2026-03-02 + S school South
            staff | staff_id years_experience
            2026-03-02 + T1 1.9999
            2026-03-02 + T2 2
            staff_assignment | assignment_id staff_id org_id role begin_date fte
            2026-03-02 + A1 T1 N teacher_elem 2025-08-20 1
            2026-03-02 + A2 T2 N teacher_elem 2025-08-20 4
            2026-03-02 + A3 T3 N counselor 2025-08-20 1
            2026-03-02 + A4 T4 S teacher_elem 2025-08-20 4.9999
            2026-03-02 + A5 T5 S counselor 2025-08-20 1
            credential | credential_id staff_id status effective_date level
            2026-03-02 + L1 T1 active 2020-01-01 emergency
            2026-03-02 + L2 T2 active 2020-01-01 regular
        ";
        check_kpi(
            "KPI-13",
            10,
            changes,
            expect![[r#"
                 (whole district) |
                  teacher_fte=10.00 certified=40.0 emergency=10.0 not_certified=50.0 out_of_field=0.0 inexperienced=10.0
                N North |
                  teacher_fte=5.00 certified=80.0 emergency=20.0 not_certified=0.0 out_of_field=0.0 inexperienced=20.0
                S South | suppressed
            "#]],
        );
    }
}
