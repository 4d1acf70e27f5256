//! The whole dataflow, on one screen. A new rule, relation or KPI does not touch it.
//!
//! ```text
//!  entries ─ stage ┬ rows ───────────────────────────────────────────────────────┬ findings ─ during ┐
//!                  ├ counts ─ combine ─ [counts] ─── missing parents ┐           │                   │
//!                  ├ organizations, standards ─ [families] ┐         │           │                   │
//!                  ├ organizations, calendars ─────────────┴ [schools] ┐         │                   │
//!                  ├ assessments, cuts ─ [assessment files] ───────────┤         │                   │
//!                  ├ courses, sessions, programs ────────────── [parents] ⋈      │                   │
//!                  ├ enrollments, results, participations, sections ─ [children] │                   │
//!                  │          ┌────────────────────────┴────────────┐            │                   │
//!                  ├ sections, rosters ─ [section files] ── rosters ┤            │                   │
//!                  ├ students, statuses ─────────────── [student files] ┬ findings, members ─ during ─ [places]
//!                  │          └ teaching ─ [classes] ─ grades ──────────┘ scores ┼─ combine ─ [scores] [expected]
//!                  ├ credentials ─ [credential files] ┴ [staff files] ───────────┤                   │
//!                  └ blocks ─ [blocks] ──────────────────────────────────────────┴────────────────── seal
//! ```
//!
//! Brackets are arrangements: 15 of them, whatever the number of rules.

use crate::dataflow::{
    ByKey, ByKeyTrace, Diff, Pending, Sealed, Sums, SumsTrace, Time, by_key, combine, during, file, ports, seal, split, sums,
};
use crate::model::{
    AssessmentId, Entry, Finding, Id, Interval, OrgId, ProgramId, SectionId, Settings, StaffId, StudentId, Table,
};
use crate::qa::{Checks, Rule};
use crate::warehouse::assessment_file::{self, AssessmentRow, yardsticks};
use crate::warehouse::attributes::{Child, Joined, Parent, ParentKey, ProgramFacts, join};
use crate::warehouse::blocks::{Block, Member};
use crate::warehouse::references::{Counted, References};
use crate::warehouse::school_file::{SchoolRow, SchoolSorter, inherited};
use crate::warehouse::scores::{BaseGrain, Cell, Contribution, Scores, contributions};
use crate::warehouse::section_file::{ClassRow, SectionRow, SectionSorter, class_links};
use crate::warehouse::staff_file::{StaffRow, StaffSorter, credential_links};
use crate::warehouse::staffing::{self, Measure, Place, Staffing};
use crate::warehouse::stage::{Staged, stage};
use crate::warehouse::student_file::{StudentRow, StudentSorter};
use crate::warehouse::{RELATIONS, Relation, RelationRow, Source};
use differential_dataflow::AsCollection;
use differential_dataflow::operators::CountTotal;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::operators::probe::Handle;
use timely::dataflow::operators::vec::Map;
use timely::dataflow::operators::{Concatenate, Input};
use timely::dataflow::{InputHandle, Scope};

/// Something that comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "outputs are moved by value in batches; a box would cost more")]
pub enum Output {
    /// A fault that is open.
    Finding(Finding),
    /// The scores of a base grain.
    Scores(BaseGrain, Scores),
    /// The staffing of a place.
    Staffing(Place, Staffing),
    /// A row of a relation; only when the settings ask for rows.
    Row(RelationRow),
}

/// What is computed: by which thresholds, and which rules.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Thresholds.
    pub settings: Settings,
    /// The ids of rules that are switched off.
    pub off: BTreeSet<&'static str>,
    /// Whether a rule may run at all.
    pub runs: fn(&Rule) -> bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { settings: Settings::default(), off: BTreeSet::new(), runs: |_| true }
    }
}

impl Plan {
    /// Whether a rule runs: it is not switched off, and no table that it needs is absent.
    pub fn runs(&self, rule: &Rule) -> bool {
        (self.runs)(rule)
            && !self.off.contains(rule.id)
            && !rule.needs.iter().any(|table| self.settings.absent_tables.contains(table))
    }
}

