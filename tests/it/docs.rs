//! The user documentation: every command in it ends as the page says, every query answers, every link leads somewhere, and
//! what it names exists.

use crate::support::Folder;
use rollcall::kpi::KPIS;
use rollcall::model::Settings;
use rollcall::qa;
use rollcall::quality::relations::DQ_RELATIONS;
use rollcall::warehouse::RELATIONS;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A test for each page with commands.
macro_rules! pages {
    ($($test:ident: $page:literal),+ $(,)?) => {
        /// The pages with commands.
        const WITH_COMMANDS: &[&str] = &[$($page),+];

        $(#[test]
        fn $test() {
            run($page);
        })+
    };
}

pages! {
    the_introduction_runs: "index.md",
    the_page_on_installing_runs: "install.md",
    the_page_on_a_first_extract_runs: "first-extract.md",
    the_page_on_the_daily_feed_runs: "daily-feed.md",
    the_page_on_other_tools_runs: "bi.md",
    the_page_on_backups_runs: "backup-and-upgrade.md",
    the_page_on_privacy_runs: "privacy.md",
    the_page_on_how_it_works_runs: "how-it-works.md",
    the_page_on_performance_runs: "performance.md",
}

/// The pages without commands.
const WITHOUT_COMMANDS: &[&str] = &["glossary.md"];
/// The pages whose queries run on the warehouse that their commands make.
const WITH_QUERIES: &[&str] = &["bi.md"];
/// The pages whose commands read the exports of `data/samples`.
const WITH_SAMPLES: &[&str] = &["first-extract.md"];
/// What blocks may hold besides commands (`sh`) and queries (`sql`); nothing of it runs. A misspelled tag is none of them.
const NOT_RUN: &[&str] = &["console", "cron", "csv", "ini", "powershell", "python", "text", "toml"];
/// Words that have a better one, and what a page in American English does not write.
const RETIRED: &[&str] = &[
    "takes the roll",
    "dangling",
    "yardstick",
    "roster row",
    "worst first",
    "clean records",
    "read over",
    "let in",
    "parted by",
    "not drawn by lot",
    "catalogue",
    "colour",
    "licence",
    "programme",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap_or_else(|error| panic!("docs/{name}: {error}"))
}

/// The names of the pages, without the table of contents.
fn pages() -> BTreeSet<String> {
    let files = fs::read_dir(root().join("docs")).expect("there are docs");
    let names = files.map(|file| file.expect("the folder is readable").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect()
}

/// A fenced block.
struct Block {
    /// The line of its opening fence, the first being 1.
    line: usize,
    tag: String,
    lines: Vec<String>,
}

/// The fenced blocks of a page, and its lines outside them.
fn parse(text: &str) -> (Vec<Block>, Vec<&str>) {
    let (mut blocks, mut prose) = (Vec::new(), Vec::new());
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        if let Some(mut block) = open.take() {
            if fence == Some("") {
                blocks.push(block);
            } else {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
        } else if let Some(tag) = fence {
            open = Some(Block { line: number + 1, tag: tag.to_owned(), lines: Vec::new() });
        } else {
            prose.push(line);
        }
    }
    assert!(open.is_none(), "a block is not closed");
    (blocks, prose)
}

/// A command and the exit code that it ends with: 0, unless the line ends with `# exit code N`.
fn stated(line: &str) -> Option<(&str, i32)> {
    let (command, comment) = line.split_once('#').unwrap_or((line, ""));
    let code = match comment.trim().strip_prefix("exit code ") {
        Some(code) => code.parse().unwrap_or_else(|_| panic!("{line}: {code} is no exit code")),
        None => 0,
    };
    let command = command.trim();
    (!command.is_empty()).then_some((command, code))
}

/// Runs the blocks of a page in order, in a folder of their own.
fn run(name: &str) {
    let folder = Folder::new(&format!("docs-{}", name.trim_end_matches(".md")));
    if WITH_SAMPLES.contains(&name) {
        copy(&root().join("data/samples"), &folder.0.join("data/samples"));
    }
    let (mut commands, mut queries) = (0, 0);
    for block in parse(&page(name)).0 {
        let place = format!("docs/{name}, block at line {}", block.line);
        match block.tag.as_str() {
            "sh" => {
                for (command, code) in block.lines.iter().filter_map(|line| stated(line)) {
                    shell(&folder, command, code, &place);
                    commands += 1;
                }
            }
            "sql" => {
                query(&database(&folder, &place), &block.lines.join("\n"), &place);
                queries += 1;
            }
            tag => assert!(NOT_RUN.contains(&tag), "{place}: nobody knows what to do with {tag:?}"),
        }
    }
    assert!(commands > 0, "docs/{name} has no command");
    assert_eq!(queries > 0, WITH_QUERIES.contains(&name), "docs/{name} has {queries} queries");
}

/// Runs a command as its reader does, but with the program under test and nobody's settings.
fn shell(folder: &Folder, command: &str, code: i32, place: &str) {
    for endless in ["--follow", "tcp:", " | ", "\\"] {
        assert!(!command.contains(endless), "{place}: {command}: {endless:?} has no place in a block that runs");
    }
    let program = Path::new(env!("CARGO_BIN_EXE_rollcall")).parent().expect("the program is in a folder").to_owned();
    let others = env::var_os("PATH").unwrap_or_default();
    let path: OsString = env::join_paths(std::iter::once(program).chain(env::split_paths(&others))).expect("a path");
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(&folder.0)
        .env("PATH", path)
        .env("HOME", &folder.0)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("ROLLCALL_SETTINGS")
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(output.status.code(), Some(code), "{place}: {command}\n{err}{out}");
}

/// The warehouse that the commands of a page have made.
fn database(folder: &Folder, place: &str) -> Connection {
    let files = folder.files(".");
    let made: Vec<&PathBuf> = files.keys().filter(|path| path.ends_with("warehouse/out/warehouse.sqlite")).collect();
    let [database] = made[..] else { panic!("{place}: the commands before it make {} warehouses", made.len()) };
    let out = database.ancestors().nth(3).expect("it is three folders down");
    folder.database(out.to_str().expect("the docs are ASCII"))
}

/// Asks a query, which must give something.
fn query(database: &Connection, sql: &str, place: &str) {
    let mut statement = database.prepare(sql).unwrap_or_else(|error| panic!("{place}: {error}"));
    let mut rows = statement.query([]).unwrap_or_else(|error| panic!("{place}: {error}"));
    let first = rows.next().unwrap_or_else(|error| panic!("{place}: {error}"));
    assert!(first.is_some(), "{place}: the query gives nothing");
}

/// Copies a folder and what is below it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        let to = to.join(path.file_name().expect("a file has a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("the file can be copied");
        }
    }
}

