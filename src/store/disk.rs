//! The disk as the log uses it: a flat folder of files that are appended to, synced, truncated and renamed. Apart from
//! the publishers, nothing else in the library does I/O, so recovery can be tested completely on a simulated disk that
//! fails on purpose.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// A folder of files.
pub trait Disk {
    /// The names of the files, sorted.
    fn names(&self) -> io::Result<Vec<String>>;
    /// The length of a file in bytes.
    fn length(&self, name: &str) -> io::Result<u64>;
    /// Reads a file from an offset on.
    fn read(&self, name: &str, offset: u64) -> io::Result<Box<dyn Read + '_>>;
    /// Appends to a file, creating it if it does not exist.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Returns once everything appended to a file would survive a power loss.
    fn sync(&mut self, name: &str) -> io::Result<()>;
    /// Writes a small file in place without syncing it: after a power loss it may be as before, as written, or neither.
    fn overwrite(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Truncates a file, and syncs it.
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()>;
    /// Renames a file durably, replacing any existing file of that name.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file durably.
    fn remove(&mut self, name: &str) -> io::Result<()>;
}

/// A folder of the file system.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    is_private: bool,
    open: BTreeMap<String, File>,
    /// The small file that is written in place.
    overwritten: Option<(String, File)>,
    /// Locked as long as the folder is in use.
    _lock: Option<File>,
}

/// The file that marks a folder as in use.
const LOCK: &str = "lock";

impl Folder {
    /// A folder for this process only, created if missing. Only the owner can read its files, because they contain
    /// student records.
    pub fn locked(path: &Path) -> io::Result<Folder> {
        if let Some(above) = path.parent() {
            fs::create_dir_all(above)?;
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        let mut folder = Folder {
            path: path.to_owned(),
            #[cfg(unix)]
            is_private: true,
            open: BTreeMap::new(),
            overwritten: None,
            _lock: None,
        };
        let lock = folder.options().truncate(false).write(true).open(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => folder._lock = Some(lock),
            Err(fs::TryLockError::WouldBlock) => {
                let why = format!("{} is in use by another rollcall", path.display());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, why));
            }
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        Ok(folder)
    }

    /// A folder whose files only the owner can read, created if missing; nobody else is kept out of it.
    pub fn private(path: &Path) -> io::Result<Folder> {
        let mut folder = Folder::shared(path)?;
        #[cfg(unix)]
        {
            folder.is_private = true;
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        }
        Ok(folder)
    }

    /// Copies the files of another folder, if it is there.
    pub fn copy_from(&mut self, path: &Path) -> io::Result<()> {
        if !path.is_dir() {
            return Ok(());
        }
        let from = Folder::shared(path)?;
        for name in from.names()? {
            let mut file = self.options().truncate(true).write(true).open(self.path.join(&name))?;
            io::copy(&mut from.read(&name, 0)?, &mut file)?;
            file.sync_all()?;
        }
        self.sync_names()
    }

    /// A folder with default permissions, created if missing.
    pub fn shared(path: &Path) -> io::Result<Folder> {
        fs::create_dir_all(path)?;
        Ok(Folder {
            path: path.to_owned(),
            #[cfg(unix)]
            is_private: false,
            open: BTreeMap::new(),
            overwritten: None,
            _lock: None,
        })
    }

    /// How a file is opened for writing.
    fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.create(true);
        #[cfg(unix)]
        if self.is_private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        options
    }

    fn sync_names(&self) -> io::Result<()> {
        // Not every platform can open a folder to sync it; on Unix, its names are durable afterwards.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    fn handle(&mut self, name: &str) -> io::Result<&mut File> {
        if !self.open.contains_key(name) {
            let path = self.path.join(name);
            let new = !path.exists();
            let file = self.options().append(true).open(&path)?;
            if new {
                self.sync_names()?;
            }
            // One log segment and one file of changes are written at a time; do not keep more open.
            if self.open.len() >= 8 {
                self.open.clear();
            }
            self.open.insert(name.to_owned(), file);
        }
        Ok(self.open.get_mut(name).expect("invariant: the file was just put there"))
    }
}

