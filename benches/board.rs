//! The board: a year replayed at maximum speed with the board, without it, and with lines of JSON, in comparison. The board is
//! drawn on a pseudo-terminal, made by `script` of util-linux; no reports are written.
//!
//! `cargo bench --bench board -- [students ...]`

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each is measured; they alternate, so a noisy minute affects all of them.
const ROUNDS: usize = 5;

fn main() {
    let arguments = support::Arguments::read(&[10_000]);
    let program = env!("CARGO_BIN_EXE_rollcall");
    println!("| students | looked at by | seconds, median | seconds, least | CPU s, median | to that without a board |");
    println!("| --: | --- | --: | --: | --: | --: |");
    for &students in &arguments.students {
        let folder = std::env::temp_dir().join(format!("rollcall-board-{}-{students}", std::process::id()));
        let feed = folder.join("feed");
        let text = students.to_string();
        let mut generate = Command::new(program);
        generate.args(["generate", "--students", &text, "--days", "180"]).arg(&feed).stdout(Stdio::null());
        assert!(generate.status().expect("the program starts").success());
        let mut taken: [Vec<(f64, f64)>; 3] = Default::default();
        for _ in 0..ROUNDS {
            for (place, how) in HOW.iter().enumerate() {
                taken[place].push(measure(how, program, &feed, &folder.join("out")));
            }
        }
        let median = |of: &[(f64, f64)], which: fn(&(f64, f64)) -> f64| {
            let mut sorted: Vec<f64> = of.iter().map(which).collect();
            sorted.sort_by(f64::total_cmp);
            (sorted[sorted.len() / 2], sorted[0])
        };
        let without = median(&taken[1], |of| of.0).0;
        for (how, taken) in HOW.iter().zip(&taken) {
            let (wall, least) = median(taken, |of| of.0);
            let cpu = median(taken, |of| of.1).0;
            println!("| {students} | {} | {wall:.2} | {least:.2} | {cpu:.2} | {:.2} |", how.name, wall / without);
        }
        let _ = fs::remove_dir_all(&folder);
    }
}

struct How {
    name: &'static str,
    is_board: bool,
    arguments: &'static [&'static str],
}

const HOW: [How; 3] = [
    How { name: "the board, 140 by 40", is_board: true, arguments: &["--pace", "max", "--leave"] },
    How { name: "a line per day", is_board: false, arguments: &["--pace", "max"] },
    How { name: "lines of JSON", is_board: false, arguments: &["--pace", "max", "--json"] },
];

/// Seconds and CPU seconds of a replay into a fresh folder.
fn measure(how: &How, program: &str, feed: &Path, out: &Path) -> (f64, f64) {
    let _ = fs::remove_dir_all(out);
    let mut words: Vec<String> = vec![program.to_owned(), "watch".to_owned(), feed.display().to_string()];
    words.extend(["--out".to_owned(), out.display().to_string()]);
    words.extend(how.arguments.iter().map(|word| (*word).to_owned()));
    let mut command = if how.is_board {
        let mut command = Command::new("script");
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        command.args(["-qefc", &format!("stty cols 140 rows 40; exec {}", quoted.join(" ")), "/dev/null"]);
        command
    } else {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    };
    let (begin, before) = (Instant::now(), children());
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.expect("the program starts; the board needs `script` of util-linux").success(), "{}", how.name);
    (begin.elapsed().as_secs_f64(), (children() - before).as_secs_f64())
}

/// The CPU time of all finished child processes.
fn children() -> Duration {
    // SAFETY: getrusage fills the given struct and keeps no pointer to it.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage), 0);
        usage
    };
    let time = |of: libc::timeval| Duration::new(of.tv_sec as u64, of.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}
