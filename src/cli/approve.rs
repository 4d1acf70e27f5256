//! `rollcall approve`: approves a delivery that is on hold.

use super::{Failure, closest, kept, terminal};
use crate::district::{Approval, HoldReason};
use crate::store::disk::Folder;
use serde_json::json;
use std::path::PathBuf;

/// Approve a delivery that is on hold, or list all deliveries on hold
///
/// A delivery is put on hold if it would delete too many rows of a table, if the contents of an accepted file have
/// changed, or if headers do not match; files with such headers must be corrected. The approval applies to the present
/// contents: if a file changes again, the delivery goes on hold again. `rollcall replay` accepts an approved delivery.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The name of the delivery, such as 2025-09-03, or SOURCE/2025-09-03 if several sources use that name
    #[arg(value_name = "BATCH")]
    batch: Option<String>,
    /// The folder that contains state/
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let disk = kept::locked(&arguments.out)?;
    let mut approval = Approval::open(disk)?;
    let held: Vec<[String; 3]> = approval
        .on_hold()
        .map(|(source, label, reason)| {
            [source.to_owned(), label.to_owned(), terminal::safe(&reason.to_string()).into_owned()]
        })
        .collect();
    let Some(batch) = &arguments.batch else { return Ok((list(&held, arguments.json), 0)) };
    let is_meant = |[source, label, _]: &&[String; 3]| label == batch || format!("{source}/{label}") == *batch;
    let cannot_be_read = |source: &str, label: &str, approval: &Approval<Folder>| {
        approval.on_hold().any(|held| matches!(held, (of, name, HoldReason::Header { .. }) if (of, name) == (source, label)))
    };
    let meant: Vec<&[String; 3]> = held.iter().filter(is_meant).collect();
    match meant[..] {
        [[source, label, why]] if cannot_be_read(source, label, &approval) => {
            let hint = "correct the file, keep its name, and run rollcall replay".to_owned();
            Err(Failure::input(format!("{source}/{label} cannot be read: {why}"), hint))
        }
        [[source, label, why]] => {
            approval.approve(source, label)?;
            if arguments.json {
                return Ok((format!("{:#}\n", json!({"source": source, "delivery": label, "held_because": why})), 0));
            }
            let (good, dim) = (terminal::GOOD, terminal::DIM);
            let next = "the next rollcall replay accepts it with its present contents";
            Ok((format!("{good}Approved{good:#}  {source}/{label}: {why}\n          {dim}{next}{dim:#}\n"), 0))
        }
        [] => {
            let alike = closest(batch, held.iter().map(|[_, label, _]| label.as_str()));
            let hint = match alike {
                Some(alike) => format!("did you mean {alike}? `rollcall approve` without a name lists all"),
                None => "no delivery is on hold".to_owned(),
            };
            Err(Failure::input(format!("{batch} is not on hold"), hint))
        }
        _ => {
            let names: Vec<String> = meant.iter().map(|[source, label, _]| format!("{source}/{label}")).collect();
            Err(Failure::input(format!("several sources have {batch} on hold"), format!("name one of {}", names.join(", "))))
        }
    }
}

fn list(held: &[[String; 3]], as_json: bool) -> String {
    if as_json {
        let held = held.iter().map(|[source, label, why]| json!({"source": source, "delivery": label, "held_because": why}));
        return format!("{:#}\n", json!(held.collect::<Vec<_>>()));
    }
    if held.is_empty() {
        return "No delivery is on hold.\n".to_owned();
    }
    let mut table = terminal::table(&["source", "delivery", "reason"], 3);
    table.add_rows(held);
    format!("{table}\n")
}
