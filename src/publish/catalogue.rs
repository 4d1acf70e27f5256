//! `reports/rules.md`, `reports/kpis.md` and `reports/tables.md`: the rules, KPIs, tables and relations, from their
//! declarations.

use crate::kpi::KPIS;
use crate::model::{CodeSet, FieldType, Table};
use crate::qa::{RULE_GROUPS, Rule};
use crate::quality::relations::DQ_RELATIONS;
use crate::warehouse::RELATIONS;
use std::fmt::Write;

/// The catalog of rules.
pub fn rules() -> String {
    let mut text = String::from("# Rules\n\nGenerated from the declarations; `rollcall rules ID` prints one.\n");
    text.push_str("\n| rule | severity | what is wrong |\n| --- | --- | --- |\n");
    for rule in crate::qa::rules() {
        let _ = writeln!(text, "| [{}](#{}) | {} | {} |", rule.id, anchor(rule), rule.severity.name(), rule.title);
    }
    for family in RULE_GROUPS {
        let _ = writeln!(text, "\n# {}", family.name.replace('_', " "));
        for rule in family.rules {
            let _ = writeln!(text, "\n## {}: {}", rule.id, rule.title);
            let _ = writeln!(text, "\n{}.", rule.severity.name());
            let needs: Vec<&str> = rule.needs.iter().map(|table| table.spec().name).collect();
            let evidence = if rule.evidence.is_empty() { "nothing more".to_owned() } else { rule.evidence.join(", ") };
            let _ = writeln!(text, "\n{}\nEvidence: {evidence}.", paragraphs(rule.doc).replace("## ", "### "));
            if !needs.is_empty() {
                let _ = writeln!(text, "Needs: {}.", needs.join(", "));
            }
        }
    }
    text
}

/// The catalog of KPIs.
pub fn kpis() -> String {
    let mut text = String::from("# KPIs\n\nGenerated from the declarations; `rollcall kpis ID` prints one.\n");
    text.push_str("\n| KPI | what it is | in |\n| --- | --- | --- |\n");
    for kpi in KPIS {
        let _ = writeln!(text, "| {} | {} | {} |", kpi.id, kpi.title, kpi.unit);
    }
    for kpi in KPIS {
        let _ = writeln!(text, "\n## {}: {}\n\n{}\n", kpi.id, kpi.title, wrapped(kpi.doc));
        let _ = writeln!(text, "Grain: {}, in {}.\n", kpi.grain, kpi.unit);
        let columns: Vec<&str> = kpi.keys.iter().copied().chain(kpi.columns.iter().map(|(name, _)| *name)).collect();
        let _ = writeln!(text, "Columns: {}, suppressed.\n", columns.join(", "));
        let _ = writeln!(text, "File: `reports/analysis_tables/{}.csv`.", kpi.name);
    }
    text
}

fn anchor(rule: &Rule) -> String {
    let heading = format!("{}: {}", rule.id, rule.title).to_lowercase().replace(' ', "-");
    heading.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

/// The doc comment of a rule as paragraphs of plain text.
pub(crate) fn paragraphs(doc: &str) -> String {
    doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).fold(String::new(), |text, line| text + line + "\n")
}

/// A text in lines of at most 110 characters.
pub(crate) fn wrapped(text: &str) -> String {
    wrap(text, 110).join("\n")
}

/// A text in lines of at most this many characters.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used == 0 => line.push_str(word),
            Some(line) if used + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1;
            }
            _ => {
                lines.push(word.to_owned());
                used = 0;
            }
        }
        used += length;
    }
    lines
}

/// The catalog of tables, code sets and relations.
pub fn tables() -> String {
    let mut text = String::from(
        "# Tables\n\nGenerated from the declarations. An extract is a folder with one CSV file per table, named after it; \
         headers come in\nany order and case. Every end, exit and expiration is the first day not included. Lists are \
         separated by `;`.\n",
    );
    for &table in Table::ALL {
        let spec = table.spec();
        let _ = writeln!(text, "\n## {}\n\n{}\n\nKey: {}.\n", spec.name, spec.doc.trim(), spec.key.join(", "));
        text.push_str("| column | holds | required | also read as | meaning |\n| --- | --- | --- | --- | --- |\n");
        for column in spec.columns {
            let holds = match (column.kind, table.referred(column)) {
                (FieldType::Ids(_), Some(parent)) => format!("list of ids of {}", parent.spec().name),
                (_, Some(parent)) => format!("id of {}", parent.spec().name),
                (kind, None) => describe(kind),
            };
            let required = if column.required { "yes" } else { "" };
            let aliases = column.aliases.join(", ");
            let _ = writeln!(text, "| {} | {holds} | {required} | {aliases} | {} |", column.name, column.doc.trim());
        }
    }
    text.push_str("\n# Code sets\n\n| set | codes | meaning |\n| --- | --- | --- |\n");
    for &set in CodeSet::ALL {
        let _ = writeln!(text, "| {} | {} | {} |", set.name(), set.values().join(", "), set.doc().trim());
    }
    text.push_str("\n# Relations\n");
    for relation in RELATIONS {
        let _ = writeln!(text, "\n## {}\n\nGrain: {}.\n", relation.name, relation.grain);
        text.push_str("| column | meaning |\n| --- | --- |\n");
        for key in relation.surrogates {
            let joined = if key.of.len() > 1 { ", joined with a bar" } else { "" };
            let when = key.when.map_or(String::new(), |column| format!("; empty unless {column}"));
            let _ = writeln!(text, "| {} | md5 of {}{joined}{when} |", key.name, key.of.join(" and "));
        }
        for column in relation.all_columns() {
            let _ = writeln!(text, "| {} | {} |", column.name, column.meaning);
        }
        text.push_str("| origin | SYNTHETIC for generated records, else extract |\n");
    }
    for relation in DQ_RELATIONS {
        let _ = writeln!(text, "\n## {}\n\nGrain: {}.\n", relation.name, relation.grain);
        text.push_str("| column | meaning |\n| --- | --- |\n");
        for column in relation.columns {
            let _ = writeln!(text, "| {} | {} |", column.name, column.meaning);
        }
        text.push_str("| origin | SYNTHETIC for generated records, else extract |\n");
    }
    text
}

fn describe(kind: FieldType) -> String {
    match kind {
        FieldType::Text => "text".to_owned(),
        FieldType::Id(_) => "id".to_owned(),
        FieldType::Code(set) => set.name().to_owned(),
        FieldType::Day => "date".to_owned(),
        FieldType::Decimal(places) => format!("decimal, {places} places"),
        FieldType::Int => "whole number".to_owned(),
        FieldType::Year => "spring year".to_owned(),
        FieldType::Bool => "true or false".to_owned(),
        FieldType::Codes(set) => format!("list of {}", set.name()),
        FieldType::List => "list of texts".to_owned(),
        FieldType::Ids(_) => "list of ids".to_owned(),
    }
}
