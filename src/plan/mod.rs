//! The whole dataflow; the diagram shows it on one screen. A new table, rule, relation or KPI does not change it.
//!
//! ```text
//!  entries ─ stage ┬ rows ───────────────────────────────────────────────────────┬ findings ─ temporal filter ┐
//!                  ├ counts ─ pre-aggregate ─ [counts] ── missing parents ┐      │                            │
//!                  ├ organizations, standards ─ [hierarchies] ┐           │      │                            │
//!                  ├ organizations, calendars ────────────────┴ [schools] ┐      │                            │
//!                  ├ assessments, cuts ─ [assessments] ───────────────────┤      │                            │
//!                  ├ courses, sessions, programs ───────────── [parents] ⋈       │                            │
//!                  ├ enrollments, results, participations, sections ─ [children] │                            │
//!                  │          ┌────────────────────────┴───────────┐             │                            │
//!                  ├ sections, class enrollments ─ [sections] ─────┤             │                            │
//!                  ├ students, statuses ─────────────── [students] ┬ findings, addends ─ temporal filter ─ [tallies]
//!                  │          └ teaching ─ [classes] ─ grades ─────┘ scores ┬ pre-aggregate ─ [scores] [expected]
//!                  ├ credentials ─ [credentials] ┴ [staff] ──────────────────────┤                            │
//!                  └ match blocks ─ [match blocks] ──────────────────────────────┴──────────────────────── close
//! ```
//!
//! Brackets are arrangements: 15 of them, whatever the number of rules. `judge` computes the outputs of each view;
//! `emission` defines them.

mod emission;
mod judge;

use crate::dataflow::{
    ByKeyTrace, Closed, Diff, Pending, SumsTrace, Time, by_key, close, pre_aggregate, split, sums, temporal_filter, view,
};
use crate::model::{Entry, Finding, Settings, StaffId, StudentId, Table};
use crate::qa::{self, Checks, Rule};
use crate::tallies::scores::{BaseGrain, Scores};
use crate::tallies::{Addend, Tally, Traces, sum_up};
use crate::views::parents::join;
use crate::views::references::References;
use crate::views::staff::StaffRow;
use crate::views::student::StudentRow;
use crate::views::{Staged, StagedReads};
use crate::warehouse::RelationRow;
use differential_dataflow::AsCollection;
use differential_dataflow::operators::CountTotal;
use emission::{Emitted, dispatch};
use judge::Context;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::operators::probe::Handle;
use timely::dataflow::operators::vec::Map;
use timely::dataflow::operators::{Concatenate, Input};
use timely::dataflow::{InputHandle, Scope};

/// An output of the dataflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "outputs are moved by value in batches; a box would cost more")]
pub enum Output {
    /// An open finding.
    Finding(Finding),
    /// The sum of a grain of a tally of today.
    Tally(Tally),
    /// The scores of a base grain.
    Scores(BaseGrain, Scores),
    /// A row of a relation, if the settings ask for rows.
    Row(RelationRow),
}

/// What is computed: the thresholds, and which rules.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Thresholds.
    pub settings: Settings,
    /// The ids of rules that are switched off.
    pub off: BTreeSet<&'static str>,
    /// Whether a rule may run at all.
    pub runs: fn(&Rule) -> bool,
    /// Rules of the caller besides those of [`qa::rules`]; they are numbered after them. Their findings come in Deltas; what
    /// is kept over time and published knows only the built-in rules.
    ///
    /// ```
    /// use rollcall::engine::Engine;
    /// use rollcall::model::{Batch, Change, Date, Field, Settings, Subject, Table};
    /// use rollcall::plan::Plan;
    /// use rollcall::qa::{Check, Findings, Rule, Severity, rules};
    /// use rollcall::views::student::StudentView;
    ///
    /// static RULE: Rule = Rule {
    ///     id: "OWN-001",
    ///     title: "an enrollment shorter than a week",
    ///     severity: Severity::Info,
    ///     doc: "",
    ///     evidence: &["entry_date", "exit_date"],
    ///     needs: &[Table::SchoolEnrollment],
    ///     among: &[Table::SchoolEnrollment],
    ///     checks: &[Check::Student(check)],
    /// };
    ///
    /// fn check(student: &StudentView<'_>, _: &Settings, out: &mut Findings<'_>) {
    ///     for of in student.enrollments {
    ///         if of.exit_date.is_some_and(|exit| exit < of.entry_date.plus(7)) {
    ///             out.open(Subject::Enrollment(of.id), &[of.entry_date.value(), of.exit_date.value()]);
    ///         }
    ///     }
    /// }
    ///
    /// static OWN: [&Rule; 1] = [&RULE];
    /// let plan = Plan { own_rules: &OWN, ..Plan::default() };
    /// let mut engine = Engine::start(plan, 1, Date::ymd(2025, 10, 1).unwrap())?;
    /// # let enrollment = [("enrollment_id", "E1"), ("student_id", "S1"), ("school_id", "North"), ("school_year", "2026"),
    /// #     ("grade_level", "03"), ("entry_date", "2025-09-02"), ("exit_date", "2025-09-04"), ("exit_type", "other")];
    /// # let row = Table::SchoolEnrollment.row(&enrollment, engine.texts())?;
    /// engine.commit(&Batch { changes: vec![Change::Upsert(row)], ..Batch::default() })?;
    /// let delta = engine.next_delta()?.expect("a batch has a Delta");
    /// let found: Vec<_> = delta.findings().filter(|(finding, _)| usize::from(finding.rule.0) == rules().count()).collect();
    /// assert_eq!(found.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub own_rules: &'static [&'static Rule],
}