/// How many entries of each kind the dataflow has seen: one count per table, then rejected and superseded.
pub type Seen = Rc<RefCell<Vec<u64>>>;

/// The way in for entries, a vector at a time.
pub type Entries = InputHandle<Time, CapacityContainerBuilder<Vec<(Entry, Time, Diff)>>>;

/// The parts of a running dataflow that a worker holds on to.
pub struct Handles {
    /// Where entries go in.
    pub input: Entries,
    /// How far it has come.
    pub probe: Handle<Time>,
    /// The student files, for peeks.
    pub students: ByKeyTrace<StudentId, StudentRow>,
    /// The staff files, for peeks.
    pub staff: ByKeyTrace<StaffId, StaffRow>,
    /// The staffing of places, for peeks.
    pub places: SumsTrace<Place, Staffing>,
    /// The scores of base grains, for peeks.
    pub grains: SumsTrace<BaseGrain, Scores>,
    /// What will be found, and what will be found no more.
    pub findings_ahead: Pending<Finding, Diff>,
    /// What will be added to places.
    pub members_ahead: Pending<(Place, Measure), Diff>,
    /// Entries seen.
    pub seen: Seen,
}

type Held<D> = (D, Interval);

ports! {
    /// What comes out of files, places and counts.
    struct Said => SaidStreams {
        findings: (Held<Finding>, Time, Diff),
        rows: (Held<RelationRow>, Time, Diff),
        members: (Held<(Place, Measure)>, Time, Diff),
        scores: (BaseGrain, Time, Scores),
        expected: (BaseGrain, Time, Scores),
        outputs: (Output, Time, Diff),
        parents: ((ParentKey, Parent), Time, Diff),
        schools: ((OrgId, SchoolRow), Time, Diff),
        assessments: ((AssessmentId, AssessmentRow), Time, Diff),
        students: ((StudentId, StudentRow), Time, Diff),
        sections: ((SectionId, SectionRow), Time, Diff),
        classes: ((SectionId, ClassRow), Time, Diff),
        staff: ((StaffId, StaffRow), Time, Diff),
    }
}

/// One thing that a file says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Finding(Finding, Interval),
    Row(Box<RelationRow>, Interval),
    Member(Place, Measure, Interval, Diff),
    Scores(BaseGrain, Contribution),
    Parent(ParentKey, Box<Parent>),
    School(OrgId, SchoolRow),
    Student(StudentId, StudentRow),
    Class(SectionId, ClassRow),
    Staff(StaffId, StaffRow),
}

/// Sends a word where it is heard.
fn route(word: Word, time: Time, diff: Diff, said: &mut Said) {
    use differential_dataflow::difference::Multiply;
    match word {
        Word::Finding(finding, holds) => said.findings.push(((finding, holds), time, diff)),
        Word::Row(row, holds) => said.rows.push(((*row, holds), time, diff)),
        Word::Member(place, measure, holds, times) => said.members.push((((place, measure), holds), time, diff * times)),
        Word::Scores(grain, contribution) => {
            let scores = Scores::of(contribution).multiply(&diff);
            said.scores.push((grain, time, scores));
            if let (Contribution::Expected(..), Some(grain)) = (contribution, grain.at_school()) {
                said.expected.push((grain, time, scores));
            }
        }
        Word::Parent(key, parent) => said.parents.push(((key, *parent), time, diff)),
        Word::School(school, row) => said.schools.push(((school, row), time, diff)),
        Word::Student(student, row) => said.students.push(((student, row), time, diff)),
        Word::Class(section, row) => said.classes.push(((section, row), time, diff)),
        Word::Staff(staff, row) => said.staff.push(((staff, row), time, diff)),
    }
}

