//! Deliveries of a district: what a full extract deletes, what goes on hold, what is known, and with which settings each day
//! is computed. On a disk in memory, delivery by delivery.

mod ages;
mod computed;
mod full_extracts;
mod on_hold;
mod pieces;
mod restarts;
mod storage;

use crate::support::{Delivered, Files};
use rollcall::district::{Approval, District, Error, Outcome, Recovery};
use rollcall::engine::Engine;
use rollcall::model::{Date, Table};
use rollcall::plan::Plan;
use rollcall::publish::changes::ClosedTimestamp;
use rollcall::qa;
use rollcall::quality::Violations;
use rollcall::source::folder::Tables;
use rollcall::source::{Format, Mode, Scope};
use rollcall::store::disk::Simulated;
use std::collections::BTreeSet;

fn day(number: i64) -> Date {
    Date::ymd(2025, 9, 1).expect("a day of the calendar").plus(number)
}

fn full() -> Mode {
    Mode::Full(Scope::default())
}

fn within(scope: &str) -> Mode {
    Mode::Full(Scope::read(scope).expect("a scope"))
}

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// A stored district.
struct Kept {
    disk: Simulated,
    district: District<Simulated>,
    format: &'static dyn Format,
}

impl Kept {
    fn new() -> Kept {
        Kept::on(Simulated::default(), Plan::default()).expect("an empty disk").0
    }

    fn on(disk: Simulated, plan: Plan) -> Result<(Kept, Recovery), Error> {
        let (district, recovery) =
            District::open(disk.folder("state"), disk.folder("changes"), plan, 1, day(0), &mut |_, _| {})?;
        Ok((Kept { disk, district, format: &Tables }, recovery))
    }

    /// Closes and reopens the district.
    fn again(self, plan: Plan) -> (Kept, Recovery) {
        self.district.close().expect("the disk works");
        Kept::on(self.disk, plan).expect("what was written is read")
    }

    fn try_take(&mut self, label: &str, of: &Files, mode: Mode) -> Result<Outcome, Error> {
        Delivered { label, files: of, mode: Some(mode), format: self.format }.take(&mut self.district, &mut Vec::new())
    }

    fn take(&mut self, label: &str, of: &[(&str, &str)], mode: Mode) -> Outcome {
        self.try_take(label, &files(of), mode).expect("the delivery is read")
    }

    /// Approves a delivery on hold, as a separate process would.
    fn release(self, label: &str) -> Kept {
        self.district.close().expect("the disk works");
        let mut approval = Approval::open(self.disk.folder("state")).expect("what was written is read");
        assert!(approval.on_hold().any(|(source, held, _)| (source, held) == ("sis", label)));
        approval.approve("sis", label).expect("the disk works");
        Kept::on(self.disk, Plan::default()).expect("what was written is read").0
    }

    /// Accepts a delivery, expecting no hold, and returns the tables whose rows were not deleted.
    fn taken(&mut self, label: &str, of: &[(&str, &str)], mode: Mode) -> BTreeSet<Table> {
        match self.take(label, of, mode) {
            Outcome::Accepted { suspended, .. } => suspended,
            other => panic!("{label}: {other:?}"),
        }
    }

    fn flush(&mut self) -> Vec<ClosedTimestamp> {
        self.district.flush().expect("the disk works").into_iter().map(|(_, sealed)| sealed).collect()
    }

    fn keys(&mut self, table: Table) -> Vec<String> {
        keys(self.district.engine(), table)
    }

    /// The subjects of a rule's open violations.
    fn open(&mut self, rule: &str) -> Vec<String> {
        let violations = self.district.violations().clone();
        open(&violations, self.district.engine(), rule)
    }

    fn log(&self) -> Vec<u8> {
        self.disk.folder("state").bytes("log-00000001")
    }
}

fn keys(engine: &Engine, table: Table) -> Vec<String> {
    let texts = &engine.current().texts;
    let rows = engine.current().rows().of(table);
    let mut keys: Vec<String> = rows.map(|row| texts.symbol_text(table.space(), row.symbol()).to_owned()).collect();
    keys.sort();
    keys
}

fn open(violations: &Violations, engine: &Engine, rule: &str) -> Vec<String> {
    let of = violations.open().filter(|((number, _), _)| qa::numbered(*number).id == rule);
    of.map(|((_, subject), _)| subject.key(&engine.current().texts)).collect()
}

/// Courses by id, each with the title after its colon, or its id.
fn courses(ids: &str) -> String {
    let row = |id: &str| match id.split_once(':') {
        Some((id, title)) => format!("{id},D,{title}\n"),
        None => format!("{id},D,{id}\n"),
    };
    "course_id,org_id,title\n".to_owned() + &ids.split_whitespace().map(row).collect::<String>()
}

fn many(count: usize) -> String {
    courses(&(0..count).map(|number| format!("{number:04} ")).collect::<String>())
}
