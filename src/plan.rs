//! The whole dataflow, on one screen. A new rule, relation or KPI does not touch it.
//!
//! ```text
//!  entries ─ stage ┬ rows ───────────────────────────────────────────────┬ findings ─ during ┐
//!                  ├ counts ─ combine ─ [counts] ──── missing parents ┐  │                   │
//!                  ├ organizations ───────────── [organizations] ⋈ ◄──┤  │                   │
//!                  ├ courses ─────────────────── [courses] ⋈ ◄────────┤  │                   │
//!                  ├ assessments ─ [assessment files] ─ [yardsticks] ⋈ ◄                     │
//!                  ├ enrollments ─ [by school] ⋈ organizations ┐                             │
//!                  ├ results ─ [by yardstick] ⋈ yardsticks ────┼─ [student files] ┬ findings ┤
//!                  ├ students, statuses ───────────────────────┘                  ├ members ─┼─ during ─ [places]
//!                  ├ sections ─ [by course] ⋈ courses ─ [section files] ┐         └ scores ──┼─ combine² ─ [cells]
//!                  ├ credentials ─ [credential files] ──────────────────┼─ [staff files] ────┤
//!                  ├ staff, assignments ────────────────────────────────┘                    │
//!                  └ blocks ─ [blocks] ──────────────────────────────────────────────────────┴─ seal
//! ```
//!
//! Brackets are arrangements: 15 of them, whatever the number of rules.

use crate::dataflow::{ByKey, Diff, Rows, Sealed, Sums, Time, Updates, combine, during, file, ports, seal, split};
use crate::kpi::scores::{BaseGrain, Cell, Scores, contributions, spread_over_rollups, spread_over_subgroups};
use crate::model::{AssessmentId, CourseId, Entry, Finding, Id, Interval, OrgId, Settings, StaffId, StudentId, Table};
use crate::qa::{Checks, Rule};
use crate::warehouse::assessment_file::{AssessmentRow, GradeSlot, Yardstick, yardsticks};
use crate::warehouse::references::{Counted, References};
use crate::warehouse::staff_file::{SectionRow, StaffRow, StaffSorter, credential_links, section_links};
use crate::warehouse::staffing::{self, Place, Staffing};
use crate::warehouse::stage::{Block, CourseFacts, Staged, stage};
use crate::warehouse::student_file::{StudentRow, StudentSorter};
use crate::warehouse::{RELATIONS, Relation, RelationRow, Source};
use differential_dataflow::AsCollection;
use differential_dataflow::input::{Input, InputSession};
use differential_dataflow::operators::CountTotal;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use timely::dataflow::Scope;
use timely::dataflow::operators::Concatenate;
use timely::dataflow::operators::probe::Handle;

/// Something that comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "outputs are moved by value in batches; a box would cost more")]
pub enum Output {
    /// A fault that is open.
    Finding(Finding),
    /// The scores of a cell.
    Scores(Cell, Scores),
    /// The staffing of a place.
    Staffing(Place, Staffing),
    /// A row of a relation; only when the settings ask for rows.
    Row(RelationRow),
}

/// What is computed: by which thresholds, and which rules.
#[derive(Clone)]
pub struct Plan {
    /// Thresholds.
    pub settings: Settings,
    /// Whether a rule runs.
    pub runs: fn(&Rule) -> bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { settings: Settings::default(), runs: |_| true }
    }
}

/// How many entries of each kind the dataflow has seen: one count per table, then rejected and superseded.
pub type Seen = Rc<RefCell<Vec<u64>>>;

/// The parts of a running dataflow that a worker holds on to.
pub struct Handles {
    /// Where entries go in.
    pub input: InputSession<Time, Entry, Diff>,
    /// How far it has come.
    pub probe: Handle<Time>,
    /// The student files, for peeks.
    pub students: ByKeyTrace<StudentId, StudentRow>,
    /// The staff files, for peeks.
    pub staff: ByKeyTrace<StaffId, StaffRow>,
    /// The staffing of places, for peeks.
    pub places: SumsTrace<Place, Staffing>,
    /// The scores of cells, for peeks.
    pub cells: SumsTrace<Cell, Scores>,
    /// Entries seen.
    pub seen: Seen,
}

