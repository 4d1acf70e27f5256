//! Lookups: texts that other files of the export have, by key, read before the rows that use them.

use super::Reading;
use super::files::{File, stated_file};
use super::header::Header;
use crate::source::csv::{Records, decoded};
use crate::source::manifest::{Manifest, Stated};
use crate::source::mapped::cell::{Found, Line};
use crate::source::mapped::profile::Lookup;
use crate::source::{Delivery, FileError, Mode};
use hashbrown::HashMap;
use std::rc::Rc;

/// Most rows that a lookup joins for one key.
const MOST_JOINED: usize = 32;

impl<'p> Reading<'p> {
    /// Reads the lookup files that a file of this delivery uses.
    pub(super) fn lookups(
        &mut self,
        delivery: &mut Delivery<'_>,
        manifest: &Manifest,
        files: &mut [File<'p>],
    ) -> Result<(), FileError> {
        for (place, lookup) in self.profile.lookups.iter().enumerate() {
            let is_used = |of: &usize| *of == place || self.profile.lookups[*of].through == Some(place);
            let uses = |file: &&File<'_>| {
                let makes = file.map.iter().flat_map(|map| &map.makes);
                makes.flat_map(|makes| makes.columns.iter().flatten()).any(|source| source.lookups().iter().any(is_used))
            };
            let Some(user) = files.iter().filter(uses).max_by_key(|file| file.is_delta()) else { continue };
            let (user, is_delta) = (user.name.clone(), user.is_delta());
            let of: Vec<String> =
                files.iter().filter(|file| file.lookups.contains(&place)).map(|file| file.name.clone()).collect();
            let needed = || FileError::MissingLookup {
                asking: user.clone(),
                lookup: lookup.name.clone(),
                files: lookup.patterns.join(" or "),
            };
            // A changed row is stated in full, so a missing lookup would erase what it provides: with changes, no lookup
            // file may be missing.
            if of.is_empty() && (is_delta || !lookup.optional) {
                self.problem(needed())?;
            }
            for name in of {
                let is_part = match stated_file(manifest, &name)? {
                    Some(stated) => stated == Stated::Delta,
                    None => delivery.unless_stated == Some(Mode::Delta),
                };
                if is_part {
                    self.problem(needed())?;
                }
                let bytes = (delivery.read)(&name)?;
                if let Err(error) = look_up(lookup, &name, &bytes, &mut self.found[place]) {
                    self.problem(error)?;
                }
            }
        }
        // What was found may be the key of another lookup.
        for (place, lookup) in self.profile.lookups.iter().enumerate() {
            if let Some(through) = lookup.through.filter(|through| *through != place) {
                let mut texts = std::mem::take(&mut self.found[place]);
                texts.retain(|_, text| match self.found[through].get(&**text) {
                    Some(wanted) => {
                        text.clone_from(wanted);
                        true
                    }
                    None => false,
                });
                self.found[place] = texts;
            }
        }
        Ok(())
    }
}

/// Reads a lookup file.
fn look_up(lookup: &Lookup, file: &str, bytes: &[u8], found: &mut HashMap<String, Rc<str>>) -> Result<(), FileError> {
    let (text, _) = decoded(bytes);
    let header = Header::read(file, &text, &lookup.names)?;
    let missing = |column: &usize| header.places[*column].is_none();
    let column = match lookup.key.columns().find(missing) {
        None if !lookup.value.is_fed(&header.places) => lookup.value.columns().into_iter().find(missing),
        of_key => of_key,
    };
    if let Some(column) = column.or_else(|| header.lacks(&lookup.filter)) {
        let name = &lookup.names[column];
        return Err(header.missing(format!("[lookup.{}]", lookup.name), std::slice::from_ref(name)));
    }
    let mut records = Records::new(&text);
    drop(records.next());
    let nothing = Found::new();
    let mut joined: HashMap<String, usize> = HashMap::default();
    // Malformed lines are reported where the rows of the file are made, so skip them here.
    records.rows(
        header.width,
        |fields| fields.len() >= header.width,
        |_, fields| {
            let Ok(fields) = fields else { return Ok(()) };
            let line = Line { places: &header.places, fields };
            let (key, (value, _)) = (lookup.key.text(&line), lookup.value.text(&line, &nothing));
            if key.is_empty() || value.is_empty() || !line.holds(&lookup.filter) {
                return Ok(());
            }
            match (found.get_mut(key.as_ref()), &lookup.join) {
                (None, _) => drop(found.insert(key.into_owned(), value.into())),
                (Some(before), Some(join)) => {
                    let count = joined.entry(key.into_owned()).or_insert(1);
                    *count += 1;
                    if *count <= MOST_JOINED {
                        *before = [before, join.as_str(), &value].concat().into();
                    }
                }
                // The first row of a key wins.
                (Some(_), None) => {}
            }
            Ok(())
        },
    )
}
