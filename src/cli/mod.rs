//! The command line: one file per subcommand. The only place that prints, and the only one that looks at a clock.

mod approve;
mod backup;
mod diff;
mod explain;
mod feeding;
mod generate;
mod history;
mod init;
mod kept;
mod kpis;
mod log;
mod map;
mod outputs;
mod page;
mod replay;
mod rules;
mod run;
mod settings;
mod shell;
mod summary;
mod terminal;
mod watch;
mod what_if;

use crate::model::Date;
use crate::qa::{self, Rule};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

/// Checks a school district's records as they change: QA violations, warehouse tables and KPIs from enrollment, staffing and
/// assessment records, exact after every change.
#[derive(Parser)]
#[command(name = "rollcall", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something could not be written, or a worker stopped
  2  the arguments or the extract cannot be used
  3  done, and violations are at least as severe as --fail-on says
  4  a delivery is on hold; everything before it is done";

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Replay(replay::Arguments),
    Watch(watch::Arguments),
    #[command(alias = "release")]
    Approve(approve::Arguments),
    WhatIf(what_if::Arguments),
    Diff(diff::Arguments),
    History(history::Arguments),
    Explain(explain::Arguments),
    Log(log::Arguments),
    Backup(backup::Arguments),
    Generate(generate::Arguments),
    Rules(rules::Arguments),
    Kpis(kpis::Arguments),
    Map(map::Arguments),
    Init(init::Arguments),
    Settings(settings::Arguments),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// What a command ends with when it cannot do what it was asked.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// The arguments or the extract cannot be used.
    fn input(message: impl ToString, hint: impl Into<Option<String>>) -> Failure {
        Failure { code: 2, message: message.to_string(), hint: hint.into() }
    }

    /// Something went wrong on the way.
    fn work(message: impl ToString) -> Failure {
        Failure { code: 1, message: message.to_string(), hint: None }
    }
}

/// The name that looks most like the one asked for.
fn closest<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(&asked.to_uppercase(), name);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// A day, as an argument.
fn day(text: &str) -> Result<Date, String> {
    Date::parse_iso(text.as_bytes()).ok_or_else(|| "not a day in the form YYYY-MM-DD".to_owned())
}

/// The rule with an id.
fn rule(id: &str) -> Result<&'static Rule, Failure> {
    qa::find(id).ok_or_else(|| {
        let closest = closest(id, qa::rules().map(|rule| rule.id));
        let hint = closest.map(|closest| format!("did you mean {closest}? `rollcall rules` lists all"));
        Failure::input(format!("there is no rule {id}"), hint)
    })
}

/// The command line as clap knows it.
fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the command that the arguments ask for.
pub fn main() -> ExitCode {
    let mut command = Arguments::command().term_width(usize::from(terminal::columns()));
    let arguments =
        Arguments::from_arg_matches(&command.get_matches_mut()).unwrap_or_else(|error| error.format(&mut command).exit());
    let result = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Approve(arguments) => approve::run(&arguments),
        Command::WhatIf(arguments) => what_if::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::History(arguments) => history::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Kpis(arguments) => kpis::run(&arguments),
        Command::Map(arguments) => map::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Settings(arguments) => settings::run(&arguments),
        Command::Completions(arguments) => Ok((shell::completions(&arguments), 0)),
        Command::Man(arguments) => shell::man(&arguments),
    };
    match result {
        Ok((text, code)) => {
            // Whoever reads may have seen enough; that is no failure.
            let written = anstream::stdout().lock().write_all(text.as_bytes());
            match written {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(1),
                _ => ExitCode::from(code),
            }
        }
        Err(failure) => {
            let (red, bold) = (terminal::ERROR, terminal::BOLD);
            anstream::eprintln!("{red}error{red:#}: {}", terminal::safe(&failure.message));
            if let Some(hint) = failure.hint {
                anstream::eprintln!(" {bold}hint{bold:#}: {}", terminal::safe(&hint));
            }
            ExitCode::from(failure.code)
        }
    }
}
