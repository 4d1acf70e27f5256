//! What the board shows, taken from the district as it stands: no event is counted on the way, so a board that is opened in
//! the middle of a year shows what one shows that was there from the start.

use crate::cli::page::seen;
use crate::current::CurrentRows;
use crate::current::Origin;
use crate::district::opening::Then;
use crate::district::{self, District, Page};
use crate::kpi::{Headline, Kpi};
use crate::model::codes::OrgType;
use crate::model::{Date, OrgId, Texts, timestamp};
use crate::qa::{self, Rule, Severity};
use crate::quality::report::{AHEAD, describe};
use crate::quality::{Concerned, Episode, RuleStatus, Violation, Whereabouts};
use crate::store::Disk;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many rows of a list are shown; all are counted.
pub const LISTED: usize = 2000;
/// How far back what opened and closed is told, in events.
const TOLD: usize = 300;
/// How many rejected lines are shown.
const REJECTED: usize = 300;

/// Which screen is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The board.
    #[default]
    Board,
    /// The rules of a family, or all of them.
    Rules(Option<&'static str>),
    /// The schools where a rule is violated, or any.
    Schools(Option<&'static str>),
    /// Violations, of a rule and at a school (id; empty for none) where these are given.
    Violations(Option<&'static str>, Option<String>),
    /// A violation.
    Page(Violation),
    /// A KPI, and what it measures.
    Kpi(&'static str, String),
    /// Lines that were not taken, and deliveries that are held.
    Rejected,
}

/// Which violations are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that concern a school.
    pub school: Option<String>,
    /// Those that are at least so bad.
    pub severity: Option<Severity>,
    /// Those of rules whose id begins like this.
    pub rule: Option<String>,
    /// Those that say this, in any case.
    pub text: Option<String>,
}

/// How violations are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The worst first.
    #[default]
    Severity,
    /// The latest first.
    Opened,
    /// The oldest first.
    Age,
    /// By school.
    School,
    /// By whom they are about.
    Subject,
}

impl Sort {
    pub const ALL: [Sort; 5] = [Sort::Severity, Sort::Opened, Sort::Age, Sort::School, Sort::Subject];

    pub const fn name(self) -> &'static str {
        match self {
            Sort::Severity => "worst first",
            Sort::Opened => "latest first",
            Sort::Age => "oldest first",
            Sort::School => "by school",
            Sort::Subject => "by subject",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub screen: Screen,
    pub filter: Filter,
    pub sort: Sort,
}

/// How many violations are open, and opened and closed today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open, by severity, the worst first.
    pub open: [usize; 4],
    pub opened: usize,
    pub closed: usize,
}

impl Counts {
    pub fn all(&self) -> usize {
        self.open.iter().sum()
    }
}

/// A KPI of the district.
#[derive(Clone)]
pub struct Tile {
    pub kpi: &'static Kpi,
    /// What is measured, where the KPI measures several things.
    pub what: String,
    /// What is measured, in a few letters and in words.
    pub short: String,
    pub long: String,
    /// The figure; none when it must not be shown.
    pub value: Option<String>,
    pub interval: Option<(String, String)>,
    /// How it stood when the school year began, or when it was first known in it; where it was shown.
    pub then: Option<Then>,
    /// From then to now.
    pub moved: Option<String>,
    pub n: String,
}

/// A violation in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub violation: Violation,
    pub rule: &'static str,
    pub title: &'static str,
    pub severity: Severity,
    pub waived: bool,
    /// What kind of thing it is about, and its key.
    pub about: &'static str,
    pub subject: String,
    /// The id and name of the school, where it is looked up.
    pub school: Option<(String, String)>,
    pub opened: Date,
    /// What is seen.
    pub seen: String,
}

impl Listed {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        let school = match &self.school {
            Some((id, _)) if !self.subject.split('|').any(|part| part == id) => format!(" at {id}"),
            _ => String::new(),
        };
        let seen = if self.seen.is_empty() { String::new() } else { format!(" ({})", self.seen) };
        format!("{}: {} {}{school}{seen}", self.title, self.about, self.subject)
    }
}

/// What happened to a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether it opened; else it closed.
    pub opened: bool,
    /// When.
    pub day: Date,
    pub of: Listed,
}

/// A rule in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    pub id: &'static str,
    pub title: &'static str,
    pub severity: Severity,
    /// Whether it runs.
    pub runs: bool,
    pub counts: Counts,
}

