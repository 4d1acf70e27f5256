//! Headline figures for leaders, for the whole district: the latest year of the largest assessment in each subject,
//! gaps, program effects, and staffing.

use super::{
    Kpi, kpi_02_proficiency_rate, kpi_04_participation_rate, kpi_05_proficiency_gap, kpi_09_program_effect,
    kpi_10_students_per_teacher, kpi_11_staffing_by_role, kpi_13_teacher_qualification,
};
use std::collections::BTreeMap;

/// The name of the district in columns that name schools.
pub(crate) const WHOLE_DISTRICT: &str = "(whole district)";

/// A row of a KPI as published texts.
#[derive(Clone, Copy)]
pub(crate) struct Reported<'a> {
    /// The KPI.
    pub kpi: &'static Kpi,
    /// The values of the KPI's key columns.
    pub keys: &'a [String],
    /// The values of the KPI's figure columns; `None` if suppressed.
    pub figures: Option<&'a [String]>,
}

impl<'a> Reported<'a> {
    /// A key or a figure by column name; empty if it is empty or suppressed.
    ///
    /// # Panics
    ///
    /// If the KPI has no such column: a headline of a column that was renamed must not become an empty one.
    pub(crate) fn of(&self, name: &str) -> &'a str {
        if let Some(position) = self.kpi.keys.iter().position(|key| *key == name) {
            return self.keys.get(position).map_or("", String::as_str);
        }
        let figure = self.kpi.columns.iter().position(|(column, _)| *column == name);
        let figure = figure.expect("invariant: headlines name columns that their KPI declares");
        self.figures.and_then(|figures| figures.get(figure)).map_or("", String::as_str)
    }

    /// Whether it is a headline: for the whole district, all grades, and all students or one of the main gaps.
    pub(crate) fn is_headline(&self) -> bool {
        is_headline(self.kpi, self.keys)
    }
}

/// Whether a row with these keys is a headline: for the whole district, all grades, and all students or one of the main
/// gaps.
pub(crate) fn is_headline(kpi: &Kpi, keys: &[String]) -> bool {
    let key = |name: &str| kpi.keys.iter().position(|key| *key == name).and_then(|place| keys.get(place));
    let empty = |name: &str| key(name).is_none_or(String::is_empty);
    let everybody = matches!(key("category").map(String::as_str), None | Some("all" | "econ" | "el" | "iep"));
    let not_split = key("value").is_none_or(|value| value == "all");
    empty("school_id") && empty("grade") && empty("org_id") && everybody && not_split
}

/// A headline figure.
#[derive(Clone)]
pub struct Headline {
    /// The KPI.
    pub kpi: &'static Kpi,
    /// What is measured, if the KPI measures several things; the same in every year.
    pub what: String,
    /// The subject and the category of a gap, where it is one.
    pub gap: Option<(String, String)>,
    /// The school year; empty for current figures.
    pub year: String,
    /// The figure; `None` if suppressed.
    pub value: Option<String>,
    /// The ends of its 95% interval, where it has one.
    pub interval: Option<(String, String)>,
    /// The number of records it is based on.
    pub n: String,
}

impl Headline {
    /// What is measured, with the year.
    pub(crate) fn whom(&self) -> String {
        match (self.what.as_str(), self.year.as_str()) {
            (what, "") => what.to_owned(),
            (what, year) => format!("{what} {year}"),
        }
    }
}

/// A KPI with headlines, and the columns that they show.
struct Shown {
    kpi: &'static Kpi,
    value: &'static str,
    n: &'static str,
    /// What is measured, where the KPI is about one thing.
    what: &'static str,
    /// The role that it is about, where the KPI has several.
    role: &'static str,
}

impl Shown {
    const fn of(kpi: &'static Kpi, value: &'static str, n: &'static str) -> Shown {
        Shown { kpi, value, n, what: "", role: "" }
    }
}

/// By subject, of the latest test.
static BY_TEST: &[Shown] = &[
    Shown::of(&kpi_02_proficiency_rate::KPI, "rate", "n"),
    Shown::of(&kpi_04_participation_rate::KPI, "rate", "expected"),
    Shown::of(&kpi_05_proficiency_gap::KPI, "gap", "n_focal"),
];
/// By program.
static BY_PROGRAM: Shown = Shown::of(&kpi_09_program_effect::KPI, "effect", "n_treatment");
/// Of the whole district today.
static OF_DISTRICT: &[Shown] = &[
    Shown::of(&kpi_10_students_per_teacher::KPI, "ratio", "headcount"),
    Shown { what: "counselor", role: "counselor", ..Shown::of(&kpi_11_staffing_by_role::KPI, "ratio", "headcount") },
    Shown { what: "fully certified, % of FTE", ..Shown::of(&kpi_13_teacher_qualification::KPI, "certified", "teacher_fte") },
];

