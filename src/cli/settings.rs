//! Settings: thresholds and switches, read from `rollcall.toml`, and the command `rollcall settings` that prints them.
//! Unknown names are errors with their line and column, because a misspelled threshold is one that does not apply.

use super::{Failure, terminal};
use crate::model::Settings;
use crate::plan::Plan;
use crate::qa;
use serde_json::json;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The name of the file.
pub const FILE: &str = "rollcall.toml";
/// The environment variable that names a file.
const VARIABLE: &str = "ROLLCALL_SETTINGS";

/// Print every setting, its value, and where it comes from
///
/// The first file that is found counts, and it alone: --settings FILE, the file that the environment variable
/// ROLLCALL_SETTINGS names, ./rollcall.toml, then rollcall/rollcall.toml in the folder XDG_CONFIG_HOME (~/.config if it is
/// not set; APPDATA on Windows). Without any, the defaults apply. `rollcall init` writes a file to start from.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// Read this file
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let found = find(arguments.settings.as_deref(), |name| std::env::var_os(name))?;
    let File { plan, set } = match &found {
        Some(path) => load(path)?,
        None => File::default(),
    };
    let source = |name: &str| if set.contains(name) { "file" } else { "default" };
    let path = found.as_deref().map(|path| path.display().to_string());
    if arguments.json {
        let thresholds = plan.settings.list().into_iter().map(|(group, doc, name, value)| {
            json!({"group": group, "name": name, "value": value, "source": source(name), "meaning": doc.trim()})
        });
        let thresholds: Vec<_> = thresholds.collect();
        let all = json!({"file": path, "thresholds": thresholds, "rules_off": plan.off});
        return Ok((format!("{all:#}\n"), 0));
    }
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut text = match &path {
        Some(path) => format!("{bold}Settings{bold:#}  {}\n", terminal::safe(path)),
        None => format!("{bold}Settings{bold:#}  no {FILE} found; defaults apply\n"),
    };
    let mut group = "";
    for (of, _, name, value) in plan.settings.list() {
        if of != group {
            let _ = writeln!(text, "\n{bold}{of}{bold:#}");
            group = of;
        }
        let _ = writeln!(text, "  {name:<42} {value:>12}  {dim}{}{dim:#}", source(name));
    }
    let off: Vec<&str> = plan.off.iter().copied().collect();
    let off = if off.is_empty() { "none".to_owned() } else { off.join(", ") };
    let _ = writeln!(text, "\n{bold}Rules that are off{bold:#}\n  {off:<42} {:>12}  {dim}{}{dim:#}", "", source("off"));
    Ok((text, 0))
}

/// The plan of the settings that are found; see [`Arguments`] for the order.
pub fn plan(named: Option<&Path>) -> Result<Plan, Failure> {
    let found = find(named, |name| std::env::var_os(name))?;
    found.map_or_else(|| Ok(Plan::default()), |path| load(&path).map(|file| file.plan))
}

/// The file that counts, if there is any. A file that is named must exist; others may be missing.
fn find(named: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<PathBuf>, Failure> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named {
        return Ok(Some(path.to_owned()));
    }
    if let Some(path) = variable(VARIABLE) {
        if !path.is_file() {
            let hint = format!("the environment variable {VARIABLE} names it");
            return Err(Failure::input(format!("there is no file {}", path.display()), hint));
        }
        return Ok(Some(path));
    }
    let homes = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
    let homes = homes.or_else(|| variable("APPDATA"));
    let of_user = homes.map(|home| home.join("rollcall").join(FILE));
    Ok([Some(PathBuf::from(FILE)), of_user].into_iter().flatten().find(|path| path.is_file()))
}

/// What a file sets.
#[derive(Default)]
struct File {
    plan: Plan,
    /// The names that it sets.
    set: BTreeSet<String>,
}

fn load(path: &Path) -> Result<File, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display()), None))?;
    read(&text, &path.display().to_string())
}

/// What is wrong in a file: the position, what, and a hint.
struct Wrong(usize, String, String);

/// Reads the text of a file of that name.
fn read(text: &str, file: &str) -> Result<File, Failure> {
    // Editors on Windows may begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = DeTable::parse(text).map_err(|error| {
        let position = error.span().map_or(0, |span| span.start);
        Wrong(position, error.message().to_owned(), "`rollcall init` writes a file to start from".to_owned())
    });
    parsed.and_then(|table| of_table(table.get_ref())).map_err(|Wrong(position, what, hint)| {
        Failure::input(format!("{file}{}: {what}", line_and_column(text, position)), hint)
    })
}

