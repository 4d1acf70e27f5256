//! What the operators of the plan emit, and the outputs that it is dispatched to.

use crate::dataflow::{Diff, Time, ports};
use crate::model::{AssessmentId, Finding, Interval, OrgId, SectionId, StaffId, StudentId};
use crate::tallies::Addend;
use crate::tallies::scores::{BaseGrain, Contribution, Scores};
use crate::views::assessment::AssessmentRow;
use crate::views::parents::{Parent, ParentKey};
use crate::views::school::SchoolRow;
use crate::views::section::{ClassRow, SectionRow};
use crate::views::staff::StaffRow;
use crate::views::student::StudentRow;
use crate::warehouse::RelationRow;
use differential_dataflow::difference::Multiply;

/// A value with the days on which it holds.
pub(crate) type Lasting<D> = (D, Interval);

ports! {
    /// The outputs of views, sums and counts.
    pub(crate) struct Emitted => EmittedReads, EmittedStreams {
        /// Findings of rules.
        findings: (Lasting<Finding>, Time, Diff),
        /// Rows of relations.
        rows: (Lasting<RelationRow>, Time, Diff),
        /// What is added to the tallies of today.
        addends: (Lasting<Addend>, Time, Diff),
        /// Changes of the scores of a base grain.
        scores: (BaseGrain, Time, Scores),
        /// Who is expected to be tested, by base grain.
        expected: (BaseGrain, Time, Scores),
        /// Columns that parents pass to their children.
        parents: ((ParentKey, Parent), Time, Diff),
        /// Rows of the views of schools.
        schools: ((OrgId, SchoolRow), Time, Diff),
        /// Rows of the views of assessments.
        assessments: ((AssessmentId, AssessmentRow), Time, Diff),
        /// Rows of the views of students.
        students: ((StudentId, StudentRow), Time, Diff),
        /// Rows of the views of sections.
        sections: ((SectionId, SectionRow), Time, Diff),
        /// Rows of the views of classes.
        classes: ((SectionId, ClassRow), Time, Diff),
        /// Rows of the views of staff.
        staff: ((StaffId, StaffRow), Time, Diff),
    }
}

/// Something that a view emits. Equal emissions before and after a change cancel out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Emission {
    Finding(Finding, Interval),
    Row(Box<RelationRow>, Interval),
    Addend(Addend, Interval, Diff),
    Scores(BaseGrain, Contribution),
    Parent(ParentKey, Box<Parent>),
    School(OrgId, SchoolRow),
    Student(StudentId, StudentRow),
    Class(SectionId, ClassRow),
    Staff(StaffId, StaffRow),
}

/// Sends an emission to its output.
pub(crate) fn dispatch(emission: Emission, time: Time, diff: Diff, emitted: &mut Emitted) {
    match emission {
        Emission::Finding(finding, holds) => emitted.findings.push(((finding, holds), time, diff)),
        Emission::Row(row, holds) => emitted.rows.push(((*row, holds), time, diff)),
        Emission::Addend(addend, holds, times) => emitted.addends.push(((addend, holds), time, diff * times)),
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
