//! Reads published tables into the numbers of the brief: the only place that knows table columns and report fields.
//! Suppressed figures are empty there and never become numbers here.

use crate::current::Origin;
use crate::kpi::KPIS;
use crate::model::{Date, SchoolYear, Settings};
use crate::qa::Severity;
use crate::quality::report::{Report, RuleReport, ViolationReport};
use crate::warehouse::RenderedTable;
use std::collections::BTreeMap;

/// Maximum number of characters of a name.
const LONGEST_NAME: usize = 64;

/// Everything that the brief may mention, as numbers and names.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// The district.
    pub district: String,
    /// The as-of date, as in the report.
    pub day: String,
    /// The school year of that day.
    pub school_year: i32,
    /// The version of rollcall.
    pub rollcall: String,
    /// Whether the records are synthetic.
    pub synthetic: bool,
    /// Minimum number of students behind a published figure.
    pub minimum_n: i64,
    /// Maximum number of students per full-time teacher (RAT-001).
    pub most_students: i64,
    /// Proficiency rates (KPI-02) of all students.
    pub rates: Vec<Rate>,
    /// Grades of the whole district whose proficiency rate is suppressed: test and grade.
    pub withheld: Vec<(String, String)>,
    /// Participation rates (KPI-04) of all students and grades of the district.
    pub participation: Vec<Rate>,
    /// Gaps of the district and of schools over all grades (KPI-05).
    pub gaps: Vec<Gap>,
    /// Schools compared with those of their level (KPI-14).
    pub standings: Vec<Standing>,
    /// Programs with a published effect (KPI-09).
    pub effects: Vec<Effect>,
    /// Programs with a published gain over the whole district (KPI-08).
    pub gains: Vec<Gain>,
    /// Names of programs by id, if known.
    pub programs: BTreeMap<String, String>,
    /// Students and teachers by organization (KPI-10).
    pub staffed: Vec<Staffed>,
    /// Staffing of the district by role (KPI-11): role, FTE, students per FTE.
    pub roles: Vec<(String, f64, Option<f64>)>,
    /// Qualification of teachers (KPI-13).
    pub qualified: Vec<Qualified>,
    /// Records of the district with errors (KPI-23).
    pub clean: Vec<Clean>,
    /// Every rule with its open violations.
    pub rules: Vec<Rule>,
    /// Rules that were not run because a table is missing, and that table.
    pub not_run: Vec<(&'static str, &'static str)>,
    /// The number of rules that are switched off.
    pub switched_off: usize,
    /// The number of waived violations.
    pub waived: usize,
    /// Open violations by configured severity.
    pub by_severity: Vec<(Severity, usize)>,
    /// The number of rows read.
    pub rows: u64,
    /// The number of rejected rows.
    pub rejected: u64,
    /// KPIs with suppressed rows: id, suppressed rows, all rows.
    pub suppressed: Vec<(&'static str, usize, usize)>,
}

/// A share of students on a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rate {
    /// The assessment.
    pub test: String,
    /// Its subject.
    pub subject: String,
    /// The school year.
    pub year: i32,
    /// The school; empty for the district.
    pub school: String,
    /// The grade; empty for all.
    pub grade: String,
    /// Students.
    pub n: i64,
    /// The number of them that are counted.
    pub hits: i64,
    /// Percent.
    pub rate: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A proficiency gap: reference minus focal, in percentage points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gap {
    /// The assessment.
    pub test: String,
    /// Its subject.
    pub subject: String,
    /// The school year.
    pub year: i32,
    /// The school; empty for the district.
    pub school: String,
    /// The category.
    pub category: String,
    /// The reference group.
    pub reference: String,
    /// The focal group.
    pub focal: String,
    /// Students of the reference group.
    pub n_reference: i64,
    /// Students of the focal group.
    pub n_focal: i64,
    /// The gap.
    pub gap: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// z of two proportions.
    pub z: Option<f64>,
    /// The same gap in mean scores, in standard deviations (KPI-06).
    pub g: Option<f64>,
}

/// A school compared with the schools of its level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The KPI compared.
    pub kpi: String,
    /// The assessment.
    pub test: String,
    /// The school year; 0 if the figure has none.
    pub year: i32,
    /// The level.
    pub level: String,
    /// The school.
    pub school: String,
    /// Its name.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// The mean of the schools of the level.
    pub level_mean: f64,
    /// The distance from the mean, in standard deviations of those schools.
    pub z: Option<f64>,
    /// The rank; 1 is the highest value.
    pub rank: i64,
    /// The number of schools.
    pub schools: i64,
}

