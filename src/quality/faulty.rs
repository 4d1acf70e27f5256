//! Which records are faulty: those with an open violation of severity error or critical, by rule group. For the current
//! day, with the number of records; for earlier days, only the number of faulty ones.

use super::history::History;
use super::subjects::Whereabouts;
use super::violations::{Violation, Violations};
use crate::kpi::Cleanliness;
use crate::model::codes::OrgType;
use crate::model::{Date, Id, OrgId, StaffId, StudentId, Table, timestamp};
use crate::qa::{self, About, Severity};
use std::collections::BTreeMap;

/// A record that a violation makes faulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Faulty {
    Student(StudentId),
    Staff(StaffId),
    School(OrgId),
    /// For rules about rows of any table, every violation counts.
    Row(Violation),
}

/// The number of faulty records of a rule group at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultyDay {
    /// The rule group.
    pub family: &'static str,
    /// The school; `None` is the whole district.
    pub school: Option<OrgId>,
    /// The day.
    pub day: Date,
    /// Faulty records.
    pub faulty: i64,
    /// All records; only for the last day.
    pub records: Option<i64>,
}

/// Counts by index of the rule group and by school; `None` is the whole district.
type Counts = BTreeMap<(usize, Option<OrgId>), i64>;

fn count(of: &mut Counts, family: usize, school: Option<OrgId>) {
    *of.entry((family, None)).or_default() += 1;
    if school.is_some() {
        *of.entry((family, school)).or_default() += 1;
    }
}

/// By rule number: the index of its group, if its violations make records faulty.
fn groups() -> Vec<Option<usize>> {
    let of = |(place, family): (usize, &qa::RuleGroup)| {
        let serious = move |rule: &&qa::Rule| (rule.severity >= Severity::Error).then_some(place);
        family.rules.iter().map(serious).collect::<Vec<_>>()
    };
    qa::RULE_GROUPS.iter().enumerate().flat_map(of).collect()
}

impl Whereabouts<'_> {
    /// The record that a violation makes faulty, for a rule group about such records. Deleted records are not counted.
    fn faulty(&self, about: About, violation: &Violation) -> Option<Faulty> {
        let rows = self.current.rows();
        let concerned = || self.concerned(&violation.1);
        match about {
            About::Students => {
                let there = |id: &StudentId| rows.student.get(id.index()).is_some_and(Option::is_some);
                concerned().student.filter(there).map(Faulty::Student)
            }
            About::Staff => {
                let there = |id: &StaffId| rows.staff.get(id.index()).is_some_and(Option::is_some);
                concerned().staff.filter(there).map(Faulty::Staff)
            }
            About::Schools => {
                let is_school = |id: &OrgId| {
                    let row = rows.organization.get(id.index()).and_then(Option::as_ref);
                    row.is_some_and(|row| row.org_type == OrgType::School)
                };
                concerned().org.filter(is_school).map(Faulty::School)
            }
            About::Rows => Some(Faulty::Row(*violation)),
        }
    }

    /// The current school of a record.
    fn school(&self, of: &Faulty) -> Option<OrgId> {
        match of {
            Faulty::Student(id) => self.school_of(*id),
            Faulty::Staff(id) => self.org_of(*id),
            Faulty::School(id) => Some(*id),
            Faulty::Row(_) => None,
        }
    }

    /// The share of records without errors, by rule group with rules that run: for the district and for each school.
    pub(crate) fn cleanliness(&self, violations: &Violations, runs: impl Fn(&qa::Rule) -> bool) -> Vec<Cleanliness> {
        let rows = self.current.rows();
        let groups = groups();
        let of = |violation: &Violation| {
            let family = groups[usize::from(violation.0.0)]?;
            Some((family, self.faulty(qa::RULE_GROUPS[family].about, violation)?))
        };
        let mut faulty: Vec<(usize, Faulty)> = violations.open().filter_map(|(violation, _)| of(violation)).collect();
        faulty.sort_unstable();
        faulty.dedup();
        let mut faults = Counts::new();
        faulty.iter().for_each(|(family, of)| count(&mut faults, *family, self.school(of)));
        let mut records = Counts::new();
        for (place, family) in qa::RULE_GROUPS.iter().enumerate().filter(|(_, of)| of.rules.iter().any(|rule| runs(rule))) {
            let mut add = |school| count(&mut records, place, school);
            match family.about {
                About::Students => {
                    rows.student.iter().flatten().for_each(|row| add(self.school_of(row.student_id)));
                }
                About::Staff => {
                    rows.staff.iter().flatten().for_each(|row| add(self.org_of(row.staff_id)));
                }
                About::Schools => {
                    let schools = rows.organization.iter().flatten().filter(|row| row.org_type == OrgType::School);
                    schools.for_each(|row| add(Some(row.org_id)));
                }
                About::Rows => {
                    let total = Table::ALL.iter().map(|&table| rows.of(table).count() as i64).sum();
                    records.insert((place, None), total);
                }
            }
        }
        let mut all: Vec<Cleanliness> = records
            .into_iter()
            .map(|((family, school), records)| {
                let faulty = faults.get(&(family, school)).copied().unwrap_or(0);
                Cleanliness { family: qa::RULE_GROUPS[family].name, school, records, faulty }
            })
            .collect();
        let texts = &self.current.texts;
        all.sort_by_cached_key(|of| (of.family, of.school.map(|school| texts.text(school).to_owned())));
        all
    }

    /// The number of faulty records on each day on which it changed, and on the last day. Counts current records at
    /// their current school; which others existed is not known.
    pub(crate) fn faulty_days(&self, history: &History, today: Date, cleanliness: &[Cleanliness]) -> Vec<FaultyDay> {
        let groups = groups();
        let mut spans: Vec<(usize, Faulty, Date, Date)> = Vec::new();
        for episode in history.episodes() {
            let (from, to) = (timestamp::day(episode.opened), episode.closed.map_or(Date::MAX, timestamp::day));
            // A violation that closes on the same day does not exist at the end of the day.
            let Some(family) = groups[usize::from(episode.violation.0.0)].filter(|_| from < to) else { continue };
            let faulty = self.faulty(qa::RULE_GROUPS[family].about, &episode.violation);
            spans.extend(faulty.map(|faulty| (family, faulty, from, to)));
        }
        spans.sort_unstable();
        // The increase from a day on.
        let mut steps: BTreeMap<(usize, Option<OrgId>), BTreeMap<Date, i64>> = BTreeMap::new();
        for of_record in spans.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (family, faulty, ..) = of_record[0];
            let school = self.school(&faulty);
            let places = if school.is_some() { &[None, school][..] } else { &[None][..] };
            for (from, to) in merged(of_record.iter().map(|(_, _, from, to)| (*from, *to))) {
                for place in places {
                    let steps = steps.entry((family, *place)).or_default();
                    *steps.entry(from).or_default() += 1;
                    *steps.entry(to).or_default() -= 1;
                }
            }
        }
        let records: BTreeMap<(&str, Option<OrgId>), i64> =
            cleanliness.iter().map(|of| ((of.family, of.school), of.records)).collect();
        let mut days = Vec::new();
        for ((family, school), mut steps) in steps {
            let family = qa::RULE_GROUPS[family].name;
            steps.remove(&Date::MAX);
            steps.retain(|_, more| *more != 0);
            steps.entry(today).or_default();
            let mut faulty = 0;
            days.extend(steps.into_iter().map(|(day, more)| {
                faulty += more;
                let records = records.get(&(family, school)).copied().filter(|_| day == today);
                FaultyDay { family, school, day, faulty, records }
            }));
        }
        days
    }
}

