//! A line of the screen, built from styled texts that are cut to columns.

use crate::cli::page::Tone;
use crate::cli::terminal::{self, thousands};
use crate::qa::Severity;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use std::collections::VecDeque;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The styles.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Whether colors are used.
    pub is_colored: bool,
}

impl Theme {
    fn style(self, tone: Tone) -> Style {
        let color = |color: Color| if self.is_colored { Style::new().fg(color) } else { Style::new() };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
            Tone::Pale => Style::new().add_modifier(Modifier::DIM),
            Tone::Good => color(Color::Green),
            Tone::Bad => color(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Of(Severity::Critical) => color(Color::Magenta).add_modifier(Modifier::BOLD),
            Tone::Of(Severity::Error) => color(Color::Red),
            Tone::Of(Severity::Warning) => color(Color::Yellow),
            Tone::Of(Severity::Info) => color(Color::Cyan),
        }
    }
}

/// A row being built from pieces.
pub(super) struct Row {
    theme: Theme,
    spans: Vec<Span<'static>>,
}

impl Row {
    pub(super) fn new(theme: Theme) -> Row {
        Row { theme, spans: Vec::new() }
    }

    /// Adds text unchanged.
    pub(super) fn put(mut self, tone: Tone, text: impl AsRef<str>) -> Row {
        let text = terminal::safe(text.as_ref()).into_owned();
        self.spans.push(Span::styled(text, self.theme.style(tone)));
        self
    }

    /// Adds text left-aligned in a number of columns.
    pub(super) fn left(self, tone: Tone, text: impl AsRef<str>, width: usize) -> Row {
        let text = fit(&terminal::safe(text.as_ref()), width);
        let blanks = width.saturating_sub(text.width());
        self.put(tone, format!("{text}{}", " ".repeat(blanks)))
    }

    /// Adds text right-aligned in a number of columns.
    pub(super) fn right(self, tone: Tone, text: impl AsRef<str>, width: usize) -> Row {
        let text = fit(&terminal::safe(text.as_ref()), width);
        let blanks = width.saturating_sub(text.width());
        self.put(tone, format!("{}{text}", " ".repeat(blanks)))
    }

    /// Its width in columns.
    pub(super) fn width(&self) -> usize {
        self.spans.iter().map(|span| span.content.width()).sum()
    }

    pub(super) fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

/// The beginning of a text that fits into a number of columns.
pub(super) fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut fitting = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        fitting.push(c);
        used += wide;
    }
    if width > 0 {
        fitting.push('…');
    }
    fitting
}

/// Microseconds as milliseconds, with at least two digits.
pub(super) fn milliseconds(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{:.2} ms", micros as f64 / 1000.0),
        1_000..10_000 => format!("{:.1} ms", micros as f64 / 1000.0),
        10_000..10_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{} s", micros / 1_000_000),
    }
}

/// A number in a limited width: in full, or in thousands or millions, which are marked.
pub(super) fn short(number: u64, width: usize) -> String {
    let full = thousands(number);
    if full.len() <= width {
        return full;
    }
    let plain = number.to_string();
    match number {
        _ if plain.len() <= width => plain,
        0..1_000_000 => format!("{}k", number / 1000),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// The last values as bars, the highest at full height.
pub(super) fn sparkline(values: &VecDeque<u64>, width: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let from = values.len().saturating_sub(width);
    let most = values.iter().skip(from).copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| BARS[((value * 7).div_ceil(most) as usize).min(7)];
    values.iter().skip(from).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_columns_and_not_by_characters() {
        assert_eq!(fit("Müller", 6), "Müller");
        assert_eq!(fit("Müller", 4), "Mül…");
        assert_eq!(fit("学校学校", 5), "学校…");
        assert_eq!(fit("学校", 1), "…");
        assert_eq!(fit("x", 0), "");
    }

    #[test]
    fn numbers_are_never_cut() {
        let short = |number| short(number, 4);
        assert_eq!([7, 999, 1_534, 12_345, 7_654_321].map(short), ["7", "999", "1534", "12k", "7M"]);
    }

    #[test]
    fn bars_are_as_high_as_what_they_stand_for() {
        assert_eq!(sparkline(&[0, 1, 50, 100].into(), 10), "▁▂▅█");
        assert_eq!(sparkline(&[9, 9, 9, 0].into(), 2), "█▁");
        assert_eq!(sparkline(&VecDeque::new(), 5), "");
    }
}