/// The effect of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effect {
    /// The program.
    pub program: String,
    /// Students in the treatment and the comparison group.
    pub n: (i64, i64),
    /// Whether the groups are comparable.
    pub standing: String,
    /// The effect, in points.
    pub effect: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The effect in standard deviations.
    pub g: Option<f64>,
}

/// The gain of the participants of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gain {
    /// The program.
    pub program: String,
    /// The treatment or comparison group.
    pub arm: String,
    /// Students with both scores.
    pub n: i64,
    /// Mean gain, in points.
    pub gain: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Paired t.
    pub t: Option<f64>,
    /// The gain in standard deviations of the earlier score.
    pub d: Option<f64>,
}

/// Students and teachers of an organization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staffed {
    /// The organization; empty for the district.
    pub org: String,
    /// Its name.
    pub name: String,
    /// Students.
    pub students: i64,
    /// Full-time equivalents of teachers.
    pub teachers: f64,
    /// Students per full-time teacher.
    pub ratio: Option<f64>,
}

/// Qualification of the teachers of an organization, in percent of their full-time equivalents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Qualified {
    /// The organization; empty for the district and the poverty quarters.
    pub org: String,
    /// Its name.
    pub name: String,
    /// Full-time equivalents.
    pub teachers: f64,
    /// Fully certified.
    pub certified: f64,
    /// With only an emergency or provisional credential.
    pub emergency: f64,
    /// Without a valid credential.
    pub not_certified: f64,
    /// Teaching out of field.
    pub out_of_field: f64,
    /// In their first or second year.
    pub inexperienced: f64,
}

/// Records with errors, of a rule group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clean {
    /// The rule group.
    pub family: String,
    /// The number of records.
    pub records: i64,
    /// Records with an error or critical violation.
    pub faulty: i64,
}

/// A rule and its open violations.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: &'static str,
    /// Its rule group.
    pub family: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// What is wrong.
    pub title: &'static str,
    /// How to fix it, in one sentence.
    pub fix: String,
    /// The number of open violations.
    pub open: usize,
    /// The first of them: subject key and evidence.
    pub subjects: Vec<(String, BTreeMap<&'static str, String>)>,
}