impl Disk for Folder {
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if let (true, Some(name)) = (entry.file_type()?.is_file(), entry.file_name().to_str()) {
                names.extend((name != LOCK).then(|| name.to_owned()));
            }
        }
        names.sort();
        Ok(names)
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path.join(name))?.len())
    }

    fn read(&self, name: &str, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        let mut file = File::open(self.path.join(name))?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(io::BufReader::with_capacity(1 << 16, file)))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.handle(name)?.write_all(bytes)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.handle(name)?.sync_data()
    }

    fn overwrite(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if self.overwritten.as_ref().is_none_or(|(overwritten, _)| overwritten != name) {
            let path = self.path.join(name);
            let file = self.options().truncate(false).write(true).open(path)?;
            self.overwritten = Some((name.to_owned(), file));
        }
        let Some((_, file)) = &mut self.overwritten else { return Ok(()) };
        file.seek(SeekFrom::Start(0))?;
        file.write_all(bytes)
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        let file = self.handle(name)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.open.remove(from);
        self.open.remove(to);
        fs::rename(self.path.join(from), self.path.join(to))?;
        self.sync_names()
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.open.remove(name);
        fs::remove_file(self.path.join(name))?;
        self.sync_names()
    }
}

/// A disk in memory that fails on request and then keeps an arbitrary part of the unsynced data: all, nothing, a prefix,
/// or a prefix with a missing page.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    platter: Arc<Mutex<Platter>>,
    /// A prefix of file names: several folders of one machine lose power together.
    folder: String,
}

#[derive(Clone, Debug, Default)]
struct Platter {
    files: BTreeMap<String, Contents>,
    /// How many modifying operations were attempted.
    operations: u64,
    fails: Option<(u64, Failing)>,
    broken: bool,
}

#[derive(Clone, Debug, Default)]
struct Contents {
    bytes: Vec<u8>,
    /// How many bytes are synced.
    synced: usize,
    /// What was there before it was last written in place, if it was.
    before: Option<Vec<u8>>,
}

/// How a simulated disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// Power is lost: this operation may or may not have happened, and later ones do not.
    Crash,
    /// The disk is full: part of the bytes of this append are written, and nothing after it.
    Full,
    /// This and later syncs fail, and the data they should have synced may be lost.
    Sync,
}

impl Simulated {
    /// A folder on the same disk.
    pub fn folder(&self, name: &str) -> Simulated {
        Simulated { platter: self.platter.clone(), folder: format!("{}{name}/", self.folder) }
    }

    /// Makes the operation with this number (from 0) fail.
    pub fn fail_at(&self, operation: u64, failing: Failing) {
        self.platter().fails = Some((operation, failing));
    }

    /// The number of operations so far.
    pub fn operations(&self) -> u64 {
        self.platter().operations
    }

    /// Restarts the machine. Unsynced data is kept, lost, or kept in part, depending on `chance`.
    pub fn restart(&self, mut chance: u64) {
        let mut platter = self.platter();
        (platter.fails, platter.broken) = (None, false);
        for contents in platter.files.values_mut() {
            let volatile = contents.bytes.len() - contents.synced;
            // Steele, Lea and Flood (2014): SplitMix.
            chance = chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (chance ^ chance >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let kept = match mixed >> 32 & 3 {
                0 => 0,
                1 => volatile,
                _ => (mixed % (volatile as u64 + 1)) as usize,
            };
            contents.bytes.truncate(contents.synced + kept);
            if mixed >> 40 & 3 == 0 {
                // The page before the last did not reach the disk, although the last did.
                let end = contents.synced + kept / 2;
                contents.bytes[contents.synced..end].fill(0);
            }
            if let Some(before) = contents.before.take() {
                match mixed >> 48 & 3 {
                    0 => contents.bytes = before,
                    1 => contents.bytes.fill(0),
                    _ => {}
                }
            }
            contents.synced = contents.bytes.len();
        }
    }

    /// Flips a bit of an existing byte.
    pub fn damage(&self, name: &str, offset: usize) {
        if let Some(contents) = self.platter().files.get_mut(&self.path(name)) {
            contents.bytes[offset] ^= 0x40;
        }
    }

    /// The content of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        self.platter().files.get(&self.path(name)).map_or(Vec::new(), |contents| contents.bytes.clone())
    }

    /// An independent disk with the same files.
    pub fn copy(&self) -> Simulated {
        Simulated { platter: Arc::new(Mutex::new(self.platter().clone())), folder: self.folder.clone() }
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.platter.lock().expect("invariant: nobody panics while holding the disk")
    }

