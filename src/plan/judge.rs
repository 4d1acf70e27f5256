//! What is computed from each view: findings of rules, contributions to tallies, rows of relations, and rows of further views.
//! Each method builds the pure function that one operator of the plan evaluates.

use super::Plan;
use super::emission::{Emission, Emitted};
use crate::dataflow::{Diff, Time};
use crate::model::{AssessmentId, CredentialId, Entry, Id, Interval, OrgId, ProgramId, SectionId, Settings, StaffId};
use crate::model::{StudentId, Table};
use crate::qa::Checks;
use crate::tallies;
use crate::tallies::scores::{Cell, Scores, contributions};
use crate::tallies::staffing::{OrgScope, Staffing};
use crate::views::assessment::{self, AssessmentRow, score_scales};
use crate::views::credential::{CredentialRow, credential_links};
use crate::views::hierarchy::{HierarchyRow, inherited};
use crate::views::match_block::{MatchBlock, Member};
use crate::views::parents::{Joined, Parent, ParentKey, ProgramFacts};
use crate::views::references::{Counted, References};
use crate::views::school::{SchoolRow, SchoolViewBuilder};
use crate::views::section::{ClassRow, SectionRow, SectionViewBuilder, class_links};
use crate::views::staff::{StaffRow, StaffViewBuilder};
use crate::views::student::{StudentRow, StudentViewBuilder};
use crate::views::{Staged, stage};
use crate::warehouse::{RELATIONS, Relation, Source};
use std::sync::Arc;

/// What the functions need besides the view.
#[derive(Clone)]
pub(crate) struct Context {
    settings: Arc<Settings>,
    checks: Arc<Checks>,
    relations: Arc<[&'static Relation]>,
}

type Out<'a> = &'a mut Vec<Emission>;

impl Context {
    pub(crate) fn of(plan: &Plan) -> Context {
        let with_rows = plan.settings.deltas_with_rows;
        Context {
            settings: Arc::new(plan.settings.clone()),
            checks: Arc::new(plan.checks()),
            relations: RELATIONS.iter().copied().filter(|_| with_rows).collect(),
        }
    }

    /// Input rows.
    pub(crate) fn entry<C: FnMut(&Entry)>(&self, mut count: C) -> impl FnMut((Entry, Time, Diff), &mut Staged) + use<C> {
        let context = self.clone();
        move |(entry, time, diff), out| {
            count(&entry);
            let Context { settings, checks, .. } = &context;
            checks.entry(&entry, settings, &mut |finding, holds| out.findings.push(((finding, holds), time, diff)));
            if let Entry::Row(record) = &entry {
                stage(record, time, diff, out);
            }
        }
    }