type ByKeyTrace<K, V> = differential_dataflow::operators::arrange::TraceAgent<
    differential_dataflow::trace::implementations::ValSpine<K, V, Time, Diff>,
>;
type SumsTrace<K, R> = differential_dataflow::operators::arrange::TraceAgent<
    differential_dataflow::trace::implementations::KeySpine<K, Time, R>,
>;

type Held<D> = (D, Interval);

ports! {
    /// What comes out of files, places and counts.
    struct Said => SaidStreams {
        findings: (Held<Finding>, Time, Diff),
        rows: (Held<RelationRow>, Time, Diff),
        members: (Held<Place>, Time, Staffing),
        scores: (BaseGrain, Time, Scores),
        staff: ((StaffId, StaffRow), Time, Diff),
        yardsticks: (((AssessmentId, GradeSlot), Yardstick), Time, Diff),
        outputs: (Output, Time, Diff),
        organizations: ((OrgId, Option<crate::model::codes::SchoolLevel>), Time, Diff),
        courses: ((CourseId, CourseFacts), Time, Diff),
        assessments: ((AssessmentId, AssessmentRow), Time, Diff),
    }
}

/// One thing that a file, a place or a count says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Finding(Finding, Interval),
    Row(RelationRow, Interval),
    Member(Place, Staffing, Interval),
    Scores(BaseGrain, Scores),
    Staff(StaffId, StaffRow),
    Yardstick(AssessmentId, GradeSlot, Yardstick),
}

/// Sends a word where it is heard.
fn route(word: Word, time: Time, diff: Diff, said: &mut Said) {
    use differential_dataflow::difference::Multiply;
    match word {
        Word::Finding(finding, holds) => said.findings.push(((finding, holds), time, diff)),
        Word::Row(row, holds) => said.rows.push(((row, holds), time, diff)),
        Word::Member(place, staffing, holds) => said.members.push(((place, holds), time, staffing.multiply(&diff))),
        Word::Scores(grain, scores) => said.scores.push((grain, time, scores.multiply(&diff))),
        Word::Staff(staff, row) => said.staff.push(((staff, row), time, diff)),
        Word::Yardstick(assessment, slot, yardstick) => {
            said.yardsticks.push((((assessment, slot), yardstick), time, diff));
        }
    }
}

