//! Headline figures for leaders, for the whole district: the latest year of the largest assessment in each subject,
//! gaps, program effects, and staffing.

use super::Kpi;
use std::collections::BTreeMap;

/// The name of the district in columns that name schools.
pub const WHOLE_DISTRICT: &str = "(whole district)";

/// A row of a KPI as published texts.
#[derive(Clone, Copy)]
pub struct Reported<'a> {
    /// The KPI.
    pub kpi: &'static Kpi,
    /// The values of the KPI's key columns.
    pub keys: &'a [String],
    /// The values of the KPI's figure columns; `None` if suppressed.
    pub figures: Option<&'a [String]>,
}

impl<'a> Reported<'a> {
    /// A key or a figure by column name; empty if there is none.
    pub fn of(&self, name: &str) -> &'a str {
        let key = self.kpi.keys.iter().position(|key| *key == name).and_then(|place| self.keys.get(place));
        let figure = || self.kpi.columns.iter().position(|(column, _)| *column == name);
        key.or_else(|| figure().and_then(|place| self.figures?.get(place))).map_or("", String::as_str)
    }

    /// Whether it is a headline: for the whole district, all grades, and all students or one of the main gaps.
    pub fn is_headline(&self) -> bool {
        is_headline(self.kpi, self.keys)
    }
}

/// Whether a row with these keys is a headline: for the whole district, all grades, and all students or one of the main
/// gaps.
pub fn is_headline(kpi: &Kpi, keys: &[String]) -> bool {
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
    pub fn whom(&self) -> String {
        match (self.what.as_str(), self.year.as_str()) {
            (what, "") => what.to_owned(),
            (what, year) => format!("{what} {year}"),
        }
    }
}

/// The headlines among rows of KPIs.
pub fn headlines(rows: &[Reported<'_>]) -> Vec<Headline> {
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let of = |id: &'static str| rows.iter().filter(move |row| row.kpi.id == id && row.is_headline());
    // By subject: the year and assessment with the most students, in the latest year in which the subject was tested
    // widely.
    let mut latest: BTreeMap<&str, (&str, f64, &str)> = BTreeMap::new();
    for row in of("KPI-02").filter(|row| row.of("category") == "all") {
        let [subject, year, assessment, n] = ["subject", "school_year", "assessment_id", "n"].map(|name| row.of(name));
        let known = latest.entry(subject).or_insert((year, 0.0, assessment));
        // A small group tested later does not represent the subject.
        let is_wide = number(n) * 2.0 >= known.1;
        if is_wide && (year, number(n)) > (known.0, known.1) || number(n) > 2.0 * known.1 {
            *known = (year, number(n), assessment);
        }
    }
    let interval = |row: &Reported<'_>| {
        let ends = (row.of("low").to_owned(), row.of("high").to_owned());
        (!ends.0.is_empty()).then_some(ends)
    };
    let mut lines = Vec::new();
    for (id, value) in [("KPI-02", "rate"), ("KPI-04", "rate"), ("KPI-05", "gap")] {
        for row in of(id) {
            let is_latest = latest
                .get(row.of("subject"))
                .is_some_and(|of| (row.of("school_year"), row.of("assessment_id")) == (of.0, of.2));
            if !is_latest || (id == "KPI-05") == (row.of("category") == "all") {
                continue;
            }
            let (what, year) = match id {
                "KPI-05" => (format!("{0}: not {1} minus {1}", row.of("subject"), row.of("category")), ""),
                _ => (row.of("subject").to_owned(), row.of("school_year")),
            };
            lines.push(Headline {
                kpi: row.kpi,
                what,
                year: year.to_owned(),
                value: row.figures.map(|_| row.of(value).to_owned()),
                interval: interval(row),
                n: ["n", "expected", "n_focal"].map(|name| row.of(name)).concat(),
            });
        }
    }
    for row in of("KPI-09").filter(|row| !row.of("effect").is_empty()) {
        lines.push(Headline {
            kpi: row.kpi,
            what: row.of("name").trim_start_matches("SYNTHETIC ").to_owned(),
            year: String::new(),
            value: Some(row.of("effect").to_owned()),
            interval: interval(row),
            n: row.of("n_treatment").to_owned(),
        });
    }
    for (id, what, value, n) in [
        ("KPI-10", "", "ratio", "headcount"),
        ("KPI-11", "counselor", "ratio", "headcount"),
        ("KPI-13", "fully certified, % of FTE", "certified", "teacher_fte"),
    ] {
        let district = of(id).find(|row| row.of("name") == WHOLE_DISTRICT && ["", what].contains(&row.of("role")));
        if let Some(row) = district.filter(|row| !row.of(value).is_empty()) {
            lines.push(Headline {
                kpi: row.kpi,
                what: what.to_owned(),
                year: String::new(),
                value: Some(row.of(value).to_owned()),
                interval: None,
                n: row.of(n).to_owned(),
            });
        }
    }
    lines
}
