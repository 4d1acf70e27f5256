//! Blocks: what several records may share and should not. Records that meet in a block are compared there; a block that is
//! too large to compare says so by being passed over.

use crate::model::names::Names;
use crate::model::{
    AcademicSession, Course, CredentialId, LoginKey, MatchKey, NaturalKey, Record, Row, Staff, StaffId, StateStaffId,
    StateStudentId, StudentId, Table,
};
use serde::{Deserialize, Serialize};

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MatchBlock {
    /// A state's number for an educator.
    StateStaff(StateStaffId),
    /// A state's number for a student.
    StateStudent(StateStudentId),
    /// Name and birth date.
    NameAndBirth(MatchKey),
    /// Birth date and the sound of a last name; or that sound and how the first name begins.
    Alike(MatchKey),
    /// An e-mail address or a user name.
    Login(LoginKey),
    /// A natural key that no file of a person sees whole.
    Natural(Table, NaturalKey),
}

/// Who or what shares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Member {
    /// A member of staff.
    Staff(StaffId),
    /// A member of staff by names, as they are compared.
    Named(StaffId, Names),
    /// A student.
    Student(StudentId),
    /// A credential and who holds it.
    Credential(StaffId, CredentialId),
    /// A row, by the symbol of its key.
    Row(u32),
}

impl Member {
    /// The match blocks that a record is in.
    pub fn of(record: &Record, out: &mut impl FnMut(MatchBlock, Member)) {
        match record {
            Record::Staff(row) => of_staff(row, out),
            Record::Student(row) => {
                if let Some(number) = row.state_student_id {
                    out(MatchBlock::StateStudent(number), Member::Student(row.student_id));
                }
            }
            Record::Credential(row) => {
                if let Some(key) = row.natural() {
                    out(MatchBlock::Natural(Table::Credential, key), Member::Credential(row.staff_id, row.credential_id));
                }
            }
            Record::Course(row) => natural::<Course>(row, out),
            Record::AcademicSession(row) => natural::<AcademicSession>(row, out),
            _ => {}
        }
    }
}

fn natural<R: Row>(row: &R, out: &mut impl FnMut(MatchBlock, Member)) {
    if let Some(key) = row.natural() {
        out(MatchBlock::Natural(R::TABLE, key), Member::Row(crate::model::Id::symbol(row.key()).get()));
    }
}

fn of_staff(row: &Staff, out: &mut impl FnMut(MatchBlock, Member)) {
    let member = Member::Staff(row.staff_id);
    let shared = [row.state_staff_id.map(MatchBlock::StateStaff), row.names.whole.map(MatchBlock::NameAndBirth)];
    shared.into_iter().flatten().for_each(|block| out(block, member));
    if row.is_active != Some(false) {
        let logins = [row.email_key, row.username_key];
        logins.into_iter().flatten().for_each(|login| out(MatchBlock::Login(login), member));
    }
    let named = Member::Named(row.staff_id, row.names);
    let former = row.former_sound.filter(|former| Some(*former) != row.birth_sound);
    let alike = [row.birth_sound, former, row.name_sound];
    alike.into_iter().flatten().for_each(|sound| out(MatchBlock::Alike(sound), named));
}
