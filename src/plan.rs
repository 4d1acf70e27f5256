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
    ByKey, ByKeyTrace, Closed, Diff, Pending, Sums, SumsTrace, Time, by_key, close, ports, pre_aggregate, split, sums,
    temporal_filter, view,
};
use crate::model::{
    AssessmentId, Entry, Finding, Id, Interval, OrgId, ProgramId, SectionId, Settings, StaffId, StudentId, Table,
};
use crate::qa::{Checks, Rule};
use crate::tallies::references::{Counted, References};
use crate::tallies::scores::{BaseGrain, Cell, Contribution, Scores, contributions};
use crate::tallies::staffing::{self, Measure, OrgScope, Staffing};
use crate::views::assessment::{self, AssessmentRow, yardsticks};
use crate::views::match_block::{MatchBlock, Member};
use crate::views::parents::{Child, Joined, Parent, ParentKey, ProgramFacts, join};
use crate::views::school::{SchoolRow, SchoolViewBuilder, inherited};
use crate::views::section::{ClassRow, SectionRow, SectionViewBuilder, class_links};
use crate::views::staff::{StaffRow, StaffViewBuilder, credential_links};
use crate::views::stage::{Staged, stage};
use crate::views::student::{StudentRow, StudentViewBuilder};
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
    Staffing(OrgScope, Staffing),
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
pub type EntryCounts = Rc<RefCell<Vec<u64>>>;

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
    pub places: SumsTrace<OrgScope, Staffing>,
    /// The scores of base grains, for peeks.
    pub grains: SumsTrace<BaseGrain, Scores>,
    /// What will be found, and what will be found no more.
    pub findings_ahead: Pending<Finding, Diff>,
    /// What will be added to places.
    pub members_ahead: Pending<(OrgScope, Measure), Diff>,
    /// Entries seen.
    pub counted: EntryCounts,
}

type Lasting<D> = (D, Interval);