/// Builds the dataflow of a worker.
pub fn build(scope: Scope<'_, Time>, plan: &Plan, release: impl FnMut(Sealed<Output>) + 'static) -> Handles {
    let (input, entries) = scope.new_input::<Vec<(Entry, Time, Diff)>>();
    let settings = Arc::new(plan.settings.clone());
    let checks = Arc::new(Checks::of(crate::qa::rules(), |rule| plan.runs(rule)));
    let with_rows = settings.deltas_with_rows;
    let relations = |wanted: fn(&Source) -> bool| -> Vec<&'static Relation> {
        RELATIONS.iter().copied().filter(|relation| with_rows && wanted(&relation.source)).collect()
    };
    let seen: Seen = Rc::new(RefCell::new(vec![0; KINDS]));

    // Rows.
    let staged = {
        let (settings, checks, seen) = (settings.clone(), checks.clone(), seen.clone());
        split(entries, "Stage", move |(entry, time, diff): (Entry, Time, Diff), out: &mut Staged| {
            seen.borrow_mut()[kind(&entry)] += 1;
            checks.entry(&entry, &settings, &mut |finding, holds| out.findings.push(((finding, holds), time, diff)));
            if let Entry::Row(record) = &entry {
                stage(record, time, diff, out);
            }
        })
    };

    // Counts of references and codes; parents that are referred to and missing become unknown members.
    let counts = combine(staged.counts, "Combine: counts")
        .map(|((counted, used), time, times)| (counted, time, References::of(used, times)));
    let counts: Sums<Counted, References> = sums(counts, "Counts");
    let counts = {
        let (settings, checks) = (settings.clone(), checks.clone());
        split(
            counts.count_total_core::<Diff>().inner,
            "Counts: judge",
            move |((key, references), time, diff), said: &mut Said| {
                checks.counted(&key, &references, &settings, &mut |finding, holds| {
                    said.findings.push(((finding, holds), time, diff));
                });
                if let (Counted::Parent(parent, symbol), true) = (key, references.is_dangling()) {
                    match parent {
                        Table::Organization => {
                            said.schools.push(((OrgId::from_symbol(symbol), SchoolRow::Missing), time, diff));
                        }
                        Table::Assessment => {
                            let id = AssessmentId::from_symbol(symbol);
                            said.assessments.push(((id, AssessmentRow::Missing), time, diff));
                        }
                        Table::Program => {
                            let key = ParentKey::Program(ProgramId::from_symbol(symbol));
                            said.parents.push(((key, Parent::Program(ProgramFacts::MISSING)), time, diff));
                        }
                        _ => {}
                    }
                }
            },
        )
    };

    // Schools, with the standards of the organization above them; assessments with their cuts.
    let families = by_key(staged.families, "Families");
    let families = file(
        families,
        "Families: judge",
        |_, rows, out| inherited(rows, &mut |school, row| out.push(Word::School(school, row))),
        route,
    );
    let schools = by_key(scope.concatenate([staged.schools, counts.schools, families.schools]), "School files");
    let schools = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let mut sorter = SchoolSorter::default();
        let judge = move |id: &OrgId, rows: &[SchoolRow], out: &mut Vec<Word>| {
            let file = sorter.file(*id, rows);
            checks.school(&file, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            file.members(&settings, &mut |place, measure, holds| out.push(Word::Member(place, measure, holds, 1)));
            out.push(Word::Parent(ParentKey::Organization(*id), Box::new(Parent::School(file.facts()))));
        };
        file(schools, "School files: judge", judge, route)
    };
    let assessments = by_key(scope.concatenate([staged.assessments, counts.assessments]), "Assessment files");
    let assessments = file(
        assessments,
        "Assessment files: judge",
        |id, rows, out| {
            yardsticks(rows, &mut |slot, yardstick| {
                out.push(Word::Parent(ParentKey::Yardstick(*id, slot), Box::new(Parent::Yardstick(yardstick))));
            });
            if let Some(facts) = assessment_file::facts(rows) {
                facts.tests(*id, &mut |year, grade, test| {
                    out.push(Word::Parent(ParentKey::Testing(year, grade), Box::new(Parent::Test(test))));
                });
            }
        },
        route,
    );

    // What belongs to schools, assessments, courses, sessions and programs goes to the rows that refer to them.
    let parents =
        by_key(scope.concatenate([staged.parents, counts.parents, schools.parents, assessments.parents]), "Parents");
    let children: ByKey<'_, ParentKey, Child> = by_key(staged.children, "Children");
    let joined = children.join_core(parents, |key, child, parent| {
        let mut rows = Vec::new();
        join(key, child, parent, &mut rows);
        rows
    });
    let joined =
        split(
            joined.inner,
            "Children: joined",
            |(joined, time, diff): (Joined, Time, Diff), said: &mut Said| match joined {
                Joined::Student(student, row) => said.students.push(((student, row), time, diff)),
                Joined::Section(section, row) => said.sections.push(((section, row), time, diff)),
            },
        );

    // Sections, whose rosters go into the files of students.
    let sections = by_key(scope.concatenate([staged.sections, joined.sections]), "Section files");
    let sections = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let mut sorter = SectionSorter::default();
        let judge = move |id: &SectionId, rows: &[SectionRow], out: &mut Vec<Word>| {
            let file = sorter.file(*id, rows);
            checks.section(&file, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            file.members(&mut |place, measure, holds, times| out.push(Word::Member(place, measure, holds, times)));
            file.rosters(&mut |student, row| out.push(Word::Student(student, row)));
            file.teaching(&mut |staff, teaching| {
                out.push(Word::Staff(staff, StaffRow::Teaching(teaching)));
                out.push(Word::Class(*id, ClassRow::Teacher(staff, teaching.id)));
            });
        };
        file(sections, "Section files: judge", judge, route)
    };

    // Students.
    let students = by_key(scope.concatenate([staged.students, joined.students, sections.students]), "Student files");
    let students_trace = students.trace.clone();
    let students = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Student(_)));
        let mut sorter = StudentSorter::default();
        let judge = move |id: &StudentId, rows: &[StudentRow], out: &mut Vec<Word>| {
            let file = sorter.file(*id, rows);
            checks.student(&file, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            staffing::of_student(&file, &mut |place, measure, holds| out.push(Word::Member(place, measure, holds, 1)));
            contributions(&file, &mut |grain, scores| out.push(Word::Scores(grain, scores)));
            file.classes(&mut |section, row| out.push(Word::Class(section, row)));
            for relation in &relations {
                if let Source::Student(rows) = relation.source {
                    rows(&file, &mut |row, holds| out.push(Word::Row(Box::new(row), holds)));
                }
            }
        };
        file(students, "Student files: judge", judge, route)
    };

    // Classes and credentials go into the files of staff.
    let classes = by_key(scope.concatenate([sections.classes, students.classes]), "Classes");
    let classes = file(
        classes,
        "Classes: judge",
        |_, rows, out| class_links(rows, &mut |staff, row| out.push(Word::Staff(staff, row))),
        route,
    );
    let credentials = by_key(staged.credentials, "Credential files");
    let credentials = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let judge = move |id: &_, rows: &[_], out: &mut Vec<Word>| {
            checks.credential(*id, rows, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            credential_links(rows, &mut |staff, row| out.push(Word::Staff(staff, row)));
        };
        file(credentials, "Credential files: judge", judge, route)
    };
    let staff = by_key(scope.concatenate([staged.staff, sections.staff, classes.staff, credentials.staff]), "Staff files");
    let staff_trace = staff.trace.clone();
    let staff = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Staff(_)));
        let mut sorter = StaffSorter::default();
        let judge = move |id: &StaffId, rows: &[StaffRow], out: &mut Vec<Word>| {
            let file = sorter.file(*id, rows);
            checks.staff(&file, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            staffing::of_staff(&file, &mut |place, measure, holds| out.push(Word::Member(place, measure, holds, 1)));
            for relation in &relations {
                if let Source::Staff(rows) = relation.source {
                    rows(&file, &mut |row, holds| out.push(Word::Row(Box::new(row), holds)));
                }
            }
        };
        file(staff, "Staff files: judge", judge, route)
    };

    // What records may not share.
    let blocks = by_key(staged.blocks, "Blocks");
    let blocks = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let judge = move |block: &Block, members: &[Member], out: &mut Vec<Word>| {
            checks.block(block, members, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
        };
        file(blocks, "Blocks: judge", judge, route)
    };

    // Sums: places today, and scores.
    let members = scope.concatenate([schools.members, sections.members, students.members, staff.members]);
    let (members, members_ahead) = during(members, "Members today");
    let members = combine(members, "Combine: members");
    let members = members
        .map(|((place, measure), time, times): ((Place, Measure), Time, Diff)| (place, time, Staffing::of(measure, times)));
    let places: Sums<Place, Staffing> = sums(members, "Places");
    let places_trace = places.trace.clone();
    let places = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Organization(_)));
        split(
            places.count_total_core::<Diff>().inner,
            "Places: judge",
            move |((place, staffing), time, diff), said: &mut Said| {
                checks.place(&place, &staffing, &settings, &mut |finding, holds| {
                    said.findings.push(((finding, holds), time, diff))
                });
                said.outputs.push((Output::Staffing(place, staffing), time, diff));
                for relation in &relations {
                    if let (Source::Organization(row), Place::Organization(org)) = (&relation.source, place) {
                        said.rows.extend(row(org, &staffing).map(|row| ((row, Interval::ALWAYS), time, diff)));
                    }
                }
            },
        )
    };
    // Scores are kept for the finest grain; cells add up when somebody asks. Who was tested at a school is asked every time.
    let grains: Sums<BaseGrain, Scores> = sums(students.scores, "Scores");
    let grains_trace = grains.trace.clone();
    let scores = grains.count_total_core::<Diff>().map(|(grain, scores)| Output::Scores(grain, scores));
    let expected = combine(students.expected, "Combine: expected by demographics")
        .flat_map(|(grain, time, scores)| grain.cells().map(move |cell| (cell, time, scores)));
    let expected: Sums<Cell, Scores> = sums(combine(expected, "Combine: expected"), "Expected");
    let expected = split(
        expected.count_total_core::<Diff>().inner,
        "Expected: judge",
        move |((cell, scores), time, diff), said: &mut Said| {
            checks.cell(&cell, &scores, &settings, &mut |finding, holds| {
                said.findings.push(((finding, holds), time, diff));
            });
        },
    );

    // What is open today leaves, once its moment is closed.
    let findings = scope.concatenate([
        staged.findings,
        counts.findings,
        schools.findings,
        students.findings,
        sections.findings,
        credentials.findings,
        staff.findings,
        blocks.findings,
        places.findings,
        expected.findings,
    ]);
    let (findings, findings_ahead) = during(findings, "Findings today");
    let findings = findings.as_collection().map(Output::Finding);
    let mut outputs = vec![findings.inner, places.outputs, scores.inner];
    if with_rows {
        let rows = scope.concatenate([students.rows, staff.rows, places.rows]);
        outputs.push(during(rows, "Rows today").0.as_collection().map(Output::Row).inner);
    }
    let probe = Handle::new();
    seal(scope.concatenate(outputs), &probe, release);
    Handles {
        input,
        probe,
        students: students_trace,
        staff: staff_trace,
        places: places_trace,
        grains: grains_trace,
        findings_ahead,
        members_ahead,
        seen,
    }
}

/// How many kinds of entries there are.
pub const KINDS: usize = Table::ALL.len() + 4;

/// The place of an entry's kind among the counts of entries seen.
pub fn kind(entry: &Entry) -> usize {
    match entry {
        Entry::Row(record) => record.table() as usize,
        Entry::Rejected(_) => Table::ALL.len(),
        Entry::Superseded(_) => Table::ALL.len() + 1,
        Entry::Lapsed(_) => Table::ALL.len() + 2,
        Entry::Noted(_) => Table::ALL.len() + 3,
    }
}
