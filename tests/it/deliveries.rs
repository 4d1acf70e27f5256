//! Rules about rejected rows, compared with a model: a plain program that receives the same deliveries and tracks
//! rejected and duplicate rows by the text of the rules.

use proptest::prelude::*;
use rollcall::engine::Engine;
use rollcall::model::{Batch, Date, Table};
use rollcall::plan::{Output, Plan};
use rollcall::qa;
use rollcall::source::{Collected, csv::Csv};
use std::collections::{BTreeMap, BTreeSet};

/// A line of a delivery of courses.
#[derive(Clone, Debug)]
enum Line {
    /// A key and title.
    Good(u8, u8),
    /// A key with an empty organization.
    Missing(u8),
    /// A key with credits that are not a number.
    Unreadable(u8),
    /// Too few fields, so not even the key can be read.
    Short,
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        4 => (0u8..4, 0u8..3).prop_map(|(key, title)| Line::Good(key, title)),
        1 => (0u8..4).prop_map(Line::Missing),
        1 => (0u8..4).prop_map(Line::Unreadable),
        1 => Just(Line::Short),
    ]
}

/// What the rules report so far: (rule, subject) by the text of the rules.
#[derive(Default)]
struct Model {
    rows: BTreeMap<u8, u8>,
    rejected: BTreeMap<String, BTreeSet<(&'static str, String)>>,
    twice: BTreeSet<u8>,
}

impl Model {
    fn take(&mut self, lines: &[Line], whole: bool) {
        if whole {
            self.rejected.clear();
            self.twice.clear();
        }
        let mut stated: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        for (number, line) in lines.iter().enumerate() {
            let place = format!("course.csv:{}", number + 2);
            match *line {
                Line::Good(key, title) => {
                    self.rejected.remove(&format!("C{key}"));
                    self.twice.remove(&key);
                    self.rows.insert(key, title);
                    stated.entry(key).or_default().push(title);
                }
                // New rejections of a key replace those of earlier deliveries.
                Line::Missing(key) => {
                    self.reject(format!("C{key}"), lines, number, ("REF-004", format!("course|C{key}|org_id")))
                }
                Line::Unreadable(key) => {
                    self.reject(format!("C{key}"), lines, number, ("REF-003", format!("course|C{key}")))
                }
                Line::Short => self.reject(place.clone(), lines, number, ("REF-003", format!("course|{place}"))),
            }
        }
        for (key, titles) in stated {
            if titles.iter().any(|title| Some(title) != titles.last()) {
                self.twice.insert(key);
            }
        }
    }

    fn reject(&mut self, row: String, lines: &[Line], number: usize, violation: (&'static str, String)) {
        let key = |line: &Line| match line {
            Line::Good(key, _) | Line::Missing(key) | Line::Unreadable(key) => Some(format!("C{key}")),
            Line::Short => None,
        };
        let of_this_delivery = lines[..number].iter().any(|line| key(line).as_ref() == Some(&row));
        if !of_this_delivery {
            self.rejected.remove(&row);
        }
        self.rejected.entry(row).or_default().insert(violation);
    }

    fn violations(&self) -> BTreeSet<(&'static str, String)> {
        let twice = self.twice.iter().map(|key| ("REF-009", format!("course|C{key}")));
        self.rejected.values().flatten().cloned().chain(twice).collect()
    }
}

fn text(lines: &[Line]) -> String {
    let mut text = String::from("course_id,org_id,title,credits\n");
    for line in lines {
        text += &match line {
            Line::Good(key, title) => format!("C{key},D,Title {title},1\n"),
            Line::Missing(key) => format!("C{key},,Title,1\n"),
            Line::Unreadable(key) => format!("C{key},D,Title,one\n"),
            Line::Short => "lost\n".to_owned(),
        };
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn rejected_and_repeated_rows_are_what_a_replay_says(
        deliveries in prop::collection::vec((prop::collection::vec(line(), 0..8), prop::bool::ANY), 1..6),
    ) {
        let day = Date::ymd(2026, 3, 16).expect("a day of the calendar");
        let mut engine = Engine::start(Plan::default(), 1, day).expect("the engine starts");
        let mut model = Model::default();
        let mut open: BTreeMap<(&'static str, String), i64> = BTreeMap::new();
        for (lines, whole) in deliveries {
            let mut taker = Collected { texts: engine.texts(), batch: Batch::default() };
            Csv.decode(Table::Course, "course.csv", text(&lines).as_bytes(), &mut taker).expect("the file has its headers");
            let mut batch = taker.batch;
            if whole {
                batch.delivered.push(Table::Course);
            }
            engine.commit(&batch).expect("the batch is taken");
            for delta in engine.settle().expect("the workers work") {
                for (output, diff) in delta.updates {
                    let Output::Finding(finding) = output else { continue };
                    let rule = qa::numbered(finding.rule).id;
                    if ["REF-003", "REF-004", "REF-009"].contains(&rule) {
                        *open.entry((rule, finding.subject.key(&engine.current().texts))).or_default() += i64::from(diff);
                    }
                }
            }
            open.retain(|_, count| *count != 0);
            model.take(&lines, whole);
            prop_assert!(open.values().all(|count| *count > 0));
            prop_assert_eq!(open.keys().cloned().collect::<BTreeSet<_>>(), model.violations());
        }
    }
}