    /// Counts an operation and returns whether it fails.
    fn operation(platter: &mut Platter) -> Result<Option<Failing>, io::Error> {
        let number = platter.operations;
        platter.operations += 1;
        if platter.broken {
            return Err(lost());
        }
        Ok(platter.fails.filter(|(at, _)| *at <= number).map(|(_, failing)| failing))
    }

    fn metadata(&self, change: impl FnOnce(&mut BTreeMap<String, Contents>) -> io::Result<()>) -> io::Result<()> {
        let platter = &mut *self.platter();
        if Self::operation(platter)? == Some(Failing::Crash) {
            platter.broken = true;
            // Every other time, the change reached the disk before the power was lost.
            if platter.operations.is_multiple_of(2) {
                change(&mut platter.files)?;
            }
            return Err(lost());
        }
        change(&mut platter.files)
    }
}

fn lost() -> io::Error {
    io::Error::other("the simulated disk has lost power")
}

fn absent(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("there is no {name}"))
}

impl Disk for Simulated {
    fn names(&self) -> io::Result<Vec<String>> {
        let platter = self.platter();
        let names = platter.files.keys().filter_map(|path| path.strip_prefix(&self.folder));
        Ok(names.filter(|name| !name.contains('/')).map(str::to_owned).collect())
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        self.platter().files.get(&self.path(name)).map(|contents| contents.bytes.len() as u64).ok_or_else(|| absent(name))
    }