ports! {
    /// What comes out of files, places and counts.
    struct Emitted => EmittedStreams {
        findings: (Lasting<Finding>, Time, Diff),
        rows: (Lasting<RelationRow>, Time, Diff),
        members: (Lasting<(OrgScope, Measure)>, Time, Diff),
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
enum Emission {
    Finding(Finding, Interval),
    Row(Box<RelationRow>, Interval),
    Member(OrgScope, Measure, Interval, Diff),
    Scores(BaseGrain, Contribution),
    Parent(ParentKey, Box<Parent>),
    School(OrgId, SchoolRow),
    Student(StudentId, StudentRow),
    Class(SectionId, ClassRow),
    Staff(StaffId, StaffRow),
}

/// Sends a word where it is heard.
fn dispatch(word: Emission, time: Time, diff: Diff, emitted: &mut Emitted) {
    use differential_dataflow::difference::Multiply;
    match word {
        Emission::Finding(finding, holds) => emitted.findings.push(((finding, holds), time, diff)),
        Emission::Row(row, holds) => emitted.rows.push(((*row, holds), time, diff)),
        Emission::Member(place, measure, holds, times) => {
            emitted.members.push((((place, measure), holds), time, diff * times))
        }
        Emission::Scores(grain, contribution) => {
            let scores = Scores::of(contribution).multiply(&diff);
            emitted.scores.push((grain, time, scores));
            if let (Contribution::Expected(..), Some(grain)) = (contribution, grain.at_school()) {
                emitted.expected.push((grain, time, scores));
            }
        }
        Emission::Parent(key, parent) => emitted.parents.push(((key, *parent), time, diff)),
        Emission::School(school, row) => emitted.schools.push(((school, row), time, diff)),
        Emission::Student(student, row) => emitted.students.push(((student, row), time, diff)),
        Emission::Class(section, row) => emitted.classes.push(((section, row), time, diff)),
        Emission::Staff(staff, row) => emitted.staff.push(((staff, row), time, diff)),
    }
}

/// Builds the dataflow of a worker.
pub fn build(scope: Scope<'_, Time>, plan: &Plan, release: impl FnMut(Closed<Output>) + 'static) -> Handles {
    let (input, entries) = scope.new_input::<Vec<(Entry, Time, Diff)>>();
    let settings = Arc::new(plan.settings.clone());
    let checks = Arc::new(Checks::of(crate::qa::rules(), |rule| plan.runs(rule)));
    let with_rows = settings.deltas_with_rows;
    let relations = |wanted: fn(&Source) -> bool| -> Vec<&'static Relation> {
        RELATIONS.iter().copied().filter(|relation| with_rows && wanted(&relation.source)).collect()
    };
    let counted: EntryCounts = Rc::new(RefCell::new(vec![0; KINDS]));

    // Rows.
    let staged = {
        let (settings, checks, counted) = (settings.clone(), checks.clone(), counted.clone());
        split(entries, "Stage", move |(entry, time, diff): (Entry, Time, Diff), out: &mut Staged| {
            counted.borrow_mut()[kind(&entry)] += 1;
            checks.entry(&entry, &settings, &mut |finding, holds| out.findings.push(((finding, holds), time, diff)));
            if let Entry::Row(record) = &entry {
                stage(record, time, diff, out);
            }
        })
    };

    // Counts of references and codes; parents that are referred to and missing become unknown members.
    let counts = pre_aggregate(staged.counts, "Combine: counts")
        .map(|((counted, used), time, times)| (counted, time, References::of(used, times)));
    let counts: Sums<Counted, References> = sums(counts, "Counts");
    let counts = {
        let (settings, checks) = (settings.clone(), checks.clone());
        split(
            counts.count_total_core::<Diff>().inner,
            "Counts: judge",
            move |((key, references), time, diff), emitted: &mut Emitted| {
                checks.counted(&key, &references, &settings, &mut |finding, holds| {
                    emitted.findings.push(((finding, holds), time, diff));
                });
                if let (Counted::Parent(parent, symbol), true) = (key, references.is_dangling()) {
                    match parent {
                        Table::Organization => {
                            emitted.schools.push(((OrgId::from_symbol(symbol), SchoolRow::Missing), time, diff));
                        }
                        Table::Assessment => {
                            let id = AssessmentId::from_symbol(symbol);
                            emitted.assessments.push(((id, AssessmentRow::Missing), time, diff));
                        }
                        Table::Program => {
                            let key = ParentKey::Program(ProgramId::from_symbol(symbol));
                            emitted.parents.push(((key, Parent::Program(ProgramFacts::MISSING)), time, diff));
                        }
                        _ => {}
                    }
                }
            },
        )
    };

    // Schools, with the standards of the organization above them; assessments with their cuts.
    let families = by_key(staged.families, "Families");
    let families = view(
        families,
        "Families: judge",
        |_, rows, out| inherited(rows, &mut |school, row| out.push(Emission::School(school, row))),
        dispatch,
    );
    let schools = by_key(scope.concatenate([staged.schools, counts.schools, families.schools]), "School files");
    let schools = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let mut builder = SchoolViewBuilder::default();
        let judge = move |id: &OrgId, rows: &[SchoolRow], out: &mut Vec<Emission>| {
            let view = builder.view(*id, rows);
            checks.school(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            view.members(&settings, &mut |place, measure, holds| out.push(Emission::Member(place, measure, holds, 1)));
            out.push(Emission::Parent(ParentKey::Organization(*id), Box::new(Parent::School(view.facts()))));
        };
        view(schools, "School files: judge", judge, dispatch)
    };
    let assessments = by_key(scope.concatenate([staged.assessments, counts.assessments]), "Assessment files");
    let assessments = view(
        assessments,
        "Assessment files: judge",
        |id, rows, out| {
            yardsticks(rows, &mut |slot, yardstick| {
                out.push(Emission::Parent(ParentKey::Yardstick(*id, slot), Box::new(Parent::Yardstick(yardstick))));
            });
            if let Some(facts) = assessment::facts(rows) {
                facts.tests(*id, &mut |year, grade, test| {
                    out.push(Emission::Parent(ParentKey::Testing(year, grade), Box::new(Parent::Test(test))));
                });
            }
        },
        dispatch,
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
        split(joined.inner, "Children: joined", |(joined, time, diff): (Joined, Time, Diff), emitted: &mut Emitted| {
            match joined {
                Joined::Student(student, row) => emitted.students.push(((student, row), time, diff)),
                Joined::Section(section, row) => emitted.sections.push(((section, row), time, diff)),
            }
        });

    // Sections, whose rosters go into the files of students.
    let sections = by_key(scope.concatenate([staged.sections, joined.sections]), "Section files");
    let sections = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let mut builder = SectionViewBuilder::default();
        let judge = move |id: &SectionId, rows: &[SectionRow], out: &mut Vec<Emission>| {
            let view = builder.view(*id, rows);
            checks.section(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            view.members(&mut |place, measure, holds, times| out.push(Emission::Member(place, measure, holds, times)));
            view.rosters(&mut |student, row| out.push(Emission::Student(student, row)));
            view.teaching(&mut |staff, teaching| {
                out.push(Emission::Staff(staff, StaffRow::Teaching(teaching)));
                out.push(Emission::Class(*id, ClassRow::Teacher(staff, teaching.id)));
            });
        };
        view(sections, "Section files: judge", judge, dispatch)
    };

    // Students.
    let students = by_key(scope.concatenate([staged.students, joined.students, sections.students]), "Student files");
    let students_trace = students.trace.clone();
    let students = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Student(_)));
        let mut builder = StudentViewBuilder::default();
        let judge = move |id: &StudentId, rows: &[StudentRow], out: &mut Vec<Emission>| {
            let view = builder.view(*id, rows);
            checks.student(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            staffing::of_student(&view, &mut |place, measure, holds| out.push(Emission::Member(place, measure, holds, 1)));
            contributions(&view, &mut |grain, scores| out.push(Emission::Scores(grain, scores)));
            view.classes(&mut |section, row| out.push(Emission::Class(section, row)));
            for relation in &relations {
                if let Source::Student(rows) = relation.source {
                    rows(&view, &mut |row, holds| out.push(Emission::Row(Box::new(row), holds)));
                }
            }
        };
        view(students, "Student files: judge", judge, dispatch)
    };

    // Classes and credentials go into the files of staff.
    let classes = by_key(scope.concatenate([sections.classes, students.classes]), "Classes");
    let classes = view(
        classes,
        "Classes: judge",
        |_, rows, out| class_links(rows, &mut |staff, row| out.push(Emission::Staff(staff, row))),
        dispatch,
    );
    let credentials = by_key(staged.credentials, "Credential files");
    let credentials = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let judge = move |id: &_, rows: &[_], out: &mut Vec<Emission>| {
            checks.credential(*id, rows, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            credential_links(rows, &mut |staff, row| out.push(Emission::Staff(staff, row)));
        };
        view(credentials, "Credential files: judge", judge, dispatch)
    };
    let staff = by_key(scope.concatenate([staged.staff, sections.staff, classes.staff, credentials.staff]), "Staff files");
    let staff_trace = staff.trace.clone();
    let staff = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Staff(_)));
        let mut builder = StaffViewBuilder::default();
        let judge = move |id: &StaffId, rows: &[StaffRow], out: &mut Vec<Emission>| {
            let view = builder.view(*id, rows);
            checks.staff(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            staffing::of_staff(&view, &mut |place, measure, holds| out.push(Emission::Member(place, measure, holds, 1)));
            for relation in &relations {
                if let Source::Staff(rows) = relation.source {
                    rows(&view, &mut |row, holds| out.push(Emission::Row(Box::new(row), holds)));
                }
            }
        };
        view(staff, "Staff files: judge", judge, dispatch)
    };

    // What records may not share.
    let blocks = by_key(staged.blocks, "Blocks");
    let blocks = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let judge = move |match_block: &MatchBlock, members: &[Member], out: &mut Vec<Emission>| {
            checks.match_block(match_block, members, &settings, &mut |finding, holds| {
                out.push(Emission::Finding(finding, holds))
            });
        };
        view(blocks, "Blocks: judge", judge, dispatch)
    };

    // Sums: places today, and scores.
    let members = scope.concatenate([schools.members, sections.members, students.members, staff.members]);
    let (members, members_ahead) = temporal_filter(members, "Members today");
    let members = pre_aggregate(members, "Combine: members");
    let members = members.map(|((place, measure), time, times): ((OrgScope, Measure), Time, Diff)| {
        (place, time, Staffing::of(measure, times))
    });
    let places: Sums<OrgScope, Staffing> = sums(members, "Places");
    let places_trace = places.trace.clone();
    let places = {
        let (settings, checks) = (settings.clone(), checks.clone());
        let relations = relations(|source| matches!(source, Source::Organization(_)));
        split(
            places.count_total_core::<Diff>().inner,
            "Places: judge",
            move |((place, staffing), time, diff), emitted: &mut Emitted| {
                checks.place(&place, &staffing, &settings, &mut |finding, holds| {
                    emitted.findings.push(((finding, holds), time, diff))
                });
                emitted.outputs.push((Output::Staffing(place, staffing), time, diff));
                for relation in &relations {
                    if let (Source::Organization(row), OrgScope::Organization(org)) = (&relation.source, place) {
                        emitted.rows.extend(row(org, &staffing).map(|row| ((row, Interval::ALWAYS), time, diff)));
                    }
                }
            },
        )
    };
    // Scores are kept for the finest grain; cells add up when somebody asks. Who was tested at a school is asked every time.
    let grains: Sums<BaseGrain, Scores> = sums(students.scores, "Scores");
    let grains_trace = grains.trace.clone();
    let scores = grains.count_total_core::<Diff>().map(|(grain, scores)| Output::Scores(grain, scores));
    let expected = pre_aggregate(students.expected, "Combine: expected by demographics")
        .flat_map(|(grain, time, scores)| grain.cells().map(move |cell| (cell, time, scores)));
    let expected: Sums<Cell, Scores> = sums(pre_aggregate(expected, "Combine: expected"), "Expected");
    let expected = split(
        expected.count_total_core::<Diff>().inner,
        "Expected: judge",
        move |((cell, scores), time, diff), emitted: &mut Emitted| {
            checks.cell(&cell, &scores, &settings, &mut |finding, holds| {
                emitted.findings.push(((finding, holds), time, diff));
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
    let (findings, findings_ahead) = temporal_filter(findings, "Findings today");
    let findings = findings.as_collection().map(Output::Finding);
    let mut outputs = vec![findings.inner, places.outputs, scores.inner];
    if with_rows {
        let rows = scope.concatenate([students.rows, staff.rows, places.rows]);
        outputs.push(temporal_filter(rows, "Rows today").0.as_collection().map(Output::Row).inner);
    }
    let probe = Handle::new();
    close(scope.concatenate(outputs), &probe, release);
    Handles {
        input,
        probe,
        students: students_trace,
        staff: staff_trace,
        places: places_trace,
        grains: grains_trace,
        findings_ahead,
        members_ahead,
        counted,
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
        Entry::UnmappedCodePeriod(_) => Table::ALL.len() + 2,
        Entry::DeliveryNote(_) => Table::ALL.len() + 3,
    }
}
