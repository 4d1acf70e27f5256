//! `rollcall diff`: what changed between two days.

use super::{Failure, terminal};
use crate::ingest;
use crate::model::{Date, timestamp};
use crate::publish::changes::{self, Changed, Line, Moved};
use crate::qa;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Show which violations opened and closed, and which KPI figures changed, between two days
///
/// Compares the ends of the two days: violations that opened and closed in between are not shown, nor are KPI figures that
/// changed back. Reads what `rollcall replay` has published in OUT/reports/changes.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The first day
    #[arg(value_name = "FROM", value_parser = super::day)]
    from: Date,
    /// The last day
    #[arg(value_name = "TO", value_parser = super::day)]
    to: Date,
    /// The folder that contains reports/
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Only this rule, or this KPI
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The maximum number of violations listed per rule.
const LISTED: usize = 10;

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let Arguments { from, to, .. } = *arguments;
    if to < from {
        return Err(Failure::input(format!("{to} is before {from}"), "give the earlier day first".to_owned()));
    }
    match &arguments.rule {
        Some(id) if id.to_ascii_uppercase().starts_with("KPI") => drop(super::kpis::kpi(id)?),
        Some(id) => drop(super::rule(id)?),
        None => {}
    }
    let wanted = |rule: &str| arguments.rule.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(rule));
    // For each violation that changed in between: its state before and after.
    let mut touched: BTreeMap<(String, String, String), (bool, Option<Changed>)> = BTreeMap::new();
    let mut moves = Moves::default();
    let (mut first, mut last) = (None, None);
    for line in published(&arguments.out)? {
        let day = changes::time(line.batch()).map_or(Date::MIN, timestamp::day);
        first = first.or(Some(day));
        last = Some(day);
        if day <= from || day > to {
            continue;
        }
        let (of, is_open) = match line {
            Line::Opened(of) => (of, true),
            Line::Closed(of) => (of, false),
            Line::Moved(of) => {
                if wanted(&of.kpi) {
                    moves.add(of);
                }
                continue;
            }
            Line::Changed(_) | Line::TimestampClosed(_) => continue,
        };
        if wanted(&of.rule) {
            let key = (of.rule.clone(), of.about.clone(), of.subject.clone());
            let entry = touched.entry(key).or_insert((!is_open, None));
            entry.1 = (is_open != entry.0).then_some(of);
        }
    }
    if first.is_none_or(|first| from < first) {
        let known = first.map_or("none".to_owned(), |first| format!("from {first} on"));
        return Err(Failure::input(format!("there are no changes for {from}; published changes: {known}"), None));
    }
    if last.is_some_and(|last| to > last) {
        let reached = last.map_or(String::new(), |last| last.to_string());
        return Err(Failure::input(format!("{to} is too late: the last published day is {reached}"), None));
    }
    let mut by_rule = ByRule::new();
    for ((rule, ..), (was_open, change)) in &touched {
        if let Some(change) = change {
            let (opened, closed) = by_rule.entry(rule).or_default();
            if *was_open { closed.push(change) } else { opened.push(change) }
        }
    }
    let moved = moves.moved();
    if arguments.json {
        let rules: BTreeMap<_, _> =
            by_rule.iter().map(|(rule, (opened, closed))| (*rule, json!({"opened": opened, "closed": closed}))).collect();
        let value = json!({"from": from.to_string(), "to": to.to_string(), "rules": rules, "moved": moved});
        return Ok((format!("{value:#}\n"), 0));
    }
    let heading = format!("From the end of {from} to the end of {to}");
    let all = |id: &str| format!("--rule {id} --json lists all");
    Ok((text(&heading, &by_rule, &all) + &moves_text(&moved, "changed", "--json lists all"), 0))
}

/// Opened and closed violations by rule.
type ByRule<'a> = BTreeMap<&'a str, (Vec<&'a Changed>, Vec<&'a Changed>)>;

/// Changed KPI figures, each with its first and last value.
#[derive(Default)]
struct Moves(BTreeMap<(String, BTreeMap<String, String>), Moved>);

impl Moves {
    fn add(&mut self, of: Moved) {
        match self.0.entry((of.kpi.clone(), of.of.clone())) {
            Entry::Vacant(free) => drop(free.insert(of)),
            Entry::Occupied(mut known) => known.get_mut().after = of.after,
        }
    }

    /// Figures that did not change back.
    fn moved(self) -> Vec<Moved> {
        self.0.into_values().filter(|of| of.before != of.after).collect()
    }
}

