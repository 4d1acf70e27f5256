//! Tests of reading by name what was stored under another schema.

use super::*;
use crate::model::{Date, Fault, RowName, Texts};
use std::num::NonZeroU32;

/// A stored value that can be written under another schema.
#[derive(Clone, Debug)]
enum Node {
    Bytes(Vec<u8>),
    None,
    Some(Box<Node>),
    List(Vec<Node>, bool),
    Fields(BTreeMap<String, Node>),
    Variant(String, Box<Node>),
}

/// Reads and writes values of a schema without their types.
struct Plain<'a>(&'a Schema);

impl Plain<'_> {
    fn layout(&self, layout: &Layout<String>, from: &mut &[u8]) -> Node {
        match layout {
            Layout::Unit => Node::Bytes(Vec::new()),
            Layout::Newtype(of) => self.value(of, from),
            Layout::Tuple(of) => Node::List(of.iter().map(|of| self.value(of, from)).collect(), false),
            Layout::Struct(fields) => {
                Node::Fields(fields.iter().map(|(name, of)| (name.clone(), self.value(of, from))).collect())
            }
            Layout::Enum(variants) => {
                let (name, layout) = &variants[usize::from(from[0])];
                *from = &from[1..];
                Node::Variant(name.clone(), Box::new(self.layout(layout, from)))
            }
        }
    }

    fn value(&self, of: &Type<String>, from: &mut &[u8]) -> Node {
        let byte = |from: &mut &[u8]| {
            let byte = from[0];
            *from = &from[1..];
            byte
        };
        match of {
            Type::Of(name) => self.layout(&self.0.types[name], from),
            Type::Option(of) => {
                if byte(from) == 0 {
                    Node::None
                } else {
                    Node::Some(Box::new(self.value(of, from)))
                }
            }
            Type::Seq(of) => Node::List((0..byte(from)).map(|_| self.value(of, from)).collect(), true),
            Type::Tuple(of) => Node::List(of.iter().map(|of| self.value(of, from)).collect(), false),
            Type::Array(of, length) => Node::List((0..*length).map(|_| self.value(of, from)).collect(), false),
            Type::Str | Type::Bytes => {
                let (text, rest) = from[1..].split_at(usize::from(from[0]));
                let whole = [&from[..1], text].concat();
                *from = rest;
                Node::Bytes(whole)
            }
            Type::Bool | Type::U8 | Type::I8 => Node::Bytes(vec![byte(from)]),
            Type::I16 | Type::I32 | Type::I64 | Type::U16 | Type::U32 | Type::U64 => {
                let length = match from[0] {
                    251 => 3,
                    252 => 5,
                    253 => 9,
                    _ => 1,
                };
                let (number, rest) = from.split_at(length);
                *from = rest;
                Node::Bytes(number.to_vec())
            }
            other => unreachable!("{other:?} is not in a change"),
        }
    }

    fn write_layout(&self, layout: &Layout<String>, node: &Node, into: &mut Vec<u8>) {
        match (layout, node) {
            (Layout::Newtype(of), node) => self.write(of, node, into),
            (Layout::Tuple(of), Node::List(nodes, _)) => {
                of.iter().zip(nodes).for_each(|(of, node)| self.write(of, node, into));
            }
            (Layout::Struct(fields), Node::Fields(nodes)) => {
                // A field that nobody had is empty.
                let none = Node::None;
                fields.iter().for_each(|(name, of)| self.write(of, nodes.get(name).unwrap_or(&none), into));
            }
            (Layout::Enum(variants), Node::Variant(name, node)) => {
                let at = variants.iter().position(|(variant, _)| variant == name).expect("the value has its variant");
                into.push(at as u8);
                self.write_layout(&variants[at].1, node, into);
            }
            (Layout::Unit, _) => {}
            (layout, node) => unreachable!("{layout:?} and {node:?}"),
        }
    }

    fn write(&self, of: &Type<String>, node: &Node, into: &mut Vec<u8>) {
        match (of, node) {
            (Type::Of(name), node) => self.write_layout(&self.0.types[name], node, into),
            (Type::Option(_), Node::None) => into.push(0),
            (Type::Option(of), Node::Some(node)) => {
                into.push(1);
                self.write(of, node, into);
            }
            (Type::Seq(of), Node::List(nodes, true)) => {
                into.push(nodes.len() as u8);
                nodes.iter().for_each(|node| self.write(of, node, into));
            }
            (Type::Tuple(of), Node::List(nodes, _)) => {
                of.iter().zip(nodes).for_each(|(of, node)| self.write(of, node, into));
            }
            (Type::Array(of, _), Node::List(nodes, _)) => nodes.iter().for_each(|node| self.write(of, node, into)),
            (_, Node::Bytes(bytes)) => into.extend(bytes),
            (of, node) => unreachable!("{of:?} and {node:?}"),
        }
    }
}

