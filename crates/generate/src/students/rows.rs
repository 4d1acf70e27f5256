//! The rows of a student: everything is written at once, with the faults of each row.

use super::{RACES, Record, state_student_id};
use crate::calendar::calendar_id;
use crate::faults::RowFault;
use crate::schools::{DISTRICT, GRADES, LAPSED_EXITS, Plan, school_id};
use crate::sheet::Sheets;
use crate::student_faults::Missing;
use crate::testing::{self, Assessment};
use crate::{names, programs, rosters};
use std::io::{self, Write};

impl Record {
    pub(super) fn write<W: Write>(&self, plan: &Plan, list: &[Assessment], sheets: &mut Sheets<W>) -> io::Result<()> {
        let student = &self.student;
        let missing = |what| student.missing == Some(what);
        for copy in 0..if student.spoil == RowFault::Twice { 2 } else { 1 } {
            let row = &mut sheets.student;
            row.show(student.id);
            match missing(Missing::StateId) {
                true => row.none(1),
                false => row.show(state_student_id(student.state_id_of)),
            };
            row.text(names::first_name(student.female, student.first));
            match student.middle {
                _ if student.spoil == RowFault::Placeholder => row.text("N/A"),
                // The second of two rows with one key omits the middle name.
                Some(middle) if copy == 0 => row.text(names::first_name(student.female, middle)),
                _ if copy == 1 && student.middle.is_none() => row.text("X"),
                _ => row.none(1),
            };
            let last = names::LAST[student.last as usize];
            match student.spoil {
                RowFault::OddCharacter => row.show(format_args!("{last}\u{200b}")),
                RowFault::Digit => row.show(format_args!("{last}1")),
                _ => row.text(last),
            };
            row.text(student.suffix);
            row.maybe_date((!missing(Missing::BirthDate)).then_some(student.birth));
            row.text(match student.sex {
                _ if missing(Missing::Sex) => "",
                _ if student.spoil == RowFault::UnknownCode => "Q7",
                sex => sex,
            });
            match missing(Missing::Race) {
                true => row.none(1),
                false => row.flag(student.hispanic),
            };
            let mut races = String::new();
            for (bit, race) in RACES.into_iter().enumerate() {
                if student.races >> bit & 1 == 1 && !missing(Missing::Race) {
                    if !races.is_empty() {
                        races.push(';');
                    }
                    races.push_str(race);
                }
            }
            if student.spoil == RowFault::UnknownMember {
                races.push_str(if races.is_empty() { "R77" } else { ";R77" });
            }
            row.text(&races)
                .flag(student.races == 0 && !missing(Missing::Race))
                .text(student.language)
                .maybe_date(student.first_us_date);
            row.maybe(student.grade9).text(GRADES[student.grade as usize]).flag(student.enabled).end()?;
        }
        for (index, enrollment) in self.enrollments.iter().enumerate() {
            for copy in 0..if enrollment.spoil == RowFault::Twice { 2 } else { 1 } {
                let row = &mut sheets.school_enrollment;
                row.show(format_args!("{}-{}", student.id, index + 1));
                match enrollment.spoil {
                    RowFault::Orphan => row.show(format_args!("{}9", student.id)),
                    _ => row.show(student.id),
                };
                match enrollment.spoil {
                    RowFault::UnknownId => row.show(format_args!("X{}", student.id)),
                    _ => row.show(school_id(enrollment.school)),
                };
                row.show(enrollment.year.0).text(GRADES[enrollment.grade as usize]).date(enrollment.entry);
                let unknown = enrollment.spoil == RowFault::UnknownCode;
                row.text(if unknown && enrollment.exit.is_none() { "E77" } else { enrollment.entry_type });
                row.maybe_date(enrollment.exit);
                row.text(match enrollment.spoil {
                    RowFault::UnknownCode if enrollment.exit.is_some() => "W77",
                    RowFault::RetiredExitCode(which) => LAPSED_EXITS[which as usize],
                    _ => enrollment.exit_type,
                });
                row.none(1).text(enrollment.status).fraction(if copy == 0 { 10_000 } else { 5_000 });
                match enrollment.names_calendar && enrollment.school != plan.closed {
                    true => row.text(&calendar_id(enrollment.school, enrollment.year)),
                    false => row.none(1),
                };
                row.none(1);
                row.flag(enrollment.no_show).flag(enrollment.repeating);
                row.show(enrollment.year.0 + u16::from(12 - enrollment.grade)).flag(false).end()?;
            }
        }
        for (index, status) in self.statuses.iter().enumerate() {
            let row = &mut sheets.student_status;
            row.show(format_args!("{}-{}-{}", student.id, status.kind.code(), index + 1));
            match status.spoil {
                RowFault::UnknownId => row.show(format_args!("{}9", student.id)),
                _ => row.show(student.id),
            };
            row.text(DISTRICT).text(status.kind.code());
            match status.spoil {
                RowFault::UnknownCode => row.text("V77"),
                RowFault::Missing(0) => row.none(1),
                _ => row.text(status.value),
            };
            match status.spoil {
                RowFault::Unreadable => row.show(format_args!("{}-13-01", status.begin.to_ymd().0)),
                RowFault::Missing(1) => row.none(1),
                _ => row.date(status.begin),
            };
            row.maybe_date(status.end).text(status.disability).flag(status.inferred).end()?;
        }
        for result in &self.results {
            testing::write_result(list, student, result, sheets)?;
        }
        rosters::write(plan, student.id, &self.rosters, sheets)?;
        programs::write_participations(plan, student, &self.programs, sheets)
    }
}