/// The links of a text: what stands behind `](`, outside blocks.
fn links(text: &str) -> Vec<String> {
    let prose = parse(text).1.join("\n");
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// The anchors of a page: its headings in lower case, blanks as hyphens, without other marks.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = parse(text).1.into_iter().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        text.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_page_is_run_or_has_no_commands() {
    let listed: BTreeSet<String> = WITH_COMMANDS.iter().chain(WITHOUT_COMMANDS).map(|name| (*name).to_owned()).collect();
    assert_eq!(listed, pages(), "every page is in one of the lists");
    for name in WITHOUT_COMMANDS {
        let blocks = parse(&page(name)).0;
        assert!(blocks.iter().all(|block| NOT_RUN.contains(&block.tag.as_str())), "docs/{name} has commands after all");
    }
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let listed = links(&page("SUMMARY.md"));
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), pages());
    assert_eq!(listed.len(), pages().len(), "a page is listed once");
    let book: toml::Table = fs::read_to_string(root().join("docs/book.toml")).expect("a book").parse().expect("it is TOML");
    let source = book.get("book").and_then(|book| book.get("src")).and_then(|source| source.as_str());
    assert_eq!(source, Some("."), "pages are beside the book's settings");
}

#[test]
fn every_link_leads_somewhere() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let docs = pages().into_iter().chain(["SUMMARY.md".to_owned()]).map(|name| (format!("docs/{name}"), page(&name)));
    let mut followed = 0;
    for (file, text) in docs.chain([("README.md".to_owned(), readme)]) {
        let path = root().join(&file);
        let links = links(&text);
        let inside = links.iter().map(String::as_str).filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
        for link in inside {
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if target.is_empty() { path.clone() } else { path.parent().expect("a file has a folder").join(target) };
            assert!(target.exists(), "{file}: {link} leads nowhere");
            // What is outside the book is not where the book is read.
            assert!(!file.starts_with("docs/") || !link.contains(".."), "{file}: {link} leads out of the book");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).expect("an anchor is in a text");
                assert!(anchors(&text).contains(anchor), "{file}: {link}: no heading is called so");
            }
            followed += 1;
        }
    }
    assert!(followed > 20, "only {followed} links were found");
}

/// Tables, rules, KPIs and thresholds that pages name are there, and how many of them there are.
#[test]
fn what_pages_name_exists() {
    let relations = RELATIONS.iter().map(|relation| relation.name).chain(DQ_RELATIONS.iter().map(|relation| relation.name));
    let tables: BTreeSet<&str> = relations.chain(KPIS.iter().map(|kpi| kpi.name)).collect();
    let mut named = 0;
    for name in pages() {
        let text = page(&name);
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        for word in text.split(|c: char| !is_inside(c)) {
            let is_table = ["fct_", "dim_", "brg_", "kpi_"].iter().any(|layer| word.len() > 4 && word.starts_with(layer));
            assert!(!is_table || tables.contains(word), "docs/{name}: there is no table {word}");
            let is_id = word.len() == 7
                && word.as_bytes()[3] == b'-'
                && word[..3].bytes().all(|c| c.is_ascii_uppercase())
                && word[4..].bytes().all(|c| c.is_ascii_digit());
            assert!(!is_id || qa::find(word).is_some(), "docs/{name}: there is no rule {word}");
            let is_kpi = word.len() == 6 && word.starts_with("KPI-");
            assert!(!is_kpi || KPIS.iter().any(|kpi| kpi.id == word), "docs/{name}: there is no {word}");
            named += usize::from(is_table || is_id || is_kpi);
        }
    }
    assert!(named > 50, "only {named} names were found");
    for threshold in ["minimum_n", "mass_delete_share", "mass_delete_rows"] {
        assert!(Settings::NAMES.contains(&threshold), "there is no threshold {threshold}");
    }
    let introduction = page("index.md");
    let counts =
        [(qa::rules().count(), "rules"), (RELATIONS.len() + DQ_RELATIONS.len(), "tables"), (KPIS.len(), "measures")];
    for (count, of) in counts {
        assert!(introduction.contains(&format!("{count} {of}")), "there are {count} {of}");
    }
}

#[test]
fn pages_are_written_as_people_read_them() {
    for name in pages() {
        let text = page(&name);
        for (number, line) in text.lines().enumerate() {
            let place = format!("docs/{name}:{}", number + 1);
            let length = line.chars().count();
            assert!(length <= 120 || line.starts_with('|'), "{place}: {length} characters");
            let lower = line.to_lowercase();
            assert!(!lower.contains(" %"), "{place}: a percent sign follows its number");
            let retired = RETIRED.iter().find(|word| lower.contains(**word));
            assert!(retired.is_none(), "{place}: {retired:?} has a better word");
        }
    }
}