/// A change as it would have been stored under another schema.
fn stored(change: &Change, schema: &Schema) -> Vec<u8> {
    let (mut now, mut then) = (Vec::new(), Vec::new());
    record::encode(change, &mut now);
    let change = Type::Of("Change".to_owned());
    let node = Plain(Schema::current()).value(&change, &mut &now[..]);
    Plain(schema).write(&change, &node, &mut then);
    then
}

fn struct_of<'a>(schema: &'a mut Schema, name: &str) -> &'a mut Vec<(String, Type<String>)> {
    match schema.types.get_mut(name) {
        Some(Layout::Struct(fields)) => fields,
        other => panic!("{other:?}"),
    }
}

fn enum_of<'a>(schema: &'a mut Schema, name: &str) -> &'a mut Vec<(String, Layout<String>)> {
    match schema.types.get_mut(name) {
        Some(Layout::Enum(variants)) => variants,
        other => panic!("{other:?}"),
    }
}

fn rows(texts: &mut Texts) -> Vec<Record> {
    let enrollment = [
        ("enrollment_id", "E1"),
        ("student_id", "S1"),
        ("school_id", "A"),
        ("school_year", "2026"),
        ("grade_level", "03"),
        ("entry_date", "2025-09-02"),
        ("exit_date", "2025-12-01"),
        ("exit_type", "graduated"),
    ];
    let section = [
        ("section_id", "X"),
        ("course_id", "C"),
        ("school_id", "A"),
        ("school_year", "2026"),
        ("session_ids", "S1;S2"),
        ("periods", "1;2;3"),
    ];
    let student = [("student_id", "S1"), ("first_name", "Ada\u{1f}"), ("last_name", "Lee"), ("race", "asian;white;odd")];
    let course = [("course_id", "C"), ("org_id", "D"), ("title", "Art"), ("grades", "KG;12")];
    vec![
        Table::SchoolEnrollment.row(&enrollment, texts).unwrap(),
        Table::Section.row(&section, texts).unwrap(),
        Table::Student.row(&student, texts).unwrap(),
        Table::Course.row(&course, texts).unwrap(),
    ]
}

fn changes(texts: &mut Texts) -> Vec<Change> {
    let key = NonZeroU32::MIN;
    let reason = Reason::Field { column: 3, position: 4, fault: Fault::Missing, value: None };
    let row = RowName::Place(texts.id("a.csv"), 2);
    let rejected = Rejected { table: Table::Course, row, file: texts.id("a.csv"), line: 2, reason };
    let mut changes: Vec<Change> = rows(texts).into_iter().map(Change::Upsert).collect();
    changes.extend([Change::Delete(Table::Clock, key), Change::KeyChange(key, rows(texts)[0]), Change::Reject(rejected)]);
    changes
}

fn read(reading: &Reading, bytes: &[u8], dropped: &mut Dropped) -> Result<Change, Undecodable> {
    let mut part = super::super::Part { count: 1, changes: record::Bytes(bytes.to_vec()), ..Default::default() };
    reading.changes(&mut part, dropped)?;
    part.changes().next().expect("there is one")
}

#[test]
fn what_was_stored_in_another_order_is_read_by_name() {
    let mut schema = Schema::current().clone();
    for (name, layout) in &mut schema.types {
        match layout {
            Layout::Struct(fields) => fields.reverse(),
            // An option and a result have no names.
            Layout::Enum(variants) if name != "TextSpace" => variants.reverse(),
            _ => {}
        }
    }
    schema.tables.values_mut().for_each(|table| {
        table.columns.reverse();
        table.watched.reverse();
    });
    let reading = Reading::of(&schema).unwrap();
    let mut texts = Texts::default();
    for change in changes(&mut texts) {
        let mut expected = change;
        match &mut expected {
            // Where the stored bits and positions are now.
            Change::Upsert(row) | Change::KeyChange(_, row) => reading.row(row),
            Change::Reject(fault) => reading.rejected(fault),
            _ => {}
        }
        assert_eq!(read(&reading, &stored(&change, &schema), &mut Dropped::new()).unwrap(), expected);
    }
    let Change::Reject(Rejected { reason: Reason::Field { column, .. }, .. }) =
        read(&reading, &stored(&changes(&mut texts)[6], &schema), &mut Dropped::new()).unwrap()
    else {
        panic!("a rejection")
    };
    let columns = Table::Course.spec().columns;
    assert_eq!(usize::from(column), columns.len() - 1 - 3);
}

