//! `rollcall release`: a word that lets a held delivery in.

use super::{Failure, closest, kept, terminal};
use crate::district::{Approval, HoldReason};
use crate::store::disk::Folder;
use serde_json::json;
use std::path::PathBuf;

/// Let a delivery in that is held, or list those that are
///
/// A delivery is held when it would delete too many rows of a table, when a file of it was taken before and has other
/// contents now, or when headers do not match; files with such headers must be corrected. What is let in is what was held: if
/// its files change again, it is held again. It is taken with the next `rollcall replay`.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// What the delivery is called, such as 2025-09-03, or SOURCE/2025-09-03 where two sources have one of that name
    #[arg(value_name = "BATCH")]
    batch: Option<String>,
    /// The folder that state/ is kept in
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let disk = kept::locked(&arguments.out)?;
    let mut approval = Approval::open(disk)?;
    let held: Vec<[String; 3]> = approval
        .on_hold()
        .map(|(source, label, guard)| [source.to_owned(), label.to_owned(), terminal::safe(&guard.to_string()).into_owned()])
        .collect();
    let Some(batch) = &arguments.batch else { return Ok((list(&held, arguments.json), 0)) };
    let is_meant = |[source, label, _]: &&[String; 3]| label == batch || format!("{source}/{label}") == *batch;
    let cannot_be_read = |source: &str, label: &str, approval: &Approval<Folder>| {
        approval.on_hold().any(|held| matches!(held, (of, name, HoldReason::Header { .. }) if (of, name) == (source, label)))
    };
    let meant: Vec<&[String; 3]> = held.iter().filter(is_meant).collect();
    match meant[..] {
        [[source, label, why]] if cannot_be_read(source, label, &approval) => {
            let hint = "correct the file under its name, and replay".to_owned();
            Err(Failure::input(format!("{source}/{label} cannot be read: {why}"), hint))
        }
        [[source, label, why]] => {
            approval.approve(source, label)?;
            if arguments.json {
                return Ok((format!("{:#}\n", json!({"source": source, "delivery": label, "held_because": why})), 0));
            }
            let (good, dim) = (terminal::GOOD, terminal::DIM);
            let next = "it is taken with the next rollcall replay, as it was when it was held";
            Ok((format!("{good}Released{good:#}  {source}/{label}: {why}\n          {dim}{next}{dim:#}\n"), 0))
        }
        [] => {
            let alike = closest(batch, held.iter().map(|[_, label, _]| label.as_str()));
            let hint = match alike {
                Some(alike) => format!("held is {alike}; rollcall release without a name lists all"),
                None => "no delivery is held".to_owned(),
            };
            Err(Failure::input(format!("{batch} is not held"), hint))
        }
        _ => {
            let names: Vec<String> = meant.iter().map(|[source, label, _]| format!("{source}/{label}")).collect();
            Err(Failure::input(format!("{batch} is held of several sources"), format!("say which: {}", names.join(", "))))
        }
    }
}

fn list(held: &[[String; 3]], as_json: bool) -> String {
    if as_json {
        let held = held.iter().map(|[source, label, why]| json!({"source": source, "delivery": label, "held_because": why}));
        return format!("{:#}\n", json!(held.collect::<Vec<_>>()));
    }
    if held.is_empty() {
        return "No delivery is held.\n".to_owned();
    }
    let mut table = terminal::table(&["source", "delivery", "held because"], 3);
    table.add_rows(held);
    format!("{table}\n")
}
