//! The board: violations by rule group, KPIs, and what opened, closes and was rejected.

use super::Drawer;
use super::row::fit;
use crate::cli::page::Tone;
use crate::cli::terminal::{self, thousands};
use crate::cli::watch::screen::{Panel, Ui};
use crate::quality::report::AHEAD;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use unicode_width::UnicodeWidthStr;

impl Drawer<'_> {
    pub(super) fn board(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let families = self.view.families.len() as u16 + 3;
        let is_wide = area.width >= 120;
        let share = |percent: u32| (u32::from(area.width) * percent / 100) as u16;
        let left = if is_wide { share(45) } else { share(52).max(42) };
        let top_height = families
            .max(if is_wide { self.view.tiles.len() as u16 + 2 } else { 0 })
            .min((u32::from(area.height) * 6 / 10) as u16);
        let [top, bottom] = Layout::vertical([Constraint::Length(top_height), Constraint::Fill(1)]).areas(area);
        let columns = |area: Rect, left: u16| -> [Rect; 3] {
            Layout::horizontal([Constraint::Length(left), Constraint::Length(1), Constraint::Fill(1)]).areas(area)
        };
        let [of_families, _, of_tiles] = columns(top, left);
        let [of_reported, _, right] = columns(bottom, if is_wide { share(62) } else { left + 6 });
        let wrong = if self.view.held.is_empty() && self.view.rejected_total == 0 { 2 } else { 4 };
        let [of_ahead, of_rejected] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(wrong.min(right.height / 2))]).areas(right);
        self.families(frame, of_families, ui);
        self.tiles(frame, of_tiles, ui);
        self.reported(frame, of_reported, ui);
        self.ahead(frame, of_ahead, ui);
        self.wrong(frame, of_rejected);
        let rows = match ui.panel {
            Panel::Families => of_families.height,
            Panel::Tiles => of_tiles.height,
            Panel::Reported => of_reported.height,
            Panel::Ahead => of_ahead.height,
        };
        ui.page_rows = (rows as usize).saturating_sub(1);
    }

    fn families(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let width = area.width as usize;
        let view = self.view;
        // As wide as the largest number, as long as the names of rule groups remain readable.
        let most = view.total.open.iter().chain([&view.total.opened, &view.total.closed]).max().copied().unwrap_or(0);
        let digits = most.to_string().len() + 1;
        let wide = if width >= 78 { 9 } else { ((width - 18) / 6).clamp(3, 8) };
        let number = wide.max(digits.min(width.saturating_sub(12) / 6));
        let name = width.saturating_sub(6 * number + 2);
        let is_here = ui.panel == Panel::Families;
        let open = format!("{} open", thousands(view.total.all() as u64));
        let title = match ui.filter.school.as_ref() {
            Some(school) => format!("Violations at {school} {}", view.school_name),
            None => "Violations".to_owned(),
        };
        let title = self.title(title.trim_end(), &open, is_here, width);
        let header = self.counts_header(self.row().left(Tone::Pale, " rule group", name), number).line();
        let count = view.families.len() + 1;
        let cursor = is_here.then_some(&mut ui.panels[Panel::Families as usize]);
        self.panel(frame, area, title, Some(header), count, cursor, |at| match view.families.get(at) {
            Some((family, counts)) => {
                let row = self.row().left(Tone::Plain, format!(" {}", family.replace('_', " ")), name);
                self.counts(row, counts, number).line()
            }
            None => self.counts(self.row().left(Tone::Strong, " all", name), &view.total, number).line(),
        });
    }

    fn tiles(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let width = area.width as usize;
        let is_here = ui.panel == Panel::Tiles;
        let moved = match self.pulse.moved {
            0 => String::new(),
            moved => format!("{} changed today", thousands(moved)),
        };
        let is_long = width >= 62;
        // The first day of the school year, unless the district was not known then.
        let first = self.view.tiles.iter().filter_map(|tile| tile.then.as_ref()).map(|then| then.day).min();
        let since = match first.filter(|_| is_long) {
            Some(day) => format!("KPIs, change since {day}"),
            None => "KPIs".to_owned(),
        };
        let title = self.title(&since, &moved, is_here, width);
        let tiles = &self.view.tiles;
        let (value, interval, movement, n) = if is_long { (8, 14, 8, 9) } else { (6, 11, 5, 0) };
        let name = width.saturating_sub(value + interval + movement + n);
        let header = self
            .row()
            .left(Tone::Pale, " KPI", name)
            .right(Tone::Pale, "now", value)
            .right(Tone::Pale, if is_long { "95% interval" } else { "95%" }, interval)
            .right(Tone::Pale, if is_long { "change" } else { "chg." }, movement)
            .right(Tone::Pale, "n", n)
            .line();
        if tiles.is_empty() {
            let of_school = self.view.request.filter.school.is_some();
            let text = if of_school { " none published for this school" } else { " none published yet" };
            self.panel(frame, area, title, None, 1, None, |_| self.row().put(Tone::Pale, text).line());
            return;
        }
        let cursor = is_here.then_some(&mut ui.panels[Panel::Tiles as usize]);
        self.panel(frame, area, title, Some(header), tiles.len(), cursor, |at| {
            let tile = &tiles[at];
            let interval_text = tile.interval.as_ref().map_or(String::new(), |(low, high)| format!("{low}–{high}"));
            let shown = tile.value.clone().unwrap_or_else(|| "hidden".to_owned());
            let named = if tile.long.width() + 2 <= name { &tile.long } else { &tile.short };
            self.row()
                .left(Tone::Plain, format!(" {named}"), name.saturating_sub(1))
                .put(Tone::Plain, " ")
                .right(Tone::Strong, shown, value)
                .right(Tone::Pale, interval_text, interval)
                .right(Tone::Plain, tile.moved.as_deref().unwrap_or(""), movement)
                .right(Tone::Pale, &tile.n, n)
                .line()
        });
    }

    fn reported(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let (view, width) = (self.view, area.width as usize);
        let is_here = ui.panel == Panel::Reported;
        let today = format!("today +{} −{}", thousands(view.total.opened as u64), thousands(view.total.closed as u64));
        let title = self.title("Opened (+) and closed (−)", &today, is_here, width);
        let cursor = is_here.then_some(&mut ui.panels[Panel::Reported as usize]);
        self.panel(frame, area, title, None, view.reported.len(), cursor, |at| {
            let reported = &view.reported[at];
            let sign = if reported.opened { (Tone::Bad, "+") } else { (Tone::Good, "−") };
            let row = self.row().put(Tone::Pale, format!(" {} ", &reported.day.to_string()[5..])).put(sign.0, sign.1);
            self.listed(row, &reported.of, width).line()
        });
    }

    fn ahead(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let (view, width) = (self.view, area.width as usize);
        let is_here = ui.panel == Panel::Ahead;
        let title = format!("Opens within {AHEAD} days");
        let title = self.title(&title, &thousands(view.ahead_total as u64), is_here, width);
        let cursor = is_here.then_some(&mut ui.panels[Panel::Ahead as usize]);
        if view.ahead.is_empty() {
            self.panel(frame, area, title, None, 1, None, |_| {
                self.row().put(Tone::Pale, " none, if no record changes").line()
            });
            return;
        }
        self.panel(frame, area, title, None, view.ahead.len(), cursor, |at| {
            let (day, listed) = &view.ahead[at];
            let row = self.row().put(Tone::Pale, format!(" {} ", &day.to_string()[5..]));
            self.listed(row, listed, width).line()
        });
    }

    fn wrong(&self, frame: &mut Frame<'_>, area: Rect) {
        let (view, width) = (self.view, area.width as usize);
        let title = self.title("Rejected and on hold (r)", "", false, width);
        let mut lines = Vec::new();
        let rejected = match view.rejected_total {
            0 => (Tone::Good, " no rows rejected".to_owned()),
            1 => (Tone::Bad, " 1 row rejected".to_owned()),
            rows => (Tone::Bad, format!(" {} rows rejected", thousands(rows as u64))),
        };
        for (label, why) in &view.held {
            lines.push(self.row().put(Tone::Bad, fit(&terminal::safe(&format!(" on hold: {label}: {why}")), width)).line());
        }
        lines.push(self.row().put(rejected.0, rejected.1).line());
        if let Some(note) = self.pulse.notes.last() {
            lines.push(self.row().put(Tone::Pale, fit(&terminal::safe(&format!(" {note}")), width)).line());
        }
        self.panel(frame, area, title, None, lines.len(), None, |at| lines[at].clone());
    }
}
