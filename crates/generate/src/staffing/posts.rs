//! Posts: what staff are hired for, and who holds them.

use crate::faults::Answers;
use rollcall_model::date::Date;

/// Full time, in ten-thousandths.
pub(crate) const FULL: i32 = 10_000;

/// A position at a school or the district office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Post {
    pub(super) role: &'static str,
    pub(super) title: &'static str,
    /// The required authorization; empty if the role requires no credential.
    pub(crate) subject: &'static str,
    pub(super) grades: (u8, u8),
    pub(crate) population: &'static str,
    pub(super) teaches: bool,
    pub(super) fte: i32,
}

impl Post {
    pub(super) const fn new(role: &'static str, title: &'static str, subject: &'static str) -> Post {
        Post { role, title, subject, grades: (0, 12), population: "general", teaches: false, fte: FULL }
    }

    pub(crate) const fn teacher(role: &'static str, title: &'static str, subject: &'static str, low: u8, high: u8) -> Post {
        Post { grades: (low, high), teaches: true, ..Post::new(role, title, subject) }
    }

    pub(crate) fn half(self) -> Post {
        Post { fte: FULL / 2, ..self }
    }

    /// Whether rule CRT-001 requires a credential.
    pub(super) fn is_certificated(self) -> bool {
        !self.subject.is_empty()
    }
}

pub(super) const PRINCIPAL: Post = Post::new("principal", "Principal", "administration");
pub(super) const ASSISTANT_PRINCIPAL: Post = Post::new("assistant_principal", "Assistant Principal", "administration");
pub(super) const COUNSELOR: Post = Post::new("counselor", "Counselor", "counseling");
pub(super) const NURSE: Post = Post::new("nurse", "School Nurse", "other");
pub(super) const LIBRARIAN: Post = Post::new("librarian", "Librarian", "library");
pub(super) const PSYCHOLOGIST: Post = Post::new("psychologist", "School Psychologist", "other");
pub(super) const SPEECH: Post = Post::new("speech_therapist", "Speech-Language Pathologist", "other");
pub(super) const PARA: Post = Post::new("para_instructional", "Instructional Aide", "");
pub(super) const CLERK: Post = Post::new("school_admin_support", "School Secretary", "");
pub(super) const OPERATIONAL: Post = Post::new("operational", "Custodian", "");
pub(super) const SPED: Post =
    Post { population: "special_education", ..Post::teacher("teacher_sped", "Teacher, Special Education", "sped", 0, 12) };
pub(super) const ENGLISH: Post = Post {
    population: "english_learner",
    ..Post::teacher("teacher_el", "Teacher, English Language Development", "esl_bilingual", 0, 12)
};
pub(crate) const KINDERGARTEN: Post = Post::teacher("teacher_k", "Teacher, Kindergarten", "elementary_generalist", 0, 6);
pub(crate) const HOMEROOM: Post = Post::teacher("teacher_elem", "Teacher, Elementary", "elementary_generalist", 0, 6);

/// A person in a post.
#[derive(Clone, Copy)]
pub(crate) struct Holder {
    pub(crate) staff: u32,
    pub(super) post: Post,
    /// First day in the post this year.
    pub(crate) begin: Date,
    pub(super) ailing: Ailing,
}

/// What a fault takes from the holder of a post, as far as it affects sections.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ailing {
    /// No valid authorization for the subject.
    pub(super) subject: bool,
    /// No valid authorization for the population.
    pub(super) population: bool,
    /// No valid authorization for the grades.
    pub(super) grades: bool,
    /// A credential that was revoked or suspended.
    pub(super) revoked: bool,
    /// The assignment has ended.
    pub(super) left: bool,
}

impl Holder {
    /// Whether no fault of the holder affects the sections.
    pub(crate) fn is_sound(&self) -> bool {
        self.ailing == Ailing::default()
    }

    /// Records the findings about the teacher of record of a section.
    pub(crate) fn note_section(&self, id: &str, subject: &str, population: &str, answers: &mut Answers) {
        let ailing = self.ailing;
        let authorized = subject != "none";
        for (rule, found) in [
            ("CRT-005", ailing.subject && authorized),
            ("CRT-006", ailing.grades && authorized),
            ("CRT-007", ailing.population && population != "general"),
            ("FTE-012", ailing.left),
        ] {
            if found {
                answers.note(rule, id.to_owned());
            }
        }
        self.note_help(id, answers);
    }

    /// Records the findings about any staff member in a section.
    pub(crate) fn note_help(&self, id: &str, answers: &mut Answers) {
        if self.ailing.revoked {
            answers.note("CRT-012", id.to_owned());
        }
    }
}
