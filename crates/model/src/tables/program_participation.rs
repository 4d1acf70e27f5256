//! `program_participation`: a student in a program.

use crate::codes::{ProgramArm, ProgramExit};
use crate::{Date, OrgId, ParticipationId, ProgramId, StudentId};

table! {
    /// A student in a program over [begin_date, end_date), and in which arm of its evaluation.
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
        /// First day no longer inside (exclusive); empty is open.
        end_date: Option<Date>,
        /// Arm of the evaluation; treatment by default.
        arm: Option<ProgramArm>,
        /// Minutes received.
        dosage_minutes: Option<i32>,
        /// Why the student left the program.
        exit_reason: Option<ProgramExit>,
    }
}
