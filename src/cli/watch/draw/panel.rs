//! Panels: a title and the rows below it, and the rows that several panels have.

use super::Drawer;
use super::row::{Row, fit, short};
use crate::cli::page::{self, Tone, letter};
use crate::cli::terminal;
use crate::cli::watch::screen::Cursor;
use crate::cli::watch::view::{Counts, Listed};
use crate::qa::Severity;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

impl Drawer<'_> {
    pub(super) fn row(&self) -> Row {
        Row::new(self.theme)
    }

    /// The title line of a panel.
    pub(super) fn title(&self, text: &str, more: &str, has_focus: bool, width: usize) -> Line<'static> {
        let mark = if has_focus { "▶" } else { "━" };
        let row = self.row().put(if has_focus { Tone::Strong } else { Tone::Pale }, format!("{mark}━ "));
        let text = fit(text, width.saturating_sub(row.width() + more.width() + 4));
        let rest = width.saturating_sub(row.width() + text.width() + 1);
        let more = if more.is_empty() { String::new() } else { fit(&format!(" {more} "), rest) };
        let fill = rest.saturating_sub(more.width());
        row.put(Tone::Strong, format!("{text} "))
            .put(Tone::Pale, "━".repeat(fill.saturating_sub(1)))
            .put(Tone::Pale, more)
            .put(Tone::Pale, if fill > 0 { "━" } else { "" })
            .line()
    }

    /// A panel: its title, an optional header line, and rows, one of which may be selected.
    #[allow(clippy::too_many_arguments, reason = "a panel needs all of this")]
    pub(super) fn panel(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        title: Line<'static>,
        header: Option<Line<'static>>,
        count: usize,
        cursor: Option<&mut Cursor>,
        row: impl Fn(usize) -> Line<'static>,
    ) -> usize {
        let mut lines = vec![title];
        lines.extend(header);
        let room = (area.height as usize).saturating_sub(lines.len());
        let (mut top, mut at) = (0, None);
        if let Some(cursor) = cursor {
            cursor.at = cursor.at.min(count.saturating_sub(1));
            cursor.top = cursor.top.min(cursor.at).max((cursor.at + 1).saturating_sub(room)).min(count.saturating_sub(room));
            (top, at) = (cursor.top, Some(cursor.at));
        }
        if count == 0 {
            lines.push(self.row().put(Tone::Pale, " none").line());
        }
        for number in (top..count).take(room) {
            let mut line = row(number);
            if at == Some(number) {
                let used: usize = line.spans.iter().map(|span| span.content.width()).sum();
                line.spans.push(Span::raw(" ".repeat((area.width as usize).saturating_sub(used))));
                // One continuous bar: reversed colors would split it.
                for span in &mut line.spans {
                    span.style = Style::new().add_modifier(Modifier::REVERSED);
                }
            }
            lines.push(line);
        }
        frame.render_widget(Paragraph::new(lines), area);
        room
    }

    /// Scrolled lines of text.
    pub(super) fn text(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        cursor: &mut Cursor,
        title: &str,
        lines: &[page::Line],
    ) -> usize {
        let width = area.width as usize;
        let room = (area.height as usize).saturating_sub(1);
        cursor.top = cursor.top.min(lines.len().saturating_sub(room));
        let shown = (cursor.top + room).min(lines.len());
        let part = format!("lines {} to {shown} of {}", cursor.top + 1, lines.len());
        let mut drawn = vec![self.title(title, if lines.len() > room { &part } else { "" }, true, width)];
        for line in lines.iter().skip(cursor.top).take(room) {
            let row = line.iter().fold(self.row().put(Tone::Plain, " "), |row, (tone, text)| row.put(*tone, text));
            drawn.push(row.line());
        }
        frame.render_widget(Paragraph::new(drawn), area);
        room
    }

    /// Counts by severity, and opened and closed today.
    pub(super) fn counts(&self, row: Row, counts: &Counts, width: usize) -> Row {
        let mut row = row;
        for (severity, count) in Severity::ALL.into_iter().zip(counts.open) {
            let (tone, text) = if count == 0 {
                (Tone::Pale, "·".to_owned())
            } else {
                (Tone::Of(severity), short(count as u64, width.saturating_sub(1)))
            };
            row = row.right(tone, text, width);
        }
        let came = |sign: char, count: usize| match count {
            0 => "·".to_owned(),
            count => format!("{sign}{}", short(count as u64, width.saturating_sub(1))),
        };
        row = row.right(if counts.opened > 0 { Tone::Bad } else { Tone::Pale }, came('+', counts.opened), width + 1);
        row.right(if counts.closed > 0 { Tone::Good } else { Tone::Pale }, came('−', counts.closed), width + 1)
    }

    pub(super) fn counts_header(&self, row: Row, width: usize) -> Row {
        let mut row = row;
        for severity in Severity::ALL {
            let name = if width >= 9 { severity.name().to_owned() } else { letter(severity).to_string() };
            row = row.right(Tone::Of(severity), name, width);
        }
        row.right(Tone::Pale, if width >= 9 { "+ today" } else { "+" }, width + 1).right(
            Tone::Pale,
            if width >= 9 { "− today" } else { "−" },
            width + 1,
        )
    }

    /// A violation in one line: severity, rule title, subject.
    pub(super) fn listed(&self, row: Row, listed: &Listed, width: usize) -> Row {
        // Waived violations are shown but not counted.
        let tone = if listed.waived { Tone::Pale } else { Tone::Of(listed.severity) };
        let waived = if listed.waived { "(waived) " } else { "" };
        let row = row.put(tone, format!("{} {waived}", letter(listed.severity)));
        // In a narrow panel, the subject goes before names.
        let row = if width < 70 { row } else { row.put(Tone::Strong, format!("{} ", listed.rule)) };
        let rest = width.saturating_sub(row.width());
        let sentence = if width < 70 {
            let subject = format!(": {}", listed.subject);
            fit(listed.title, rest.saturating_sub(subject.width()).max(rest / 2)) + &subject
        } else {
            listed.sentence()
        };
        row.put(Tone::Plain, fit(&terminal::safe(&sentence), rest))
    }
}
