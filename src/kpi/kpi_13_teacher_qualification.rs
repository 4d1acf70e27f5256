//! KPI-13: teacher qualification shares.

use super::Kind::Real;
use super::{Figure, Kpi, Published, Row};
use crate::tallies::staffing::{OrgScope, Staffing};

/// The declaration.
pub static KPI: Kpi = Kpi {
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
    reports_moves: true,
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
    let staffed = || published.staffing.iter().filter(|(_, staffing)| staffing.teacher_fte > 0);
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