    /// Counts of references and codes. Parents that are referenced but missing become unknown members.
    pub(crate) fn counted(&self) -> impl FnMut(((Counted, References), Time, Diff), &mut Emitted) + use<> {
        let context = self.clone();
        move |((key, references), time, diff), out| {
            let Context { settings, checks, .. } = &context;
            checks.counted(&key, &references, settings, &mut |finding, holds| {
                out.findings.push(((finding, holds), time, diff));
            });
            let (Counted::Parent(parent, symbol), true) = (key, references.is_missing()) else { return };
            match parent {
                Table::Organization => {
                    out.schools.push(((OrgId::from_symbol(symbol), SchoolRow::Missing(())), time, diff));
                }
                Table::Assessment => {
                    out.assessments.push(((AssessmentId::from_symbol(symbol), AssessmentRow::Missing(())), time, diff));
                }
                Table::Program => {
                    let key = ParentKey::Program(ProgramId::from_symbol(symbol));
                    out.parents.push(((key, Parent::Program(ProgramFacts::MISSING)), time, diff));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn hierarchy(&self) -> impl FnMut(&OrgId, &[HierarchyRow], Out<'_>) + use<> {
        |_, rows, out| inherited(rows, &mut |school, row| out.push(Emission::School(school, row)))
    }

    pub(crate) fn school(&self) -> impl FnMut(&OrgId, &[SchoolRow], Out<'_>) + use<> {
        let (Context { settings, checks, .. }, mut builder) = (self.clone(), SchoolViewBuilder::default());
        move |id, rows, out| {
            let view = builder.view(*id, rows);
            checks.school(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            tallies::of_school(&view, &settings, &mut |addend, holds, times| {
                out.push(Emission::Addend(addend, holds, times))
            });
            out.push(Emission::Parent(ParentKey::Organization(*id), Box::new(Parent::School(view.facts()))));
        }
    }

    pub(crate) fn assessment(&self) -> impl FnMut(&AssessmentId, &[AssessmentRow], Out<'_>) + use<> {
        |id, rows, out| {
            score_scales(rows, &mut |slot, scale| {
                out.push(Emission::Parent(ParentKey::ScoreScale(*id, slot), Box::new(Parent::ScoreScale(scale))));
            });
            if let Some(facts) = assessment::facts(rows) {
                assessment::tests(&facts, *id, &mut |year, grade, test| {
                    out.push(Emission::Parent(ParentKey::Testing(year, grade), Box::new(Parent::Test(test))));
                });
            }
        }
    }

    /// Adds the columns of parents to the views of their children.
    pub(crate) fn joined(&self) -> impl FnMut((Joined, Time, Diff), &mut Emitted) + use<> {
        |(joined, time, diff), out| match joined {
            Joined::Student(student, row) => out.students.push(((student, row), time, diff)),
            Joined::Section(section, row) => out.sections.push(((section, row), time, diff)),
        }
    }

    pub(crate) fn section(&self) -> impl FnMut(&SectionId, &[SectionRow], Out<'_>) + use<> {
        let (Context { settings, checks, .. }, mut builder) = (self.clone(), SectionViewBuilder::default());
        move |id, rows, out| {
            let view = builder.view(*id, rows);
            checks.section(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            tallies::of_section(&view, &settings, &mut |addend, holds, times| {
                out.push(Emission::Addend(addend, holds, times))
            });
            view.rosters(&mut |student, row| out.push(Emission::Student(student, row)));
            view.teaching(&mut |staff, teaching| {
                out.push(Emission::Staff(staff, StaffRow::Teaching(teaching)));
                out.push(Emission::Class(*id, ClassRow::Teacher((staff, teaching.id))));
            });
        }
    }

    pub(crate) fn student(&self) -> impl FnMut(&StudentId, &[StudentRow], Out<'_>) + use<> {
        let (Context { settings, checks, relations }, mut builder) = (self.clone(), StudentViewBuilder::default());
        move |id, rows, out| {
            let view = builder.view(*id, rows);
            checks.student(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            tallies::of_student(&view, &settings, &mut |addend, holds, times| {
                out.push(Emission::Addend(addend, holds, times))
            });
            contributions(&view, &mut |grain, scores| out.push(Emission::Scores(grain, scores)));
            view.classes(&mut |section, row| out.push(Emission::Class(section, row)));
            for relation in &*relations {
                if let Source::Student(rows) = relation.source {
                    rows(&view, &mut |row, holds| out.push(Emission::Row(Box::new(row), holds)));
                }
            }
        }
    }

    pub(crate) fn class(&self) -> impl FnMut(&SectionId, &[ClassRow], Out<'_>) + use<> {
        |_, rows, out| class_links(rows, &mut |staff, row| out.push(Emission::Staff(staff, row)))
    }

    pub(crate) fn credential(&self) -> impl FnMut(&CredentialId, &[CredentialRow], Out<'_>) + use<> {
        let Context { settings, checks, .. } = self.clone();
        move |id, rows, out| {
            checks.credential(*id, rows, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            credential_links(rows, &mut |staff, row| out.push(Emission::Staff(staff, row)));
        }
    }

    pub(crate) fn staff(&self) -> impl FnMut(&StaffId, &[StaffRow], Out<'_>) + use<> {
        let (Context { settings, checks, relations }, mut builder) = (self.clone(), StaffViewBuilder::default());
        move |id, rows, out| {
            let view = builder.view(*id, rows);
            checks.staff(&view, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
            tallies::of_staff(&view, &settings, &mut |addend, holds, times| {
                out.push(Emission::Addend(addend, holds, times))
            });
            for relation in &*relations {
                if let Source::Staff(rows) = relation.source {
                    rows(&view, &mut |row, holds| out.push(Emission::Row(Box::new(row), holds)));
                }
            }
        }
    }

    pub(crate) fn match_block(&self) -> impl FnMut(&MatchBlock, &[Member], Out<'_>) + use<> {
        let Context { settings, checks, .. } = self.clone();
        move |block, members, out| {
            checks.match_block(block, members, &settings, &mut |finding, holds| out.push(Emission::Finding(finding, holds)));
        }
    }

    /// The staffing of the district or a school.
    pub(crate) fn staffing(&self) -> impl FnMut(((OrgScope, Staffing), Time, Diff), &mut Emitted) + use<> {
        let Context { settings, checks, relations } = self.clone();
        move |((scope, staffing), time, diff), out| {
            checks.place(&scope, &staffing, &settings, &mut |finding, holds| {
                out.findings.push(((finding, holds), time, diff));
            });
            for relation in &*relations {
                if let (Source::Organization(row), OrgScope::Organization(org)) = (&relation.source, scope) {
                    out.rows.extend(row(org, &staffing).map(|row| ((row, Interval::ALWAYS), time, diff)));
                }
            }
        }
    }

    /// Who is expected to be tested, by cell.
    pub(crate) fn expected(&self) -> impl FnMut(((Cell, Scores), Time, Diff), &mut Emitted) + use<> {
        let Context { settings, checks, .. } = self.clone();
        move |((cell, scores), time, diff), out| {
            checks.cell(&cell, &scores, &settings, &mut |finding, holds| out.findings.push(((finding, holds), time, diff)));
        }
    }
}
