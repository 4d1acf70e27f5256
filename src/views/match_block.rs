//! Match blocks: values that should be unique to a record. Records that share a block are compared in it; a block too large to
//! compare is skipped.

use crate::model::names::Names;
use crate::model::{
    AcademicSession, Course, CredentialId, LoginKey, MatchKey, NaturalKey, Record, Row, Staff, StaffId, StateStaffId,
    StateStudentId, StudentId, Table,
};
use serde::{Deserialize, Serialize};

/// The shared value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MatchBlock {
    /// A state educator number.
    StateStaff(StateStaffId),
    /// A state student number.
    StateStudent(StateStudentId),
    /// Name and birth date.
    NameAndBirth(MatchKey),
    /// Birth date and the Soundex code of a last name; or that code and the beginning of the first name.
    Alike(MatchKey),
    /// An e-mail address or a username.
    Login(LoginKey),
    /// A natural key whose rows are not all in one person's view.
    Natural(Table, NaturalKey),
}

/// A record in the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Member {
    /// A staff member.
    Staff(StaffId),
    /// A staff member with names for comparison.
    Named(StaffId, Names),
    /// A student.
    Student(StudentId),
    /// A credential and its holder.
    Credential(StaffId, CredentialId),
    /// A row, by the symbol of its key.
    Row(u32),
}

impl Member {
    /// The match blocks of a record.
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
