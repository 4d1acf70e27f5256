//! `sql/schema.sql` and `sql/constraints.sql`: the tables of the model for PostgreSQL, from their declarations. Constraints
//! are in a separate file because real extracts violate some and must still be loaded.

use crate::model::{Column, FieldType, Table};
use std::fmt::Write;

/// The tables.
pub fn schema() -> String {
    let mut sql = String::from(
        "-- The tables of the data model, for PostgreSQL. Generated from the declarations in src/model; do not edit.\n\
         -- Every end, exit and expiration is the first day not included. Lists are tables of their own, named after\n\
         -- table and member. Constraints are in constraints.sql.\n",
    );
    for &table in Table::ALL {
        let spec = table.spec();
        let _ = write!(sql, "\ncreate table {} (\n", spec.name);
        let columns: Vec<&Column> = spec.columns.iter().filter(|column| list_table(table, column).is_none()).collect();
        for (place, column) in columns.iter().enumerate() {
            let required = if column.required { " not null" } else { "" };
            let comma = if place + 1 < columns.len() { "," } else { "" };
            let _ = writeln!(sql, "    {} {}{required}{comma}", column.name, sql_type(column.kind));
        }
        sql.push_str(");\n");
        let _ = writeln!(sql, "comment on table {} is {};", spec.name, quoted(spec.doc));
        for column in columns {
            let _ = writeln!(sql, "comment on column {}.{} is {};", spec.name, column.name, quoted(column.doc));
        }
        for (name, member, column) in list_tables(table) {
            let key = spec.key[0];
            let _ = write!(sql, "\ncreate table {name} (\n    {key} text not null,\n    {member} text not null\n);\n");
            let _ = writeln!(sql, "comment on table {name} is {};", quoted(column.doc));
        }
    }
    sql
}

/// The constraints.
pub fn constraints() -> String {
    let mut sql = String::from(
        "-- Keys, references and code sets of the tables in schema.sql, for PostgreSQL. Generated; do not edit.\n\
         -- Real extracts violate some of them; the rules report that.\n\n",
    );
    for &table in Table::ALL {
        let spec = table.spec();
        let _ = writeln!(sql, "alter table {} add primary key ({});", spec.name, spec.key.join(", "));
        if !spec.natural.is_empty() {
            let _ = writeln!(sql, "alter table {} add unique ({});", spec.name, spec.natural.join(", "));
        }
        for (name, member, _) in list_tables(table) {
            let key = spec.key[0];
            let _ = writeln!(sql, "alter table {name} add primary key ({key}, {member});");
        }
    }
    sql.push('\n');
    for &table in Table::ALL {
        let spec = table.spec();
        for column in spec.columns {
            if let (Some(parent), None) = (table.referred(column), list_table(table, column)) {
                let (parent, key) = (parent.spec().name, parent.spec().key[0]);
                let _ = writeln!(
                    sql,
                    "alter table {} add foreign key ({}) references {parent} ({key});",
                    spec.name, column.name
                );
            }
            if let FieldType::Code(set) = column.kind {
                let _ =
                    writeln!(sql, "alter table {} add check ({} in ({}));", spec.name, column.name, values(set.values()));
            }
        }
        for (name, member, column) in list_tables(table) {
            let key = spec.key[0];
            let _ = writeln!(sql, "alter table {name} add foreign key ({key}) references {} ({key});", spec.name);
            if let Some(parent) = table.referred(column) {
                let (parent, key) = (parent.spec().name, parent.spec().key[0]);
                let _ = writeln!(sql, "alter table {name} add foreign key ({member}) references {parent} ({key});");
            }
            if let FieldType::Codes(set) = column.kind {
                let _ = writeln!(sql, "alter table {name} add check ({member} in ({}));", values(set.values()));
            }
        }
    }
    sql
}

/// The list columns of a table: the table that holds each, the name of its member, and the column.
pub(crate) fn list_tables(table: Table) -> impl Iterator<Item = (String, String, &'static Column)> {
    table.spec().columns.iter().filter_map(move |column| {
        let (name, member) = list_table(table, column)?;
        Some((name, member, column))
    })
}

fn list_table(table: Table, column: &Column) -> Option<(String, String)> {
    if !matches!(column.kind, FieldType::Codes(_) | FieldType::List | FieldType::Ids(_)) {
        return None;
    }
    // `grades` holds grades and `session_ids` session ids; `race` is its own singular.
    let member = column.name.strip_suffix('s').unwrap_or(column.name);
    let short = member.strip_suffix("_id").unwrap_or(member);
    Some((format!("{}_{short}", table.spec().name), member.to_owned()))
}

fn sql_type(kind: FieldType) -> String {
    match kind {
        FieldType::Text | FieldType::Id(_) | FieldType::Code(_) => "text".to_owned(),
        FieldType::Codes(_) | FieldType::List | FieldType::Ids(_) => "text".to_owned(),
        FieldType::Day => "date".to_owned(),
        FieldType::Decimal(places) => format!("numeric({}, {places})", 6 + places),
        FieldType::Int => "integer".to_owned(),
        FieldType::Year => "smallint".to_owned(),
        FieldType::Bool => "boolean".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.trim().replace('\'', "''"))
}

fn values(values: &[&str]) -> String {
    values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ")
}
