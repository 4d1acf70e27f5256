//! The content of the board, made from the current district. It does not depend on past events, so a board opened in
//! mid-year shows the same as one that was open from the start.

use crate::cli::page::evidence_text;
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

/// The maximum number of rows shown in a list; all are counted.
pub const LISTED: usize = 2000;
/// The maximum number of opened and closed violations shown.
const TOLD: usize = 300;
/// The maximum number of rejected lines shown.
const REJECTED: usize = 300;

/// The kinds of screens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The board.
    #[default]
    Board,
    /// The rules of a rule group, or all rules.
    Rules(Option<&'static str>),
    /// The schools with violations of a rule, or of any.
    Schools(Option<&'static str>),
    /// Violations, optionally of a rule and at a school (id; empty for none).
    Violations(Option<&'static str>, Option<String>),
    /// A violation.
    Page(Violation),
    /// A KPI, and what it measures.
    Kpi(&'static str, String),
    /// Rejected lines and deliveries on hold.
    Rejected,
}

/// Which violations are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that concern a school.
    pub school: Option<String>,
    /// Those of at least this severity.
    pub severity: Option<Severity>,
    /// Those of rules whose id begins with this.
    pub rule: Option<String>,
    /// Those whose text contains this, in any case.
    pub text: Option<String>,
}

/// The sort order of violations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most severe first.
    #[default]
    Severity,
    /// Latest first.
    Opened,
    /// Oldest first.
    Age,
    /// By school.
    School,
    /// By subject.
    Subject,
}

impl Sort {
    pub const ALL: [Sort; 5] = [Sort::Severity, Sort::Opened, Sort::Age, Sort::School, Sort::Subject];

    pub const fn name(self) -> &'static str {
        match self {
            Sort::Severity => "most severe first",
            Sort::Opened => "latest first",
            Sort::Age => "oldest first",
            Sort::School => "by school",
            Sort::Subject => "by subject",
        }
    }
}

/// The query of a view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub screen: Screen,
    pub filter: Filter,
    pub sort: Sort,
}

/// The numbers of violations open, and opened and closed today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open violations by severity, most severe first.
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
    /// What is measured, if the KPI measures several things.
    pub what: String,
    /// What is measured, as a short and a long label.
    pub short: String,
    pub long: String,
    /// The figure; none if it is suppressed.
    pub value: Option<String>,
    pub interval: Option<(String, String)>,
    /// The figure at the start of the school year, or when first published in it, if not suppressed.
    pub then: Option<Then>,
    /// The difference since then.
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
    /// The kind and the key of its subject.
    pub about: &'static str,
    pub subject: String,
    /// The id and name of the school, if it was looked up.
    pub school: Option<(String, String)>,
    pub opened: Date,
    /// The evidence.
    pub seen: String,
}

impl Listed {
    /// The violation in one sentence.
    pub fn sentence(&self) -> String {
        let school = match &self.school {
            Some((id, _)) if !self.subject.split('|').any(|part| part == id) => format!(" at {id}"),
            _ => String::new(),
        };
        let seen = if self.seen.is_empty() { String::new() } else { format!(" ({})", self.seen) };
        format!("{}: {} {}{school}{seen}", self.title, self.about, self.subject)
    }
}

/// An opened or closed violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Whether it opened; otherwise it closed.
    pub opened: bool,
    /// The day.
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
    /// Empty for violations without a school.
    pub id: String,
    pub name: String,
    pub counts: Counts,
}

/// The content of the board.
#[derive(Clone, Default)]
pub struct View {
    /// The query it was made for.
    pub request: Request,
    pub day: Option<Date>,
    /// The last batch of the day.
    pub batch: u32,
    pub district: String,
    pub is_synthetic: bool,
    /// The name of the followed school.
    pub school_name: String,
    pub total: Counts,
    /// By rule group, in the order of the groups.
    pub families: Vec<(&'static str, Counts)>,
    pub tiles: Vec<Tile>,
    /// Opened and closed violations, latest first.
    pub reported: Vec<Reported>,
    /// Violations that will open: by day, the first of them, and the total.
    pub ahead: Vec<(Date, Listed)>,
    pub ahead_total: usize,
    /// Rejected lines with their reasons, and the total.
    pub rejected: Vec<(String, String)>,
    pub rejected_total: usize,
    /// Deliveries on hold, and why.
    pub held: Vec<(String, String)>,
    pub rules: Vec<RuleLine>,
    pub schools: Vec<SchoolLine>,
    pub violations: Vec<Listed>,
    /// The total number of violations, of which the first are listed.
    pub violations_total: usize,
    pub page: Option<Page>,
}

/// A violation with what is needed to count it.
struct Open {
    violation: Violation,
    rule: &'static Rule,
    severity: Severity,
    waived: bool,
    org: Option<OrgId>,
    opened: u64,
    closed: Option<u64>,
}

/// Looks up violations.
struct Looker<'a> {
    current: &'a CurrentRows,
    whereabouts: Whereabouts<'a>,
    /// Knows the persons of violations, but not their schools.
    nowhere: Whereabouts<'a>,
    rule_status: RuleStatus,
    filter: &'a Filter,
    /// Whether schools must be looked up.
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