/// The headlines among rows of KPIs.
pub(crate) fn headlines(rows: &[Reported<'_>]) -> Vec<Headline> {
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let of = |kpi: &'static Kpi| rows.iter().filter(move |row| row.kpi.id == kpi.id && row.is_headline());
    // By subject: the year and assessment with the most students, in the latest year in which the subject was tested
    // widely.
    let mut latest: BTreeMap<&str, (&str, f64, &str)> = BTreeMap::new();
    for row in of(&kpi_02_proficiency_rate::KPI).filter(|row| row.of("category") == "all") {
        let [subject, year, assessment, n] = ["subject", "school_year", "assessment_id", "n"].map(|name| row.of(name));
        let known = latest.entry(subject).or_insert((year, 0.0, assessment));
        // A small group tested later does not represent the subject.
        let is_wide = number(n) * 2.0 >= known.1;
        if is_wide && (year, number(n)) > (known.0, known.1) || number(n) > 2.0 * known.1 {
            *known = (year, number(n), assessment);
        }
    }
    let line = |shown: &Shown, row: &Reported<'_>, what: String, year: &str| {
        let is_gap = shown.kpi.id == kpi_05_proficiency_gap::KPI.id;
        let has_interval = shown.kpi.columns.iter().any(|(column, _)| *column == "low");
        let ends = has_interval.then(|| (row.of("low").to_owned(), row.of("high").to_owned()));
        Headline {
            kpi: row.kpi,
            what,
            gap: is_gap.then(|| (row.of("subject").to_owned(), row.of("category").to_owned())),
            year: year.to_owned(),
            value: row.figures.map(|_| row.of(shown.value).to_owned()),
            interval: ends.filter(|(low, _)| !low.is_empty()),
            n: row.of(shown.n).to_owned(),
        }
    };
    let mut lines = Vec::new();
    for shown in BY_TEST {
        let is_gap = shown.kpi.id == kpi_05_proficiency_gap::KPI.id;
        for row in of(shown.kpi) {
            let of_latest = latest.get(row.of("subject")).map(|of| (of.0, of.2));
            if of_latest != Some((row.of("school_year"), row.of("assessment_id"))) || is_gap == (row.of("category") == "all")
            {
                continue;
            }
            let subject = row.of("subject");
            let (what, year) = if is_gap {
                (format!("{subject}: {}", gap_between(row.of("category"))), "")
            } else {
                (subject.to_owned(), row.of("school_year"))
            };
            lines.push(line(shown, row, what, year));
        }
    }
    for row in of(BY_PROGRAM.kpi).filter(|row| !row.of(BY_PROGRAM.value).is_empty()) {
        lines.push(line(&BY_PROGRAM, row, row.of("name").trim_start_matches("SYNTHETIC ").to_owned(), ""));
    }
    for shown in OF_DISTRICT {
        let is_meant = |row: &&Reported<'_>| {
            let has_role = shown.kpi.keys.contains(&"role");
            row.of("name") == WHOLE_DISTRICT && (!has_role || ["", shown.role].contains(&row.of("role")))
        };
        if let Some(row) = of(shown.kpi).find(is_meant).filter(|row| !row.of(shown.value).is_empty()) {
            lines.push(line(shown, row, shown.what.to_owned(), ""));
        }
    }
    lines
}

/// What the gap of a category is between, in a few words: the reference group first.
pub(crate) fn gap_between(category: &str) -> String {
    match category {
        "econ" => "not economically disadvantaged vs. economically disadvantaged".to_owned(),
        "el" => "not English learners vs. English learners".to_owned(),
        "iep" => "without an IEP vs. with an IEP".to_owned(),
        other => format!("{other}: no vs. yes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The year that stands for math: of rates by assessment, year, grade and n.
    fn latest(rates: &[(&str, &str, &str, &str)]) -> Vec<String> {
        let rows: Vec<(Vec<String>, Vec<String>)> = rates
            .iter()
            .map(|&(assessment, year, grade, n)| {
                let keys = [assessment, "math", year, "", grade, "all", "all"].map(str::to_owned).to_vec();
                (keys, [n, "40", "40.0", "35.0", "45.0"].map(str::to_owned).to_vec())
            })
            .collect();
        let kpi = &kpi_02_proficiency_rate::KPI;
        let reported = rows.iter().map(|(keys, figures)| Reported { kpi, keys, figures: Some(figures) });
        headlines(&reported.collect::<Vec<_>>()).into_iter().map(|line| format!("{} {}", line.year, line.n)).collect()
    }

    #[test]
    fn the_latest_year_in_which_many_were_tested_stands_for_a_subject() {
        assert_eq!(latest(&[("A", "2025", "", "100"), ("A", "2026", "", "90")]), ["2026 90"]);
        assert_eq!(latest(&[("A", "2025", "", "100"), ("A", "2026", "", "50")]), ["2026 50"], "half as many");
        assert_eq!(latest(&[("A", "2025", "", "100"), ("A", "2026", "", "49")]), ["2025 100"], "a small group");
        assert_eq!(latest(&[("A", "2026", "", "10"), ("B", "2025", "", "100")]), ["2025 100"], "in any order");
        assert_eq!(latest(&[("A", "2026", "", "50"), ("B", "2025", "", "100")]), ["2026 50"]);
        assert_eq!(latest(&[("A", "2025", "", "60"), ("B", "2025", "", "61")]), ["2025 61"], "the larger assessment");
        assert_eq!(latest(&[("A", "2026", "03", "100")]), [""; 0], "one grade is no headline");
    }
}