/// Builds the dataflow of a worker.
pub fn build(scope: Scope<'_, Time>, plan: &Plan, release: impl FnMut(Sealed<Output>) + 'static) -> Handles {
    let (input, entries) = scope.new_collection::<Entry, Diff>();
    let settings = Arc::new(plan.settings.clone());
    let checks = Arc::new(Checks::of(crate::qa::rules(), plan.runs));
    let with_rows = settings.deltas_with_rows;
    let relations = |wanted: fn(&Source) -> bool| -> Vec<&'static Relation> {
        RELATIONS.iter().copied().filter(|relation| with_rows && wanted(&relation.source)).collect()
    };
    let seen: Seen = Rc::new(RefCell::new(vec![0; Table::ALL.len() + 2]));

    // Rows.
    let staged = {
        let (settings, checks, seen) = (settings.clone(), checks.clone(), seen.clone());
        split(entries.inner, "Stage", move |(entry, time, diff): (Entry, Time, Diff), out: &mut Staged| {
            seen.borrow_mut()[kind(&entry)] += 1;
            checks.entry(&entry, &settings, &mut |finding, holds| out.findings.push(((finding, holds), time, diff)));
            if let Entry::Row(record) = &entry {
                stage(record, time, diff, out);
            }
        })
    };

    // Counts of references and codes; parents that are referred to and missing become unknown members.
    let counts: Sums<Counted, References> =
        combine(staged.counts, "Combine: counts", |key, out| out.push(*key)).as_collection().arrange_by_self_named("Counts");
    let counts = {
        let checks = checks.clone();
        split(
            counts.count_total_core::<Diff>().inner,
            "Counts: judge",
            move |((key, references), time, diff), said: &mut Said| {
                checks.counted(&key, &references, &mut |finding, holds| said.findings.push(((finding, holds), time, diff)));
                if let (Counted::Parent(parent, symbol), true) = (key, references.is_dangling()) {
                    match parent {
                        Table::Organization => said.organizations.push(((OrgId::from_symbol(symbol), None), time, diff)),
                        Table::Course => {
                            said.courses.push(((CourseId::from_symbol(symbol), CourseFacts::MISSING), time, diff));
                        }
                        Table::Assessment => {
                            let id = AssessmentId::from_symbol(symbol);
                            said.assessments.push(((id, AssessmentRow::Missing), time, diff));
                        }
                        _ => {}
                    }
                }
            },
        )
    };
    let organizations = by_key(scope, "Organizations", [staged.organizations, counts.organizations]);
    let courses = by_key(scope, "Courses", [staged.courses, counts.courses]);

    // Results are measured by the yardstick of their assessment and grade, enrollments get the level of their school.
    let assessments = by_key(scope, "Assessment files", [staged.assessments, counts.assessments]);
    let assessments = file(
        assessments,
        "Assessment files: judge",
        |id, rows, out| {
            let mut of_grades = Vec::new();
            yardsticks(rows, &mut of_grades);
            out.extend(of_grades.into_iter().map(|(slot, yardstick)| Word::Yardstick(*id, slot, yardstick)));
        },
        route,
    );
    let results = by_key(scope, "Results by yardstick", [staged.results]);
    let results =
        results.join_core(by_key(scope, "Yardsticks", [assessments.yardsticks]), |_, (student, result), yardstick| {
            let mut result = *result;
            result.scale = yardstick.measure(result.score);
            Some((*student, StudentRow::Result(result)))
        });
    let enrollments = by_key(scope, "Enrollments by school", [staged.enrollments]);
    let enrollments = enrollments.join_core(organizations, |_, (student, enrollment), school_level| {
        let mut enrollment = *enrollment;
        enrollment.school_level = *school_level;
        Some((*student, StudentRow::Enrollment(enrollment)))
    });

    // Student files.
    let students = by_key(scope, "Student files", [staged.students, results.inner, enrollments.inner]);
    let students_trace = students.trace.clone();
    let students = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Student(_)));
        let mut sorter = StudentSorter::default();
        let judge = move |id: &StudentId, rows: &[StudentRow], out: &mut Vec<Word>| {
            let file = sorter.file(*id, rows);
            checks.student(&file, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            staffing::of_student(&file, &mut |place, staffing, holds| out.push(Word::Member(place, staffing, holds)));
            contributions(&file, &mut |grain, scores| out.push(Word::Scores(grain, scores)));
            for relation in &relations {
                if let Source::Student(rows) = relation.source {
                    rows(&file, &mut |row, holds| out.push(Word::Row(row, holds)));
                }
            }
        };
        file(students, "Student files: judge", judge, route)
    };

    // Courses go into sections, sections and credentials into staff files.
    let sections = by_key(scope, "Sections by course", [staged.sections]);
    let sections = sections.join_core(courses, |_, (section, row), course| {
        let mut row = *row;
        if let SectionRow::Section { subject, grades, .. } = &mut row {
            (*subject, *grades) = (course.subject, course.grades);
        }
        Some((*section, row))
    });
    let sections = by_key(scope, "Section files", [sections.inner, staged.section_rows]);
    let sections = {
        let checks = checks.clone();
        let mut links = Vec::new();
        let judge = move |id: &_, rows: &[SectionRow], out: &mut Vec<Word>| {
            checks.section(*id, rows, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            section_links(rows, &mut links);
            out.extend(links.drain(..).map(|(staff, row)| Word::Staff(staff, row)));
        };
        file(sections, "Section files: judge", judge, route)
    };
    let credentials = by_key(scope, "Credential files", [staged.credentials]);
    let credentials = {
        let checks = checks.clone();
        let mut links = Vec::new();
        let judge = move |id: &_, rows: &[_], out: &mut Vec<Word>| {
            checks.credential(*id, rows, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            credential_links(rows, &mut links);
            out.extend(links.drain(..).map(|(staff, row)| Word::Staff(staff, row)));
        };
        file(credentials, "Credential files: judge", judge, route)
    };
    let staff = by_key(scope, "Staff files", [staged.staff, sections.staff, credentials.staff]);
    let staff_trace = staff.trace.clone();
    let staff = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Staff(_)));
        let mut sorter = StaffSorter::default();
        let judge = move |id: &StaffId, rows: &[StaffRow], out: &mut Vec<Word>| {
            let file = sorter.file(*id, rows);
            checks.staff(&file, &settings, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
            staffing::of_staff(&file, &mut |place, staffing, holds| out.push(Word::Member(place, staffing, holds)));
            for relation in &relations {
                if let Source::Staff(rows) = relation.source {
                    rows(&file, &mut |row, holds| out.push(Word::Row(row, holds)));
                }
            }
        };
        file(staff, "Staff files: judge", judge, route)
    };

    // What staff may not share.
    let blocks = by_key(scope, "Blocks", [staged.blocks]);
    let blocks = {
        let checks = checks.clone();
        let judge = move |block: &Block, staff: &[StaffId], out: &mut Vec<Word>| {
            checks.block(block, staff, &mut |finding, holds| out.push(Word::Finding(finding, holds)));
        };
        file(blocks, "Blocks: judge", judge, route)
    };

    // Sums: places today, and cells of scores.
    let members = scope.concatenate([students.members, staff.members]);
    let places: Sums<Place, Staffing> =
        combine(during(members, "Members today"), "Combine: places", |place, out| out.push(*place))
            .as_collection()
            .arrange_by_self_named("Places");
    let places_trace = places.trace.clone();
    let places = {
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
                        said.rows.push(((row(org, &staffing), Interval::ALWAYS), time, diff));
                    }
                }
            },
        )
    };
    let cells = combine(students.scores, "Combine: subgroups", spread_over_subgroups);
    let cells: Sums<Cell, Scores> =
        combine(cells, "Combine: roll-ups", spread_over_rollups).as_collection().arrange_by_self_named("Cells");
    let cells_trace = cells.trace.clone();
    let cells = cells.count_total_core::<Diff>().map(|(cell, scores)| Output::Scores(cell, scores));

    // What is open today leaves, once its moment is closed.
    let findings = scope.concatenate([
        staged.findings,
        counts.findings,
        students.findings,
        sections.findings,
        credentials.findings,
        staff.findings,
        blocks.findings,
        places.findings,
    ]);
    let findings = during(findings, "Findings today").as_collection().map(Output::Finding);
    let mut outputs = vec![findings.inner, places.outputs, cells.inner];
    if with_rows {
        let rows = scope.concatenate([students.rows, staff.rows, places.rows]);
        outputs.push(during(rows, "Rows today").as_collection().map(Output::Row).inner);
    }
    let probe = Handle::new();
    seal(scope.concatenate(outputs), &probe, release);
    Handles { input, probe, students: students_trace, staff: staff_trace, places: places_trace, cells: cells_trace, seen }
}

/// The place of an entry's kind among the counts of entries seen.
pub fn kind(entry: &Entry) -> usize {
    match entry {
        Entry::Row(record) => record.table() as usize,
        Entry::Rejected(_) => Table::ALL.len(),
        Entry::Superseded(_) => Table::ALL.len() + 1,
    }
}

/// Arranges rows from several streams by their key.
fn by_key<'s, K, V, const N: usize>(scope: Scope<'s, Time>, name: &str, streams: [Updates<'s, (K, V)>; N]) -> ByKey<'s, K, V>
where
    K: differential_dataflow::ExchangeData + differential_dataflow::hashable::Hashable,
    V: differential_dataflow::ExchangeData,
{
    let rows: Rows<'s, (K, V)> = scope.concatenate(streams).as_collection();
    rows.arrange_by_key_named(name)
}