    /// Whether it passes the filter, except for the text.
    fn passes(&self, of: &Open) -> bool {
        let filter = self.filter;
        filter.severity.is_none_or(|least| of.severity >= least)
            && filter.rule.as_ref().is_none_or(|rule| of.rule.id.starts_with(rule.as_str()))
            && filter.school.as_ref().is_none_or(|school| of.org.is_some_and(|org| self.texts().text(org) == school))
    }

    fn says(&self, listed: &Listed) -> bool {
        self.filter.text.as_ref().is_none_or(|wanted| {
            let name = listed.school.as_ref().map_or("", |(_, name)| name.as_str());
            let text = format!("{} {} {name}", listed.rule, listed.sentence());
            text.to_lowercase().contains(&wanted.to_lowercase())
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

/// The id and name of a school.
fn school(org: OrgId, current: &CurrentRows) -> (String, String) {
    (current.texts.text(org).to_owned(), without_mark(current.name_of(org)).to_owned())
}

/// The name of a generated organization without its marker, which is shown elsewhere.
fn without_mark(name: &str) -> &str {
    name.trim_start_matches("SYNTHETIC ")
}

/// Makes the view for a query.
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
        let seen: Vec<String> =
            district.violations().observed(violation, &current.texts).iter().map(evidence_text).collect();
        seen.join("; ")
    };
    // Only a text filter needs the sentences of all violations; otherwise those of the visible ones are enough.
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
    // The latest closed violations: all of today, and as many earlier ones as fit.
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
            let mut reported: Vec<(u64, bool, &Open)> = open.iter().map(|of| (of.opened, true, of)).collect();
            for of in &closed {
                reported.push((of.opened, true, of));
                reported.extend(of.closed.map(|closed| (closed, false, of)));
            }
            let order =
                |(time, opened, of): &(u64, bool, &Open)| (Reverse(*time), *opened, Reverse(of.severity), of.violation.0);
            if reported.len() > TOLD {
                reported.select_nth_unstable_by_key(TOLD, order);
                reported.truncate(TOLD);
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
            // Looks up the schools of these few only.
            let shown = reported.iter().map(|(_, _, of)| of.violation).chain(ahead.iter().map(|(_, of)| of.violation));
            let persons: Vec<Concerned> = shown.map(|of| looker.nowhere.concerned(&of.1)).collect();
            let few = Whereabouts::among(day, current, &persons);
            let placed = |of: &Open, seen: String| {
                let mut listed = looker.listed(of, seen);
                let org = of.org.or_else(|| few.concerned(&of.violation.1).org);
                listed.school = org.map(|org| school(org, current));
                listed
            };
            view.reported = reported
                .into_iter()
                .map(|(time, opened, of)| {
                    let seen = if opened && of.closed.is_none() { seen_of(&of.violation) } else { String::new() };
                    Reported { opened, day: timestamp::day(time), of: placed(of, seen) }
                })
                .collect();
            // Symbols depend on the order of arrival.
            view.reported.sort_by_cached_key(|reported| {
                (
                    Reverse(reported.day),
                    reported.opened,
                    Reverse(reported.of.severity),
                    reported.of.rule,
                    reported.of.subject.clone(),
                )
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
    // Achievement, participation and teachers first; then gaps and programs.
    let rank = |tile: &Tile| match tile.kpi.id {
        "KPI-05" => 2,
        "KPI-09" => 1,
        _ => 0,
    };
    tiles.sort_by_key(rank);
    tiles
}

/// The short and the long label of a headline.
fn names(line: &Headline) -> (String, String) {
    let year = line.year.get(2..).unwrap_or("");
    let what = line.whom();
    match line.kpi.id {
        "KPI-02" => (format!("Prof. {} {year}", line.what), format!("Proficient in {what}, %")),
        "KPI-04" => (format!("Tested {} {year}", line.what), format!("Tested in {what}, %")),
        "KPI-05" => {
            let (subject, category) = line.gap.as_ref().map_or(("", ""), |(subject, category)| (subject, category));
            (format!("Gap {subject} {category}"), format!("Gap in {}, points", line.what))
        }
        "KPI-09" => (format!("Effect {}", line.what), format!("Effect of {}, points", line.what)),
        "KPI-10" => ("Students/teacher".to_owned(), "Students per full-time teacher".to_owned()),
        "KPI-11" => ("Stud./counselor".to_owned(), "Students per full-time counselor".to_owned()),
        "KPI-13" => ("Certified FTE %".to_owned(), "Fully certified teachers, % of FTE".to_owned()),
        _ => (line.kpi.title.to_owned(), format!("{} {what}", line.kpi.title)),
    }
}
