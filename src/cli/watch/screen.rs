//! The state of the screen, and how keys change it. Nothing is drawn here and nothing waits, so any sequence of keys can be
//! tested.

use super::view::{Filter, Request, Screen, Sort, View};
use crate::qa::{self, Severity};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A panel of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Families,
    Tiles,
    Reported,
    Ahead,
}

impl Panel {
    const ALL: [Panel; 4] = [Panel::Families, Panel::Tiles, Panel::Reported, Panel::Ahead];
}

/// A position in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The selected row.
    pub at: usize,
    /// The first visible row.
    pub top: usize,
    /// The key of the row, to find it again when other rows are inserted before it.
    key: Option<String>,
}

impl Screen {
    /// Whether the screen is scrolled text instead of a list.
    fn is_text(&self) -> bool {
        matches!(self, Screen::Page(_) | Screen::Kpi(..))
    }
}

/// An open screen with its position.
#[derive(Clone, Debug, Default)]
pub struct Spot {
    pub screen: Screen,
    pub cursor: Cursor,
}

/// Actions that keys request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    None,
    /// The query has changed.
    Ask,
    Quit,
    Pause,
    Step,
    Faster,
    Slower,
    End,
    Write,
}

/// All keys and their actions; the first word of each group is its heading.
pub const KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "Navigate",
        &[
            ("↑ ↓  k j", "one row up, down"),
            ("PgUp PgDn", "one page up, down"),
            ("Home End  g G", "first, last row"),
            ("Tab", "next panel of the board"),
            ("Enter →  l", "open: rule group, rule, school, violation, KPI"),
            ("Esc ←  h", "back"),
            ("v", "all violations"),
            ("o", "schools"),
            ("r", "rejected rows and deliveries on hold"),
        ],
    ),
    (
        "Pace",
        &[
            ("Space  p", "pause, continue"),
            ("n", "one day forward"),
            ("+ -", "faster, slower"),
            ("e", "run to the end at maximum speed"),
        ],
    ),
    (
        "Select",
        &[
            ("/", "filter: school:101 severity:error rule:ENR words"),
            ("x", "minimum severity: all, W, E, C"),
            ("f", "follow the school of this row, or stop following"),
            ("s", "change the sort order"),
            ("c", "clear the filter"),
        ],
    ),
    ("Other", &[("w", "write reports and warehouse now"), ("?", "these keys"), ("q", "quit; everything accepted is saved")]),
];

/// The state of the screen.
pub struct Ui {
    /// The open screens, with the board first.
    pub spots: Vec<Spot>,
    pub panel: Panel,
    /// The position in each panel.
    pub panels: [Cursor; 4],
    pub filter: Filter,
    pub sort: Sort,
    /// A filter being typed.
    pub prompt: Option<String>,
    /// The error in the typed filter.
    pub complaint: Option<String>,
    pub is_help: bool,
    /// The number of visible rows, set when drawing.
    pub page_rows: usize,
}

impl Default for Ui {
    fn default() -> Ui {
        Ui {
            spots: vec![Spot::default()],
            panel: Panel::Families,
            panels: Default::default(),
            filter: Filter::default(),
            sort: Sort::default(),
            prompt: None,
            complaint: None,
            is_help: false,
            page_rows: 10,
        }
    }
}

impl Ui {
    /// The current screen.
    pub fn spot(&self) -> &Spot {
        self.spots.last().expect("invariant: the board is never closed")
    }

    /// The position in the current list.
    pub fn cursor(&mut self) -> &mut Cursor {
        if self.spots.len() == 1 {
            &mut self.panels[self.panel as usize]
        } else {
            &mut self.spots.last_mut().expect("invariant: the board is never closed").cursor
        }
    }

    /// The query of the current screen.
    pub fn request(&self) -> Request {
        Request { screen: self.spot().screen.clone(), filter: self.filter.clone(), sort: self.sort }
    }

    /// Finds the selected rows again. A view made for another screen does not have them.
    pub fn follow(&mut self, view: &View) {
        if view.request.screen != self.spot().screen {
            return;
        }
        if self.spots.len() == 1 {
            for panel in Panel::ALL {
                settle(&mut self.panels[panel as usize], &keys(view, Some(panel)));
            }
        } else if !view.request.screen.is_text() {
            let keys = keys(view, None);
            settle(self.cursor(), &keys);
        }
    }

