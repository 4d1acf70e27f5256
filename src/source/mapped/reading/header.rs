//! The header of a file: where the columns of a profile are.

use crate::source::csv::Records;
use crate::source::mapped::cell::Condition;
use crate::source::{FileError, most_alike, plain};
use std::collections::BTreeSet;

/// A header normalized for comparison, without the prefix up to its last dot or bracket.
pub(super) fn last(header: &str) -> String {
    plain(header.rsplit(['.', ']']).next().unwrap_or(header))
}

/// Where columns are in a file.
pub(super) struct Header {
    file: String,
    pub(super) headers: Vec<String>,
    /// By column of the profile.
    pub(super) places: Vec<Option<usize>>,
    /// Number of fields up to the last non-empty header.
    pub(super) width: usize,
}

impl Header {
    /// Finds columns by the headers of a file. `students.dcid` also matches `dcid` unless another header does.
    pub(super) fn read(file: &str, text: &str, names: &[String]) -> Result<Header, FileError> {
        let file = || file.to_owned();
        let headers: Vec<String> = match Records::new(text).next().map(|record| record.fields) {
            None => return Err(FileError::Empty { file: file() }),
            Some(Err(_)) => {
                let why = "it is longer than 16 KiB or has an unclosed quote".to_owned();
                return Err(FileError::NoHeader { file: file(), why });
            }
            Some(Ok(fields)) => fields.iter().map(|field| field.trim().to_owned()).collect(),
        };
        let whole: Vec<String> = headers.iter().map(|header| plain(header)).collect();
        let last: Vec<String> = headers.iter().map(|header| last(header)).collect();
        let find = |name: &String| {
            let wanted = plain(name);
            let at = |of: &[String]| (0..of.len()).filter(|&place| of[place] == wanted).collect::<Vec<_>>();
            let found = match at(&whole) {
                found if found.is_empty() => at(&last),
                found => found,
            };
            match found[..] {
                [] => Ok(None),
                [place] => Ok(Some(place)),
                [first, second, ..] => {
                    let (first, second) = (headers[first].clone(), headers[second].clone());
                    Err(FileError::TwiceSource { file: file(), column: name.clone(), first, second })
                }
            }
        };
        let places = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let width = headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        Ok(Header { file: file(), headers, places, width })
    }

    /// The first column that conditions need and the file does not have.
    pub(super) fn lacks(&self, conditions: &[Condition]) -> Option<usize> {
        let mut needed = conditions.iter().filter(|condition| !condition.optional).map(|condition| condition.column);
        needed.find(|column| self.places[*column].is_none())
    }

    /// An error about a missing column.
    pub(super) fn missing(&self, feeds: String, wanted: &[String]) -> FileError {
        let used: BTreeSet<usize> = self.places.iter().flatten().copied().collect();
        let unused =
            |(place, header): (usize, &String)| (!used.contains(&place) && !header.is_empty()).then(|| header.clone());
        let unknown: Vec<String> = self.headers.iter().enumerate().filter_map(unused).collect();
        let alike = wanted.iter().find_map(|wanted| most_alike(wanted, &unknown));
        FileError::MissingSource { file: self.file.clone(), column: wanted.join(" or "), feeds, unknown, alike }
    }
}
