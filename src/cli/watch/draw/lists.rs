//! The screens that are opened from the board: lists of rules, schools, violations and rejected rows, and pages.

use super::Drawer;
use super::row::fit;
use crate::cli::page::{self, Tone, letter};
use crate::cli::terminal::{self, thousands};
use crate::cli::watch::screen::{Cursor, Ui};
use crate::cli::watch::view::{Screen, Tile};
use crate::district::opening::Then;
use crate::publish::catalogue::wrap;
use ratatui::Frame;
use ratatui::layout::Rect;

/// The columns of a page, at most.
const PAGE_WIDTH: usize = 110;

/// The widths of a name and of each count, in a list with counts.
fn widths(area: Rect) -> (usize, usize) {
    let number = if area.width >= 110 { 9 } else { 5 };
    ((area.width as usize).saturating_sub(6 * number + 2), number)
}

impl Drawer<'_> {
    /// An open screen.
    pub(super) fn list(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let sort = ui.sort.name();
        let spot = ui.spots.last_mut().expect("invariant: the board is never closed");
        let cursor = &mut spot.cursor;
        let page_width = (area.width as usize).min(PAGE_WIDTH).saturating_sub(2);
        ui.page_rows = match &self.view.request.screen {
            Screen::Board => 0,
            Screen::Rules(family) => self.rules(frame, area, cursor, *family, sort),
            Screen::Schools(rule) => self.schools(frame, area, cursor, *rule, sort),
            Screen::Violations(rule, school) => self.violations(frame, area, cursor, (*rule, school.as_deref()), sort),
            Screen::Page(_) => {
                let lines = self.view.page.as_ref().map(|page| page::lines(page, page_width));
                self.text(frame, area, cursor, "Violation", &lines.unwrap_or_default())
            }
            Screen::Kpi(..) => {
                let lines = self.view.tiles.first().map(|tile| kpi(tile, page_width));
                self.text(frame, area, cursor, "KPI", &lines.unwrap_or_default())
            }
            Screen::Rejected => self.rejected(frame, area, cursor),
        };
    }

    /// The school that is followed, as the end of a title.
    fn followed(&self) -> String {
        let school = self.view.request.filter.school.as_ref();
        school.map_or(String::new(), |school| format!(" at {school} {}", self.view.school_name))
    }

    fn rules(&self, frame: &mut Frame<'_>, area: Rect, cursor: &mut Cursor, family: Option<&str>, sort: &str) -> usize {
        let (name, number) = widths(area);
        let family = family.map_or("all rule groups".to_owned(), |family| family.replace('_', " "));
        let title = self.title(&format!("Rules: {family}{}", self.followed()), sort, true, area.width as usize);
        let header = self.counts_header(self.row().left(Tone::Pale, "   rule", name), number).line();
        self.panel(frame, area, title, Some(header), self.view.rules.len(), Some(cursor), |at| {
            let rule = &self.view.rules[at];
            let row = self
                .row()
                .put(Tone::Of(rule.severity), format!(" {} ", letter(rule.severity)))
                .put(Tone::Strong, format!("{} ", rule.id));
            let rest = name.saturating_sub(row.width());
            let title = if rule.runs { rule.title.to_owned() } else { format!("(not run) {}", rule.title) };
            let row = row.left(if rule.runs { Tone::Plain } else { Tone::Pale }, title, rest);
            self.counts(row, &rule.counts, number).line()
        })
    }

    fn schools(&self, frame: &mut Frame<'_>, area: Rect, cursor: &mut Cursor, rule: Option<&str>, sort: &str) -> usize {
        let (name, number) = widths(area);
        let of = rule.map_or("Schools".to_owned(), |rule| format!("{}: schools", titled(rule)));
        let title = self.title(&format!("{of}{}", self.followed()), sort, true, area.width as usize);
        let header = self.counts_header(self.row().left(Tone::Pale, " school", name), number).line();
        self.panel(frame, area, title, Some(header), self.view.schools.len(), Some(cursor), |at| {
            let school = &self.view.schools[at];
            let text = match school.id.is_empty() {
                true => "(no school)".to_owned(),
                false => format!("{} {}", school.id, school.name),
            };
            self.counts(self.row().left(Tone::Plain, format!(" {text}"), name), &school.counts, number).line()
        })
    }

    fn violations(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        cursor: &mut Cursor,
        (rule, school): (Option<&str>, Option<&str>),
        sort: &str,
    ) -> usize {
        let (view, width) = (self.view, area.width as usize);
        let of = rule.map_or("Violations".to_owned(), titled);
        let place = match school {
            Some("") => " at no school".to_owned(),
            Some(school) => format!(" at {school}"),
            None => self.followed(),
        };
        let shown = view.violations.len();
        let total = match view.violations_total {
            total if total > shown => format!("{} of {}, {sort}", thousands(shown as u64), thousands(total as u64)),
            total => format!("{}, {sort}", thousands(total as u64)),
        };
        let title = self.title(&format!("{of}{place}"), &total, true, width);
        self.panel(frame, area, title, None, shown, Some(cursor), |at| {
            let listed = &view.violations[at];
            let row = self.row().put(Tone::Pale, format!(" {} ", listed.opened));
            self.listed(row, listed, width).line()
        })
    }

    fn rejected(&self, frame: &mut Frame<'_>, area: Rect, cursor: &mut Cursor) -> usize {
        let (view, width) = (self.view, area.width as usize);
        let total = thousands(view.rejected_total as u64);
        let title = self.title("Rejected rows and deliveries on hold", &total, true, width);
        let held = view.held.len();
        self.panel(frame, area, title, None, held + view.rejected.len(), Some(cursor), |at| match view.held.get(at) {
            Some((label, why)) => {
                let text = format!(" on hold {label}: {why}; approve with rollcall approve {label}");
                self.row().put(Tone::Bad, fit(&terminal::safe(&text), width)).line()
            }
            None => {
                let (place, why) = &view.rejected[at - held];
                let row = self.row().put(Tone::Strong, format!(" {place}  "));
                let rest = width.saturating_sub(row.width());
                row.put(Tone::Plain, fit(&terminal::safe(why), rest)).line()
            }
        })
    }
}

