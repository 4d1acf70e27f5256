//! `program`: a program or intervention.

use crate::codes::{ProgramType, Subject};
use crate::{Date, Flaws, OrgId, ProgramId, Text};

table! {
    /// A program or intervention that students take part in.
    Program "program" key(program_id) of ProgramId
    watch(program_id: Id, name: Name)
    {
        /// The program.
        program_id: ProgramId,
        /// The organization that runs it.
        org_id: OrgId,
        /// Its name.
        name: Text ["program_name"],
        /// Kind of program.
        program_type: ProgramType,
        /// The subject whose scores measure its effect.
        target_subject: Option<Subject>,
        /// First day.
        begin_date: Option<Date> ["start_date"],
        /// First day after it ends (exclusive); empty is open.
        end_date: Option<Date>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Program>,
    }
}