fn of_table(table: &DeTable<'_>) -> Result<File, Wrong> {
    let mut file = File::default();
    for (section, value) in table {
        let at = section.span().start;
        match (&**section.get_ref(), value.get_ref()) {
            ("thresholds", DeValue::Table(thresholds)) => {
                for (name, value) in thresholds {
                    threshold(name.get_ref(), name.span().start, value, &mut file)?;
                }
            }
            ("rules", DeValue::Table(rules)) => {
                for (name, value) in rules {
                    off(name.get_ref(), name.span().start, value, &mut file)?;
                }
            }
            (section @ ("thresholds" | "rules"), _) => {
                let hint = format!("write [{section}] on a separate line");
                return Err(Wrong(at, format!("{section} is not a section"), hint));
            }
            (name, _) if Settings::NAMES.contains(&name) => {
                let hint = "write it below a line [thresholds]".to_owned();
                return Err(Wrong(at, format!("{name} is in no section"), hint));
            }
            (name, _) => {
                let hint = alike(name, ["thresholds", "rules"].into_iter());
                return Err(Wrong(at, format!("there is no section {name}"), hint));
            }
        }
    }
    Ok(file)
}

fn threshold(name: &str, at: usize, value: &Spanned<DeValue<'_>>, file: &mut File) -> Result<(), Wrong> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number as f64),
        DeValue::Float(number) => number.as_str().parse().ok(),
        other => {
            let what = format!("{name} is a {}, not a number", other.type_str());
            return Err(Wrong(at, what, "write it without quotes, as in 1.05".to_owned()));
        }
    };
    let Some(number) = number else {
        return Err(Wrong(at, format!("{name} is out of range"), "write a number, as in 1.05".to_owned()));
    };
    match file.plan.settings.set(name, number) {
        Some(Ok(())) => {
            file.set.insert(name.to_owned());
            Ok(())
        }
        Some(Err(expected)) => Err(Wrong(at, format!("{name} cannot be {number}"), format!("it is {}", expected.0))),
        None => Err(Wrong(at, format!("there is no threshold {name}"), alike(name, Settings::NAMES.iter().copied()))),
    }
}

fn off(name: &str, at: usize, value: &Spanned<DeValue<'_>>, file: &mut File) -> Result<(), Wrong> {
    if name != "off" {
        return Err(Wrong(at, format!("[rules] has no {name}"), alike(name, ["off"].into_iter())));
    }
    let DeValue::Array(ids) = value.get_ref() else {
        return Err(Wrong(at, format!("{name} is not a list"), "write off = [\"ENR-003\"]".to_owned()));
    };
    for id in ids {
        let text = if let DeValue::String(text) = id.get_ref() { &**text } else { "" };
        let Some(rule) = qa::find(text) else {
            let hint = alike(text, qa::rules().map(|rule| rule.id));
            return Err(Wrong(id.span().start, format!("there is no rule {text:?}"), hint));
        };
        file.plan.off.insert(rule.id);
    }
    file.set.insert(name.to_owned());
    Ok(())
}

fn alike<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let best = names.max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)));
    best.map_or(String::new(), |best| format!("did you mean {best}? `rollcall init` writes a file with all of them"))
}

fn line_and_column(text: &str, offset: usize) -> String {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    format!(", line {line}, column {column}")
}

