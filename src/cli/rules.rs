//! `rollcall rules`: lists the rules, or shows one.

use super::{Failure, terminal};
use crate::publish::catalogue::paragraphs;
use crate::qa::{self, Rule};
use serde_json::{Value, json};
use std::fmt::Write;

/// List the rules, or explain one: what it checks, why it matters, how to fix it
#[derive(clap::Args)]
pub struct Arguments {
    /// The id of a rule, such as ENR-003
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let Some(id) = &arguments.id else {
        let rules: Vec<&Rule> = qa::rules().collect();
        return Ok((
            if arguments.json { lines(&json!(rules.iter().map(|rule| value(rule)).collect::<Vec<_>>())) } else { list() },
            0,
        ));
    };
    let rule = super::rule(id)?;
    Ok((if arguments.json { lines(&value(rule)) } else { explain(rule) }, 0))
}

fn lines(value: &Value) -> String {
    format!("{value:#}\n")
}

fn value(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "family": qa::group(rule),
        "severity": rule.severity,
        "title": rule.title,
        "evidence": rule.evidence,
        "doc": paragraphs(rule.doc),
    })
}

fn list() -> String {
    let mut table = terminal::table(&["rule", "severity", "what is wrong"], 3);
    for rule in qa::rules() {
        table.add_row([rule.id, rule.severity.name(), rule.title]);
    }
    format!("{table}\n\n`rollcall rules ID` explains one.\n")
}

fn explain(rule: &Rule) -> String {
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut text = format!("{bold}{}: {}{bold:#}\n", rule.id, rule.title);
    let _ = writeln!(text, "{dim}{} · {}{dim:#}", qa::group(rule).replace('_', " "), rule.severity.name());
    for section in rule.doc.split("## ").skip(1) {
        let (heading, paragraph) = section.split_once('\n').unwrap_or((section, ""));
        let _ = writeln!(text, "\n{bold}{heading}{bold:#}\n{}", terminal::wrapped(paragraph));
    }
    if !rule.evidence.is_empty() {
        let _ = writeln!(text, "\n{dim}Evidence: {}{dim:#}", rule.evidence.join(", "));
    }
    text
}
