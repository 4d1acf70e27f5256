//! Draws the screen from the view, the progress, and the state of the screen. Severities have letters, and opened and closed
//! have signs, so nothing depends on color alone.

use super::desk::{Phase, Pulse};
use super::screen::{Cursor, KEYS, Panel, Ui};
use super::view::{Counts, Listed, Screen, Tile, View};
use crate::cli::page::{self, Tone, letter};
use crate::cli::terminal::{self, thousands};
use crate::district::opening::Then;
use crate::model::Date;
use crate::publish::catalogue::wrap;
use crate::qa::Severity;
use crate::quality::report::AHEAD;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use std::collections::VecDeque;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The minimum size of the board.
pub const LEAST: (u16, u16) = (60, 16);

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
struct Row {
    theme: Theme,
    spans: Vec<Span<'static>>,
}

impl Row {
    fn new(theme: Theme) -> Row {
        Row { theme, spans: Vec::new() }
    }

    /// Adds text unchanged.
    fn put(mut self, tone: Tone, text: impl AsRef<str>) -> Row {
        let text = terminal::safe(text.as_ref()).into_owned();
        self.spans.push(Span::styled(text, self.theme.style(tone)));
        self
    }

    /// Adds text left-aligned in a number of columns.
    fn left(self, tone: Tone, text: impl AsRef<str>, width: usize) -> Row {
        let text = fit(&terminal::safe(text.as_ref()), width);
        let blanks = width.saturating_sub(text.width());
        self.put(tone, format!("{text}{}", " ".repeat(blanks)))
    }

    /// Adds text right-aligned in a number of columns.
    fn right(self, tone: Tone, text: impl AsRef<str>, width: usize) -> Row {
        let text = fit(&terminal::safe(text.as_ref()), width);
        let blanks = width.saturating_sub(text.width());
        self.put(tone, format!("{}{text}", " ".repeat(blanks)))
    }

    /// Its width in columns.
    fn width(&self) -> usize {
        self.spans.iter().map(|span| span.content.width()).sum()
    }

    fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

/// The beginning of a text that fits into a number of columns.
fn fit(text: &str, width: usize) -> String {
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

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A day with its weekday.
fn named(day: Date) -> String {
    format!("{} {day}", WEEKDAYS[(day.weekday() as usize + 6) % 7])
}

fn head_lines(view: &View, pulse: &Pulse, ui: &Ui, theme: Theme, width: usize) -> Vec<Line<'static>> {
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

/// Microseconds as milliseconds, with at least two digits.
fn milliseconds(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{:.2} ms", micros as f64 / 1000.0),
        1_000..10_000 => format!("{:.1} ms", micros as f64 / 1000.0),
        10_000..10_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{} s", micros / 1_000_000),
    }
}

/// A number in a limited width: in full, or in thousands or millions, which are marked.
fn short(number: u64, width: usize) -> String {
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
fn sparkline(values: &VecDeque<u64>, width: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let from = values.len().saturating_sub(width);
    let most = values.iter().skip(from).copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| BARS[((value * 7).div_ceil(most) as usize).min(7)];
    values.iter().skip(from).map(bar).collect()
}

fn foot_line(ui: &Ui, theme: Theme, width: usize) -> Line<'static> {
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
fn help(frame: &mut Frame<'_>, area: Rect, theme: Theme) {
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

/// Draws the body.
struct Drawer<'a> {
    view: &'a View,
    pulse: &'a Pulse,
    theme: Theme,
}

impl Drawer<'_> {
    fn row(&self) -> Row {
        Row::new(self.theme)
    }

    /// The title line of a panel.
    fn title(&self, text: &str, more: &str, has_focus: bool, width: usize) -> Line<'static> {
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
    fn panel(
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

    fn board(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
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

    /// Counts by severity, and opened and closed today.
    fn counts(&self, row: Row, counts: &Counts, width: usize) -> Row {
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

    fn counts_header(&self, row: Row, width: usize) -> Row {
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

    /// A violation in one line: severity, rule title, subject.
    fn listed(&self, row: Row, listed: &Listed, width: usize) -> Row {
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

    /// An open screen.
    fn list(&self, frame: &mut Frame<'_>, area: Rect, ui: &mut Ui) {
        let (view, width) = (self.view, area.width as usize);
        let sort = ui.sort.name();
        let school = view.request.filter.school.as_ref();
        let followed = school.map_or(String::new(), |school| format!(" at {school} {}", view.school_name));
        let mut cursor = std::mem::take(&mut ui.spots.last_mut().expect("invariant: the board is never closed").cursor);
        let number = if width >= 110 { 9 } else { 5 };
        let count_columns = 6 * number + 2;
        let rows = match &view.request.screen {
            Screen::Board => 0,
            Screen::Rules(family) => {
                let family = family.map_or("all rule groups".to_owned(), |family| family.replace('_', " "));
                let title = self.title(&format!("Rules: {family}{followed}"), sort, true, width);
                let name = width.saturating_sub(count_columns);
                let header = self.counts_header(self.row().left(Tone::Pale, "   rule", name), number).line();
                self.panel(frame, area, title, Some(header), view.rules.len(), Some(&mut cursor), |at| {
                    let rule = &view.rules[at];
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
            Screen::Schools(rule) => {
                let of = rule.map_or("Schools".to_owned(), |rule| {
                    let title = crate::qa::find(rule).map_or("", |rule| rule.title);
                    format!("{rule} {title}: schools")
                });
                let title = self.title(&format!("{of}{followed}"), sort, true, width);
                let name = width.saturating_sub(count_columns);
                let header = self.counts_header(self.row().left(Tone::Pale, " school", name), number).line();
                self.panel(frame, area, title, Some(header), view.schools.len(), Some(&mut cursor), |at| {
                    let school = &view.schools[at];
                    let text = if school.id.is_empty() {
                        "(no school)".to_owned()
                    } else {
                        format!("{} {}", school.id, school.name)
                    };
                    self.counts(self.row().left(Tone::Plain, format!(" {text}"), name), &school.counts, number).line()
                })
            }
            Screen::Violations(rule, school) => {
                let mut of = rule.map_or("Violations".to_owned(), |rule| {
                    format!("{rule} {}", crate::qa::find(rule).map_or("", |rule| rule.title))
                });
                match school.as_deref() {
                    Some("") => of += " at no school",
                    Some(school) => of += &format!(" at {school}"),
                    None => of += &followed,
                }
                let shown = view.violations.len();
                let total = match view.violations_total {
                    total if total > shown => format!("{} of {}, {sort}", thousands(shown as u64), thousands(total as u64)),
                    total => format!("{}, {sort}", thousands(total as u64)),
                };
                let title = self.title(&of, &total, true, width);
                self.panel(frame, area, title, None, shown, Some(&mut cursor), |at| {
                    let listed = &view.violations[at];
                    let row = self.row().put(Tone::Pale, format!(" {} ", listed.opened));
                    self.listed(row, listed, width).line()
                })
            }
            Screen::Page(_) => {
                let lines = view.page.as_ref().map(|page| page::lines(page, width.min(110).saturating_sub(2)));
                self.text(frame, area, &mut cursor, "Violation", &lines.unwrap_or_default())
            }
            Screen::Kpi(..) => {
                let lines = view.tiles.first().map(|tile| kpi(tile, width.min(110).saturating_sub(2)));
                self.text(frame, area, &mut cursor, "KPI", &lines.unwrap_or_default())
            }
            Screen::Rejected => {
                let title =
                    self.title("Rejected rows and deliveries on hold", &thousands(view.rejected_total as u64), true, width);
                let held = view.held.len();
                self.panel(frame, area, title, None, held + view.rejected.len(), Some(&mut cursor), |at| {
                    match view.held.get(at) {
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
                    }
                })
            }
        };
        ui.page_rows = rows;
        ui.spots.last_mut().expect("invariant: the board is never closed").cursor = cursor;
    }

    /// Scrolled lines of text.
    fn text(&self, frame: &mut Frame<'_>, area: Rect, cursor: &mut Cursor, title: &str, lines: &[page::Line]) -> usize {
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