/// A rule with its title.
fn titled(rule: &str) -> String {
    format!("{rule} {}", crate::qa::find(rule).map_or("", |rule| rule.title))
}

/// A KPI on a page: its figure, its figure at the start of the year, and its definition.
fn kpi(tile: &Tile, width: usize) -> Vec<page::Line> {
    let plain = |text: String| vec![(Tone::Plain, text)];
    let mut lines = vec![vec![(Tone::Strong, format!("{}: {}", tile.kpi.id, tile.long))]];
    let value = tile.value.clone().unwrap_or_else(|| "suppressed: based on too few students".to_owned());
    let interval = tile.interval.as_ref().map_or(String::new(), |(low, high)| format!(", 95% interval {low} to {high}"));
    let n = if tile.n.is_empty() { String::new() } else { format!(", n {}", tile.n) };
    lines.push(plain(format!("Now {value}{interval}{n}")));
    if let Some(Then { day, year, value: Some(then) }) = &tile.then {
        let of = if year.is_empty() { String::new() } else { format!(" (of {year})") };
        let moved =
            tile.moved.as_deref().filter(|moved| *moved != "=").map_or(String::new(), |moved| format!(", {moved} since"));
        lines.push(plain(format!("On {day} {then}{of}{moved}")));
    }
    lines.push(Vec::new());
    lines.push(vec![(Tone::Strong, tile.kpi.title.to_owned())]);
    for text in [tile.kpi.doc, &format!("In {}; {}.", tile.kpi.unit, tile.kpi.grain)] {
        lines.extend(wrap(text, width).into_iter().map(plain));
        lines.push(Vec::new());
    }
    let careful = "A figure of students is republished only when enough of them have changed that it reveals nothing about \
                   any one of them.";
    lines.extend(wrap(careful, width).into_iter().map(|line| vec![(Tone::Pale, line)]));
    lines.push(vec![(Tone::Pale, format!("All schools are in reports/analysis_tables/{}.csv.", tile.kpi.name))]);
    lines
}