/// The commented file with every threshold at its default.
pub fn template() -> String {
    let mut text = String::from(
        "# Settings of rollcall. Every line that begins with a single # and a name holds a default; remove the # to change it.\n\
         # Unknown names are errors. Waivers and severities for a time or a school belong in the table rule_config.\n\
         # `rollcall settings` prints what applies and which file it comes from.\n",
    );
    text.push_str(
        "\n[rules]\n# Rules that do not run at all, such as [\"DUP-003\", \"ENR-026\"].\n#off = []\n\n[thresholds]\n",
    );
    let mut group = "";
    for (of, doc, name, value) in Settings::default().list() {
        if of != group {
            let _ = writeln!(text, "\n## {of}");
            group = of;
        }
        let _ = writeln!(text, "#{doc}\n#{name} = {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str) -> String {
        let Err(failure) = read(text, "rollcall.toml") else { panic!("the file is wrong: {text}") };
        format!("{} | {}", failure.message, failure.hint.unwrap_or_default())
    }

    #[test]
    fn the_template_is_the_default() {
        let template = template();
        let plan = read(&template, "rollcall.toml").unwrap_or_else(|failure| panic!("{}", failure.message)).plan;
        assert_eq!((&plan.settings, plan.off.len()), (&Settings::default(), 0));
        // Every line that holds a default can be taken at its word.
        let active: String = template
            .lines()
            .map(|line| {
                let names_one = |name: &&&str| line.starts_with(&format!("#{name} = "));
                if line == "#off = []" || Settings::NAMES.iter().any(|name| names_one(&name)) { &line[1..] } else { line }
            })
            .map(|line| line.to_owned() + "\n")
            .collect();
        let plan = read(&active, "rollcall.toml").unwrap_or_else(|failure| panic!("{}", failure.message)).plan;
        assert_eq!(plan.settings, Settings::default());
        assert_eq!(active.matches(" = ").count(), 1 + Settings::NAMES.len());
    }

    #[test]
    fn what_is_set_holds() {
        let text = "\u{feff}[thresholds]\nfte_cap = 1.2\nminimum_n = 5\n[rules]\noff = [\"enr-003\"]\n";
        let File { plan, set } = read(text, "x").ok().unwrap();
        assert_eq!(set.into_iter().collect::<Vec<_>>(), ["fte_cap", "minimum_n", "off"]);
        assert_eq!((plan.settings.fte_cap.0, plan.settings.minimum_n), (12_000, 5));
        assert!(plan.off.contains("ENR-003") && !plan.runs(qa::find("ENR-003").unwrap()));
    }

    #[test]
    fn errors_say_where_and_what_is_meant() {
        let text = "[thresholds]\n  fte_capp = 1.2\n";
        assert_eq!(
            fails(text),
            "rollcall.toml, line 2, column 3: there is no threshold fte_capp | did you mean fte_cap? `rollcall init` writes a \
             file with all of them"
        );
        assert!(fails("[thresholds]\nminimum_n = 2.5\n").contains("line 2, column 1: minimum_n cannot be 2.5"));
        assert!(fails("[thresholds]\nminimum_n = \"ten\"\n").contains("minimum_n is a string, not a number"));
        assert!(fails("[rules]\noff = [\"ENR-333\"]\n").contains("line 2, column 8: there is no rule"));
        assert!(fails("[treshold]\n").contains("line 1, column 2: there is no section treshold | did you mean thresholds?"));
        assert!(fails("[thresholds\n").contains("line 1, column"));
        assert!(fails("fte_cap = 3\n").contains("fte_cap is in no section | write it below a line [thresholds]"));
        assert!(fails("thresholds = 3\n").contains("thresholds is not a section"));
    }

    #[test]
    fn errors_name_the_place_of_the_name_itself() {
        // The name stands in a comment and in a list before.
        let text = "# fte_capp\n[rules]\noff = [\"ENR-003\",\n  \"ENR-999\"]\n[thresholds]\nfte_cap = 0x10\n";
        assert!(fails(text).contains("line 4, column 3: there is no rule \"ENR-999\""));
        assert!(fails("[thresholds]\nfte_cap = 1\nfte_cap = 2\n").contains("line 3, column 1: duplicate key"));
    }

    #[test]
    fn files_are_found_in_the_stated_order() {
        let folder = std::env::temp_dir().join(format!("rollcall-settings-{}", std::process::id()));
        let file = folder.join("rollcall").join(FILE);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "").unwrap();
        let with = |pairs: &[(&str, &Path)]| {
            let pairs: Vec<(String, OsString)> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_os_str().to_owned())).collect();
            move |name: &str| pairs.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone())
        };
        let (config, missing) = (("XDG_CONFIG_HOME", folder.as_path()), Path::new("/there/is/none.toml"));
        assert_eq!(find(None, with(&[config])).unwrap(), Some(file.clone()));
        assert_eq!(find(None, with(&[config, (VARIABLE, &file)])).unwrap(), Some(file.clone()));
        assert_eq!(find(Some(missing), with(&[config, (VARIABLE, &file)])).unwrap(), Some(missing.to_owned()));
        assert!(find(None, with(&[config, (VARIABLE, missing)])).is_err(), "a file that is named must exist");
        assert_eq!(find(None, with(&[("HOME", missing)])).unwrap(), None);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
