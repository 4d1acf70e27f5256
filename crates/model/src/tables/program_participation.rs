//! `program_participation`: a student in a program.

use crate::codes::{ProgramArm, ProgramExit};
use crate::{Date, Interval, OrgId, ParticipationId, ProgramId, Projection, StudentId};

table! {
    /// A student in a program over [begin_date, end_date), with the treatment or comparison group.
    ProgramParticipation "program_participation" key(participation_id) of ParticipationId
    {
        /// Id of the participation.
        participation_id: ParticipationId,
        /// The student.
        student_id: StudentId,
        /// The program.
        program_id: ProgramId,
        /// The school.
        school_id: Option<OrgId>,
        /// First day.
        begin_date: Date ["start_date"],
        /// First day after it ends (exclusive); empty is open.
        end_date: Option<Date>,
        /// Treatment or comparison group in the evaluation; treatment by default.
        arm: Option<ProgramArm>,
        /// Minutes received.
        dosage_minutes: Option<i32>,
        /// Why the student left the program.
        exit_reason: Option<ProgramExit>,
    }
}

/// A student in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Participation {
    /// The program.
    pub program: ProgramId,
    /// The days.
    pub interval: Interval,
    /// The row.
    pub id: ParticipationId,
    /// The school.
    pub school: Option<OrgId>,
    /// Treatment or comparison group.
    pub arm: ProgramArm,
    /// Minutes received.
    pub dosage_minutes: Option<i32>,
    /// Why the student left the program.
    pub exit_reason: Option<ProgramExit>,
}

impl Projection<StudentId, Participation> for ProgramParticipation {
    fn project(&self, out: &mut impl FnMut(StudentId, Participation)) {
        let participation = Participation {
            program: self.program_id,
            interval: Interval::new(self.begin_date, self.end_date),
            id: self.participation_id,
            school: self.school_id,
            arm: self.arm.unwrap_or(ProgramArm::Treatment),
            dosage_minutes: self.dosage_minutes,
            exit_reason: self.exit_reason,
        };
        out(self.student_id, participation);
    }
}
