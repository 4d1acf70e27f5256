//! Golden files: the outputs for a tiny committed extract, byte for byte. `UPDATE=1` rewrites them; review the difference.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_tiny_district_gives_the_golden_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = std::env::temp_dir().join(format!("rollcall-golden-{}", std::process::id()));
    let _ = fs::remove_dir_all(&out);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(["run", "--data"]).arg(root.join("data/tiny")).arg("--out").arg(&out);
    let output = command.env_remove("COLUMNS").output().expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The summary without its last lines, which contain the folder and the time.
    let summary = String::from_utf8(output.stdout).expect("what is printed is UTF-8");
    let summary: String =
        summary.lines().take_while(|line| !line.starts_with("Wrote")).map(|line| line.to_owned() + "\n").collect();
    fs::write(out.join("summary.txt"), summary).expect("the temporary folder is writable");
    let files = [
        "summary.txt",
        "reports/data_quality_report.json",
        "reports/analysis_tables/kpi_02_proficiency_rate.csv",
        "reports/analysis_tables/kpi_10_students_per_teacher.csv",
        "warehouse/out/dim_student.csv",
        "warehouse/out/fct_school_enrollment.csv",
        "warehouse/out/fct_staffing_school.csv",
    ];
    let mut stale: Vec<PathBuf> = Vec::new();
    for file in files {
        let golden = root.join("tests/it/golden").join(Path::new(file).file_name().expect("a file has a name"));
        let found = fs::read_to_string(out.join(file)).expect("the file was written");
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(golden.parent().expect("a file has a folder")).expect("the folder can be made");
            fs::write(&golden, &found).expect("the file can be written");
        }
        if fs::read_to_string(&golden).unwrap_or_default() != found {
            stale.push(golden);
        }
    }
    let _ = fs::remove_dir_all(&out);
    assert!(stale.is_empty(), "UPDATE=1 cargo test --release rewrites {stale:?}; read the difference");
}