impl Numbers {
    /// Reads the published tables and the report.
    pub fn of(district: &str, settings: &Settings, report: &Report, sheets: &[RenderedTable]) -> Numbers {
        let synthetic = report.origin == Origin::Synthetic.name();
        // Every page of the brief is marked as synthetic, so the names need not be.
        let plain = |name: &str| {
            let name = name.strip_prefix("SYNTHETIC ").filter(|_| synthetic).unwrap_or(name);
            // Names can be long, but space is limited.
            match name.char_indices().nth(LONGEST_NAME) {
                Some((end, _)) => format!("{}…", name[..end].trim_end()),
                None => name.to_owned(),
            }
        };
        let day = Date::parse_iso(report.day.as_bytes());
        let rows = |id: &str| Rows::of(id, sheets);
        let of_all = |row: &Row<'_>| row.text("category") == "all" && row.text("value") == "all";
        let of_district = |row: &Row<'_>| row.text("school_id").is_empty();
        let all_grades = |row: &Row<'_>| row.text("grade").is_empty();
        let g: BTreeMap<String, f64> =
            rows("KPI-06").filter(all_grades).filter_map(|row| Some((pair_key(&row), row.real("g")?))).collect();
        let school_year = day.map_or(0, |day| i32::from(SchoolYear::of(day).0));
        Numbers {
            district: plain(district),
            day: report.day.clone(),
            school_year,
            rollcall: report.rollcall.to_owned(),
            synthetic,
            minimum_n: settings.minimum_n,
            most_students: settings.students_per_teacher_max,
            rates: rows("KPI-02").filter(of_all).filter_map(|row| rate(&row, "n", "proficient")).collect(),
            withheld: rows("KPI-02")
                .filter(|row| of_all(row) && of_district(row) && !all_grades(row) && row.is_suppressed())
                .map(|row| (row.text("assessment_id").to_owned(), row.text("grade").to_owned()))
                .collect(),
            participation: rows("KPI-04")
                .filter(|row| of_all(row) && of_district(row) && all_grades(row))
                .filter_map(|row| rate(&row, "expected", "tested"))
                .collect(),
            gaps: rows("KPI-05").filter(all_grades).filter_map(|row| gap(&row, g.get(&pair_key(&row)).copied())).collect(),
            standings: rows("KPI-14").filter_map(|row| standing(&row, plain(row.text("name")))).collect(),
            effects: rows("KPI-09").filter_map(|row| effect(&row)).collect(),
            gains: rows("KPI-08").filter(|row| of_all(row) && of_district(row)).filter_map(|row| gain(&row)).collect(),
            programs: rows("KPI-09").map(|row| (row.text("program_id").to_owned(), plain(row.text("name")))).collect(),
            staffed: rows("KPI-10").filter_map(|row| staffed(&row, plain(row.text("name")))).collect(),
            roles: rows("KPI-11")
                .filter(|row| row.text("org_id").is_empty())
                .filter_map(|row| Some((row.text("role").to_owned(), row.real("fte")?, row.real("ratio"))))
                .collect(),
            qualified: rows("KPI-13").filter_map(|row| qualified(&row, plain(row.text("name")))).collect(),
            clean: rows("KPI-23").filter(|row| row.text("org_id").is_empty()).filter_map(|row| clean(&row)).collect(),
            rules: report.rules.iter().map(rule).collect(),
            not_run: report.did_not_run.iter().filter_map(|rule| Some((rule.id, *rule.absent_tables.first()?))).collect(),
            switched_off: report.did_not_run.iter().filter(|rule| rule.absent_tables.is_empty()).count(),
            waived: report.totals.waived,
            by_severity: report.totals.by_severity.clone(),
            rows: report.totals.rows,
            rejected: report.totals.rejected_rows,
            suppressed: KPIS
                .iter()
                .map(|kpi| (kpi.id, rows(kpi.id).filter(Row::is_suppressed).count(), rows(kpi.id).count()))
                .filter(|(_, suppressed, _)| *suppressed > 0)
                .collect(),
        }
    }

    /// The rule with this id, if it has open violations.
    pub fn open(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id && rule.open > 0)
    }

    /// The number of open violations of a severity.
    pub fn of_severity(&self, severity: Severity) -> usize {
        self.by_severity.iter().filter(|(of, _)| *of == severity).map(|(_, count)| count).sum()
    }

    /// The name of an organization, or its id if it has none.
    pub fn name<'a>(&'a self, org: &'a str) -> &'a str {
        self.staffed.iter().find(|staffed| staffed.org == org).map_or(org, |staffed| &staffed.name)
    }

    /// The students and teachers of the district.
    pub fn whole(&self) -> Option<&Staffed> {
        self.staffed.iter().find(|staffed| staffed.org.is_empty())
    }

    /// Schools, that is, organizations with students.
    pub fn schools(&self) -> impl Iterator<Item = &Staffed> {
        self.staffed.iter().filter(|staffed| !staffed.org.is_empty() && staffed.students > 0)
    }
}

fn rule(rule: &RuleReport) -> Rule {
    // Waived violations are accepted: they are neither counted nor named.
    let counted = rule.violations.iter().filter(|violation| !violation.waived);
    let first =
        |violation: &ViolationReport| (violation.subject.clone(), violation.evidence.first().cloned().unwrap_or_default());
    Rule {
        id: rule.id,
        family: rule.family,
        severity: rule.severity,
        title: rule.title,
        fix: first_sentence(&rule.text.fix),
        open: rule.open,
        subjects: counted.map(first).collect(),
    }
}

/// The first sentence of a paragraph.
fn first_sentence(text: &str) -> String {
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text.to_owned(),
    }
}

/// Rows of one KPI.
struct Rows<'a> {
    sheet: Option<&'a RenderedTable>,
    next: usize,
}

impl<'a> Rows<'a> {
    fn of(id: &str, sheets: &'a [RenderedTable]) -> Rows<'a> {
        let name = crate::kpi::find(id).map(|kpi| kpi.name);
        Rows { sheet: sheets.iter().find(|sheet| Some(sheet.name) == name), next: 0 }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let sheet = self.sheet?;
        let fields = sheet.rows.get(self.next)?;
        self.next += 1;
        Some(Row { columns: &sheet.columns, fields })
    }
}

/// A row, with its fields by column name.
struct Row<'a> {
    columns: &'a [&'static str],
    fields: &'a [String],
}