    /// Handles a key.
    pub fn press(&mut self, key: KeyEvent, view: &View) -> Act {
        if key.kind == KeyEventKind::Release {
            return Act::None;
        }
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        if is_control && key.code == KeyCode::Char('c') {
            return Act::Quit;
        }
        if self.prompt.is_some() {
            return self.type_in(key);
        }
        self.complaint = None;
        if self.is_help {
            self.is_help = false;
            return if key.code == KeyCode::Char('q') { Act::Quit } else { Act::None };
        }
        let rows = self.page_rows.max(1) as isize;
        if is_control {
            match key.code {
                KeyCode::Char('u') => self.go(-rows / 2, view),
                KeyCode::Char('d') => self.go(rows / 2, view),
                KeyCode::Char('b') => self.go(-rows, view),
                KeyCode::Char('f') => self.go(rows, view),
                _ => {}
            }
            return Act::None;
        }
        match key.code {
            KeyCode::Char('q') => return Act::Quit,
            KeyCode::Char('?') => self.is_help = true,
            KeyCode::Up | KeyCode::Char('k') => self.go(-1, view),
            KeyCode::Down | KeyCode::Char('j') => self.go(1, view),
            KeyCode::PageUp => self.go(-rows, view),
            KeyCode::PageDown => self.go(rows, view),
            KeyCode::Home | KeyCode::Char('g') => self.go(isize::MIN, view),
            KeyCode::End | KeyCode::Char('G') => self.go(isize::MAX, view),
            KeyCode::Tab | KeyCode::BackTab if self.spots.len() == 1 => {
                let step = if key.code == KeyCode::Tab { 1 } else { Panel::ALL.len() - 1 };
                self.panel = Panel::ALL[(self.panel as usize + step) % Panel::ALL.len()];
            }
            KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => return self.open(view),
            KeyCode::Esc | KeyCode::Left | KeyCode::Backspace | KeyCode::Char('h') => return self.back(),
            KeyCode::Char('v') => return self.enter(Screen::Violations(None, None)),
            KeyCode::Char('o') => return self.enter(Screen::Schools(None)),
            KeyCode::Char('r') => return self.enter(Screen::Rejected),
            KeyCode::Char(' ' | 'p') => return Act::Pause,
            KeyCode::Char('n' | '.') => return Act::Step,
            KeyCode::Char('+' | '=' | '>') => return Act::Faster,
            KeyCode::Char('-' | '_' | '<') => return Act::Slower,
            KeyCode::Char('e') => return Act::End,
            KeyCode::Char('w') => return Act::Write,
            KeyCode::Char('/') => self.prompt = Some(self.filter.text()),
            KeyCode::Char('s') => {
                let place = Sort::ALL.iter().position(|sort| *sort == self.sort).unwrap_or(0);
                self.sort = Sort::ALL[(place + 1) % Sort::ALL.len()];
                return Act::Ask;
            }
            KeyCode::Char('x') => {
                self.filter.severity = match self.filter.severity {
                    None => Some(Severity::Warning),
                    Some(Severity::Warning) => Some(Severity::Error),
                    Some(Severity::Error) => Some(Severity::Critical),
                    Some(_) => None,
                };
                return Act::Ask;
            }
            KeyCode::Char('f') => return self.follow_school(view),
            KeyCode::Char('c') if self.filter != Filter::default() => {
                self.filter = Filter::default();
                return Act::Ask;
            }
            _ => {}
        }
        Act::None
    }

    /// Handles a key of the filter being typed.
    fn type_in(&mut self, key: KeyEvent) -> Act {
        let Some(text) = &mut self.prompt else { return Act::None };
        match key.code {
            KeyCode::Esc => self.prompt = None,
            KeyCode::Backspace => drop(text.pop()),
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => text.push(c),
            KeyCode::Char('u') => text.clear(),
            KeyCode::Enter => match Filter::read(text) {
                Ok(filter) => {
                    (self.filter, self.prompt, self.complaint) = (filter, None, None);
                    return Act::Ask;
                }
                Err(complaint) => self.complaint = Some(complaint),
            },
            _ => {}
        }
        Act::None
    }

    fn go(&mut self, by: isize, view: &View) {
        let panel = self.panel;
        let is_board = self.spots.len() == 1;
        if view.request.screen != self.spot().screen {
            return;
        }
        let keys = keys(view, is_board.then_some(panel));
        let is_page = self.spot().screen.is_text();
        let cursor = self.cursor();
        if is_page {
            // Pages scroll; the limit is known when they are drawn.
            cursor.top = cursor.top.saturating_add_signed(by).min(if by > 0 { usize::MAX / 2 } else { usize::MAX });
            if by == isize::MIN {
                cursor.top = 0;
            }
            return;
        }
        let last = keys.len().saturating_sub(1);
        cursor.at = match by {
            isize::MIN => 0,
            isize::MAX => last,
            by => cursor.at.saturating_add_signed(by).min(last),
        };
        cursor.key = keys.get(cursor.at).cloned();
    }