impl Default for Plan {
    fn default() -> Self {
        Plan { settings: Settings::default(), off: BTreeSet::new(), runs: |_| true, own_rules: &[] }
    }
}

impl Plan {
    /// The checks of the rules that run.
    pub(crate) fn checks(&self) -> Checks {
        Checks::of(qa::rules().chain(self.own_rules.iter().copied()), |rule| self.runs(rule))
    }

    /// Whether a rule runs: it is not switched off, and no table that it needs is absent.
    pub fn runs(&self, rule: &Rule) -> bool {
        (self.runs)(rule)
            && !self.off.contains(rule.id)
            && !rule.needs.iter().any(|table| self.settings.absent_tables.contains(table))
    }
}

/// How many entries of each kind the dataflow has counted: one count per table, then the other kinds of entries.
pub type EntryCounts = Rc<RefCell<Vec<u64>>>;

/// The input for entries, a vector at a time.
pub type Entries = InputHandle<Time, CapacityContainerBuilder<Vec<(Entry, Time, Diff)>>>;

/// The handles of a running dataflow that a worker keeps.
pub struct Handles {
    /// The input.
    pub input: Entries,
    /// The progress probe.
    pub probe: Handle<Time>,
    /// The views of students, for peeks.
    pub students: ByKeyTrace<StudentId, StudentRow>,
    /// The views of staff, for peeks.
    pub staff: ByKeyTrace<StaffId, StaffRow>,
    /// The tallies of today, for peeks.
    pub tallies: Traces,
    /// The scores, for peeks.
    pub scores: SumsTrace<BaseGrain, Scores>,
    /// Findings that will open, and findings that will close.
    pub findings_ahead: Pending<Finding, Diff>,
    /// Future changes of the tallies of today.
    pub addends_ahead: Pending<Addend, Diff>,
    /// The counts of entries.
    pub counted: EntryCounts,
}