impl<'a> Row<'a> {
    fn text(&self, column: &str) -> &'a str {
        let place = self.columns.iter().position(|name| *name == column);
        place.and_then(|place| self.fields.get(place)).map_or("", String::as_str)
    }

    fn real(&self, column: &str) -> Option<f64> {
        self.text(column).parse().ok().filter(|value: &f64| value.is_finite())
    }

    fn count(&self, column: &str) -> Option<i64> {
        self.text(column).parse().ok()
    }

    fn year(&self) -> i32 {
        self.text("school_year").parse().unwrap_or_default()
    }

    fn is_suppressed(&self) -> bool {
        self.text("suppressed") == "true"
    }
}

fn pair_key(row: &Row<'_>) -> String {
    ["assessment_id", "school_year", "school_id", "category", "reference", "focal"].map(|column| row.text(column)).join("|")
}

fn rate(row: &Row<'_>, n: &str, hits: &str) -> Option<Rate> {
    Some(Rate {
        test: row.text("assessment_id").to_owned(),
        subject: row.text("subject").to_owned(),
        year: row.year(),
        school: row.text("school_id").to_owned(),
        grade: row.text("grade").to_owned(),
        n: row.count(n)?,
        hits: row.count(hits)?,
        rate: row.real("rate")?,
        low: row.real("low")?,
        high: row.real("high")?,
    })
}

fn gap(row: &Row<'_>, g: Option<f64>) -> Option<Gap> {
    Some(Gap {
        test: row.text("assessment_id").to_owned(),
        subject: row.text("subject").to_owned(),
        year: row.year(),
        school: row.text("school_id").to_owned(),
        category: row.text("category").to_owned(),
        reference: row.text("reference").to_owned(),
        focal: row.text("focal").to_owned(),
        n_reference: row.count("n_reference")?,
        n_focal: row.count("n_focal")?,
        gap: row.real("gap")?,
        low: row.real("low")?,
        high: row.real("high")?,
        z: row.real("z"),
        g,
    })
}

fn standing(row: &Row<'_>, name: String) -> Option<Standing> {
    Some(Standing {
        kpi: row.text("kpi").to_owned(),
        test: row.text("assessment_id").to_owned(),
        year: row.year(),
        level: row.text("level").to_owned(),
        school: row.text("school_id").to_owned(),
        name,
        value: row.real("value")?,
        level_mean: row.real("level_mean")?,
        z: row.real("z"),
        rank: row.count("rank")?,
        schools: row.count("schools")?,
    })
}

fn effect(row: &Row<'_>) -> Option<Effect> {
    Some(Effect {
        program: row.text("program_id").to_owned(),
        n: (row.count("n_treatment")?, row.count("n_comparison")?),
        standing: row.text("standing").to_owned(),
        effect: row.real("effect")?,
        low: row.real("low")?,
        high: row.real("high")?,
        g: row.real("g"),
    })
}

fn gain(row: &Row<'_>) -> Option<Gain> {
    Some(Gain {
        program: row.text("program_id").to_owned(),
        arm: row.text("arm").to_owned(),
        n: row.count("n")?,
        gain: row.real("gain")?,
        low: row.real("low")?,
        high: row.real("high")?,
        t: row.real("t"),
        d: row.real("d"),
    })
}

fn staffed(row: &Row<'_>, name: String) -> Option<Staffed> {
    Some(Staffed {
        org: row.text("org_id").to_owned(),
        name,
        students: row.count("headcount")?,
        teachers: row.real("teacher_fte")?,
        ratio: row.real("ratio"),
    })
}

fn qualified(row: &Row<'_>, name: String) -> Option<Qualified> {
    Some(Qualified {
        org: row.text("org_id").to_owned(),
        name,
        teachers: row.real("teacher_fte")?,
        certified: row.real("certified")?,
        emergency: row.real("emergency")?,
        not_certified: row.real("not_certified")?,
        out_of_field: row.real("out_of_field")?,
        inexperienced: row.real("inexperienced")?,
    })
}

fn clean(row: &Row<'_>) -> Option<Clean> {
    let family = row.text("family").to_owned();
    Some(Clean { family, records: row.count("records")?, faulty: row.count("faulty")? })
}
