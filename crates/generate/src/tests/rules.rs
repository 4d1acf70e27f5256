//! A second reading of the rules that the generator could break most easily: plain loops over the rows find exactly the
//! violations of the answer key.

use super::{Lists, Row, by, day, generate, options, rows};
use crate::{Options, participation, schools};
use rollcall_model::Table;
use rollcall_model::date::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The days of a span, without the end.
type Span = (i64, i64);
const EVER: i64 = 1 << 40;

/// Rules and subjects.
type Findings = BTreeSet<(&'static str, String)>;

/// An independent implementation of the rules that the generator could break most easily: plain loops over the rows.
struct Reading {
    today: i64,
    tables: BTreeMap<&'static str, Vec<Row>>,
    found: Findings,
}

fn span(begin: &str, end: &str) -> Span {
    let bound = |text: &str, open| if text.is_empty() { open } else { day(text) };
    (bound(begin, -EVER), bound(end, EVER))
}

fn meet(a: Span, b: Span) -> Span {
    (a.0.max(b.0), a.1.min(b.1))
}

fn is_empty(span: Span) -> bool {
    span.0 >= span.1
}

/// The first and last day of a school year, without the end.
fn year_span(year: &str) -> Span {
    let spring: i32 = year.parse().unwrap();
    (day(&format!("{}-07-01", spring - 1)), day(&format!("{spring}-07-01")))
}

/// The end of the school year of a day.
fn year_end(of: i64) -> i64 {
    (1950..2200).map(|year| year_span(&year.to_string()).1).find(|&end| of < end).unwrap()
}

/// The part of a span that no other covers.
fn gaps(of: Span, by: &[Span]) -> Vec<Span> {
    let mut points: Vec<i64> = by.iter().flat_map(|span| [span.0, span.1]).chain([of.0, of.1]).collect();
    points.sort_unstable();
    let mut gaps: Vec<Span> = Vec::new();
    for pair in points.windows(2) {
        let piece = (pair[0], pair[1]);
        let inside = !is_empty(piece) && of.0 <= piece.0 && piece.1 <= of.1;
        if inside && !by.iter().any(|span| span.0 <= piece.0 && piece.1 <= span.1) {
            match gaps.last_mut() {
                Some(last) if last.1 == piece.0 => last.1 = piece.1,
                _ => gaps.push(piece),
            }
        }
    }
    gaps
}

fn rank(grade: &str) -> usize {
    schools::GRADES.iter().position(|known| *known == grade).unwrap_or(99)
}

fn scaled(text: &str) -> i64 {
    (text.parse::<f64>().unwrap() * 10_000.0).round() as i64
}

impl Reading {
    const RULES: [&'static str; 15] = [
        "ENR-014", "ENR-015", "ENR-018", "CRT-006", "FTE-005", "FTE-006", "FTE-007", "FTE-012", "FTE-014", "ASM-009",
        "ASM-010", "PRG-001", "PRG-002", "PRG-003", "RAT-004",
    ];

    /// The planted and the found violations of these rules.
    fn of(options: Options) -> (Findings, Findings) {
        let (files, key) = generate(options);
        let today = options.day.since(Date::ymd(1900, 1, 1).unwrap());
        let mut tables = BTreeMap::new();
        for &table in Table::ALL {
            let spec = table.spec();
            let mut seen = BTreeSet::new();
            let mut rows = rows(&files, spec.name);
            // Unreadable rows do not exist, and of two rows with one key the first counts here.
            rows.retain(|row| {
                let complete = spec.columns.iter().all(|column| !column.required || !row[column.name].is_empty());
                let dates = spec.columns.iter().filter(|column| column.name.ends_with("_date"));
                let mut dates = dates.map(|column| &row[column.name]);
                let readable = dates.all(|date| date.is_empty() || Date::parse_iso(date.as_bytes()).is_some());
                let key: Vec<String> = spec.key.iter().map(|column| row[*column].clone()).collect();
                complete && readable && seen.insert(key)
            });
            tables.insert(spec.name, rows);
        }
        let mut reading = Reading { today, tables, found: BTreeSet::new() };
        let tables = std::mem::take(&mut reading.tables);
        reading.rosters(&tables);
        reading.staff(&tables);
        reading.assessments(&tables);
        reading.programs(&tables);
        let planted = key.faults.into_iter().map(|planted| (planted.rule, planted.subject));
        (planted.filter(|(rule, _)| Reading::RULES.contains(rule)).collect(), reading.found)
    }

    fn note(&mut self, rule: &'static str, subject: impl Into<String>) {
        self.found.insert((rule, subject.into()));
    }

    fn holds(&self, span: Span) -> bool {
        span.0 <= self.today && self.today < span.1
    }

    /// The counting enrollments of each student; with `primary`, only primary ones.
    fn enrollments<'a>(tables: &'a BTreeMap<&str, Vec<Row>>, primary: bool) -> Lists<'a> {
        let mut lists = by(&tables["school_enrollment"], "student_id");
        for list in lists.values_mut() {
            list.retain(|row| {
                let counts = !is_empty(span(&row["entry_date"], &row["exit_date"])) && row["is_no_show"] != "true";
                counts && row["exit_type"] != "no_show" && (!primary || row["status"] == "primary")
            });
        }
        lists
    }

    /// The days of each section.
    fn section_days<'a>(tables: &'a BTreeMap<&str, Vec<Row>>) -> BTreeMap<&'a str, (&'a Row, Span)> {
        let sessions = by(&tables["academic_session"], "session_id");
        let days = |row: &Row| {
            let spans = row["session_ids"].split(';').map(|id| sessions[id][0]);
            let spans: Vec<Span> = spans.map(|row| span(&row["begin_date"], &row["end_date"])).collect();
            (spans.iter().map(|span| span.0).min().unwrap(), spans.iter().map(|span| span.1).max().unwrap())
        };
        tables["section"].iter().map(|row| (row["section_id"].as_str(), (row, days(row)))).collect()
    }

    fn rosters(&mut self, tables: &BTreeMap<&str, Vec<Row>>) {
        let (counting, primary) = (Reading::enrollments(tables, false), Reading::enrollments(tables, true));
        let sections = Reading::section_days(tables);
        let within = |row: &Row| {
            let (section, days) = sections.get(row["section_id"].as_str())?;
            let days = meet(span(&row["begin_date"], &row["end_date"]), *days);
            (!is_empty(days)).then_some((*section, days))
        };
        let mut on: BTreeMap<&str, Vec<(&Row, Span)>> = BTreeMap::new();
        let mut today: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut grades: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for row in tables["section_enrollment"].iter().filter(|row| row["is_dropped"] != "true") {
            let Some((section, days)) = within(row) else { continue };
            let student = row["student_id"].as_str();
            let none = Vec::new();
            let at = |row: &&&Row| row["school_id"] == section["school_id"];
            let there = counting.get(student).unwrap_or(&none).iter().filter(at);
            let there: Vec<Span> = there.map(|row| span(&row["entry_date"], &row["exit_date"])).collect();
            if !gaps(days, &there).is_empty() && self.today < year_span(&section["school_year"]).1 {
                self.note("ENR-014", &row["section_enrollment_id"]);
            }
            on.entry(student).or_default().push((section, days));
            let id = section["section_id"].as_str();
            if self.holds(days) {
                today.entry(id).or_default().insert(student);
            }
            let own = primary.get(student).unwrap_or(&none).iter().filter(at);
            let own = own.filter(|row| row["school_year"] == section["school_year"]);
            if let Some(last) = own.max_by_key(|row| (&row["entry_date"], rank(&row["grade_level"]))) {
                grades.entry(id).or_default().insert(rank(&last["grade_level"]));
            }
        }
        let held: BTreeSet<(&str, &str)> =
            tables["section"].iter().map(|row| (row["school_id"].as_str(), row["school_year"].as_str())).collect();
        let calendar = by(&tables["calendar_day"], "calendar_id");
        for row in primary.values().flatten() {
            let days = span(&row["entry_date"], &row["exit_date"]);
            if !held.contains(&(row["school_id"].as_str(), row["school_year"].as_str())) {
                continue;
            }
            let listed = on.get(row["student_id"].as_str()).into_iter().flatten();
            let mut listed = listed.filter(|(section, _)| section["school_id"] == row["school_id"]);
            let calendar = &calendar[format!("CAL-{}-{}", row["school_id"], row["school_year"]).as_str()];
            let taught = calendar.iter().filter(|row| row["is_instructional"] == "true").map(|row| day(&row["date"]));
            let mut taught: Vec<i64> = taught.filter(|&day| day >= days.0).collect();
            taught.sort_unstable();
            let due = taught.get(10).is_some_and(|&due| self.holds((due, days.1)));
            if due && !listed.any(|(_, on)| !is_empty(meet(*on, days))) {
                self.note("ENR-015", &row["enrollment_id"]);
            }
        }
        let teachers = by(&tables["section_staff"], "section_id");
        for (id, students) in &today {
            let section = sections[id].0;
            let limit = match section["max_enrollment"].parse::<usize>() {
                Ok(limit) => limit,
                // The standard of the level, by the grade in the id or, for a support class, the smallest.
                Err(_) => {
                    let level = &by(&tables["organization"], "org_id")[section["school_id"].as_str()][0]["school_level"];
                    let fits = |row: &&Row| row["school_level"] == *level && !row["max_section_size"].is_empty();
                    tables["staffing_standard"].iter().find(fits).unwrap()["max_section_size"].parse().unwrap()
                }
            };
            if students.len() > limit {
                self.note("RAT-004", *id);
            }
            let of_record =
                |row: &&Row| row["role"] == "teacher_of_record" && within(row).is_some_and(|(_, days)| self.holds(days));
            if !teachers.get(id).into_iter().flatten().any(of_record) {
                self.note("ENR-018", *id);
            }
        }
        self.teachers(tables, &sections, &grades);
    }

    fn teachers(
        &mut self,
        tables: &BTreeMap<&str, Vec<Row>>,
        sections: &BTreeMap<&str, (&Row, Span)>,
        grades: &BTreeMap<&str, BTreeSet<usize>>,
    ) {
        let courses = by(&tables["course"], "course_id");
        let cards = by(&tables["credential"], "staff_id");
        let authorizations = by(&tables["credential_authorization"], "credential_id");
        let assignments = by(&tables["staff_assignment"], "staff_id");
        let mut hours: BTreeMap<String, Vec<(&Row, Span)>> = BTreeMap::new();
        for row in &tables["section_staff"] {
            let Some((section, days)) = sections.get(row["section_id"].as_str()) else { continue };
            let days = meet(span(&row["begin_date"], &row["end_date"]), *days);
            for period in section["periods"].split(';').filter(|period| !period.is_empty()) {
                let key = format!("{}|{}|{period}", row["staff_id"], section["school_id"]);
                hours.entry(key).or_default().push((*section, days));
            }
            if row["role"] != "teacher_of_record" || !self.holds(days) {
                continue;
            }
            let at = |row: &&&Row| row["org_id"] == section["school_id"] || row["org_id"] == "1000";
            let held = assignments.get(row["staff_id"].as_str()).into_iter().flatten().filter(at);
            if !held.into_iter().any(|row| self.holds(span(&row["begin_date"], &row["end_date"]))) {
                self.note("FTE-012", &row["section_staff_id"]);
            }
            let course = courses[section["course_id"].as_str()][0];
            let (subject, taught) = (&course["subject"], grades.get(section["section_id"].as_str()));
            let Some(taught) = taught.filter(|_| subject != "none") else { continue };
            let valid = cards.get(row["staff_id"].as_str()).into_iter().flatten().filter(|card| {
                let effective = [&card["effective_date"], &card["issue_date"]].into_iter().find(|date| !date.is_empty());
                let holds = |end: &str| effective.is_some_and(|begin| self.holds(span(begin, end)));
                card["status"] == "active" && holds(&card["expiration_date"]) && holds(&card["revoked_date"])
            });
            let of = |card: &&Row| authorizations.get(card["credential_id"].as_str()).into_iter().flatten();
            let valid = valid
                .flat_map(of)
                .filter(|of| *subject == of["subject"] && self.holds(span(&of["issue_date"], &of["expiration_date"])));
            let valid: Vec<&&Row> = valid.collect();
            let (low, high) = (*taught.first().unwrap(), *taught.last().unwrap());
            // The generator has no grades before kindergarten; they would sort before all others.
            let fits = |of: &&&Row| {
                rank(&of["grade_low"]) <= low && high <= rank(&of["grade_high"]) && rank(&of["grade_high"]) < 99
            };
            if !valid.is_empty() && !valid.iter().any(fits) {
                self.note("CRT-006", &row["section_staff_id"]);
            }
        }
        for (key, booked) in hours {
            for (index, (a, days)) in booked.iter().enumerate() {
                for (b, other) in &booked[index + 1..] {
                    let together = a["course_id"] == b["course_id"] && a["room"] == b["room"];
                    let shared = meet(*days, *other);
                    if a["section_id"] != b["section_id"] && !together && !is_empty(shared) && self.today < shared.1 {
                        self.note("FTE-014", &key);
                    }
                }
            }
        }
    }

    fn staff(&mut self, tables: &BTreeMap<&str, Vec<Row>>) {
        let assignments = by(&tables["staff_assignment"], "staff_id");
        let employments = by(&tables["staff_employment"], "staff_id");
        for (staff, assigned) in &assignments {
            let employed = employments.get(staff).cloned().unwrap_or_default();
            let spans: Vec<Span> = employed.iter().map(|row| span(&row["hire_date"], &row["end_date"])).collect();
            for row in assigned {
                let days = span(&row["begin_date"], &row["end_date"]);
                if self.holds(days) && !gaps(days, &spans).is_empty() {
                    self.note("FTE-007", &row["assignment_id"]);
                }
            }
            let with_fte = |rows: &[&Row], begin: &str, fte: &str| -> Vec<(Span, i64)> {
                let rows = rows.iter().filter(|row| !row[fte].is_empty());
                rows.map(|row| (span(&row[begin], &row["end_date"]), scaled(&row[fte]))).collect()
            };
            let assigned = with_fte(assigned, "begin_date", "fte");
            let employed = with_fte(&employed, "hire_date", "contract_fte");
            let mut points: Vec<i64> = assigned.iter().chain(&employed).flat_map(|(days, _)| [days.0, days.1]).collect();
            points.extend([EVER]);
            points.sort_unstable();
            points.dedup();
            for piece in points.windows(2) {
                let on = |list: &[(Span, i64)]| -> Vec<(Span, i64)> {
                    list.iter().filter(|(days, _)| days.0 <= piece[0] && piece[1] <= days.1).copied().collect()
                };
                let (work, contract) = (on(&assigned), on(&employed));
                let Some(since) = contract.iter().map(|(days, _)| days.0).min() else { continue };
                let sum = |list: &[(Span, i64)]| list.iter().map(|(_, fte)| fte).sum::<i64>();
                let over = sum(&work) - sum(&contract);
                if over > 500 && self.today < piece[1].max(year_end(piece[0])) {
                    self.note("FTE-005", *staff);
                }
                if -over > 2_000 && self.holds((piece[0].max(since + 30), piece[1])) {
                    self.note("FTE-006", *staff);
                }
            }
        }
    }

    fn assessments(&mut self, tables: &BTreeMap<&str, Vec<Row>>) {
        let primary = Reading::enrollments(tables, true);
        let students = by(&tables["student"], "student_id");
        let statuses = by(&tables["student_status"], "student_id");
        let mut tested: BTreeMap<(&str, &str), bool> = BTreeMap::new();
        for row in &tables["assessment_result"] {
            let one = tested.entry((&row["student_id"], &row["assessment_id"])).or_default();
            *one |= row["participation"] == "tested";
        }
        for assessment in tables["assessment"].iter().filter(|row| row["is_accountability"] == "true") {
            let window = span(&assessment["window_begin"], &assessment["window_end"]);
            let grades: Vec<&str> = assessment["grades"].split(';').collect();
            let open = self.holds((window.1, year_span(&assessment["school_year"]).1));
            let mut cells: BTreeMap<String, (u32, u32)> = BTreeMap::new();
            let id = assessment["assessment_id"].as_str();
            for (student, list) in &primary {
                let there = list.iter().filter(|row| {
                    let days = span(&row["entry_date"], &row["exit_date"]);
                    let year = row["school_year"] == assessment["school_year"];
                    year && days.0 <= window.0 && window.0 < days.1 && grades.contains(&row["grade_level"].as_str())
                });
                let Some(there) = there.min_by_key(|row| (&row["entry_date"], &row["school_id"])) else { continue };
                let result = tested.get(&(*student, id));
                if result.is_none() && open {
                    self.note("ASM-009", format!("{student}|{id}"));
                }
                let groups = students.get(student).map(|rows| groups_of(rows[0], statuses.get(student), window.0));
                for group in groups.into_iter().flatten() {
                    let cell = cells.entry(format!("{id}|{}|{group}", there["school_id"])).or_default();
                    *cell = (cell.0 + 1, cell.1 + u32::from(result == Some(&true)));
                }
            }
            for (cell, (expected, tested)) in cells {
                if open && expected >= 10 && tested * 100 < 95 * expected {
                    self.note("ASM-010", cell);
                }
            }
        }
    }

    fn programs(&mut self, tables: &BTreeMap<&str, Vec<Row>>) {
        let counting = Reading::enrollments(tables, false);
        let mut both: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for row in &tables["program_participation"] {
            let days = span(&row["begin_date"], &row["end_date"]);
            if is_empty(days) || self.today < days.0 - 183 {
                self.note("PRG-001", &row["participation_id"]);
                continue;
            }
            let there = counting.get(row["student_id"].as_str()).into_iter().flatten();
            let there: Vec<Span> = there.map(|row| span(&row["entry_date"], &row["exit_date"])).collect();
            if gaps(days, &there).into_iter().any(|gap| self.holds((gap.0, gap.1.max(year_end(gap.0))))) {
                self.note("PRG-002", &row["participation_id"]);
            }
            let other = both.entry(format!("{}|{}", row["student_id"], row["program_id"])).or_default();
            if other.iter().any(|&other| !is_empty(meet(other, days))) {
                self.note("PRG-003", format!("{}|{}", row["student_id"], row["program_id"]));
            }
            other.push(days);
        }
    }
}

