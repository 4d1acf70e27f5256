//! `rollcall explain`: everything about one violation.

use super::kept::Asked;
use super::{Failure, kept, page, settings, terminal};
use crate::district::{Past, provenance};
use crate::ingest::{self, Extract};
use crate::model::timestamp;
use crate::publish::changes;
use crate::qa::{self, Rule};
use crate::quality::cases;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The width of a page.
const WIDTH: usize = 110;

/// Explain a violation: the rule, the evidence, the input rows with file and line, and when it was open
///
/// A violation is a rule and a subject, such as ENR-001 and a student id; without a subject, the open violations of the rule
/// are listed. Reads what `rollcall replay` and `rollcall watch` store in OUT/state, or an extract. Names and birth dates
/// are not shown.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// Read an extract instead, as `rollcall run` does
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    data: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let rule = super::rule(&arguments.asked.rule)?;
    match &arguments.data {
        None => explain(rule, arguments, &arguments.asked.out),
        Some(folder) => {
            // Stored while the command runs.
            let kept = Temporary(std::env::temp_dir().join(format!("rollcall-explain-{}", std::process::id())));
            // A leftover of another process with the same number is removed.
            let _ = fs::remove_dir_all(&kept.0);
            fs::create_dir(&kept.0).map_err(|error| Failure::work(format!("cannot use {}: {error}", kept.0.display())))?;
            take(folder, &kept.0)?;
            explain(rule, arguments, &kept.0)
        }
    }
}

/// A folder that is removed on drop.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // If it cannot be removed, the system will clean it up.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Accepts an extract as the only delivery of a district.
fn take(folder: &Path, out: &Path) -> Result<(), Failure> {
    let extract = Extract::open(folder)?;
    let (mut district, _) = ingest::open(out, settings::plan(None)?, 1, extract.as_of()?, &mut |_, _| {})?;
    Ok(extract.deliver(&mut district)?)
}

/// Loads a stored district.
fn explain(rule: &'static Rule, arguments: &Arguments, out: &Path) -> Result<(String, u8), Failure> {
    let bar = terminal::spinner("reading the log");
    bar.enable_steady_tick(Duration::from_millis(100));
    let past = kept::now(out);
    bar.finish_and_clear();
    let mut past = past?;
    let Some(subject) = &arguments.asked.subject else {
        return list(&mut past, rule, arguments);
    };
    let Some(violation) = past.violation(rule, subject) else {
        let hint = format!("`rollcall explain {}` lists the open ones", rule.id);
        return Err(Failure::input(format!("{} of {subject} was never open", rule.id), hint));
    };
    let mut page = past.page(&violation);
    let found = provenance::find(kept::shared(out)?, &page.sought())?;
    page.place(&found);
    let text = if arguments.asked.json { json(&page)? } else { page::text(&page::lines(&page, WIDTH)) };
    Ok((text, 0))
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Failure::work)
}

/// A violation in a list.
#[derive(Serialize)]
struct Listed {
    rule: &'static str,
    about: &'static str,
    subject: String,
    opened: Option<String>,
    evidence: cases::Observed,
}

/// The open violations of a rule.
fn list(past: &mut Past, rule: &'static Rule, arguments: &Arguments) -> Result<(String, u8), Failure> {
    let mut listed: Vec<Listed> = Vec::new();
    for (of, _) in past.violations().open().filter(|(of, _)| qa::numbered(of.0).id == rule.id) {
        let texts = past.texts();
        listed.push(Listed {
            rule: rule.id,
            about: of.1.kind(),
            subject: of.1.key(texts),
            opened: past.history().opened(of).map(timestamp::text),
            evidence: past.violations().observed(of, texts),
        });
    }
    listed.sort_by(|a, b| a.subject.cmp(&b.subject));
    if arguments.asked.json {
        return Ok((json(&listed)?, 0));
    }
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut text = format!("{bold}{}: {}{bold:#}  {dim}{} open{dim:#}\n", rule.id, rule.title, listed.len());
    for of in listed {
        let since = of.opened.as_deref().map_or("", changes::day);
        let seen: Vec<String> = of.evidence.iter().map(page::evidence_text).collect();
        let subject = terminal::safe(&of.subject);
        text.push_str(&terminal::listed(&format!("  {since}  {} {subject}", of.about), &seen.join("; ")));
    }
    Ok((text, 0))
}