/// Spans in order, with adjacent and overlapping ones merged.
fn merged(spans: impl Iterator<Item = (Date, Date)>) -> Vec<(Date, Date)> {
    let mut all: Vec<(Date, Date)> = Vec::new();
    for (from, to) in spans {
        match all.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::testing::run;
    use expect_test::expect;

    /// S1 is faulty until S2 is, first by one enrollment, then by another; E4 was deleted, so its student is unknown.
    #[test]
    fn a_record_is_faulty_once_however_many_violations_it_has() {
        let changes = "
            student | student_id
            2025-09-02 + S1
            2025-09-02 + S2
            school_enrollment | enrollment_id student_id school_id entry_date exit_date
            2025-09-02 + E1 S1 North 2025-08-20 2025-08-19
            2025-09-02 + E5 S2 South 2025-08-20 .
            2025-09-03 + E2 S1 North 2025-08-20 2025-08-19
            2025-09-04 + E1 S1 North 2025-08-20 .
            2025-09-08 + E2 S1 North 2025-08-20 2025-08-25
            2025-09-08 + E3 S2 South 2025-08-20 2025-08-19
            2025-09-10 + E4 S1 North 2025-08-20 2025-08-19
            2025-09-11 - E4
            2025-09-15
        ";
        let (engine, deltas) = run(changes, Plan::default());
        let (mut violations, mut history) = (Violations::default(), History::default());
        for delta in &deltas {
            let mut events = violations.apply(delta);
            events.retain(|((rule, _), _)| qa::numbered(*rule).id == "ENR-003");
            history.apply(delta.time, &events);
        }
        assert_eq!(history.episodes().count(), 4);
        let cleanliness = [Cleanliness { family: "enrollment", school: None, records: 2, faulty: 1 }];
        let days = Whereabouts::on(engine.day(), &engine.current).faulty_days(&history, engine.day(), &cleanliness);
        let lines = days.iter().map(|FaultyDay { family, school, day, faulty, records }| {
            let school = school.map_or("*", |school| engine.current.texts.text(school));
            format!("{family} {school} {day} {faulty} {}\n", records.map_or(".".to_owned(), |records| records.to_string()))
        });
        expect![[r#"
            enrollment * 2025-09-02 1 .
            enrollment * 2025-09-15 1 2
            enrollment North 2025-09-02 1 .
            enrollment North 2025-09-08 0 .
            enrollment North 2025-09-15 0 .
            enrollment South 2025-09-08 1 .
            enrollment South 2025-09-15 1 .
        "#]]
        .assert_eq(&lines.collect::<String>());
    }
}
