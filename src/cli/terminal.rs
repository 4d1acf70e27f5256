//! Terminal output: colors, tables, progress. Color is never the only sign, and is absent when piped.

use crate::publish::catalogue::wrap;
use crate::qa::Severity;
use anstyle::{AnsiColor, Color, Style};
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, TableComponent, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::borrow::Cow;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use unicode_width::UnicodeWidthStr;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const ERROR: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Red)));
pub const GOOD: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Green)));

/// Whether colors are wanted (no-color.org).
pub fn is_colored() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The color of a severity.
pub const fn severity(severity: Severity) -> Style {
    let color = match severity {
        Severity::Critical => AnsiColor::Magenta,
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(Color::Ansi(color)))
}

/// A table with a header line; columns from `numbers` on are aligned to the right.
pub fn table(headers: &[&str], numbers: usize) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    for line in [TableComponent::HorizontalLines, TableComponent::MiddleIntersections] {
        table.remove_style(line);
    }
    if !std::io::stdout().is_terminal() || !is_colored() {
        table.force_no_tty();
    }
    table.set_width(columns());
    table.set_header(headers.iter().map(|header| Cell::new(header).add_attribute(Attribute::Bold)));
    for column in table.column_iter_mut().skip(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// How many columns lines may take.
pub fn columns() -> u16 {
    width(Table::new().width(), std::env::var("COLUMNS").ok().as_deref())
}

/// A text in lines that fit.
pub fn wrapped(text: &str) -> String {
    wrap(text, usize::from(columns())).join("\n")
}

/// A line of a list, with what is said about it in dim behind it; where both do not fit, below it.
pub fn listed(head: &str, about: &str) -> String {
    let columns = usize::from(columns());
    let plain = anstream::adapter::strip_str(head).to_string();
    if about.is_empty() {
        return format!("{head}\n");
    }
    if plain.width() + 2 + about.width() <= columns {
        return format!("{head}  {DIM}{about}{DIM:#}\n");
    }
    let indent = plain.chars().take_while(|c| *c == ' ').count() + 4;
    let below = wrap(about, columns.saturating_sub(indent).max(20));
    let below = below.iter().map(|line| format!("{:indent$}{DIM}{line}{DIM:#}\n", ""));
    format!("{head}\n{}", below.collect::<String>())
}

/// A text behind a label, in lines that fit.
pub fn labeled(style: Style, label: &str, text: &str) -> String {
    const LABEL: usize = 10;
    let lines = wrap(text, usize::from(columns()).saturating_sub(LABEL).max(20)).join(&format!("\n{:LABEL$}", ""));
    format!("{style}{label}{style:#}{:pad$}{lines}\n", "", pad = LABEL.saturating_sub(label.len()).max(1))
}

/// The width of lines: that of the terminal; where none is known, as in a pipe or on a terminal without a size, that of the
/// environment, or 80. Longer lines than 110 are hard to read.
fn width(terminal: Option<u16>, environment: Option<&str>) -> u16 {
    let of_environment = || environment.and_then(|columns| columns.parse().ok()).filter(|&columns| columns > 0);
    terminal.filter(|&columns| columns > 0).or_else(of_environment).unwrap_or(80).min(110)
}

/// A count of violations in the color of its severity; zero is dim.
pub fn count(count: usize, severity: Severity) -> Cell {
    let cell = Cell::new(if count == 0 { "·".to_owned() } else { thousands(count as u64) });
    match (count, severity) {
        (0, _) => cell.add_attribute(Attribute::Dim),
        (_, Severity::Critical) => cell.fg(comfy_table::Color::Magenta).add_attribute(Attribute::Bold),
        (_, Severity::Error) => cell.fg(comfy_table::Color::Red),
        (_, Severity::Warning) => cell.fg(comfy_table::Color::Yellow),
        (_, Severity::Info) => cell.fg(comfy_table::Color::Cyan),
    }
}

/// A whole number with thousands separators.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}

/// Notes held back while the board is shown; none otherwise.
static UNSAID: Mutex<Option<Vec<String>>> = Mutex::new(None);

/// Prints a note to standard error. While the board is shown, it is held back.
pub fn note(what: &str, text: &str) {
    let line = format!("{BOLD}{what}{BOLD:#}: {}", safe(text));
    match UNSAID.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        Some(held_back) => held_back.push(line),
        None => anstream::eprintln!("{line}"),
    }
}

/// Holds notes back and shows no progress, until [`speak`].
pub fn hush() {
    UNSAID.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
}

/// Prints the notes held back.
pub fn speak() {
    let held_back = UNSAID.lock().unwrap_or_else(PoisonError::into_inner).take();
    held_back.into_iter().flatten().for_each(|line| anstream::eprintln!("{line}"));
}

/// Progress of a long step, on standard error if that is a terminal.
pub fn progress(what: &'static str, length: u64) -> ProgressBar {
    let is_hushed = UNSAID.lock().unwrap_or_else(PoisonError::into_inner).is_some();
    let target = if std::io::stderr().is_terminal() && !is_hushed {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    let style = ProgressStyle::with_template("{msg:<24} {bar:40.cyan/dim} {percent:>3}% {eta:>5}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━╌"));
    bar.set_message(what);
    bar
}

/// A spinner for work of unknown length, if standard error is a terminal.
pub fn spinner(what: &'static str) -> ProgressBar {
    let bar = progress(what, 0);
    let style = ProgressStyle::with_template("{spinner:.cyan} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}

/// Text from a file, with terminal control characters escaped.
pub fn safe(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        let shown = |c: char| if c.is_control() { c.escape_default().collect() } else { c.to_string() };
        Cow::Owned(text.chars().map(shown).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{safe, thousands, width};

    #[test]
    fn a_table_is_as_wide_as_the_terminal_and_80_columns_where_that_is_unknown() {
        assert_eq!([Some(72), Some(100), Some(250)].map(|columns| width(columns, Some("90"))), [72, 100, 110]);
        assert_eq!([None, Some(0)].map(|columns| width(columns, None)), [80, 80]);
        assert_eq!(["100", "0", "wide", "300"].map(|columns| width(None, Some(columns))), [100, 80, 80, 110]);
    }

    #[test]
    fn a_terminal_obeys_nothing_that_stood_in_a_file() {
        assert_eq!(safe("\u{1b}[2JMüller\n"), "\\u{1b}[2JMüller\\n");
        assert_eq!(safe("Müller"), "Müller");
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(thousands), ["0", "999", "1,000", "12,345,678"]);
    }
}
