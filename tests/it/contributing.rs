//! The examples of CONTRIBUTING.md: each is applied to a copy of the sources and its files are counted. Where
//! `ROLLCALL_CHECK_EXAMPLES` is set, as CI sets it, the copy with all of them is compiled, the rule is tested, and all are
//! compared with their SQL twins. Other tests must not run meanwhile: the program they run would be that of the copy.

use crate::support::Folder;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A block that adds a file, or lines to one.
struct Block {
    is_diff: bool,
    file: String,
    text: String,
}

/// The sections with their blocks, and the number of files that each says it takes: in all, and old ones.
fn sections(text: &str) -> Vec<(String, (usize, usize), Vec<Block>)> {
    let mut sections = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let (title, body) = section.split_once('\n').expect("a section has text");
        let number = |before: &str| -> usize {
            let stated = body.split(before).next().and_then(|text| text.split_whitespace().last());
            stated.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{title} states how many{before}"))
        };
        let stated = (number(" files"), number(" of them old"));
        let blocks = body.split("\n```").skip(1).step_by(2).map(|block| {
            let (head, text) = block.split_once('\n').expect("a block has text");
            let (tag, file) = head.split_once(' ').unwrap_or_else(|| panic!("{title}: a block names its file"));
            Block { is_diff: tag == "diff", file: file.to_owned(), text: text.to_owned() + "\n" }
        });
        sections.push((title.to_owned(), stated, blocks.collect()));
    }
    sections
}

/// Applies a block below a folder.
fn apply(block: &Block, root: &Path) {
    let path = root.join(&block.file);
    if !block.is_diff {
        assert!(!path.exists(), "{} is there already", block.file);
        fs::write(&path, &block.text).expect("the copy is writable");
        return;
    }
    let old = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", block.file));
    let (anchor, added): (Vec<&str>, Vec<&str>) = block.text.lines().partition(|line| !line.starts_with('+'));
    let anchor = anchor.join("\n") + "\n";
    assert_eq!(old.matches(&anchor).count(), 1, "{}: {anchor:?} is there once", block.file);
    let added: String = added.iter().map(|line| format!("{}\n", &line[1..])).collect();
    fs::write(&path, old.replace(&anchor, &format!("{anchor}{added}"))).expect("the copy is writable");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the temporary folder is writable");
    for entry in fs::read_dir(from).expect("the sources are readable") {
        let entry = entry.expect("the sources are readable");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy(&path, &to) } else { fs::copy(&path, &to).map(drop).expect("the sources are readable") }
    }
}

#[test]
fn the_examples_take_as_many_files_as_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).expect("there is a CONTRIBUTING.md");
    let folder = Folder::new("contributing");
    let all = folder.0.join("all");
    for part in ["src", "crates", "sql", "data", "benches", "tests"] {
        copy(&root.join(part), &all.join(part));
    }
    for file in ["Cargo.toml", "Cargo.lock", "README.md"] {
        fs::copy(root.join(file), all.join(file)).expect("the sources are readable");
    }
    let sections = sections(&text);
    let titles: Vec<&str> = sections.iter().map(|(title, ..)| title.as_str()).collect();
    assert_eq!(titles, ["A rule", "A table", "A relation", "A KPI", "A KPI of a new tally", "A format", "A sink"]);
    for (title, stated, blocks) in &sections {
        let files: BTreeSet<&str> = blocks.iter().map(|block| block.file.as_str()).collect();
        let old = files.iter().filter(|file| root.join(file).exists()).count();
        assert_eq!((files.len(), old), *stated, "{title}: files in all, and old ones: {files:?}");
        for block in blocks.iter().filter(|block| block.is_diff) {
            let added = block.text.lines().filter(|line| line.starts_with('+'));
            let code = added.filter(|line| !line.trim_start_matches('+').trim().starts_with("///")).count();
            assert_eq!(code, 1, "{title}: one line in the list of {}", block.file);
        }
        blocks.iter().for_each(|block| apply(block, &all));
    }
    if std::env::var_os("ROLLCALL_CHECK_EXAMPLES").is_none() {
        return;
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(&all).env("CARGO_TARGET_DIR", target);
    cargo.args(["test", "--release", "--locked", "--lib", "--test", "it", "--"]);
    // The rule's change table, and the twins of everything: the new rule, relation and KPI are among them.
    cargo.args(["enr_099", "twins_agree_after_a_few"]);
    let output = cargo.output().expect("cargo runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed.matches(" ... ok").count(), 2, "{printed}");
}
