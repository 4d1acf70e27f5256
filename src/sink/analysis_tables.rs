//! `reports/analysis_tables/`: one table per KPI, with what must not be published left out.

use super::suppress::hidden;
use super::{Error, Origin, Sheet};
use crate::kpi::scores::{Cell, Scores};
use crate::kpi::{KPIS, Kpi, Measure, Tallies, kpi_05_proficiency_gap};
use crate::model::codes::Code;
use crate::model::{Field, Id, OrgId, Settings, Texts};
use crate::register::Register;
use crate::warehouse::demographics::Subgroup;
use crate::warehouse::staffing::Place;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The columns of a cell of scores.
const CELL: [&str; 5] = ["assessment_id", "subject", "school_year", "school_id", "grade"];

/// Every KPI as a table. An empty school or grade is the district or all grades; `suppressed` tells rows whose figures
/// are left out.
pub fn sheets(tallies: &Tallies, register: &Register, settings: &Settings) -> Vec<Sheet> {
    // A school that is only referred to (REF-007) has no row of its own: its few students are in the district alone.
    let is_known = |school: OrgId| register.rows().organization.get(school.index()).is_some_and(Option::is_some);
    let scores = tallies.scores.iter().filter(|(cell, _)| cell.school.is_none_or(is_known));
    let scores: Vec<(Cell, Scores)> = scores.copied().collect();
    let hidden = hidden(&scores, settings.minimum_n);
    let by_cell: BTreeMap<Cell, Scores> = scores.iter().copied().collect();
    KPIS.iter()
        .map(|kpi| {
            let mut sheet = match kpi.measure {
                Measure::Rate(figures) => {
                    let mut sheet = Sheet { columns: [&CELL[..], &["category", "value"]].concat(), ..named(kpi) };
                    for (cell, scores) in &scores {
                        let (category, value) = cell.subgroup.name();
                        let grain = [cell_columns(cell, register), vec![category.to_owned(), value.to_owned()]].concat();
                        let shown = (!hidden.contains(cell)).then(|| figures(scores));
                        sheet.rows.push(row(grain, kpi, shown));
                    }
                    sheet
                }
                Measure::Gap(figures) => {
                    let pair = ["category", "reference", "focal"];
                    let mut sheet = Sheet { columns: [&CELL[..], &pair].concat(), ..named(kpi) };
                    let pairs = kpi_05_proficiency_gap::pairs();
                    let all = scores.iter().filter(|(cell, _)| cell.subgroup == Subgroup::ALL);
                    for (all, _) in all {
                        for &(reference, focal) in &pairs {
                            let cells = [reference, focal].map(|subgroup| Cell { subgroup, ..*all });
                            let [Some(a), Some(b)] = cells.map(|cell| by_cell.get(&cell)) else { continue };
                            let ((category, reference), (_, focal)) = (reference.name(), focal.name());
                            let pair = [category, reference, focal].map(str::to_owned).to_vec();
                            let shown = cells.iter().all(|cell| !hidden.contains(cell)).then(|| figures(a, b));
                            sheet.rows.push(row([cell_columns(all, register), pair].concat(), kpi, shown));
                        }
                    }
                    sheet
                }
                Measure::Staffing(figures) => {
                    let mut sheet = Sheet { columns: vec!["org_id", "name"], ..named(kpi) };
                    let counted = tallies.staffing.iter().filter(|(_, s)| s.headcount != 0 || s.teacher_fte != 0);
                    for (place, staffing) in counted {
                        sheet.rows.push(row(place_columns(place, register), kpi, Some(figures(staffing))));
                    }
                    sheet
                }
            };
            sheet.columns.extend(kpi.columns);
            sheet.columns.push("suppressed");
            sheet.rows.sort();
            sheet
        })
        .collect()
}

/// Writes the tables.
pub fn write(sheets: &[Sheet], folder: &Path, origin: Origin) -> Result<Vec<PathBuf>, Error> {
    sheets.iter().map(|sheet| sheet.write_csv(folder, origin)).collect()
}

fn named(kpi: &Kpi) -> Sheet {
    Sheet { name: kpi.name, ..Sheet::default() }
}

fn row(mut grain: Vec<String>, kpi: &Kpi, shown: Option<Vec<crate::kpi::Figure>>) -> Vec<String> {
    let suppressed = shown.is_none();
    match shown {
        Some(figures) => grain.extend(figures.into_iter().map(crate::kpi::Figure::text)),
        None => grain.extend(kpi.columns.iter().map(|_| String::new())),
    }
    grain.push(suppressed.to_string());
    grain
}

fn cell_columns(cell: &Cell, register: &Register) -> Vec<String> {
    let texts = &register.texts;
    let assessment = register.rows().assessment.get(cell.assessment.index()).copied().flatten();
    let subject = assessment.map_or(String::new(), |row| row.subject.value().text(texts));
    let school = cell.school.map_or("", |school| texts.text(school));
    let grade = cell.grade_code().map_or("", |grade| grade.text(texts));
    vec![texts.text(cell.assessment).to_owned(), subject, cell.school_year.to_string(), school.to_owned(), grade.to_owned()]
}

fn place_columns(place: &Place, register: &Register) -> Vec<String> {
    let texts: &Texts = &register.texts;
    match place {
        Place::District => vec![String::new(), "(whole district)".to_owned()],
        Place::Organization(org) => {
            let row = register.rows().organization.get(org.index()).copied().flatten();
            vec![texts.text(*org).to_owned(), row.map_or(String::new(), |row| texts.text(row.name).to_owned())]
        }
    }
}
