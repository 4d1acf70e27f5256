//! Credentials and their authorizations, and the faults in them.

use super::Office;
use super::posts::Post;
use crate::employees::state_staff_id;
use crate::faults::StaffFault;
use crate::schools::{GRADES, day_of};
use rollcall_model::date::Date;
use std::io::{self, Write};

/// A credential as written.
#[derive(Clone)]
struct Card {
    kind: &'static str,
    number: Option<String>,
    level: &'static str,
    status: &'static str,
    issued: Option<Date>,
    effective: Date,
    expires: Date,
    revoked: Option<Date>,
}

impl Card {
    /// A permit of the same person; it authorizes nothing by itself.
    fn permit(&self, staff: u32) -> Card {
        Card { kind: "permit", number: Some(card_number(staff, 2)), ..self.clone() }
    }
}

/// The number printed on credential `number` of a person.
fn card_number(staff: u32, number: u32) -> String {
    format!("ZZ{}{number}", state_staff_id(staff))
}

/// The credentials of a person.
struct Cards {
    /// The one for the post, and as it would be without a fault.
    card: Card,
    base: Card,
    /// An earlier or additional one.
    extra: Option<Card>,
    /// Whether one was revoked or suspended.
    revoked: bool,
}

/// What a credential authorizes.
#[derive(Clone, Copy)]
struct Authorization {
    subject: &'static str,
    grades: (&'static str, &'static str),
    population: &'static str,
    begin: Option<Date>,
    end: Option<Date>,
}

/// July 1 of a year, when credentials begin and end.
fn july(year: i32) -> Date {
    day_of(year, 7, 1)
}

