//! Mapped CSV: the export of any system, read with a profile. A profile is a TOML file that maps files, columns, codes,
//! dates and end dates to tables; a district can adapt one to its system without writing Rust.
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
//! last_name = ["Last", "Last Name"]           # the first non-empty one
//! birth_date = "DOB"
//! sex = { column = "Sex", codes = { "1" = "male", "2" = "female" } }
//! ```
//!
//! One file may feed several tables, and several files may feed one table. A table counts as a full extract only if all
//! files that the profile maps to it are there in full, except optional ones. A rejection names the file, line and field
//! of the export.

mod cell;
mod dates;
mod profile;
mod reading;

pub use profile::{Profile, ProfileError};
pub(crate) use reading::{FileSurvey, Survey, TableSurvey};

use super::{Delivery, FileError, FileReport, Format, RecordSink};
use reading::Reading;

/// The format, defined by a profile.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The mapping.
    pub profile: Profile,
}

/// Its name, as `--format` takes it.
pub(crate) const NAME: &str = "mapped";

impl Format for Mapped {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sniff(&self, files: &[String], _: &mut dyn FnMut(&str) -> Vec<u8>) -> bool {
        files.iter().any(|file| reading::best(self.profile.files.iter().map(|of| &of.patterns[..]), file).is_some())
    }

    /// An export may have columns that are not mapped.
    fn has_own_headers(&self) -> bool {
        false
    }

    fn read(&self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError> {
        let survey = Reading::new(&self.profile, false).read(delivery, sink)?;
        Ok(survey.files.into_iter().map(|file| file.report).collect())
    }
}

impl Mapped {
    /// Reads what can be read and reports every problem instead of stopping at the first.
    pub(crate) fn survey(&self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Survey, FileError> {
        Reading::new(&self.profile, true).read(delivery, sink)
    }
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        /// The profiles that come with rollcall, as name and text.
        pub const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../data/profiles/", $name, ".toml")))),+];
    };
}

shipped!["powerschool", "infinite_campus", "skyward", "aeries"];

/// A profile that comes with rollcall, by name.
pub(crate) fn shipped(name: &str) -> Option<Result<Profile, ProfileError>> {
    let (name, text) = SHIPPED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(Profile::read(&format!("{name}.toml"), text))
}
