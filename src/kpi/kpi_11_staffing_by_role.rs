//! KPI-11: staffing ratios by role.

use super::Kind::{Int, Real};
use super::{Figure, Kpi, Published, Row};
use crate::tallies::staffing::Role;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-11",
    name: "kpi_11_staffing_by_role",
    title: "Staffing ratios by role",
    doc: "Students with an active primary enrollment, each counted once, divided by the full-time equivalents (FTE) of \
          active assignments in a group of roles: counselors, nurses, librarians, psychologists, instructional \
          paraprofessionals, administrators. Undefined without such staff. Student counts of schools are public, so nothing \
          is suppressed. Source: NCES CCD staff categories; the American School Counselor Association recommends 250 \
          students per counselor.",
    grain: "one row per organization with students or such staff today, and one for the district, each for every group of roles",
    unit: "students per full-time equivalent",
    stored_as: Some(8),
    keys: &["org_id", "name", "role"],
    columns: &[("headcount", Int), ("fte", Real), ("ratio", Real)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, staffing) in &published.today.staffing {
        let fte = Role::ALL.map(|role| staffing.role_fte(role));
        if staffing.headcount == 0 && fte == [0; 6] {
            continue;
        }
        for (role, fte) in Role::ALL.into_iter().zip(fte) {
            let mut keys = published.place_keys(place);
            keys.push(role.name().to_owned());
            let ratio = (fte > 0).then(|| staffing.headcount as f64 * 10_000.0 / fte as f64);
            let figures =
                [Figure::Count(staffing.headcount), Figure::Real(fte as f64 / 10_000.0, 2), Figure::real(ratio, 1)];
            rows.push(Row { keys, figures: Some(figures.to_vec()) });
        }
    }
    rows
}