/// The groups of a student on a day, as published.
fn groups_of(student: &Row, statuses: Option<&Vec<&Row>>, on: i64) -> Vec<String> {
    const RACES: [&str; 5] = ["american_indian", "asian", "black", "pacific_islander", "white"];
    let races: BTreeSet<&str> = student["race"].split(';').filter(|race| RACES.contains(race)).collect();
    let race = match races.first() {
        _ if student["is_hispanic"] == "true" => "hispanic",
        Some(_) if races.len() > 1 => "two_or_more",
        Some(race) => race,
        None => "unknown",
    };
    let sex = if ["female", "male", "nonbinary"].contains(&student["sex"].as_str()) { &student["sex"] } else { "unknown" };
    let mut groups = vec!["all|all".to_owned(), format!("race_ethnicity|{race}"), format!("sex|{sex}")];
    for (kind, category) in participation::STATUSES {
        let values = match category {
            "econ" => &["free", "reduced", "direct_cert"][..],
            "el" => &["el_current"],
            _ => &["yes"],
        };
        let in_force = statuses.into_iter().flatten().any(|row| {
            let days = span(&row["begin_date"], &row["end_date"]);
            let says = row["status_type"] == kind.code() && values.contains(&row["status_value"].as_str());
            says && days.0 <= on && on < days.1
        });
        groups.push(format!("{category}|{}", if in_force { "yes" } else { "no" }));
    }
    groups
}

#[test]
fn a_second_reading_of_the_rules_finds_the_answer_key() {
    for (students, seed, day) in
        [(300, 1, (2026, 3, 16)), (300, 2, (2026, 5, 28)), (2_000, 1, (2026, 5, 28)), (2_000, 2, (2025, 9, 18))]
    {
        let day = Date::ymd(day.0, day.1, day.2).unwrap();
        for faults in [false, true] {
            let (planted, found) = Reading::of(Options { day, ..options(students, seed, faults) });
            let missed: Vec<_> = planted.difference(&found).collect();
            let invented: Vec<_> = found.difference(&planted).collect();
            assert!(missed.is_empty(), "{students} students, seed {seed}, {day}, missed: {missed:#?}");
            assert!(invented.is_empty(), "{students} students, seed {seed}, {day}, invented: {invented:#?}");
            assert_eq!(planted.is_empty(), !faults);
        }
    }
}