impl<W: Write> Office<'_, W> {
    /// Writes the credential of a certificated person and its authorizations, with the fault if any. Returns whether it
    /// was revoked.
    pub(super) fn license(
        &mut self,
        staff: u32,
        post: &Post,
        begin: Date,
        due: Option<(StaffFault, u32)>,
    ) -> io::Result<bool> {
        if matches!(due, Some((StaffFault::NoCredential, _))) {
            return Ok(false);
        }
        let mut cards = self.draw_cards(staff, post);
        match due {
            Some((fault, number)) => {
                cards.extra = None;
                self.spoil_cards(staff, begin, fault, number, &mut cards)?;
            }
            None => self.card_number = cards.card.number.clone().map(|number| (staff, number)),
        }
        self.write_card(&format!("K{staff}-1"), staff, &cards.card)?;
        if let Some(extra) = &cards.extra {
            self.write_card(&format!("K{staff}-2"), staff, extra)?;
        }
        self.authorize(staff, post, &cards.card, due)?;
        Ok(cards.revoked)
    }

    /// The credentials of a person without faults.
    fn draw_cards(&mut self, staff: u32, post: &Post) -> Cards {
        let dice = &mut self.dice;
        // A five-year cycle that began one to four years ago, so it ends more than a year from now.
        let end = i32::from(self.plan.year.0) + dice.between(1, 4) as i32;
        let issued = july(end - 5).plus(-dice.between(0, 60));
        // The state checks teachers without full certification by school and allows hardly any; other roles have some.
        let level = dice.weighted(&[("regular", 88), ("professional", 6), ("provisional", 4), ("intern", 2)]);
        let level = if post.teaches && matches!(level, "provisional" | "intern") { "regular" } else { level };
        let base = Card {
            kind: "license",
            number: Some(card_number(staff, 1)),
            level,
            status: "active",
            issued: Some(issued),
            effective: july(end - 5),
            expires: july(end),
            revoked: None,
        };
        let since = base.effective.plus(-731);
        let extra = dice.chance(0.25).then(|| Card {
            level: "provisional",
            status: "expired",
            issued: Some(since),
            effective: since,
            expires: base.effective,
            ..base.permit(staff)
        });
        Cards { card: base.clone(), base, extra, revoked: false }
    }

    /// Plants a fault in the credentials of a person and records the findings that follow.
    fn spoil_cards(&mut self, staff: u32, begin: Date, fault: StaffFault, number: u32, cards: &mut Cards) -> io::Result<()> {
        let Cards { card, base, extra, revoked } = cards;
        let (year, day) = (i32::from(self.plan.year.0), self.plan.day);
        let assignment = format!("{staff}-{:02}-1", year % 100);
        match (fault, number % 5) {
            (StaffFault::NotValid, 0) => {
                let since = july(year - 6);
                (card.issued, card.effective, card.expires) = (Some(since), since, july(year - 1));
            }
            (StaffFault::NotValid, 1) => {
                (card.status, *revoked) = ("suspended", true);
                self.answers.note("CRT-012", assignment);
            }
            (StaffFault::NotValid, 2) => {
                let since = day.plus(-self.fault_dice.between(0, 60));
                (card.revoked, *revoked) = (Some(since), true);
                if since > begin {
                    self.answers.note("CRT-004", assignment.clone());
                }
                self.answers.note("CRT-012", assignment);
            }
            (StaffFault::NotValid, 3) => card.status = "pending",
            (StaffFault::NotValid, _) => {
                card.issued = Some(day.plus(-10));
                card.effective = day.plus(self.fault_dice.between(1, 60));
                card.expires = july(year + 5);
            }
            (StaffFault::EndsSoon, _) => {
                // Every other one on the last day for which the rule warns.
                card.expires = day.plus(if number.is_multiple_of(2) { 90 } else { self.fault_dice.between(1, 90) });
                card.effective = card.expires.plus(-1826);
                card.issued = Some(card.effective);
                self.answers.note("CRT-003", format!("K{staff}-1"));
            }
            (StaffFault::ImpossibleDates, 0 | 3) => {
                // An old credential whose dates were entered in the wrong order.
                let old = base.effective;
                let expires = july(old.to_ymd().0 - 5);
                *extra = Some(Card { status: "expired", issued: Some(old), effective: old, expires, ..base.permit(staff) });
                self.answers.note("CRT-008", format!("K{staff}-2"));
            }
            (StaffFault::ImpossibleDates, 1 | 4) => {
                let issued = base.issued.unwrap_or(base.effective);
                card.effective = issued.plus(-367 - self.fault_dice.between(0, 700));
                self.answers.note("CRT-008", format!("K{staff}-1"));
            }
            (StaffFault::ImpossibleDates, _) => {
                let far = day.plus(181 + self.fault_dice.between(0, 3000));
                let (issued, effective, expires) = (Some(far), far, far.plus(1826));
                *extra = Some(Card { status: "pending", issued, effective, expires, ..base.permit(staff) });
                self.answers.note("CRT-008", format!("K{staff}-2"));
            }
            (StaffFault::UnknownCode, _) => {
                card.level = "L77";
                if number == 0 {
                    self.answers.note("REF-005", "CredentialLevel|L77".to_owned());
                }
            }
            (StaffFault::RenewedLate, _) => {
                // It expired when the year began and was renewed some weeks later.
                let again = begin.plus(25);
                let number = Some(card_number(staff, 2));
                let expires = july(year + 4);
                *extra = Some(Card { number, issued: Some(again), effective: again, expires, ..base.clone() });
                let since = july(year - 6);
                (card.issued, card.effective, card.expires) = (Some(since), since, begin.plus(5));
                self.answers.note("CRT-004", assignment);
            }
            (StaffFault::SharedNumber, _) => {
                if let Some((_, number)) = self.card_number.take() {
                    self.answers.note("CRT-010", format!("credential|ZZ|{number}"));
                    card.number = Some(number);
                }
            }
            (StaffFault::IncompleteCard, _) => {
                match number % 3 {
                    0 => card.number = None,
                    1 => card.issued = None,
                    _ => card.level = "",
                }
                self.answers.note("CRT-011", format!("K{staff}-1"));
            }
            (StaffFault::Revoked, _) => {
                let since = card.effective.plus(-731);
                let status = if number.is_multiple_of(2) { "revoked" } else { "surrendered" };
                let (issued, effective, expires) = (Some(since), since, card.effective);
                *extra = Some(Card { status, issued, effective, expires, ..base.permit(staff) });
            }
            (StaffFault::Emergency, _) => {
                card.level = ["emergency", "provisional", "waiver", "intern"][number as usize % 4];
            }
            (StaffFault::NoAuthorization, _) => {
                *extra = Some(Card { number: Some(card_number(staff, 2)), ..base.clone() });
                self.answers.note("CRT-014", format!("K{staff}-2"));
            }
            (StaffFault::NaturalTwice, _) if number % 2 == 1 => {
                *extra = Some(Card { number: card.number.clone(), ..base.permit(staff) });
                self.answers.note("REF-008", format!("credential|ZZ|{}", card_number(staff, 1)));
            }
            (StaffFault::OrphanCredential, _) => {
                let number = Some(card_number(staff, 9));
                self.write_card(&format!("K{staff}-9"), staff * 10 + 9, &Card { number, ..base.permit(staff) })?;
                self.answers.note("CRT-016", format!("K{staff}-9"));
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes the authorizations of a person, with the fault if any.
    fn authorize(&mut self, staff: u32, post: &Post, card: &Card, due: Option<(StaffFault, u32)>) -> io::Result<()> {
        let issued = card.issued.map_or(card.effective, |issued| issued.min(card.effective));
        let mut of_post = Authorization {
            subject: post.subject,
            grades: (GRADES[post.grades.0 as usize], GRADES[post.grades.1 as usize]),
            population: post.population,
            begin: Some(issued),
            end: None,
        };
        let (fault, number) = due.unzip();
        match (fault, number.unwrap_or_default() % 3) {
            (Some(StaffFault::OutOfField), 0) => {
                of_post.subject = if post.subject == "pe_health" { "arts" } else { "pe_health" };
            }
            (Some(StaffFault::OutOfField), 1) => of_post.end = Some(july(i32::from(self.plan.year.0) - 1)),
            (Some(StaffFault::OutOfField), _) => {
                // No authorization at all.
                self.answers.note("CRT-014", format!("K{staff}-1"));
                return Ok(());
            }
            // Before elementary school, where nobody here teaches.
            (Some(StaffFault::WrongGrades), _) => of_post.grades = ("PR", "PK"),
            (Some(StaffFault::WrongPopulation), _) => of_post.population = "general",
            _ => {}
        }
        self.write_authorization(&format!("K{staff}-1"), 1, &of_post)?;
        let always = Authorization { begin: None, end: None, ..of_post };
        if fault == Some(StaffFault::RenewedLate) {
            self.write_authorization(&format!("K{staff}-2"), 1, &always)?;
        }
        let grades = ("KG", "12");
        if post.teaches && self.dice.chance(0.12) && fault.is_none() {
            let english = Authorization { subject: "esl_bilingual", grades, population: "english_learner", ..always };
            self.write_authorization(&format!("K{staff}-1"), 2, &english)?;
        }
        if fault == Some(StaffFault::UnknownId) {
            self.write_authorization(&format!("K{staff}-X"), 1, &Authorization { grades, population: "general", ..always })?;
            self.answers.note("REF-007", format!("credential_authorization|credential_id|K{staff}-X"));
        }
        Ok(())
    }

    fn write_card(&mut self, id: &str, staff: u32, card: &Card) -> io::Result<()> {
        let row = &mut self.sheets.credential;
        row.text(id).show(staff).text(card.number.as_deref().unwrap_or_default()).text("ZZ").text(card.kind);
        row.text(card.level).text(card.status).maybe_date(card.issued).date(card.effective).date(card.expires);
        row.maybe_date(card.revoked).end()
    }

    fn write_authorization(&mut self, card: &str, number: u32, of: &Authorization) -> io::Result<()> {
        let row = &mut self.sheets.credential_authorization;
        row.text(card).show(number).text(of.subject).text(of.grades.0).text(of.grades.1).text(of.population);
        row.maybe_date(of.begin).maybe_date(of.end).end()
    }
}
