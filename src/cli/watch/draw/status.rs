//! What is always there: the state of the feed above, the keys below, and all keys on request.

use super::row::{Row, Theme, fit, milliseconds, sparkline};
use crate::cli::page::Tone;
use crate::cli::terminal::thousands;
use crate::cli::watch::desk::{Phase, Pulse};
use crate::cli::watch::screen::{KEYS, Ui};
use crate::cli::watch::view::{Screen, View};
use crate::model::Date;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A day with its weekday.
fn named(day: Date) -> String {
    format!("{} {day}", WEEKDAYS[(day.weekday() as usize + 6) % 7])
}

pub(super) fn head_lines(view: &View, pulse: &Pulse, ui: &Ui, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let day = view.day.map_or(String::new(), |day| match view.batch {
        0 => named(day),
        batch => format!("{}  batch {batch}", named(day)),
    });
    let (done, of) = pulse.progress;
    let progress = if of > 1 { format!("  {done}/{of}") } else { String::new() };
    let right = format!("{day}{progress} ");
    let mark = if view.is_synthetic { " (SYNTHETIC)" } else { "" };
    let mut first = Row::new(theme).put(Tone::Strong, " rollcall  ");
    let rest = width.saturating_sub(first.width() + mark.width() + right.width() + 2);
    first = first.put(Tone::Plain, fit(&view.district, rest)).put(Tone::Pale, mark);
    let rest = width.saturating_sub(first.width());
    let first = first.right(Tone::Strong, right, rest);

    let pace = match (pulse.phase, pulse.paused, pulse.pace) {
        (Phase::Opening, ..) => "… opening".to_owned(),
        (Phase::Writing, ..) => "… writing".to_owned(),
        (Phase::Held, ..) => "! on hold".to_owned(),
        (Phase::Ended, ..) => "■ finished".to_owned(),
        (Phase::Waiting, false, _) => "… waiting".to_owned(),
        (Phase::Waiting, true, _) => "‖ waiting".to_owned(),
        (Phase::Running, true, _) => "‖ paused".to_owned(),
        (Phase::Running, false, None) => "▶ max".to_owned(),
        (Phase::Running, false, Some(pace)) => format!("▶ {pace}/s"),
    };
    let sparks = (width / 10).clamp(6, 24);
    let is_going = pulse.phase == Phase::Running && !pulse.paused;
    let rate = pulse.rates.back().copied().filter(|_| is_going).unwrap_or(0);
    let latency = pulse.latencies.back().map_or("–".to_owned(), |micros| milliseconds(*micros));
    let mut second = Row::new(theme)
        .left(if pulse.phase == Phase::Held { Tone::Bad } else { Tone::Strong }, format!(" {pace}"), 13)
        .put(Tone::Plain, format!(" {} changes/s ", thousands(rate)))
        .put(Tone::Good, sparkline(&pulse.rates, sparks))
        .put(Tone::Plain, format!("  answer {latency} "))
        .put(Tone::Good, sparkline(&pulse.latencies, sparks));
    let filter = if ui.filter.text().is_empty() { String::new() } else { format!("{} ", ui.filter.text()) };
    let rest = width.saturating_sub(second.width());
    second = second.right(Tone::Strong, filter, rest);
    vec![first.line(), second.line()]
}

pub(super) fn foot_line(ui: &Ui, theme: Theme, width: usize) -> Line<'static> {
    if let Some(text) = &ui.prompt {
        let mut row = Row::new(theme).put(Tone::Strong, " filter: ").put(Tone::Plain, format!("{text}▏"));
        let hint = ui.complaint.clone().unwrap_or_else(|| "school:101 severity:error rule:ENR words".to_owned());
        let tone = if ui.complaint.is_some() { Tone::Bad } else { Tone::Pale };
        let rest = width.saturating_sub(row.width());
        row = row.put(tone, fit(&format!("  {hint}"), rest));
        return row.line();
    }
    if let Some(complaint) = &ui.complaint {
        return Row::new(theme).put(Tone::Bad, fit(&format!(" {complaint}"), width)).line();
    }
    let mut keys: Vec<(&str, &str)> = match ui.spot().screen {
        Screen::Board => vec![("Enter", "open"), ("Tab", "panel")],
        Screen::Page(_) => vec![("Esc", "back"), ("↑↓", "scroll"), ("f", "follow school")],
        Screen::Rejected | Screen::Kpi(..) => vec![("Esc", "back"), ("↑↓", "scroll")],
        _ => vec![("Enter", "open"), ("Esc", "back"), ("s", ui.sort.name()), ("f", "follow")],
    };
    keys.extend([
        ("Space", "pause"),
        ("n", "day"),
        ("+-", "pace"),
        ("e", "end"),
        ("/", "filter"),
        ("?", "keys"),
        ("q", "quit"),
    ]);
    let mut row = Row::new(theme);
    for (key, what) in keys {
        if row.width() + key.width() + what.width() + 4 > width {
            break;
        }
        row = row.put(Tone::Strong, format!(" {key}")).put(Tone::Pale, format!(" {what} "));
    }
    row.line()
}

/// All keys, over the whole screen.
pub(super) fn help(frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let mut lines = vec![Row::new(theme).put(Tone::Strong, " Keys").line()];
    for (heading, keys) in KEYS {
        lines.push(Row::new(theme).put(Tone::Pale, format!(" {heading}")).line());
        for (key, what) in *keys {
            lines.push(Row::new(theme).left(Tone::Strong, format!("   {key}"), 20).put(Tone::Plain, *what).line());
        }
    }
    // If not all of them fit, omit the headings.
    if lines.len() + 2 > area.height as usize {
        let is_heading = |line: &Line<'_>| line.spans.len() == 1 && line.spans[0].content.starts_with(" ");
        let mut number = 0;
        lines.retain(|line| {
            number += 1;
            number == 1 || !is_heading(line)
        });
    }
    let height = (lines.len() as u16 + 1).min(area.height);
    // The remains of the board at the sides mean nothing.
    let width = if area.width < 100 { area.width } else { 72 };
    let place = Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
    frame.render_widget(Clear, place);
    let [rule, text] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(place);
    frame.render_widget(Paragraph::new("━".repeat(width as usize)), rule);
    frame.render_widget(Paragraph::new(lines), text);
}
