//! Shared helpers of the benchmarks: CPU time of this process, memory, and a generated district loaded into an engine.

#![allow(dead_code, reason = "each bench uses a part of it")]

use mimalloc::MiMalloc;
use rollcall::engine::Engine;
use rollcall::model::{Batch, Date, Table};
use rollcall::plan::Plan;
use rollcall::source::{Collected, RecordSink, csv::Csv};
use rollcall_generate::Options;
use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicIsize};

/// CPU time of all threads that existed when it was created. Wall time means little on a shared machine, and the process clock
/// sees the time of a thread on another core only when that thread rests; thread clocks are current.
pub struct Cpu(Vec<libc::clockid_t>);

impl Cpu {
    pub fn new() -> Cpu {
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
        let ids = tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse::<libc::clockid_t>().ok());
        // How Linux numbers the scheduler's clock of a thread.
        Cpu(ids.map(|id| (!id << 3) | 6).collect())
    }

    pub fn seconds(&self) -> f64 {
        self.0.iter().map(|id| clock(*id)).sum()
    }
}

/// CPU seconds used by this thread.
pub fn thread_cpu_seconds() -> f64 {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU seconds used by this process; exact when its other threads rest.
pub fn process_cpu_seconds() -> f64 {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// The peak memory of this process.
pub fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells of processes");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells the peak");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes << 10
}

fn clock(clock: libc::clockid_t) -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is to our own timespec, and the call fills it or fails.
    let usage = unsafe {
        assert_eq!(libc::clock_gettime(clock, usage.as_mut_ptr()), 0, "the CPU clock is readable");
        usage.assume_init()
    };
    usage.tv_sec as f64 + usage.tv_nsec as f64 * 1e-9
}

/// The allocator of the command, counting allocated bytes. Resident memory would depend on what the kernel has already taken
/// back.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static HELD: AtomicIsize = AtomicIsize::new(0);

// SAFETY: every call is passed unchanged to the command's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            HELD.fetch_add(layout.size() as isize, Relaxed);
        }
        // SAFETY: the caller guarantees the same conditions.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if COUNTS.load(Relaxed) {
            HELD.fetch_sub(layout.size() as isize, Relaxed);
        }
        // SAFETY: the caller guarantees the same conditions.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            HELD.fetch_add(size as isize - layout.size() as isize, Relaxed);
        }
        // SAFETY: the caller guarantees the same conditions.
        unsafe { MiMalloc.realloc(pointer, layout, size) }
    }
}

/// Bytes allocated by this process, if counted.
pub fn held_bytes() -> usize {
    HELD.load(Relaxed).max(0) as usize
}

/// The day of the generated extract.
pub fn day() -> Date {
    Date::ymd(2026, 3, 16).expect("a day of the calendar")
}

/// A generated district as files in a folder that is removed with it.
pub struct District {
    folder: std::path::PathBuf,
}

impl District {
    pub fn generate(students: u32) -> District {
        let folder = std::env::temp_dir().join(format!("rollcall-bench-{}-{students}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let options = Options { students, seed: 1, day: day(), faults: true };
        let open = |name: &'static str| std::fs::File::create(folder.join(name)).map(std::io::BufWriter::new);
        rollcall_generate::district(&options, open).expect("the temporary folder has room");
        District { folder }
    }

    /// The file of a table.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).expect("the file was generated")
    }

    /// Bytes of all files.
    pub fn length(&self) -> u64 {
        let files = std::fs::read_dir(&self.folder).expect("the folder is readable").flatten();
        files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    /// Reads a table in slices that end at line ends, each preceded by the header; generated rows contain no line
    /// breaks.
    pub fn slices(&self, table: Table, mut visit: impl FnMut(&[u8])) {
        use std::io::{BufRead, Read};
        let file = std::fs::File::open(self.folder.join(table.spec().name)).expect("the file was generated");
        let mut file = std::io::BufReader::new(file);
        let mut header = Vec::new();
        file.read_until(b'\n', &mut header).expect("the file is readable");
        let mut slice = header.clone();
        loop {
            slice.truncate(header.len());
            let read = file.by_ref().take(1 << 18).read_to_end(&mut slice).expect("the file is readable");
            file.read_until(b'\n', &mut slice).expect("the file is readable");
            if read == 0 {
                return;
            }
            visit(&slice);
        }
    }
}

impl Drop for District {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Rows and CPU seconds of the load: decoding, separate from current rows and engine.
pub struct Loaded {
    pub engine: Engine,
    pub rows: u64,
    pub decode_cpu: f64,
    pub cpu: f64,
    pub register_bytes: usize,
    pub engine_bytes: usize,
}

/// Loads a district as one batch.
pub fn load(students: u32, plan: Plan, workers: usize) -> Loaded {
    let before = held_bytes();
    let district = District::generate(students);
    let mut engine = Engine::start(plan, workers, day()).expect("the engine starts");
    let (mut rows, mut decode_cpu) = (0, 0.0);
    let clock = Cpu::new();
    let begin = clock.seconds();
    let mut commit = engine.begin();
    let mut batch = Batch::default();
    for &table in Table::ALL {
        let mut reading = thread_cpu_seconds();
        district.slices(table, |slice| {
            let mut taker = Collected { texts: commit.texts(), batch: std::mem::take(&mut batch) };
            let report = Csv.decode(table, table.spec().name, slice, &mut taker).expect("a generated file is valid");
            batch = taker.batch;
            rows += report.rows;
            decode_cpu += thread_cpu_seconds() - reading;
            batch.changes.drain(..).for_each(|change| commit.change(change));
            reading = thread_cpu_seconds();
        });
    }
    commit.finish().expect("the load is taken");
    engine.settle().expect("the workers work");
    let cpu = clock.seconds() - begin - decode_cpu;
    let (row_bytes, text_bytes) = engine.current().heap_bytes();
    let register_bytes = row_bytes + text_bytes;
    let engine_bytes = held_bytes().saturating_sub(before).saturating_sub(register_bytes);
    Loaded { engine, rows, decode_cpu, cpu, register_bytes, engine_bytes }
}

/// The arguments of a benchmark.
pub struct Arguments {
    pub students: Vec<u32>,
    pub workers: usize,
    pub rules: usize,
    pub runs: fn(&rollcall::qa::Rule) -> bool,
}

impl Arguments {
    pub fn read(default: &[u32]) -> Arguments {
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        let mut arguments =
            Arguments { students: Vec::new(), workers: 1, rules: rollcall::qa::rules().count(), runs: |_| true };
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number after the option");
            match word.as_str() {
                "--memory" => COUNTS.store(true, Relaxed),
                "--workers" => arguments.workers = number(),
                "--rules" => {
                    arguments.rules = number();
                    let (share, runs): (usize, fn(&rollcall::qa::Rule) -> bool) = match arguments.rules {
                        19 => (4, |rule| position(rule).is_multiple_of(4)),
                        38 => (2, |rule| position(rule).is_multiple_of(2)),
                        _ => (1, |_| true),
                    };
                    (arguments.rules, arguments.runs) = (rollcall::qa::rules().count() / share, runs);
                }
                students => arguments.students.push(students.parse().expect("a number of students")),
            }
        }
        if arguments.students.is_empty() {
            arguments.students = default.to_vec();
        }
        arguments
    }
}

fn position(rule: &rollcall::qa::Rule) -> usize {
    rollcall::qa::rules().position(|other| other.id == rule.id).expect("a rule of the list")
}
