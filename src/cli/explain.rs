//! `rollcall explain`: all there is to say of one violation.

use super::{Failure, feeding, kept, page, terminal};
use crate::model::moment;
use crate::qa::{self, Rule};
use crate::quality::cases;
use crate::roll::{Past, places};
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How wide a page is.
const WIDTH: usize = 110;

/// Explain a violation: what is wrong, why, the input rows behind it with file and line, and when it was open
///
/// A violation is a rule and whom it is about, such as ENR-001 and the id of a student; without the second, those of the rule
/// that are open are listed. It reads what `rollcall replay` and `rollcall watch` keep in OUT/state. Names and birth dates are
/// not shown.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The rule, such as ENR-001
    #[arg(value_name = "RULE")]
    rule: String,
    /// Whom it is about, as reports and the board state it
    #[arg(value_name = "SUBJECT")]
    subject: Option<String>,
    /// The folder that state/ is kept in
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let rule = super::rule(&arguments.rule)?;
    let bar = terminal::spinner("reading the log");
    bar.enable_steady_tick(Duration::from_millis(100));
    let past = kept::now(&arguments.out);
    bar.finish_and_clear();
    let mut past = past?;
    let Some(subject) = &arguments.subject else {
        return list(&mut past, rule, arguments);
    };
    let Some(violation) = past.violation(rule, subject) else {
        let hint = format!("`rollcall explain {}` lists those that are open", rule.id);
        return Err(Failure::input(format!("{} of {subject} was never open", rule.id), hint));
    };
    let mut page = past.page(&violation);
    let found = places::find(kept::shared(&arguments.out)?, &page.sought()).map_err(feeding::failure)?;
    page.place(&found);
    let text = if arguments.json { json(&page)? } else { page::text(&page::lines(&page, WIDTH)) };
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
    evidence: cases::Seen,
}

/// The violations of a rule that are open.
fn list(past: &mut Past, rule: &'static Rule, arguments: &Arguments) -> Result<(String, u8), Failure> {
    let mut listed: Vec<Listed> = Vec::new();
    for (of, _) in past.violations().open().filter(|(of, _)| qa::numbered(of.0).id == rule.id) {
        let texts = past.texts();
        listed.push(Listed {
            rule: rule.id,
            about: of.1.kind(),
            subject: of.1.key(texts),
            opened: past.history().opened(of).map(moment::text),
            evidence: past.violations().seen(of, texts),
        });
    }
    listed.sort_by(|a, b| a.subject.cmp(&b.subject));
    if arguments.json {
        return Ok((json(&listed)?, 0));
    }
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut text = format!("{bold}{}: {}{bold:#}  {dim}{} open{dim:#}\n", rule.id, rule.title, listed.len());
    for of in listed {
        let since = of.opened.as_deref().map_or("", |opened| opened.split('/').next().unwrap_or(""));
        let seen: Vec<String> = of.evidence.iter().map(page::seen).collect();
        let subject = terminal::safe(&of.subject);
        let _ = writeln!(text, "  {since}  {} {subject}  {dim}{}{dim:#}", of.about, seen.join("; "));
    }
    Ok((text, 0))
}
