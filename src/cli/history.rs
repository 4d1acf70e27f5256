//! `rollcall history`: the episodes of a violation.

use super::kept::Asked;
use super::{Failure, diff, terminal};
use crate::model::{Date, timestamp};
use crate::publish::changes::{self, Line};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Show when a violation opened and closed
///
/// A violation is a rule and a subject, such as ENR-001 and a student id; without a subject, every violation of the rule is
/// listed. Reads what `rollcall replay` has published in OUT/reports/changes.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
}

/// An episode of a violation.
struct Episode {
    opened: String,
    closed: Option<String>,
    evidence: Vec<(String, BTreeMap<String, String>)>,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let arguments = &arguments.asked;
    let rule = super::rule(&arguments.rule)?;
    let mut episodes: BTreeMap<String, Vec<Episode>> = BTreeMap::new();
    let mut last = Date::MIN;
    for line in diff::published(&arguments.out)? {
        last = changes::time(line.batch()).map_or(last, timestamp::day);
        let of = match &line {
            Line::Opened(of) | Line::Closed(of) | Line::Changed(of) => of,
            Line::Moved(_) | Line::TimestampClosed(_) => continue,
        };
        let is_wanted = arguments.subject.as_ref().is_none_or(|subject| *subject == of.subject);
        if of.rule != rule.id || !is_wanted {
            continue;
        }
        let of_subject = episodes.entry(of.subject.clone()).or_default();
        let seen = of.evidence.iter().map(|evidence| (of.batch.clone(), evidence.clone()));
        match line {
            Line::Opened(_) => {
                of_subject.push(Episode { opened: of.batch.clone(), closed: None, evidence: seen.collect() });
            }
            Line::Closed(_) => {
                if let Some(episode) = of_subject.last_mut() {
                    episode.closed = Some(of.batch.clone());
                }
            }
            _ => {
                if let Some(episode) = of_subject.last_mut() {
                    episode.evidence.extend(seen);
                }
            }
        }
    }
    if episodes.is_empty() {
        let of = arguments.subject.as_ref().map_or(String::new(), |subject| format!(" of {subject}"));
        return Err(Failure::input(format!("{}{of} was never open", rule.id), None));
    }
    let day = |batch: &str| changes::time(batch).map_or(Date::MIN, timestamp::day);
    let age = |episode: &Episode| episode.closed.as_deref().map_or(last, day).since(day(&episode.opened));
    if arguments.json {
        let of = |(subject, episodes): (&String, &Vec<Episode>)| {
            let episodes = episodes.iter().map(|episode| {
                let evidence = episode.evidence.iter().map(|(batch, seen)| json!({"batch": batch, "seen": seen}));
                json!({
                    "opened": episode.opened, "closed": episode.closed, "days": age(episode),
                    "evidence": evidence.collect::<Vec<_>>(),
                })
            });
            json!({"rule": rule.id, "subject": subject, "episodes": episodes.collect::<Vec<_>>()})
        };
        return Ok((format!("{:#}\n", json!(episodes.iter().map(of).collect::<Vec<_>>())), 0));
    }
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut text = format!("{bold}{}{bold:#}  {}\n\n", rule.id, rule.title);
    for (subject, episodes) in &episodes {
        let _ = writeln!(text, "{bold}{}{bold:#}", terminal::safe(subject));
        for episode in episodes {
            let days = age(episode);
            let until = match &episode.closed {
                Some(closed) => format!("{}  closed after {days} days", day(closed)),
                None => format!("{:10}  open for {days} days", "…"),
            };
            let _ = writeln!(text, "  {} to {until}", day(&episode.opened));
            for (batch, seen) in &episode.evidence {
                let seen: Vec<String> =
                    seen.iter().map(|(name, value)| format!("{name} {}", terminal::safe(value))).collect();
                text.push_str(&terminal::listed(&format!("    {dim}{batch}{dim:#}"), &seen.join(", ")));
            }
        }
    }
    Ok((text, 0))
}