/// Builds the dataflow of a worker.
pub fn build(scope: Scope<'_, Time>, plan: &Plan, release: impl FnMut(Closed<Output>) + 'static) -> Handles {
    let (input, entries) = scope.new_input::<Vec<(Entry, Time, Diff)>>();
    let context = Context::of(plan);
    let with_rows = plan.settings.deltas_with_rows;
    let emits = || if with_rows { Emitted::reads().findings().rows() } else { Emitted::reads().findings() };
    let counted: EntryCounts = Rc::new(RefCell::new(vec![0; KINDS]));

    // Rows.
    let count = {
        let counted = counted.clone();
        move |entry: &Entry| counted.borrow_mut()[kind(entry)] += 1
    };
    let mut staged = split::<_, Staged>(entries, "Stage", StagedReads::all(), context.entry(count));

    // References and unrecognized codes.
    let counts = pre_aggregate(staged.counts(), "Pre-aggregate: counts")
        .map(|((counted, used), time, times)| (counted, time, References::of(used, times)));
    let counts = sums(counts, "Counts").count_total_core::<Diff>().inner;
    let reads = Emitted::reads().findings().schools().assessments().parents();
    let mut counts = split(counts, "Counts: judge", reads, context.counted());

    // Schools, with the standards of the organization above them; assessments with their cuts.
    let hierarchies = by_key(staged.hierarchies(), "Hierarchies");
    let reads = Emitted::reads().schools();
    let mut hierarchies = view(hierarchies, "Hierarchies: judge", reads, context.hierarchy(), dispatch);
    let schools = by_key(scope.concatenate([staged.schools(), counts.schools(), hierarchies.schools()]), "Schools");
    let reads = Emitted::reads().findings().addends().parents();
    let mut schools = view(schools, "Schools: judge", reads, context.school(), dispatch);
    let assessments = by_key(scope.concatenate([staged.assessments(), counts.assessments()]), "Assessments");
    let reads = Emitted::reads().parents();
    let mut assessments = view(assessments, "Assessments: judge", reads, context.assessment(), dispatch);

    // Columns of schools, assessments, courses, sessions and programs go to the rows that refer to them.
    let parents = [staged.parents(), counts.parents(), schools.parents(), assessments.parents()];
    let parents = by_key(scope.concatenate(parents), "Parents");
    let joined = by_key(staged.children(), "Children").join_core(parents, |key, child, parent| {
        let mut rows = Vec::new();
        join(key, child, parent, &mut rows);
        rows
    });
    let mut joined = split(joined.inner, "Children: joined", Emitted::reads().students().sections(), context.joined());

    // Sections; their class enrollments go into the views of students.
    let sections = by_key(scope.concatenate([staged.sections(), joined.sections()]), "Sections");
    let reads = Emitted::reads().findings().addends().students().classes().staff();
    let mut sections = view(sections, "Sections: judge", reads, context.section(), dispatch);

    // Students.
    let students = by_key(scope.concatenate([staged.students(), joined.students(), sections.students()]), "Students");
    let students_trace = students.trace.clone();
    let reads = emits().addends().scores().expected().classes();
    let mut students = view(students, "Students: judge", reads, context.student(), dispatch);

    // Classes and credentials go into the views of staff.
    let classes = by_key(scope.concatenate([sections.classes(), students.classes()]), "Classes");
    let mut classes = view(classes, "Classes: judge", Emitted::reads().staff(), context.class(), dispatch);
    let credentials = by_key(staged.credentials(), "Credentials");
    let reads = Emitted::reads().findings().staff();
    let mut credentials = view(credentials, "Credentials: judge", reads, context.credential(), dispatch);
    let staff = [staged.staff(), sections.staff(), classes.staff(), credentials.staff()];
    let staff = by_key(scope.concatenate(staff), "Staff");
    let staff_trace = staff.trace.clone();
    let mut staff = view(staff, "Staff: judge", emits().addends(), context.staff(), dispatch);

    // Values that several records share but should not.
    let blocks = by_key(staged.match_blocks(), "Match blocks");
    let mut blocks = view(blocks, "Match blocks: judge", Emitted::reads().findings(), context.match_block(), dispatch);

    // Tallies of today, and scores. Scores are stored at the finest grain; cells are added up on demand, except for who was
    // tested at a school, which a rule needs every time.
    let addends = [schools.addends(), sections.addends(), students.addends(), staff.addends()];
    let (addends, addends_ahead) = temporal_filter(scope.concatenate(addends), "Addends today");
    let summed = sum_up(pre_aggregate(addends, "Pre-aggregate: addends"));
    let mut judged = split(summed.staffing.clone().inner, "Staffing: judge", emits(), context.staffing());
    let scores = sums(students.scores(), "Scores");
    let scores_trace = scores.trace.clone();
    let scores = scores.count_total_core::<Diff>();
    let expected = pre_aggregate(students.expected(), "Pre-aggregate: expected by demographics")
        .flat_map(|(grain, time, scores)| grain.cells().map(move |cell| (cell, time, scores)));
    let expected = sums(pre_aggregate(expected, "Pre-aggregate: expected"), "Expected").count_total_core::<Diff>();
    let mut expected = split(expected.inner, "Expected: judge", Emitted::reads().findings(), context.expected());

    // Emit what holds today, once its timestamp is closed.
    let findings = scope.concatenate([
        staged.findings(),
        counts.findings(),
        schools.findings(),
        students.findings(),
        sections.findings(),
        credentials.findings(),
        staff.findings(),
        blocks.findings(),
        judged.findings(),
        expected.findings(),
    ]);
    let (findings, findings_ahead) = temporal_filter(findings, "Findings today");
    let mut outputs = summed.outputs(Output::Tally);
    outputs.push(findings.as_collection().map(Output::Finding).inner);
    outputs.push(scores.map(|(grain, sum)| Output::Scores(grain, sum)).inner);
    if with_rows {
        let rows = scope.concatenate([students.rows(), staff.rows(), judged.rows()]);
        outputs.push(temporal_filter(rows, "Rows today").0.as_collection().map(Output::Row).inner);
    }
    let probe = Handle::new();
    close(scope.concatenate(outputs), &probe, release);
    Handles {
        input,
        probe,
        students: students_trace,
        staff: staff_trace,
        tallies: summed.traces,
        scores: scores_trace,
        findings_ahead,
        addends_ahead,
        counted,
    }
}

/// The number of kinds of entries.
pub const KINDS: usize = Table::ALL.len() + 4;

/// The index of an entry's kind in the counts.
pub fn kind(entry: &Entry) -> usize {
    match entry {
        Entry::Row(record) => record.table() as usize,
        Entry::Rejected(_) => Table::ALL.len(),
        Entry::Superseded(_) => Table::ALL.len() + 1,
        Entry::UnmappedCodePeriod(_) => Table::ALL.len() + 2,
        Entry::DeliveryNote(_) => Table::ALL.len() + 3,
    }
}
