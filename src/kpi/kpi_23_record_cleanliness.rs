//! KPI-23: record cleanliness.

use super::Kind::{Int, Real};
use super::{Figure, Kpi, Published, Row};
use crate::tallies::staffing::OrgScope;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-23",
    name: "kpi_23_record_cleanliness",
    title: "Record cleanliness",
    doc: "Records without errors: those without an open violation of severity error or critical, among the records that a \
          rule group is about: staff for duplicate educators, certification and FTE; students for enrollment, programs and \
          assessment; schools for staffing ratios and calendars; all rows for references. A record counts at the school \
          where the student is currently enrolled or the staff member is currently assigned; a record without one counts in \
          the district only. fct_dq_family_day has the number of faulty records on earlier days; the number of records is \
          known for the current day only. Source: practice.",
    grain: "one row per rule group, and school or district",
    unit: "percent",
    stored_as: None,
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