#[test]
fn new_columns_and_codes_are_empty_and_gone_ones_are_dropped_and_counted() {
    let mut texts = Texts::default();
    let change = changes(&mut texts)[0];
    let Change::Upsert(Record::SchoolEnrollment(row)) = change else { panic!("an enrollment") };
    // An earlier version did not have these.
    let mut schema = Schema::current().clone();
    struct_of(&mut schema, "SchoolEnrollment").retain(|(name, _)| name != "exit_date" && name != "class_of");
    enum_of(&mut schema, "ExitType").retain(|(name, _)| name != "dropout");
    schema.tables.get_mut("school_enrollment").unwrap().columns.retain(|name| name != "exit_date" && name != "class_of");
    let reading = Reading::of(&schema).unwrap();
    let mut dropped = Dropped::new();
    let expected = Change::Upsert(Record::SchoolEnrollment(crate::model::SchoolEnrollment { exit_date: None, ..row }));
    assert_eq!(read(&reading, &stored(&change, &schema), &mut dropped).unwrap(), expected);
    assert!(dropped.is_empty());
    // It had one that this version does not have.
    let mut schema = Schema::current().clone();
    struct_of(&mut schema, "SchoolEnrollment").insert(2, ("homeroom".to_owned(), Type::Option(Box::new(Type::Str))));
    let unknown = read(&Reading::of(&schema).unwrap(), &stored(&change, &schema), &mut dropped).unwrap_err();
    assert_eq!(unknown.to_string(), "it has `SchoolEnrollment.homeroom`, which this version does not know");
    let reading = Reading::with(&schema, &[("SchoolEnrollment", "homeroom")]).unwrap();
    assert_eq!(read(&reading, &stored(&change, &schema), &mut dropped).unwrap(), change);
    assert_eq!(dropped, Dropped::from([(("SchoolEnrollment".to_owned(), "homeroom".to_owned()), 1)]));
    // A code that only a later version knows.
    let mut schema = Schema::current().clone();
    let graduated = enum_of(&mut schema, "ExitType").iter_mut().find(|(name, _)| name == "graduated").unwrap();
    graduated.0 = "moved_to_mars".to_owned();
    let mut bytes = Vec::new();
    record::encode(&change, &mut bytes);
    let unknown = read(&Reading::of(&schema).unwrap(), &bytes, &mut dropped).unwrap_err();
    assert_eq!(unknown.to_string(), "it has `moved_to_mars`, which this version does not know");
    assert_eq!(Schema::current().differences(), Vec::<String>::new());
    assert_eq!(schema.differences(), ["then only: value ExitType.moved_to_mars", "now only: value ExitType.graduated"]);
}

/// Columns that became optional, and whole numbers that became longer.
#[test]
fn types_that_became_wider_are_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Clock {
        clock_id: Option<u32>,
        school_year: i64,
        date: Option<Date>,
    }
    let mut texts = Texts::default();
    let row = [("clock_id", "today"), ("school_year", "2026"), ("date", "2025-09-02")];
    let Record::Clock(row) = Table::Clock.row(&row, &mut texts).unwrap() else { panic!("a clock") };
    let mut bytes = Vec::new();
    record::encode(&row, &mut bytes);
    let mut schema = Schema::current().clone();
    schema.types.insert("Unused".to_owned(), Layout::Unit);
    let clock: Clock = Reading::of(&schema).unwrap().decode("Clock", &mut &bytes[..], &mut Dropped::new()).unwrap();
    assert_eq!(clock, Clock { clock_id: Some(1), school_year: 2026, date: Some(row.date) });
}

#[test]
fn the_subject_of_a_violation_keeps_its_codes_and_columns() {
    let mut schema = Schema::current().clone();
    enum_of(&mut schema, "StatusType").rotate_left(1);
    schema.tables.get_mut("course").unwrap().columns.rotate_left(1);
    let reading = Reading::of(&schema).unwrap();
    let natural = |rank| Subject::Natural(Table::StudentStatus, [7, Value::Code(CodeSet::StatusType, rank).part(), 9, 0]);
    // What was second is first now.
    assert_eq!(reading.subject(natural(0)), Some(natural(1)));
    let at = |column| Subject::Reference(Table::Course, column, NonZeroU32::MIN);
    assert_eq!(reading.subject(at(0)), Some(at(1)));
    assert_eq!(Reading::current().subject(natural(3)), Some(natural(3)));
    schema.tables.get_mut("course").unwrap().columns[0] = "gone".to_owned();
    assert_eq!(Reading::of(&schema).unwrap().subject(at(0)), None);
}

/// Version 0.1 stored these sets by position.
#[test]
fn the_first_codes_of_sets_stay_the_first() {
    for set in [CodeSet::RaceFlag, CodeSet::Grade] {
        let Layout::Enum(codes) = &Schema::first().types[set.name()] else { panic!("an enum") };
        let first: Vec<&str> = codes.iter().map(|(code, _)| code.as_str()).filter(|code| *code != "Unknown").collect();
        assert_eq!(set.values()[..first.len()], first);
    }
}

#[test]
fn a_schema_that_refers_to_nothing_is_refused() {
    let mut schema = Schema::current().clone();
    schema.types.remove("Date");
    assert_eq!(Reading::of(&schema).unwrap_err(), "its schema does not state Date");
    assert_eq!(
        format!("{:?} {:?}", Reading::current(), Reading::of(Schema::first()).unwrap()),
        "the current schema another schema"
    );
}
