//! A violation on a page, as lines of styled text, for `rollcall explain` and the board of `rollcall watch`.

use super::terminal;
use crate::district::Page;
use crate::district::page::{ProvenanceShown, RowShown};
use crate::publish::catalogue::wrap;
use crate::publish::changes::day;
use crate::qa::Severity;
use std::collections::BTreeMap;

/// The style of a piece of text; the caller decides how to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Pale,
    Good,
    Bad,
    Of(Severity),
}

/// A line of styled pieces.
pub type Line = Vec<(Tone, String)>;

/// The evidence of a finding in words: names and values.
pub fn evidence_text(evidence: &BTreeMap<&'static str, String>) -> String {
    let named: Vec<String> =
        evidence.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), terminal::safe(value))).collect();
    named.join(", ")
}

/// The page.
pub fn lines(page: &Page, width: usize) -> Vec<Line> {
    let mut out = Pages { lines: Vec::new(), width };
    let severity = Tone::Of(page.severity);
    out.line([
        (severity, format!("{} {}", letter(page.severity), page.severity.name())),
        (Tone::Plain, "  ".to_owned()),
        (Tone::Strong, format!("{}: {}", page.rule, page.title)),
    ]);
    let mut subject_line = vec![format!("{} {}", page.about, terminal::safe(&page.subject))];
    if let Some((id, name)) = &page.school {
        let of = if name.is_empty() { id.clone() } else { format!("{id} {name}") };
        subject_line.extend((page.subject != *id).then(|| format!("at {}", terminal::safe(&of))));
    }
    subject_line
        .extend(page.student.iter().filter(|id| **id != page.subject).map(|id| format!("student {}", terminal::safe(id))));
    subject_line
        .extend(page.staff.iter().filter(|id| **id != page.subject).map(|id| format!("staff {}", terminal::safe(id))));
    for line in wrap(&subject_line.join(" · "), width) {
        out.line([(Tone::Plain, line)]);
    }
    let state = match (page.is_open, page.waived) {
        (true, true) => (Tone::Pale, "open, but waived: not counted"),
        (true, false) => (Tone::Bad, "open"),
        (false, _) => (Tone::Good, "closed"),
    };
    let since = page.episodes.last().map_or(String::new(), |last| match &last.closed {
        None if last.days == 0 => format!(" since {}, which is today", day(&last.opened)),
        None => format!(" since {}, for {}", day(&last.opened), days(last.days)),
        Some(closed) => format!(" on {}, after {}", day(closed), days(last.days)),
    });
    out.line([(state.0, state.1.to_owned()), (Tone::Plain, since)]);
    if !page.evidence.is_empty() {
        out.heading("Evidence");
        for evidence in &page.evidence {
            let what = evidence_text(evidence);
            out.text(Tone::Plain, if what.is_empty() { "the rule has no further details" } else { &what });
        }
    }
    for (heading, text) in
        [("What it checks", &page.text.checks), ("Why it matters", &page.text.matters), ("How to fix it", &page.text.fix)]
    {
        out.heading(heading);
        out.text(Tone::Plain, text);
    }
    if !page.rows.is_empty() || !page.rejected.is_empty() {
        out.heading("Input rows");
    }
    for rejected in &page.rejected {
        let place = rejected
            .place
            .as_ref()
            .map_or_else(|| format!("{}:{}", rejected.line.file, rejected.line.line), ProvenanceShown::to_string);
        let value = rejected.line.value.as_ref().map_or(String::new(), |value| format!(": {value:?}"));
        out.line([(Tone::Bad, "✗ ".to_owned()), (Tone::Strong, terminal::safe(&place).into_owned())]);
        out.text(Tone::Plain, &format!("{}{value}", rejected.line.reason));
        out.text(Tone::Pale, rejected.line.hint);
    }
    for (number, row) in page.rows.iter().enumerate() {
        out.row(row);
        let is_last = page.rows.get(number + 1).is_none_or(|next| next.table != row.table);
        if let (true, Some(more)) = (is_last, page.more.get(row.table)) {
            out.text(Tone::Pale, &format!("… and {} more of {}", terminal::thousands(*more as u64), row.table));
        }
    }
    if page.episodes.len() > 1 || page.episodes.iter().any(|of| of.closed.is_some()) {
        out.heading("When it was open");
        for episode in &page.episodes {
            let until = match &episode.closed {
                Some(closed) => format!("to {}  {}", day(closed), days(episode.days)),
                None => format!("until now      {}", days(episode.days)),
            };
            out.text(Tone::Plain, &format!("{} {until}", day(&episode.opened)));
        }
    }
    out.lines
}

/// The letter for a severity, where there is no room for its name.
pub fn letter(severity: Severity) -> char {
    match severity {
        Severity::Critical => 'C',
        Severity::Error => 'E',
        Severity::Warning => 'W',
        Severity::Info => 'I',
    }
}

fn days(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// Lines being written.
struct Pages {
    lines: Vec<Line>,
    width: usize,
}

impl Pages {
    fn line(&mut self, pieces: impl IntoIterator<Item = (Tone, String)>) {
        self.lines.push(pieces.into_iter().collect());
    }

    fn heading(&mut self, text: &str) {
        self.lines.push(Vec::new());
        self.line([(Tone::Strong, text.to_owned())]);
    }

    fn text(&mut self, tone: Tone, text: &str) {
        for line in wrap(text, self.width.saturating_sub(2)) {
            self.line([(tone, format!("  {line}"))]);
        }
    }

    fn row(&mut self, row: &RowShown) {
        let place = row.place.as_ref().map_or_else(|| "provenance unknown".to_owned(), ProvenanceShown::to_string);
        let key = format!("  {} {}", row.table, terminal::safe(&row.key));
        self.line([(Tone::Strong, key), (Tone::Pale, format!("  {}", terminal::safe(&place)))]);
        let mut fields: Vec<String> =
            row.fields.iter().map(|(name, value)| format!("{name}={}", terminal::safe(value))).collect();
        fields.extend(row.withheld.iter().map(|name| format!("{name}=(withheld)")));
        for line in wrap(&fields.join(" "), self.width.saturating_sub(4)) {
            self.line([(Tone::Plain, format!("    {line}"))]);
        }
    }
}

/// The lines for a terminal, or without color for a file.
pub fn text(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        for (tone, piece) in line {
            let style = match tone {
                Tone::Plain => anstyle::Style::new(),
                Tone::Strong => terminal::BOLD,
                Tone::Pale => terminal::DIM,
                Tone::Good => terminal::GOOD,
                Tone::Bad => terminal::ERROR,
                Tone::Of(severity) => terminal::severity(*severity),
            };
            text.push_str(&format!("{style}{piece}{style:#}"));
        }
        text.push('\n');
    }
    text
}
