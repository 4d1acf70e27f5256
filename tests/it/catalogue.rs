//! Files generated from the declarations and committed: stale files fail, `UPDATE=1` rewrites them.

use rollcall::publish::{catalogue, ddl};
use std::path::Path;

fn check(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        std::fs::write(&path, expected).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = found.lines().zip(expected.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| found.lines().count().min(expected.lines().count())) + 1;
    assert!(found == expected, "{} is stale from line {line}; UPDATE=1 cargo test --release rewrites it", path.display());
}

#[test]
fn the_catalog_of_rules_is_current() {
    check("reports/rules.md", &catalogue::rules());
}

#[test]
fn the_catalog_of_kpis_is_current() {
    check("reports/kpis.md", &catalogue::kpis());
}

#[test]
fn the_catalog_of_tables_is_current() {
    check("reports/tables.md", &catalogue::tables());
}

#[test]
fn the_schema_is_current() {
    check("sql/schema.sql", &ddl::schema());
}

#[test]
fn the_constraints_are_current() {
    check("sql/constraints.sql", &ddl::constraints());
}
