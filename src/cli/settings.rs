//! `rollcall.toml`: thresholds and switches. Unknown names are errors with their place, because a threshold that is
//! misspelt is a threshold that does not hold.

use super::Failure;
use crate::model::Settings;
use crate::plan::Plan;
use crate::qa;
use std::fmt::Write;
use std::path::Path;

/// The name of the file, looked for where the command runs.
pub const FILE: &str = "rollcall.toml";

/// The plan that a file describes; without one, the default.
pub fn plan(named: Option<&Path>) -> Result<Plan, Failure> {
    let path = named.unwrap_or(Path::new(FILE));
    if named.is_none() && !path.exists() {
        return Ok(Plan::default());
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display()), None))?;
    read(&text, &path.display().to_string())
}

/// Reads the text of a file of that name.
fn read(text: &str, file: &str) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let place = error.span().map_or(String::new(), |span| place(text, span.start));
        Failure::input(
            format!("{file}{place}: {}", error.message()),
            "`rollcall init` writes a file to start from".to_owned(),
        )
    })?;
    let wrong = |name: &str, what: String, hint: String| {
        Failure::input(format!("{file}{}: {what}", place(text, position(text, name))), hint)
    };
    for (section, value) in &table {
        match (section.as_str(), value) {
            ("thresholds", toml::Value::Table(thresholds)) => {
                for (name, value) in thresholds {
                    let number = match value {
                        toml::Value::Integer(number) => *number as f64,
                        toml::Value::Float(number) => *number,
                        other => {
                            let what = format!("{name} is a {}, not a number", other.type_str());
                            return Err(wrong(name, what, "write it without quotes, as in 1.05".to_owned()));
                        }
                    };
                    match plan.settings.set(name, number) {
                        Some(Ok(())) => {}
                        Some(Err(expected)) => {
                            let what = format!("{name} cannot be {number}");
                            return Err(wrong(name, what, format!("it is {}", expected.0)));
                        }
                        None => {
                            let hint = alike(name, Settings::NAMES.iter().copied());
                            return Err(wrong(name, format!("there is no threshold {name}"), hint));
                        }
                    }
                }
            }
            ("rules", toml::Value::Table(rules)) => {
                for (name, value) in rules {
                    let toml::Value::Array(ids) = value else {
                        return Err(wrong(name, format!("{name} is no list"), "write off = [\"ENR-003\"]".to_owned()));
                    };
                    if name != "off" {
                        return Err(wrong(name, format!("rules know no {name}"), alike(name, ["off"].into_iter())));
                    }
                    for id in ids {
                        let text = id.as_str().unwrap_or("");
                        let Some(rule) = qa::find(text) else {
                            let hint = alike(text, qa::rules().map(|rule| rule.id));
                            return Err(wrong(text, format!("there is no rule {id}"), hint));
                        };
                        plan.off.insert(rule.id);
                    }
                }
            }
            ("thresholds" | "rules", _) => {
                let hint = format!("write [{section}] on a line of its own");
                return Err(wrong(section, format!("{section} is no section"), hint));
            }
            _ if Settings::NAMES.contains(&section.as_str()) => {
                let hint = "thresholds stand below a line [thresholds]".to_owned();
                return Err(wrong(section, format!("{section} stands in no section"), hint));
            }
            _ => {
                let hint = alike(section, ["thresholds", "rules"].into_iter());
                return Err(wrong(section, format!("there is no section {section}"), hint));
            }
        }
    }
    Ok(plan)
}

fn alike<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let best = names.max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)));
    best.map_or(String::new(), |best| format!("is {best} meant? `rollcall init` writes a file with all of them"))
}

/// Where a name stands as a key or as an item of a list.
fn position(text: &str, name: &str) -> usize {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or(line);
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let found = code.match_indices(name).find(|(place, _)| {
            let (before, after) = (code[..*place].chars().next_back(), code[place + name.len()..].chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        });
        if let Some((place, _)) = found.filter(|_| !name.is_empty()) {
            return offset + place;
        }
        offset += line.len();
    }
    0
}

fn place(text: &str, offset: usize) -> String {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    format!(", line {line}, column {column}")
}

/// The commented file with every threshold at its default.
pub fn template() -> String {
    let mut text = String::from(
        "# What rollcall computes with. Every line that begins with a single # and a name holds a default; remove the # to\n\
         # change it.\n\
         # Unknown names are errors. Waivers and weights for a time or a school stand in the table rule_config of the extract.\n",
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
        let plan = read(&template, "rollcall.toml").unwrap_or_else(|failure| panic!("{}", failure.message));
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
        let plan = read(&active, "rollcall.toml").unwrap_or_else(|failure| panic!("{}", failure.message));
        assert_eq!(plan.settings, Settings::default());
        assert_eq!(active.matches(" = ").count(), 1 + Settings::NAMES.len());
    }

    #[test]
    fn what_is_set_holds() {
        let plan = read("[thresholds]\nfte_cap = 1.2\nminimum_n = 5\n[rules]\noff = [\"enr-003\"]\n", "x").ok().unwrap();
        assert_eq!((plan.settings.fte_cap.0, plan.settings.minimum_n), (12_000, 5));
        assert!(plan.off.contains("ENR-003") && !plan.runs(qa::find("ENR-003").unwrap()));
    }

    #[test]
    fn errors_say_where_and_what_is_meant() {
        let text = "[thresholds]\n  fte_capp = 1.2\n";
        assert_eq!(
            fails(text),
            "rollcall.toml, line 2, column 3: there is no threshold fte_capp | is fte_cap meant? `rollcall init` writes a file \
             with all of them"
        );
        assert!(fails("[thresholds]\nminimum_n = 2.5\n").contains("line 2, column 1: minimum_n cannot be 2.5"));
        assert!(fails("[thresholds]\nminimum_n = \"ten\"\n").contains("minimum_n is a string, not a number"));
        assert!(fails("[rules]\noff = [\"ENR-333\"]\n").contains("line 2, column 9: there is no rule"));
        assert!(fails("[treshold]\n").contains("line 1, column 2: there is no section treshold | is thresholds meant?"));
        assert!(fails("[thresholds\n").contains("line 1, column"));
        assert!(
            fails("fte_cap = 3\n").contains("fte_cap stands in no section | thresholds stand below a line [thresholds]")
        );
        assert!(fails("thresholds = 3\n").contains("thresholds is no section"));
    }
}
