//! KPI-14: school comparison index.

use super::Kind::{Int, Real};
use super::kpi_01_mean_score::moments;
use super::{Figure, Kpi, Published, Row};
use crate::model::codes::{Code, SchoolLevel};
use crate::model::subgroup::Subgroup;
use crate::model::{Id, OrgId};
use crate::tallies::scores::Cell;
use crate::tallies::staffing::OrgScope;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-14",
    name: "kpi_14_school_comparison",
    title: "School comparison index",
    doc: "A school's mean score (KPI-01), proficiency rate (KPI-02) or students per teacher (KPI-10) next to those of the \
          district and the mean of schools at its level, its distance from that mean in standard deviations of those \
          schools, and its rank among them (1 is the highest value; ties share the better rank). Schools are compared only \
          with schools at their level, and only if there are at least three. Poverty and other circumstances are not \
          adjusted for: the index says how results compare, not how good a school is. Source: school report card practice.",
    grain: "one row per KPI, assessment and school year if the KPI has them, and school",
    unit: "that of the KPI compared",
    stored_as: None,
    keys: &["kpi", "assessment_id", "school_year", "level", "school_id", "name"],
    columns: &[("value", Real), ("district", Real), ("level_mean", Real), ("z", Real), ("rank", Int), ("schools", Int)],
    rows,
};

/// One figure of the schools of one level.
struct Field {
    keys: [String; 3],
    level: SchoolLevel,
    district: Option<f64>,
    schools: Vec<(OrgId, f64)>,
    decimals: usize,
}

fn rows(published: &Published<'_>) -> Vec<Row> {
    let mut fields: Vec<Field> = Vec::new();
    let mut add = |keys: [String; 3], school: OrgId, value: f64, district: Option<f64>, decimals: usize| {
        let row = published.current.rows().organization.get(school.index()).copied().flatten();
        let Some(level) = row.and_then(|row| row.school_level) else { return };
        match fields.iter_mut().find(|field| field.keys == keys && field.level == level) {
            Some(field) => field.schools.push((school, value)),
            None => fields.push(Field { keys, level, district, schools: vec![(school, value)], decimals }),
        }
    };
    let all = |cell: &&(Cell, _)| cell.0.grade.is_none() && cell.0.subgroup == Subgroup::ALL && published.shows(&cell.0);
    for (cell, scores) in published.tests(|scores| scores.n > 0).filter(all) {
        let Some(school) = cell.school else { continue };
        let of_district = Cell { school: None, ..*cell };
        let district = published.cell(&of_district).filter(|_| published.shows(&of_district));
        let texts = published.cell_keys(cell);
        let keys = |kpi: &str| [kpi.to_owned(), texts[0].clone(), texts[2].clone()];
        if let Some(mean) = moments(scores).mean() {
            add(keys("KPI-01"), school, mean, district.and_then(|scores| moments(scores).mean()), 1);
        }
        if scores.judged > 0 {
            let rate = |hits: i32, judged: i32| 100.0 * f64::from(hits) / f64::from(judged);
            let district = district.filter(|scores| scores.judged > 0).map(|scores| rate(scores.hits, scores.judged));
            add(keys("KPI-02"), school, rate(scores.hits, scores.judged), district, 1);
        }
    }
    let ratio = |place: &OrgScope| {
        let staffing = published.today.staffing.iter().find(|(of, _)| of == place).map(|(_, staffing)| staffing);
        let staffing = staffing.filter(|staffing| staffing.teacher_fte > 0 && staffing.headcount > 0);
        staffing.map(|staffing| staffing.headcount as f64 * 10_000.0 / staffing.teacher_fte as f64)
    };
    for (place, _) in &published.today.staffing {
        if let (&OrgScope::Organization(school), Some(value)) = (place, ratio(place)) {
            let keys = ["KPI-10".to_owned(), String::new(), String::new()];
            add(keys, school, value, ratio(&OrgScope::District), 1);
        }
    }
    let mut rows = Vec::new();
    for Field { keys, level, district, schools, decimals } in fields.into_iter().filter(|field| field.schools.len() >= 3) {
        let count = schools.len() as f64;
        let mean = schools.iter().map(|(_, value)| value).sum::<f64>() / count;
        let variance = schools.iter().map(|(_, value)| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        for (school, value) in &schools {
            let level = level.text(published.texts()).to_owned();
            let keys = [keys.to_vec(), vec![level], published.place_keys(&OrgScope::Organization(*school))].concat();
            let z = (variance > 0.0).then(|| (value - mean) / variance.sqrt());
            let rank = 1 + schools.iter().filter(|(_, other)| other > value).count() as i64;
            let figures = vec![
                Figure::Real(*value, decimals),
                Figure::real(district, decimals),
                Figure::Real(mean, decimals),
                Figure::real(z, 2),
                Figure::Count(rank),
                Figure::Count(schools.len() as i64),
            ];
            rows.push(Row { keys, figures: Some(figures) });
        }
    }
    rows
}
