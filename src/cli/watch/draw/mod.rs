//! Draws the screen from the view, the progress, and the state of the screen. Severities have letters, and opened and closed
//! have signs, so nothing depends on color alone.

mod board;
mod lists;
mod panel;
mod row;
mod status;

pub use row::Theme;

use super::desk::{Phase, Pulse};
use super::screen::Ui;
use super::view::View;
use crate::cli::page::Tone;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::Paragraph;
use row::Row;
use status::{foot_line, head_lines, help};

/// The minimum size of the board.
pub const LEAST: (u16, u16) = (60, 16);

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, view: &View, pulse: &Pulse, ui: &mut Ui, theme: Theme) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!("rollcall needs {} columns and {} rows; q quits", LEAST.0, LEAST.1);
        frame.render_widget(Paragraph::new(text), area);
        return;
    }
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(2), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    frame.render_widget(Paragraph::new(head_lines(view, pulse, ui, theme, head.width as usize)), head);
    let drawer = Drawer { view, pulse, theme };
    let is_there = view.day.is_some() && view.request.screen == ui.spot().screen;
    if !is_there {
        let text = match (pulse.phase, view.day) {
            (Phase::Opening, None) => "reading the log …",
            (Phase::Waiting, None) => "waiting for the feed to begin …",
            _ => "preparing …",
        };
        let mut lines = vec![Row::new(theme).put(Tone::Pale, format!(" {text}")).line()];
        let notes = pulse.notes.iter().filter(|_| view.day.is_none());
        lines.extend(notes.map(|note| Row::new(theme).put(Tone::Plain, format!(" {note}")).line()));
        frame.render_widget(Paragraph::new(lines), body);
    } else if ui.spots.len() == 1 {
        drawer.board(frame, body, ui);
    } else {
        drawer.list(frame, body, ui);
    }
    frame.render_widget(Paragraph::new(foot_line(ui, theme, foot.width as usize)), foot);
    if ui.is_help {
        help(frame, area, theme);
    }
}

/// Draws the body.
struct Drawer<'a> {
    view: &'a View,
    pulse: &'a Pulse,
    theme: Theme,
}