    fn enter(&mut self, screen: Screen) -> Act {
        if self.spot().screen == screen {
            return Act::None;
        }
        // Opening a screen that is already open returns to it.
        match self.spots.iter().position(|spot| spot.screen == screen) {
            Some(place) => self.spots.truncate(place + 1),
            None => self.spots.push(Spot { screen, cursor: Cursor::default() }),
        }
        Act::Ask
    }

    fn back(&mut self) -> Act {
        if self.spots.len() == 1 {
            return Act::None;
        }
        self.spots.pop();
        Act::Ask
    }

    /// Opens the selected row.
    fn open(&mut self, view: &View) -> Act {
        if view.request.screen != self.spot().screen {
            return Act::None;
        }
        let at = self.cursor().at;
        let next = match &self.spot().screen {
            Screen::Board => match self.panel {
                Panel::Families => {
                    // The total comes after the rule groups.
                    let family = view.families.get(at).map(|(name, _)| *name);
                    Some(Screen::Rules(family))
                }
                Panel::Tiles => view.tiles.get(at).map(|tile| Screen::Kpi(tile.kpi.id, tile.what.clone())),
                Panel::Reported => view.reported.get(at).map(|reported| Screen::Page(reported.of.violation)),
                Panel::Ahead => view.ahead.get(at).map(|(_, of)| Screen::Page(of.violation)),
            },
            Screen::Rules(_) => view.rules.get(at).map(|rule| match &self.filter.school {
                Some(_) => Screen::Violations(Some(rule.id), None),
                None => Screen::Schools(Some(rule.id)),
            }),
            Screen::Schools(rule) => view.schools.get(at).map(|school| Screen::Violations(*rule, Some(school.id.clone()))),
            Screen::Violations(..) => view.violations.get(at).map(|of| Screen::Page(of.violation)),
            Screen::Page(_) | Screen::Kpi(..) | Screen::Rejected => None,
        };
        next.map_or(Act::None, |screen| self.enter(screen))
    }

    /// Follows the school of the selected row, or stops following it.
    fn follow_school(&mut self, view: &View) -> Act {
        if self.filter.school.take().is_some() {
            return Act::Ask;
        }
        if view.request.screen != self.spot().screen {
            return Act::None;
        }
        let at = self.cursor().at;
        let of = |listed: &super::view::Listed| listed.school.as_ref().map(|(id, _)| id.clone());
        let school = match &self.spot().screen {
            Screen::Schools(_) => view.schools.get(at).map(|school| school.id.clone()),
            Screen::Violations(_, Some(school)) => Some(school.clone()),
            Screen::Violations(..) => view.violations.get(at).and_then(of),
            Screen::Page(_) => view.page.as_ref().and_then(|page| page.school.as_ref()).map(|(id, _)| id.clone()),
            Screen::Board if self.panel == Panel::Ahead => view.ahead.get(at).and_then(|(_, listed)| of(listed)),
            Screen::Board if self.panel == Panel::Reported => view.reported.get(at).and_then(|reported| of(&reported.of)),
            _ => None,
        };
        match school.filter(|school| !school.is_empty()) {
            Some(school) => {
                self.filter.school = Some(school);
                // Following a school applies to all screens.
                self.spots.truncate(1);
                Act::Ask
            }
            None => {
                self.complaint = Some("this row has no school; o lists the schools".to_owned());
                Act::None
            }
        }
    }
}

/// The keys of the rows of a list.
fn keys(view: &View, panel: Option<Panel>) -> Vec<String> {
    let of = |listed: &super::view::Listed| format!("{} {}", listed.rule, listed.subject);
    match (&view.request.screen, panel) {
        (Screen::Board, Some(Panel::Reported)) => view
            .reported
            .iter()
            .map(|reported| format!("{} {} {}", reported.opened, reported.day, of(&reported.of)))
            .collect(),
        (Screen::Board, Some(Panel::Tiles)) => view.tiles.iter().map(|tile| tile.long.clone()).collect(),
        (Screen::Board, Some(Panel::Ahead)) => view.ahead.iter().map(|(_, listed)| of(listed)).collect(),
        (Screen::Board, _) => view.families.iter().map(|(name, _)| (*name).to_owned()).chain(["all".to_owned()]).collect(),
        (Screen::Rules(_), _) => view.rules.iter().map(|rule| rule.id.to_owned()).collect(),
        (Screen::Schools(_), _) => view.schools.iter().map(|school| school.id.clone()).collect(),
        (Screen::Violations(..), _) => view.violations.iter().map(of).collect(),
        (Screen::Rejected, _) => view.rejected.iter().map(|(place, _)| place.clone()).collect(),
        (Screen::Page(_) | Screen::Kpi(..), _) => Vec::new(),
    }
}

