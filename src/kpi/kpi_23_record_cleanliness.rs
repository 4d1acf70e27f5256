//! KPI-23: record cleanliness.

use super::Kind::{Int, Real};
use super::{Figure, Kpi, Published, Row};
use crate::tallies::staffing::OrgScope;

/// The declaration.
pub static KPI: Kpi = Kpi {
    id: "KPI-23",
    name: "kpi_23_record_cleanliness",
    title: "Record cleanliness",
    doc: "Records without an open violation of severity error or critical, among the records that a family of rules is about: \
          staff for duplicate educators, certification and FTE, students for enrollment, programs and assessment, schools for \
          staffing ratios and calendars, all rows for references. A record belongs to the school where the student is \
          enrolled or the member of staff is assigned today; what belongs to none is in the district alone. \
          How many records were faulty on the days before stands in fct_dq_family_day; how many there were is known of today \
          only. Source: practice.",
    grain: "one row per rule family, and school or district",
    unit: "percent",
    keys: &["family", "org_id", "name"],
    columns: &[("records", Int), ("faulty", Int), ("clean", Real)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let row = |of: &super::Cleanliness| {
        let place = of.school.map_or(OrgScope::District, OrgScope::Organization);
        let keys = [vec![of.family.to_owned()], published.place_keys(&place)].concat();
        let clean = (of.records > 0).then(|| 100.0 * (of.records - of.faulty) as f64 / of.records as f64);
        Row { keys, figures: Some(vec![Figure::Count(of.records), Figure::Count(of.faulty), Figure::real(clean, 2)]) }
    };
    published.violated.cleanliness.iter().map(row).collect()
}