/// A school in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolLine {
    /// Empty for what concerns no school.
    pub id: String,
    pub name: String,
    pub counts: Counts,
}

/// All that is shown.
#[derive(Clone, Default)]
pub struct View {
    /// What it was made for.
    pub request: Request,
    pub day: Option<Date>,
    /// The batch of the day that was taken last.
    pub batch: u32,
    pub district: String,
    pub is_synthetic: bool,
    /// The name of the school that is followed.
    pub school_name: String,
    pub total: Counts,
    /// By family, in the order of the families.
    pub families: Vec<(&'static str, Counts)>,
    pub tiles: Vec<Tile>,
    /// What opened and closed, the latest first.
    pub told: Vec<Told>,
    /// What will open, by day, the first of them, and how many in all.
    pub ahead: Vec<(Date, Listed)>,
    pub ahead_total: usize,
    /// Lines that were not taken, each with what is wrong, and how many.
    pub rejected: Vec<(String, String)>,
    pub rejected_total: usize,
    /// Deliveries that are held, and why.
    pub held: Vec<(String, String)>,
    pub rules: Vec<RuleLine>,
    pub schools: Vec<SchoolLine>,
    pub violations: Vec<Listed>,
    /// How many violations there are of which the first are listed.
    pub violations_total: usize,
    pub page: Option<Page>,
}

/// A violation with what it takes to count it.
struct Open {
    violation: Violation,
    rule: &'static Rule,
    severity: Severity,
    waived: bool,
    org: Option<OrgId>,
    opened: u64,
    closed: Option<u64>,
}

/// Looks violations up.
struct Looker<'a> {
    current: &'a CurrentRows,
    whereabouts: Whereabouts<'a>,
    /// Knows who a violation is about, and not where they are.
    nowhere: Whereabouts<'a>,
    rule_status: RuleStatus,
    filter: &'a Filter,
    /// Whether schools are worth looking up.
    with_schools: bool,
    today: u64,
}

impl Looker<'_> {
    fn texts(&self) -> &Texts {
        &self.current.texts
    }

    fn open(&self, episode: Episode) -> Open {
        let rule = qa::numbered(episode.violation.0);
        let org = if self.with_schools { self.whereabouts.concerned(&episode.violation.1).org } else { None };
        let id = org.map(|org| self.texts().text(org));
        Open {
            violation: episode.violation,
            rule,
            severity: self.rule_status.severity(rule, id),
            waived: self.rule_status.waives(rule, id),
            org,
            opened: episode.opened,
            closed: episode.closed,
        }
    }

    /// Whether it passes the filter, but for what it says.
    fn passes(&self, of: &Open) -> bool {
        let filter = self.filter;
        filter.severity.is_none_or(|least| of.severity >= least)
            && filter.rule.as_ref().is_none_or(|rule| of.rule.id.starts_with(rule.as_str()))
            && filter.school.as_ref().is_none_or(|school| of.org.is_some_and(|org| self.texts().text(org) == school))
    }

    fn says(&self, listed: &Listed) -> bool {
        self.filter.text.as_ref().is_none_or(|wanted| {
            let name = listed.school.as_ref().map_or("", |(_, name)| name.as_str());
            let said = format!("{} {} {name}", listed.rule, listed.sentence());
            said.to_lowercase().contains(&wanted.to_lowercase())
        })
    }

    fn listed(&self, of: &Open, seen: String) -> Listed {
        Listed {
            violation: of.violation,
            rule: of.rule.id,
            title: of.rule.title,
            severity: of.severity,
            waived: of.waived,
            about: of.violation.1.kind(),
            subject: of.violation.1.key(self.texts()),
            school: of.org.map(|org| school(org, self.current)),
            opened: timestamp::day(of.opened),
            seen,
        }
    }

    fn count(&self, of: &Open, counts: &mut Counts) {
        if of.waived {
            return;
        }
        counts.opened += usize::from(of.opened >= self.today);
        match of.closed {
            Some(closed) => counts.closed += usize::from(closed >= self.today),
            None => counts.open[3 - of.severity as usize] += 1,
        }
    }
}

/// The id and the name of a school.
fn school(org: OrgId, current: &CurrentRows) -> (String, String) {
    (current.texts.text(org).to_owned(), without_mark(current.name_of(org)).to_owned())
}