/// The published lines in a folder, in order.
pub fn published(out: &Path) -> Result<Vec<Line>, Failure> {
    let folder = out.join("reports/changes");
    if !folder.is_dir() {
        let hint = "rollcall replay publishes them; --out is the folder that contains reports/".to_owned();
        return Err(Failure::input(format!("there are no changes in {}", folder.display()), hint));
    }
    let mut lines = Vec::new();
    for file in ingest::files(&folder)?.iter().filter(|file| file.ends_with(".jsonl")) {
        let path = folder.join(file);
        let text = fs::read_to_string(&path)
            .map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display()), None))?;
        for (number, line) in text.lines().enumerate() {
            let read = serde_json::from_str(line)
                .map_err(|error| Failure::input(format!("{}, line {}: {error}", path.display(), number + 1), None))?;
            lines.push(read);
        }
    }
    Ok(lines)
}

/// Renders the changes that a delivery would cause as a diff.
pub fn what_if(from: Date, to: Date, lines: &[Line]) -> String {
    let (mut by_rule, mut moves) = (ByRule::new(), Moves::default());
    for line in lines {
        match line {
            Line::Opened(of) => by_rule.entry(&of.rule).or_default().0.push(of),
            Line::Closed(of) => by_rule.entry(&of.rule).or_default().1.push(of),
            Line::Moved(of) => moves.add(of.clone()),
            Line::Changed(_) | Line::TimestampClosed(_) => {}
        }
    }
    let heading = format!("If it were accepted: from the end of {from} to the end of {to}");
    let all = "--json lists all";
    text(&heading, &by_rule, &|_| all.to_owned()) + &moves_text(&moves.moved(), "would change", all)
}

/// Changed KPI figures.
fn moves_text(moved: &[Moved], how: &str, all: &str) -> String {
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut out = String::new();
    if !moved.is_empty() {
        let _ = writeln!(out, "\n{bold}KPIs{bold:#}  {dim}{} figures {how}{dim:#}", moved.len());
    }
    for of in moved.iter().take(LISTED) {
        let figures_text = |figures: &Option<BTreeMap<String, String>>| match figures {
            Some(figures) => figures.iter().map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>().join(", "),
            None => "not published".to_owned(),
        };
        let about = of.of.values().cloned().collect::<Vec<_>>().join(" ");
        let figures = format!("{} → {}", figures_text(&of.before), figures_text(&of.after));
        out.push_str(&terminal::listed(&format!("  {} {about}", of.kpi), &figures));
    }
    if moved.len() > LISTED {
        let _ = writeln!(out, "    {dim}… and {} more; {all}{dim:#}", moved.len() - LISTED);
    }
    out
}

/// Opened and closed violations; `all` says how to list all of a rule.
fn text(heading: &str, by_rule: &ByRule<'_>, all: &dyn Fn(&str) -> String) -> String {
    let (bold, dim, good, bad) = (terminal::BOLD, terminal::DIM, terminal::GOOD, terminal::ERROR);
    let mut text = format!("{bold}{heading}{bold:#}\n");
    let count = |of: fn(&(Vec<&Changed>, Vec<&Changed>)) -> usize| by_rule.values().map(of).sum::<usize>();
    let (opened, closed) = (count(|rule| rule.0.len()), count(|rule| rule.1.len()));
    let _ = writeln!(text, "{bad}+{opened} opened{bad:#}  {good}-{closed} closed{good:#}\n");
    for (id, (opened, closed)) in by_rule {
        let title = qa::find(id).map_or("", |rule| rule.title);
        let _ = writeln!(text, "{bold}{id}{bold:#}  {title}  {dim}+{} -{}{dim:#}", opened.len(), closed.len());
        for (sign, style, of) in [('+', bad, opened), ('-', good, closed)] {
            for change in of.iter().take(LISTED) {
                let evidence: Vec<String> = change
                    .evidence
                    .iter()
                    .flatten()
                    .map(|(name, value)| format!("{name} {}", terminal::safe(value)))
                    .collect();
                let since = change.since.as_ref().map_or(String::new(), |since| format!("  open since {since}"));
                let (about, subject) = (&change.about, terminal::safe(&change.subject));
                let head = format!("  {style}{sign}{style:#} {about} {subject}");
                text.push_str(&terminal::listed(&head, &format!("{}{since}", evidence.join(", "))));
            }
            if of.len() > LISTED {
                let _ = writeln!(text, "    {dim}… and {} more; {}{dim:#}", of.len() - LISTED, all(id));
            }
        }
    }
    text
}
