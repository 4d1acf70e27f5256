//! The policy brief: the same bytes from the same records, two or three pages, marked if the records are synthetic, and
//! complete for a district that has almost no data.

use crate::support::Folder;
use rollcall::model::Date;
use rollcall_generate::Options;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

impl Folder {
    /// With a synthetic district.
    fn with_district(self, students: u32, faults: bool) -> Folder {
        let day = Date::ymd(2026, 3, 16).expect("a day of the calendar");
        let options = Options { students, seed: 7, day, faults };
        fs::create_dir_all(self.0.join("in")).expect("the folder can be made");
        let open = |table: &'static str| fs::File::create(self.0.join(format!("in/{table}.csv")));
        rollcall_generate::district(&options, open).expect("the district is written");
        self
    }

    fn change(&self, path: &str, change: impl Fn(&str) -> String) {
        self.write(path, change(&self.read(path)));
    }

    /// Runs and returns the brief.
    fn brief(&self, out: &str) -> Brief {
        let printed = self.run(&["run", "--data", "in", "--day", "2026-03-16", "--out", out]);
        assert!(printed.contains("policy_brief.pdf"), "the summary names it");
        let path = self.0.join(out).join("reports/policy_brief.pdf");
        Brief { bytes: fs::read(&path).expect("the brief was written"), path }
    }
}

struct Brief {
    bytes: Vec<u8>,
    path: PathBuf,
}

impl Brief {
    /// The text of each page, if a program to read it is installed.
    fn pages(&self) -> Option<Vec<String>> {
        let text = printed("pdftotext", &["-layout"], &self.path, &["-"]);
        assert!(text.is_some() || std::env::var_os("ROLLCALL_NEEDS_PDFTOTEXT").is_none(), "pdftotext is needed here");
        let text = text?;
        Some(text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect())
    }

    /// Checks every brief; `marked` if its records are synthetic.
    fn check(&self, marked: bool) -> String {
        assert!(self.bytes.starts_with(b"%PDF-1.7"));
        let raw = String::from_utf8_lossy(&self.bytes);
        assert!(raw.contains("pdfuaid") && raw.contains("/Lang") && raw.contains("/StructTreeRoot"), "it is PDF/UA");
        assert_eq!(raw.contains("SYNTHETIC"), marked, "its title can be read by programs too");
        let Some(pages) = self.pages() else { return String::new() };
        assert!((2..=3).contains(&pages.len()), "{} pages: {}", pages.len(), self.path.display());
        for (number, page) in pages.iter().enumerate() {
            assert_eq!(page.contains("SYNTHETIC"), marked, "page {}", number + 1);
            assert!(page.contains(&format!("Page {} of {}", number + 1, pages.len())), "page {}:\n{page}", number + 1);
            assert!(page.lines().filter(|line| !line.trim().is_empty()).count() > 10, "page {} is nearly empty", number + 1);
        }
        let text = pages.join("\n");
        let places = ["Key findings", "Methodology", "Data limitations"].map(|heading| text.find(heading));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "the headings are there in order: {places:?}");
        text
    }
}

/// The output of a program about a file; none if it is not installed.
fn printed(program: &str, before: &[&str], path: &Path, after: &[&str]) -> Option<String> {
    let output = Command::new(program).args(before).arg(path).args(after).output().ok()?;
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text is UTF-8"))
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let folder = Folder::new("brief-twice").with_district(2_000, true);
    let (first, second) = (folder.brief("a"), folder.brief("b"));
    assert!(first.bytes == second.bytes, "the brief carries a clock, a path or an order of arrival");
    assert!(first.bytes.len() < 300_000, "{} bytes", first.bytes.len());
    let text = first.check(true);
    if !text.is_empty() {
        for words in [
            "Recommendations",
            "Figure 1",
            "Figure 4",
            "Records to correct first",
            "95% interval",
            "March 16, 2026",
            "most 35 (RAT-001)",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        let info = printed("pdfinfo", &[], &first.path, &[]).unwrap_or_default();
        assert!(info.is_empty() || info.contains("Tagged:          yes") && info.contains("Mon Mar 16"), "{info}");
    }
}

#[test]
fn a_district_without_faults_is_reported_as_such() {
    let text = Folder::new("brief-faultless").with_district(2_000, false).brief("out").check(true);
    if !text.is_empty() {
        assert!(text.contains("no critical or error violation is open"), "{text}");
        assert!(!text.contains("Records to correct first"), "nothing follows from nothing:\n{text}");
    }
}

#[test]
fn without_assessments_there_are_no_findings_about_achievement() {
    let folder = Folder::new("brief-no-tests").with_district(2_000, true);
    for table in ["assessment", "assessment_cut", "assessment_result"] {
        fs::remove_file(folder.0.join(format!("in/{table}.csv"))).expect("the table is there");
    }
    let text = folder.brief("out").check(true);
    if !text.is_empty() {
        assert!(text.contains("no findings about achievement"), "{text}");
        assert!(!text.contains("proficien"), "{text}");
    }
}

#[test]
fn a_district_of_one_school_and_one_student_has_a_brief() {
    let folder = Folder::new("brief-one");
    folder.write("in/organization.csv", "org_id,org_type,name\nD,district,Hill District\nN,school,North\n");
    folder.write("in/student.csv", "student_id,first_name,last_name\nS1,Ada,Lind\n");
    let enrollment = "enrollment_id,student_id,school_id,school_year,grade_level,entry_date\nE1,S1,N,2026,03,2025-08-20\n";
    folder.write("in/school_enrollment.csv", enrollment);
    let text = folder.brief("out").check(false);
    if !text.is_empty() {
        assert!(text.contains("Hill District") && text.contains("not run because tables are missing"), "{text}");
    }
}

#[test]
fn names_of_any_length_and_script_break_nothing() {
    let folder = Folder::new("brief-names").with_district(2_000, true);
    let name = "東京 \u{1f393}\u{7} #strong[Letters] *Sciences* & $x$ — Wilhelmina-Charlotte Memorial Academy ";
    let long = name.repeat(3);
    folder.change("in/organization.csv", |text| {
        text.replace("Elementary School", &format!("{long}Elementary")).replace("Unified", &long)
    });
    let text = folder.brief("out").check(true);
    assert!(text.is_empty() || text.contains("#strong[Letters]"), "names are text, never markup:\n{text}");
}