/// The name of a generated organization, which says so; where it is said once that is enough.
fn without_mark(name: &str) -> &str {
    name.trim_start_matches("SYNTHETIC ")
}

/// Makes what was asked for.
pub fn view<D: Disk>(district: &mut District<D>, request: &Request) -> Result<View, district::Error> {
    let (day, is_board) = (district.day(), request.screen == Screen::Board);
    let ahead = if is_board { district.engine().ahead(day.plus(AHEAD))? } else { Vec::new() };
    let ahead = district.violations().foresee(&ahead);
    let current = district.current();
    let today = timestamp::at(day, 0);
    let rule_status = RuleStatus::on(day, current);
    let wants_schools =
        matches!(request.screen, Screen::Schools(_) | Screen::Violations(..)) || request.filter.school.is_some();
    let looker = Looker {
        current,
        whereabouts: Whereabouts::on(day, current),
        nowhere: Whereabouts::among(day, current, &[]),
        with_schools: wants_schools || !rule_status.is_empty(),
        rule_status,
        filter: &request.filter,
        today,
    };
    let history = district.history();
    let seen_of = |violation: &Violation| {
        let seen: Vec<String> = district.violations().observed(violation, &current.texts).iter().map(seen).collect();
        seen.join("; ")
    };
    // What the text of a filter needs is looked up for all; else for what is shown.
    let says = |of: &Open| request.filter.text.is_none() || looker.says(&looker.listed(of, seen_of(&of.violation)));
    let keeps = |of: &Open| looker.passes(of) && says(of);
    let open: Vec<Open> = district
        .violations()
        .open()
        .map(|(&violation, _)| {
            let opened = history.opened(&violation).unwrap_or(today);
            looker.open(Episode { violation, opened, closed: None })
        })
        .filter(|of| keeps(of))
        .collect();
    // The latest closed ones: all of today, and as many before as may be told.
    let mut closed: Vec<Open> = Vec::new();
    for episode in history.closed() {
        let is_today = episode.closed.is_some_and(|closed| closed >= today);
        if !is_today && (!is_board || closed.len() >= TOLD) {
            break;
        }
        let of = looker.open(episode);
        if keeps(&of) {
            closed.push(of);
        }
    }
    let closed_today = || closed.iter().filter(|of| of.closed.is_some_and(|closed| closed >= today));

    let name = current.district().unwrap_or("");
    let mut view = View {
        request: request.clone(),
        day: Some(day),
        batch: timestamp::sequence(district.time()),
        district: without_mark(name).to_owned(),
        is_synthetic: Origin::of(current) == Origin::Synthetic,
        ..View::default()
    };
    if let Some(followed) = &request.filter.school {
        let row = current.rows().organization.iter().flatten().find(|row| current.texts.text(row.org_id) == followed);
        view.school_name = row.map_or(String::new(), |row| without_mark(current.texts.text(row.name)).to_owned());
    }
    open.iter().chain(closed_today()).for_each(|of| looker.count(of, &mut view.total));
    view.rejected_total = current.rejected().map(|of| (of.table, of.row)).collect::<BTreeSet<_>>().len();
    view.held = district.on_hold().map(|(_, label, why)| (label.to_owned(), why.to_string())).collect();
    match &request.screen {
        Screen::Board => {
            let mut by_family: BTreeMap<&str, Counts> = BTreeMap::new();
            for of in open.iter().chain(closed_today()) {
                looker.count(of, by_family.entry(qa::group(of.rule)).or_default());
            }
            let family = |name| (name, by_family.get(name).copied().unwrap_or_default());
            view.families = qa::RULE_GROUPS.iter().map(|of| family(of.name)).collect();
            view.tiles = tiles(district, request.filter.school.as_deref());
            let mut told: Vec<(u64, bool, &Open)> = open.iter().map(|of| (of.opened, true, of)).collect();
            for of in &closed {
                told.push((of.opened, true, of));
                told.extend(of.closed.map(|closed| (closed, false, of)));
            }
            let order =
                |(time, opened, of): &(u64, bool, &Open)| (Reverse(*time), *opened, Reverse(of.severity), of.violation.0);
            if told.len() > TOLD {
                told.select_nth_unstable_by_key(TOLD, order);
                told.truncate(TOLD);
            }
            let mut ahead: Vec<(Date, Open)> = ahead
                .into_iter()
                .map(|(opens, violation)| {
                    let opened = timestamp::at(opens, 0);
                    (opens, looker.open(Episode { violation, opened, closed: None }))
                })
                .filter(|(_, of)| keeps(of))
                .collect();
            view.ahead_total = ahead.len();
            ahead.sort_by_key(|(opens, of)| (*opens, Reverse(of.severity), of.violation.0));
            ahead.truncate(TOLD);
            // Where these few are, without looking everybody up.
            let shown = told.iter().map(|(_, _, of)| of.violation).chain(ahead.iter().map(|(_, of)| of.violation));
            let persons: Vec<Concerned> = shown.map(|of| looker.nowhere.concerned(&of.1)).collect();
            let few = Whereabouts::among(day, current, &persons);
            let placed = |of: &Open, seen: String| {
                let mut listed = looker.listed(of, seen);
                let org = of.org.or_else(|| few.concerned(&of.violation.1).org);
                listed.school = org.map(|org| school(org, current));
                listed
            };
            view.told = told
                .into_iter()
                .map(|(time, opened, of)| {
                    let seen = if opened && of.closed.is_none() { seen_of(&of.violation) } else { String::new() };
                    Told { opened, day: timestamp::day(time), of: placed(of, seen) }
                })
                .collect();
            // Symbols are numbered by arrival.
            view.told.sort_by_cached_key(|told| {
                (Reverse(told.day), told.opened, Reverse(told.of.severity), told.of.rule, told.of.subject.clone())
            });
            view.ahead = ahead.iter().map(|(opens, of)| (*opens, placed(of, String::new()))).collect();
            view.ahead.sort_by_cached_key(|(opens, of)| (*opens, Reverse(of.severity), of.rule, of.subject.clone()));
        }
        Screen::Rules(family) => {
            let mut by_rule: BTreeMap<&str, Counts> = BTreeMap::new();
            for of in open.iter().chain(closed_today()) {
                looker.count(of, by_rule.entry(of.rule.id).or_default());
            }
            let plan = district::computed::plan(district.computed());
            let is_of = |rule: &&'static Rule| family.is_none_or(|family| qa::group(rule) == family);
            let line = |rule: &'static Rule| RuleLine {
                id: rule.id,
                title: rule.title,
                severity: looker.rule_status.severity(rule, None),
                runs: plan.runs(rule),
                counts: by_rule.get(rule.id).copied().unwrap_or_default(),
            };
            view.rules = qa::rules().filter(is_of).map(line).collect();
            match request.sort {
                Sort::Severity => view.rules.sort_by_key(|rule| (rule.counts.all() == 0, Reverse(rule.severity))),
                Sort::Opened => view.rules.sort_by_key(|rule| Reverse(rule.counts.opened + rule.counts.closed)),
                Sort::Age | Sort::School => view.rules.sort_by_key(|rule| Reverse(rule.counts.all())),
                Sort::Subject => {}
            }
        }
        Screen::Schools(rule) => {
            let mut by_school: BTreeMap<Option<OrgId>, Counts> = BTreeMap::new();
            for of in open.iter().chain(closed_today()).filter(|of| rule.is_none_or(|rule| of.rule.id == rule)) {
                looker.count(of, by_school.entry(of.org).or_default());
            }
            if rule.is_none() {
                let schools = current.rows().organization.iter().flatten().filter(|row| row.org_type == OrgType::School);
                for row in schools {
                    by_school.entry(Some(row.org_id)).or_default();
                }
            }
            for (org, counts) in by_school {
                let (id, name) = org.map_or((String::new(), String::new()), |org| school(org, current));
                view.schools.push(SchoolLine { id, name, counts });
            }
            let by_id = request.sort == Sort::School || request.sort == Sort::Subject;
            let most = |school: &SchoolLine| if by_id { 0 } else { school.counts.all() };
            let order = |school: &SchoolLine| (school.id.is_empty(), Reverse(most(school)));
            view.schools.sort_by(|a, b| (order(a), &a.id).cmp(&(order(b), &b.id)));
        }
        Screen::Violations(rule, school) => {
            let text = |org: Option<OrgId>| org.map_or("", |org| current.texts.text(org));
            let is_here = |of: &&Open| {
                rule.is_none_or(|rule| of.rule.id == rule) && school.as_ref().is_none_or(|school| text(of.org) == school)
            };
            let mut here: Vec<&Open> = open.iter().filter(is_here).collect();
            view.violations_total = here.len();
            let subject = |of: &Open| of.violation.1.key(&current.texts);
            match request.sort {
                Sort::Severity => here.sort_by_cached_key(|of| (Reverse(of.severity), of.rule.id, subject(of))),
                Sort::Opened => here.sort_by_cached_key(|of| (Reverse(of.opened), of.rule.id, subject(of))),
                Sort::Age => here.sort_by_cached_key(|of| (of.opened, of.rule.id, subject(of))),
                Sort::School => here.sort_by_cached_key(|of| (text(of.org).to_owned(), of.rule.id, subject(of))),
                Sort::Subject => here.sort_by_cached_key(|of| (subject(of), of.rule.id.to_owned())),
            }
            view.violations = here.into_iter().take(LISTED).map(|of| looker.listed(of, seen_of(&of.violation))).collect();
        }
        Screen::Kpi(id, what) => {
            let tiles = tiles(district, request.filter.school.as_deref());
            view.tiles = tiles.into_iter().filter(|tile| tile.kpi.id == *id && tile.what == *what).collect();
        }
        Screen::Page(violation) => view.page = Some(district.page(violation)),
        Screen::Rejected => {
            let mut rejected: Vec<_> = current.rejected().map(|of| describe(of, &current.texts)).collect();
            rejected.sort_by(|a, b| (&a.file, a.line, a.position).cmp(&(&b.file, b.line, b.position)));
            view.rejected = rejected
                .into_iter()
                .take(REJECTED)
                .map(|of| (format!("{}:{}", of.file, of.line), format!("{}; {}", of.reason, of.hint)))
                .collect();
        }
    }
    Ok(view)
}

