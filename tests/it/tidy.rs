//! Tidiness, read off the sources: imports point up, every rule has its texts, twin and test, no file is dead.

use rollcall::kpi::KPIS;
use rollcall::qa::{self, Rule};
use rollcall::warehouse::RELATIONS;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the way of a change; each may use those above it.
const ORDER: [&str; 17] = [
    "source",
    "store",
    "current",
    "dataflow",
    "views",
    "tallies",
    "warehouse",
    "qa",
    "kpi",
    "plan",
    "engine",
    "quality",
    "insight",
    "publish",
    "district",
    "ingest",
    "cli",
];
/// Modules that stand beside that order.
const BESIDE: [&str; 2] = ["process", "testing"];
/// Rules about rows that were not taken: there is nothing in the tables that SQL could find them by.
const WITHOUT_TWIN: [&str; 10] =
    ["REF-001", "REF-002", "REF-003", "REF-004", "REF-009", "REF-010", "REF-011", "REF-012", "REF-013", "REF-019"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source below a folder, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().join(folder)];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is readable") {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is readable");
                sources.push((path, text));
            }
        }
    }
    sources.sort();
    assert!(sources.len() > 3, "{folder} has sources");
    sources
}

/// The text of a source without its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

fn module(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).expect("a source of the library");
    let first = inside.components().next().expect("a path has parts").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn imports_point_up() {
    let place = |name: &str| ORDER.iter().position(|module| *module == name);
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let of = module(&path);
        if BESIDE.contains(&of.as_str()) || ["lib", "main"].contains(&of.as_str()) {
            continue;
        }
        let from = place(&of).unwrap_or_else(|| panic!("{of} has no place in the order of modules"));
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            // A list of modules in braces would hide them from what follows.
            assert!(!code.contains("crate::{"), "{}:{}: one import a module", path.display(), number + 1);
            for used in code.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if place(&name).is_some_and(|to| to > from) {
                    wrong.push(format!("{}:{}: {of} uses {name}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_open_with_what_they_are() {
    for folder in ["src", "crates", "tests", "benches"] {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{} does not say what it is", path.display());
        }
    }
}

#[test]
fn no_file_is_dead() {
    for (path, _) in sources("src") {
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        if ["lib", "main", "mod"].contains(&stem.as_str()) {
            continue;
        }
        // Declared where it lies, or a folder above where a family lists its rules: by `mod` or as the item of a list.
        let folder = path.parent().expect("a file has a folder");
        let homes = [folder.join("mod.rs"), folder.join("lib.rs"), folder.join("../mod.rs")];
        let code: String = homes.iter().filter_map(|home| fs::read_to_string(home).ok()).collect();
        let code: String = code.lines().map(|line| line.split("//").next().unwrap_or(line).to_owned() + "\n").collect();
        let listed = |line: &str| {
            let line = line.trim();
            let item = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ").trim_start_matches("mod ");
            let name: String = item.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let after = item[name.len()..].trim_start();
            name == stem
                && (after.is_empty() || after.starts_with([';', ',', ':', ' ']) || after.starts_with(char::is_uppercase))
        };
        let in_lists = code.lines().any(listed);
        let in_line = code
            .lines()
            .filter(|line| line.contains("! {"))
            .any(|line| line.split(['{', ',', '}']).any(|item| item.trim() == stem));
        assert!(in_lists || in_line, "{} is in no list of modules", path.display());
    }
}

#[test]
fn lines_are_no_longer_than_they_may_be() {
    let mut long = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        for (path, text) in sources(folder) {
            for (number, line) in text.lines().enumerate().filter(|(_, line)| line.chars().count() > 130) {
                long.push(format!("{}:{}: {} characters", path.display(), number + 1, line.chars().count()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Words that have a better one, with it. They may stand neither in code nor in comments nor in what people read; names of
/// columns, keys of JSON and flags are not prose.
const RETIRED: &[(&str, &str)] = &[
    ("takes the roll", "checks a district's records as they change"),
    ("StudentFile", "StudentView"),
    ("Sorter", "builder, or batcher"),
    ("Onlooker", "Observer"),
    ("Keeper", "CurrentState"),
    ("roster row", "class enrollment"),
    ("dangling", "ID not found in <table>, or missing"),
    ("read over", "skipped"),
    ("parted by", "separated by"),
    ("worst first", "most severe first"),
    ("not drawn by lot", "not randomized"),
    ("clean records", "records without errors"),
    (" anew", "again"),
    ("of its own", "separate, or its"),
    ("95 %", "95%"),
    ("let in with", "approve"),
    ("rules say nothing", "rules not run"),
];

#[test]
fn retired_words_are_gone() {
    let mut found = Vec::new();
    let mut texts = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        texts.extend(sources(folder));
    }
    for name in ["README.md", "CONTRIBUTING.md", "reports/rules.md", "reports/kpis.md", "reports/tables.md"] {
        texts.push((root().join(name), fs::read_to_string(root().join(name)).expect("the file is readable")));
    }
    for (path, text) in texts.iter().filter(|(path, _)| !path.ends_with("tidy.rs") && !path.ends_with("docs.rs")) {
        for (number, line) in text.lines().enumerate() {
            for (word, better) in RETIRED.iter().filter(|(word, _)| line.contains(word)) {
                found.push(format!("{}:{}: {word:?}: write {better}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short_enough_to_read() {
    for folder in ["src", "crates", "tests", "benches"] {
        for (path, text) in sources(folder) {
            let name = path.strip_prefix(root()).expect("a source of the project").to_string_lossy().into_owned();
            let lines = text.lines().count();
            assert!(lines <= 600, "{name} has {lines} lines, more than 600: split it by meaning");
        }
    }
}

/// What crates of the workspace may use of each other: nothing but what is below them.
#[test]
fn crates_depend_downwards() {
    for (of, may) in [("model", &[][..]), ("generate", &["rollcall-model"][..])] {
        let manifest = fs::read_to_string(root().join(format!("crates/{of}/Cargo.toml"))).expect("a crate has a manifest");
        let used = manifest.lines().filter(|line| line.starts_with("rollcall-"));
        let used: Vec<&str> = used.map(|line| line.split(['.', ' ']).next().unwrap_or(line)).collect();
        assert_eq!(used, may, "{of}");
    }
}

#[test]
fn only_the_command_line_prints_or_looks_at_a_clock() {
    let banned = ["println!", "eprintln!", "print!", "SystemTime::now", "Instant::now", "dbg!", "todo!", "unimplemented!"];
    for (path, text) in sources("crates") {
        assert!(banned.iter().all(|word| !text.contains(word)), "{} prints or reads a clock", path.display());
    }
    for (path, text) in sources("src") {
        let allowed = if module(&path) == "cli" { &banned[5..] } else { &banned[..] };
        for word in allowed {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn nothing_is_unwrapped_without_a_reason() {
    for (path, text) in sources("src") {
        if module(&path) == "testing" || path.ends_with("tests.rs") {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            let place = format!("{}:{}", path.display(), number + 1);
            // In a constant, `unwrap` is a check of the compiler.
            assert!(!code.contains(".unwrap()") || code.contains("const "), "{place}: unwrap without a reason");
            if let Some((_, reason)) = code.split_once(".expect(\"") {
                assert!(reason.starts_with("invariant: "), "{place}: name the invariant");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_permanent() {
    let ids: Vec<&str> = qa::rules().map(|rule| rule.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let kpis: Vec<&str> = KPIS.iter().map(|kpi| kpi.id).collect();
    assert_eq!(kpis.iter().collect::<BTreeSet<_>>().len(), kpis.len());
    // What snapshots of earlier versions hold figures under.
    let mut kept: Vec<(u8, &str)> = KPIS.iter().filter_map(|kpi| Some((kpi.stored_as?, kpi.id))).collect();
    kept.sort_unstable();
    let first = ["KPI-01", "KPI-02", "KPI-04", "KPI-05", "KPI-06", "KPI-08", "KPI-09", "KPI-10", "KPI-11", "KPI-13"];
    assert_eq!(kept[..first.len()], (0..).zip(first).collect::<Vec<_>>());
    assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0), "a number is given twice: {kept:?}");
}

#[test]
fn every_rule_says_what_why_and_how() {
    for rule in qa::rules() {
        let headings: Vec<&str> =
            rule.doc.lines().filter(|line| line.trim_start().starts_with("## ")).map(str::trim).collect();
        assert_eq!(headings, ["## What it checks", "## Why it matters", "## How to fix it"], "{}", rule.id);
        for paragraph in rule.doc.split("## ").skip(1) {
            let words = paragraph.lines().skip(1).flat_map(str::split_whitespace).count();
            assert!(words >= 4, "{} has an empty paragraph", rule.id);
        }
    }
}

fn file_of(rule: &Rule) -> (PathBuf, String) {
    let start = format!("{}_", rule.id.to_lowercase().replace('-', "_"));
    let mut files = sources("src/qa")
        .into_iter()
        .filter(|(path, _)| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)));
    files.next().unwrap_or_else(|| panic!("{} has no file of its own", rule.id))
}

#[test]
fn every_rule_has_a_file_whose_change_table_opens_and_closes_it() {
    for rule in qa::rules() {
        let (path, text) = file_of(rule);
        let tests = text.split("#[cfg(test)]").nth(1).unwrap_or("");
        let packed: String = tests.split_whitespace().collect();
        assert!(packed.contains(&format!("check_rule(\"{}\"", rule.id)), "{} tests {}", path.display(), rule.id);
        let expected = tests.split("expect![").skip(1).collect::<String>();
        assert!(expected.contains(" + ") && expected.contains(" - "), "{}: nothing opens and closes", path.display());
    }
}

#[test]
fn every_rule_relation_and_kpi_has_a_twin() {
    let twin = |path: String| root().join("sql").join(path).exists();
    for rule in qa::rules() {
        assert_eq!(twin(format!("qa/{}.sql", rule.id)), !WITHOUT_TWIN.contains(&rule.id), "{}", rule.id);
    }
    for kpi in KPIS {
        assert!(twin(format!("kpi/{}.sql", kpi.id)), "{}", kpi.id);
    }
    for relation in RELATIONS {
        assert!(twin(format!("warehouse/{}.sql", relation.name)), "{}", relation.name);
    }
    let known: BTreeSet<String> = qa::rules().map(|rule| rule.id.to_owned()).collect();
    for entry in fs::read_dir(root().join("sql/qa")).expect("the folder is readable") {
        let name = entry.expect("the folder is readable").file_name().to_string_lossy().into_owned();
        assert!(known.contains(name.trim_end_matches(".sql")), "sql/qa/{name} is the twin of no rule");
    }
}

#[test]
fn grains_are_sentences() {
    for relation in RELATIONS {
        assert!(relation.grain.starts_with("one row per "), "{}", relation.name);
        assert!(
            relation.key.iter().all(|key| relation.columns.iter().any(|column| column.name == *key)),
            "{}",
            relation.name
        );
    }
    assert!(KPIS.iter().all(|kpi| kpi.grain.starts_with("one row per ")));
}