    fn read(&self, name: &str, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        let bytes = self.platter().files.get(&self.path(name)).map(|contents| contents.bytes.clone());
        let bytes = bytes.ok_or_else(|| absent(name))?;
        let mut cursor = io::Cursor::new(bytes);
        cursor.set_position(offset);
        Ok(Box::new(cursor))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let platter = &mut *self.platter();
        let failing = Self::operation(platter)?;
        let contents = platter.files.entry(self.path(name)).or_default();
        match failing {
            Some(Failing::Crash) => {
                contents.bytes.extend_from_slice(bytes);
                platter.broken = true;
                Err(lost())
            }
            Some(Failing::Full) => {
                contents.bytes.extend_from_slice(&bytes[..bytes.len() / 2]);
                Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on the simulated disk"))
            }
            Some(Failing::Sync) | None => {
                contents.bytes.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let platter = &mut *self.platter();
        let failing = Self::operation(platter)?;
        let contents = platter.files.get_mut(&self.path(name)).ok_or_else(|| absent(name))?;
        match failing {
            Some(Failing::Crash) => {
                platter.broken = true;
                Err(lost())
            }
            Some(Failing::Sync) => Err(io::Error::other("the simulated disk cannot sync")),
            Some(Failing::Full) | None => {
                contents.synced = contents.bytes.len();
                Ok(())
            }
        }
    }

    fn overwrite(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.metadata(|files| {
            let contents = files.entry(self.path(name)).or_default();
            let before = std::mem::replace(&mut contents.bytes, bytes.to_vec());
            (contents.synced, contents.before) = (bytes.len(), Some(before));
            Ok(())
        })
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.metadata(|files| {
            let contents = files.get_mut(&self.path(name)).ok_or_else(|| absent(name))?;
            contents.bytes.truncate(length as usize);
            contents.synced = contents.bytes.len();
            Ok(())
        })
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.metadata(|files| {
            let contents = files.remove(&self.path(from)).ok_or_else(|| absent(from))?;
            files.insert(self.path(to), contents);
            Ok(())
        })
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.metadata(|files| files.remove(&self.path(name)).map(drop).ok_or_else(|| absent(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both disks behave alike.
    fn exercise(disk: &mut dyn Disk) {
        disk.append("a", b"one").unwrap();
        disk.sync("a").unwrap();
        disk.append("a", b" two").unwrap();
        let mut text = String::new();
        disk.read("a", 1).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), disk.length("a").unwrap()), ("ne two", 7));
        disk.truncate("a", 3).unwrap();
        disk.append("a", b"!").unwrap();
        disk.append("b", b"x").unwrap();
        disk.rename("a", "b").unwrap();
        assert_eq!(disk.names().unwrap(), ["b"]);
        assert_eq!(disk.length("b").unwrap(), 4);
        disk.append("b", b"?").unwrap();
        assert_eq!(disk.length("b").unwrap(), 5);
        for text in [b"one", b"two"] {
            disk.overwrite("c", text).unwrap();
        }
        let mut text = String::new();
        disk.read("c", 0).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "two", "written in place");
        disk.remove("c").unwrap();
        disk.remove("b").unwrap();
        assert!(disk.names().unwrap().is_empty() && disk.length("b").is_err() && disk.remove("b").is_err());
    }

    #[test]
    fn the_simulated_disk_does_what_a_folder_does() {
        let path = std::env::temp_dir().join(format!("rollcall-disk-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        exercise(&mut Simulated::default());
        {
            let mut folder = Folder::locked(&path).unwrap();
            exercise(&mut folder);
            let error = Folder::locked(&path).unwrap_err();
            assert!(error.to_string().ends_with("is in use by another rollcall"), "{error}");
        }
        drop(Folder::locked(&path).expect("the lock is released with its holder"));
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn what_was_synced_survives_and_the_rest_may_not() {
        for chance in 0..50 {
            let mut disk = Simulated::default();
            disk.append("a", b"safe").unwrap();
            disk.sync("a").unwrap();
            disk.fail_at(disk.operations(), Failing::Crash);
            assert!(disk.append("a", b"gone?").is_err() && disk.sync("a").is_err());
            disk.restart(chance);
            assert!(disk.bytes("a").starts_with(b"safe"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn student_records_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("rollcall-private-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let others = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
        let mut folder = Folder::locked(&path.join("state")).unwrap();
        folder.append("a", b"one").unwrap();
        let private = ["state", "state/a", "state/lock"].map(|name| others(&path.join(name)));
        assert_eq!(private, [0; 3]);
        // Changes are published: they are created as the user's other files are.
        fs::write(path.join("usual"), "").unwrap();
        let mut shared = Folder::shared(&path.join("changes")).unwrap();
        shared.append("a", b"one").unwrap();
        assert_eq!(others(&path.join("changes/a")), others(&path.join("usual")));
        // Folders in it are not files of it, nor is the lock.
        fs::create_dir(path.join("state/b")).unwrap();
        assert_eq!(folder.names().unwrap(), ["a"]);
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn what_was_not_synced_is_kept_lost_or_kept_in_part_or_has_a_hole() {
        let (mut lost, mut kept, mut in_part, mut with_hole, mut longest) = (0, 0, 0, 0, 0);
        for chance in 0..400 {
            let mut disk = Simulated::default();
            disk.append("a", b"safe").and_then(|()| disk.sync("a")).unwrap();
            disk.append("a", &[7; 100]).unwrap();
            disk.restart(chance);
            let bytes = disk.bytes("a");
            let rest = bytes.strip_prefix(b"safe").unwrap();
            let hole = rest.iter().take_while(|byte| **byte == 0).count();
            assert!(rest[hole..].iter().all(|byte| *byte == 7) && hole <= rest.len() / 2, "{rest:?}");
            lost += usize::from(rest.is_empty());
            kept += usize::from(rest.len() == 100);
            in_part += usize::from((1..100).contains(&rest.len()));
            with_hole += usize::from(hole > 0);
            longest = longest.max(hole);
        }
        // Nothing and all of it one time in four each, and a hole in a quarter of the rest.
        assert!([lost, kept].iter().all(|times| (70..140).contains(times)) && (140..260).contains(&in_part));
        assert!((40..110).contains(&with_hole) && longest == 50, "{lost} {kept} {in_part} {with_hole} {longest}");
    }

    #[test]
    fn operations_are_counted_and_a_full_disk_takes_half() {
        let mut disk = Simulated::default();
        disk.append("a", b"one").and_then(|()| disk.sync("a")).and_then(|()| disk.rename("a", "b")).unwrap();
        assert_eq!(disk.operations(), 3);
        disk.fail_at(4, Failing::Full);
        disk.append("b", b" two").unwrap();
        let error = disk.append("b", b" and three").unwrap_err();
        assert_eq!((error.kind(), disk.bytes("b").as_slice()), (io::ErrorKind::StorageFull, &b"one two and "[..]));
        let folder = disk.folder("changes");
        assert!(folder.names().unwrap().is_empty() && folder.operations() == 5, "folders of one machine");
    }
}