/// Moves a cursor back to its row.
fn settle(cursor: &mut Cursor, keys: &[String]) {
    // A cursor on the first row stays there to show new rows.
    if cursor.at > 0
        && let Some(at) = cursor.key.as_ref().and_then(|key| keys.iter().position(|other| other == key))
    {
        cursor.at = at;
    }
    cursor.at = cursor.at.min(keys.len().saturating_sub(1));
}

impl Filter {
    /// Parses a typed filter: `school:101 severity:error rule:ENR` and words.
    pub fn read(text: &str) -> Result<Filter, String> {
        let mut filter = Filter::default();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            match word.split_once(':') {
                Some(("school", id)) if !id.is_empty() => filter.school = Some(id.to_owned()),
                Some(("rule", id)) => {
                    let id = id.to_uppercase();
                    if !qa::rules().any(|rule| rule.id.starts_with(&id)) {
                        return Err(format!("no rule begins with {id}"));
                    }
                    filter.rule = Some(id);
                }
                Some(("severity", name)) => {
                    let name = name.to_lowercase();
                    let is = |severity: &&Severity| !name.is_empty() && severity.name().starts_with(&name);
                    let severity = Severity::ALL.iter().find(is).copied();
                    filter.severity = Some(severity.ok_or("severities are critical, error, warning, and info")?);
                }
                _ => words.push(word),
            }
        }
        filter.text = (!words.is_empty()).then(|| words.join(" "));
        Ok(filter)
    }

    /// The filter as typed.
    pub fn text(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.school.iter().map(|school| format!("school:{school}")));
        words.extend(self.severity.map(|severity| format!("severity:{}", severity.name())));
        words.extend(self.rule.iter().map(|rule| format!("rule:{rule}")));
        words.extend(self.text.clone());
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    #[test]
    fn a_filter_is_read_as_it_is_shown() {
        let filter = Filter::read("rule:enr late school:101 severity:e bus").unwrap();
        assert_eq!(filter.text(), "school:101 severity:error rule:ENR late bus");
        assert_eq!(Filter::read(&filter.text()), Ok(filter));
        assert_eq!(Filter::read("rule:XYZ"), Err("no rule begins with XYZ".to_owned()));
        assert!(Filter::read("severity:bad").is_err());
        assert_eq!(Filter::read("  "), Ok(Filter::default()));
    }

    #[test]
    fn what_is_wrong_with_a_filter_is_said_and_it_can_be_mended() {
        let mut ui = Ui::default();
        let view = View::default();
        for c in "/rule:Q".chars() {
            assert_eq!(ui.press(key(c), &view), Act::None);
        }
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(ui.press(enter, &view), Act::None);
        assert_eq!(ui.complaint.as_deref(), Some("no rule begins with Q"));
        ui.press(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE), &view);
        ui.press(key('E'), &view);
        assert_eq!(ui.press(enter, &view), Act::Ask);
        assert_eq!(ui.filter.rule.as_deref(), Some("E"));
    }

    proptest! {
        /// No sequence of keys closes the board or panics.
        #[test]
        fn any_keys_may_be_pressed(keys in prop::collection::vec(0u8..140, 0..80)) {
            let mut ui = Ui::default();
            let view = View::default();
            for number in keys {
                let code = match number {
                    127 => KeyCode::Enter,
                    128 => KeyCode::Esc,
                    129 => KeyCode::Up,
                    130 => KeyCode::Down,
                    131 => KeyCode::PageDown,
                    132 => KeyCode::PageUp,
                    133 => KeyCode::Home,
                    134 => KeyCode::End,
                    135 => KeyCode::Tab,
                    136 => KeyCode::BackTab,
                    137 => KeyCode::Backspace,
                    138 => KeyCode::Left,
                    139 => KeyCode::Right,
                    c => KeyCode::Char(char::from(c)),
                };
                ui.press(KeyEvent::new(code, KeyModifiers::NONE), &view);
                prop_assert!(!ui.spots.is_empty());
                prop_assert_eq!(&ui.spots[0].screen, &Screen::Board);
            }
        }
    }
}
