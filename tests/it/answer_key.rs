//! Exactly the planted faults are found: the open findings of a generated district match its answer key.

use crate::chaos::{Accumulated, District};
use rollcall::model::{Date, Subject};
use rollcall::plan::Plan;
use rollcall::qa;
use rollcall_generate::Options;
use std::collections::{BTreeMap, BTreeSet};

/// Rule and subject, as in the answer key.
type Answers = BTreeSet<(&'static str, String)>;

/// The open findings of a district on the day of its extract.
fn found(district: &District) -> Answers {
    let mut engine = district.load(Plan::default(), 2);
    let mut accumulated = Accumulated::default();
    accumulated.take(engine.settle().expect("the workers work"));
    let texts = &engine.current().texts;
    let mut answers = Answers::new();
    let mut same: BTreeMap<(&str, String), BTreeSet<String>> = BTreeMap::new();
    for (finding, _) in accumulated.findings() {
        let subject = finding.subject.key(texts);
        let rule = qa::numbered(finding.rule).id;
        if let Subject::Match(_) | Subject::Login(_) = finding.subject {
            // The key is opaque; the answer key names the staff who share it.
            same.entry((rule, subject)).or_default().insert(finding.evidence[0].text(texts));
        } else {
            answers.insert((rule, subject));
        }
    }
    let spelled = |staff: BTreeSet<String>| format!("dup:{}", Vec::from_iter(staff).join("+"));
    answers.extend(same.into_iter().map(|((rule, _), staff)| (rule, spelled(staff))));
    answers
}

/// Early, mid and late in the school year, because open findings depend on the day.
fn days() -> [Date; 3] {
    [(2026, 3, 16), (2025, 9, 18), (2026, 5, 28)]
        .map(|(year, month, day)| Date::ymd(year, month, day).expect("a school day"))
}

fn check(students: u32) {
    for (seed, day) in (1..).zip(days()) {
        let district = District::generate(Options { students, seed, day, faults: true });
        let planted: Answers = district.key.faults.iter().map(|fault| (fault.rule, fault.subject.clone())).collect();
        let found = found(&district);
        assert!(planted.len() > 40, "faults were planted");
        let missed: Vec<_> = planted.difference(&found).collect();
        let invented: Vec<_> = found.difference(&planted).collect();
        let what = format!("{students} students, seed {seed}, {day}");
        assert!(missed.is_empty() && invented.is_empty(), "{what}\nmissed: {missed:#?}\ninvented: {invented:#?}");

        let sound = self::found(&District::generate(Options { students, seed, day, faults: false }));
        assert!(sound.is_empty(), "{what}, nothing planted\ninvented: {sound:#?}");
    }
}

#[test]
fn findings_are_the_answer_key_of_a_small_district() {
    check(300);
}

#[test]
fn findings_are_the_answer_key_of_a_larger_district() {
    check(2_000);
}