/// The KPIs of the district, or of a school.
fn tiles<D: Disk>(district: &District<D>, school: Option<&str>) -> Vec<Tile> {
    let lines = school.map_or_else(|| district.headlines(), |school| district.headlines_at(school));
    let then = |line: &Headline| school.is_none().then(|| district.opening().of(line)).flatten();
    let tile = |line: Headline| {
        let then = then(&line).filter(|then| then.value.is_some()).cloned();
        let number = |text: &str| text.parse::<f64>().ok();
        let moved = then.as_ref().and_then(|then| then.value.as_ref()).zip(line.value.as_ref()).and_then(|(then, now)| {
            let decimals = now.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let text = format!("{:+.decimals$}", number(now)? - number(then)?);
            Some(if text.contains(|c: char| ('1'..='9').contains(&c)) { text } else { "=".to_owned() })
        });
        let (short, long) = names(&line);
        Tile {
            kpi: line.kpi,
            what: line.what,
            short,
            long,
            value: line.value,
            interval: line.interval,
            then,
            moved,
            n: line.n,
        }
    };
    let mut tiles: Vec<Tile> = lines.into_iter().map(tile).collect();
    // Whether students learn and are tested, and who teaches them; then gaps and programs.
    let rank = |tile: &Tile| match tile.kpi.id {
        "KPI-05" => 2,
        "KPI-09" => 1,
        _ => 0,
    };
    tiles.sort_by_key(rank);
    tiles
}

/// What a headline measures, in a few letters and in words.
fn names(line: &Headline) -> (String, String) {
    let year = line.year.get(2..).unwrap_or("");
    let whom = line.whom();
    match line.kpi.id {
        "KPI-02" => (format!("Prof. {} {year}", line.what), format!("Proficient in {whom}, %")),
        "KPI-04" => (format!("Tested {} {year}", line.what), format!("Tested in {whom}, %")),
        "KPI-05" => {
            let (subject, group) = line.what.split_once(": not ").unwrap_or((&line.what, ""));
            let group = group.split(' ').next().unwrap_or("");
            (format!("Gap {subject} {group}"), format!("Gap in {subject}, not {group} minus {group}, points"))
        }
        "KPI-09" => (format!("Effect {}", line.what), format!("Effect of {}, points", line.what)),
        "KPI-10" => ("Students/teacher".to_owned(), "Students per full-time teacher".to_owned()),
        "KPI-11" => ("Stud./counselor".to_owned(), "Students per full-time counselor".to_owned()),
        "KPI-13" => ("Certified FTE %".to_owned(), "Fully certified teachers, % of FTE".to_owned()),
        _ => (line.kpi.title.to_owned(), format!("{} {whom}", line.kpi.title)),
    }
}
