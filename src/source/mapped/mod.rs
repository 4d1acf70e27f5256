//! Mapped CSV: the export of any system, read as a profile says. A profile is a TOML file that maps files, columns, codes,
//! dates and ends onto tables; a district adapts one to its system without a word of Rust.
//!
//! ```toml
//! name = "our_sis"
//! dates = ["%m/%d/%Y"]
//!
//! [[file]]
//! files = ["students*.csv"]
//!
//! [[file.makes]]
//! table = "student"
//! [file.makes.columns]
//! student_id = "Student Number"
//! first_name = "First"
//! last_name = ["Last", "Last Name"]           # the first that is not empty
//! birth_date = "DOB"
//! sex = { column = "Sex", codes = { "1" = "male", "2" = "female" } }
//! ```
//!
//! One file may make rows of several tables, and one table may be made of several files. A table is taken for complete
//! only when all files that the profile makes it of are there in full, but for those that it calls optional. A row that
//! cannot be taken is rejected with the file, line and field of the export.

mod cell;
mod dates;
mod profile;
mod reading;

pub use profile::{Profile, ProfileError};
pub use reading::{FileSurvey, Survey, TableSurvey};

use super::{Delivery, FileError, FileReport, Format, RecordSink};
use reading::Reading;

/// The format: a profile.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// What is read as what.
    pub profile: Profile,
}

/// Its name, as `--format` takes it.
pub const NAME: &str = "mapped";

impl Format for Mapped {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sniff(&self, files: &[String]) -> bool {
        files.iter().any(|file| reading::best(self.profile.files.iter().map(|of| &of.patterns[..]), file).is_some())
    }

    /// An export has columns that nobody asked for.
    fn has_own_headers(&self) -> bool {
        false
    }

    fn read(&self, delivery: &mut Delivery<'_>, taker: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError> {
        let survey = Reading::new(&self.profile, false).read(delivery, taker)?;
        Ok(survey.files.into_iter().map(|file| file.report).collect())
    }
}

impl Mapped {
    /// Reads what can be read and tells everything that cannot, instead of stopping at the first.
    pub fn survey(&self, delivery: &mut Delivery<'_>, taker: &mut dyn RecordSink) -> Result<Survey, FileError> {
        Reading::new(&self.profile, true).read(delivery, taker)
    }
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        /// The texts of the profiles that come with rollcall, by name.
        pub const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../data/profiles/", $name, ".toml")))),+];
    };
}

shipped!["powerschool", "infinite_campus", "skyward", "aeries"];

/// The profile of this name that comes with rollcall.
pub fn shipped(name: &str) -> Option<Result<Profile, ProfileError>> {
    let (name, text) = SHIPPED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(Profile::read(&format!("{name}.toml"), text))
}
