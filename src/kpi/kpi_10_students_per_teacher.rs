//! KPI-10: students per teacher FTE.

use super::Kind::{Int, Real};
use super::{Figure, Kpi, Published, Row};
use crate::tallies::staffing::Staffing;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-10",
    name: "kpi_10_students_per_teacher",
    title: "Students per teacher FTE",
    doc: "Students with an active primary enrollment, each counted once, divided by the full-time equivalents (FTE) of \
          active teacher assignments (prekindergarten to secondary, ungraded, special education and English learner \
          teachers; no substitutes or paraprofessionals). Undefined without teachers; see RAT-003. Student counts of \
          schools are public, so nothing is suppressed. Source: NCES CCD pupil/teacher ratio.",
    grain: "one row per organization with students or teachers today, and one for the district",
    unit: "students per full-time teacher",
    stored_as: Some(7),
    keys: &["org_id", "name"],
    columns: &[("headcount", Int), ("teacher_fte", Real), ("ratio", Real)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let counted = published.today.staffing.iter().filter(|(_, s)| s.headcount != 0 || s.teacher_fte != 0);
    counted.map(|(place, s)| Row { keys: published.place_keys(place), figures: Some(figures(s)) }).collect()
}

fn figures(staffing: &Staffing) -> Vec<Figure> {
    let fte = staffing.teacher_fte as f64 / 10_000.0;
    let ratio = if staffing.teacher_fte > 0 { Figure::Real(staffing.headcount as f64 / fte, 1) } else { Figure::None };
    vec![Figure::Count(staffing.headcount), Figure::Real(fte, 2), ratio]
}
