//! `rollcall backup` and `rollcall log repair` as users run them: while a feed is followed, after files were lost, and twice.

use crate::support::Folder;
use std::fs;
use std::path::Path;
use std::process::Stdio;

fn kept(name: &str) -> Folder {
    let folder = Folder::new(name).with_feed(200, 12);
    folder.run(&["replay", "feed", "--out", "out", "--until", "2025-09-24"]);
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("it is readable").flatten() {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("files can be copied");
        }
    }
}

#[test]
fn a_backup_is_made_while_a_feed_is_followed_and_goes_on_like_the_original() {
    let folder = kept("backup");
    let follow =
        folder.command(&["replay", "feed", "--follow", "--out", "out"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut follow = follow.expect("the program starts");
    // While it is followed, the log can be read, and copied at any time.
    let mut made = 0;
    while made < 5 || folder.run(&["log", "--json", "--out", "out"]).lines().count() < 12 {
        made += 1;
        assert!(follow.try_wait().expect("it can be asked").is_none(), "it follows");
        let said = folder.run(&["backup", &format!("copy-{made}"), "--out", "out"]);
        assert!(said.starts_with(&format!("copy-{made} has everything up to 2025-")), "{said}");
        assert_eq!(folder.output(&["log", "verify", "--out", &format!("copy-{made}")]).status.code(), Some(0));
    }
    follow.kill().and_then(|()| follow.wait()).expect("the program can be stopped");
    folder.run(&["replay", "feed", "--out", "out"]);
    for number in 1..=made {
        let out = format!("copy-{number}");
        folder.run(&["replay", "feed", "--out", &out]);
        folder.assert_same("out", &out, &["reports", "warehouse"], "from a backup");
    }
    let again = folder.output(&["backup", "copy-1", "--out", "out"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("copy-1 exists already"));
}

#[test]
fn a_state_of_two_copies_is_refused_and_repaired_and_keeps_what_it_was() {
    let folder = kept("repair");
    copy(&folder.0.join("out"), &folder.0.join("early"));
    folder.run(&["replay", "feed", "--out", "out"]);
    // The log of the copy, and everything else from now.
    fs::copy(folder.0.join("early/state/log-00000001"), folder.0.join("out/state/log-00000001"))
        .expect("files can be copied");
    for command in [&["replay", "feed", "--out", "out"][..], &["log", "verify", "--out", "out"]] {
        let refused = folder.output(command);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(refused.status.code() != Some(0) && said.contains("something is missing"), "{command:?}: {said}");
        assert!(said.contains("rollcall log repair"), "{said}");
    }
    let before = folder.files("out/state");
    let said = folder.run(&["log", "repair", "--out", "out"]);
    assert!(said.ends_with("Everything as it was before: out/set-aside-1\n"), "{said}");
    let aside = folder.files("out/set-aside-1/state");
    assert!(before.iter().filter(|(name, _)| !name.ends_with("lock")).all(|(name, bytes)| aside.get(name) == Some(bytes)));
    // It opens, takes the rest of the feed again, and ends as the district that lost nothing.
    folder.run(&["replay", "feed", "--out", "out"]);
    folder.run(&["log", "verify", "--out", "out"]);
    folder.run(&["replay", "feed", "--out", "whole"]);
    folder.assert_same("whole", "out", &["reports/analysis_tables", "reports/changes", "warehouse"], "after the repair");
    assert_eq!(folder.run(&["log", "repair", "--out", "out"]), "Nothing contradicts; nothing was changed.\n");
    assert!(!folder.0.join("out/set-aside-2").exists());
}
