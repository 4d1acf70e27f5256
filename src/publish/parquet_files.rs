//! A table as Parquet: the same rows in the same order as the CSV file, with types. Decimals stay exact (DECIMAL on 64 bits),
//! days are DATE, every column may be null. The file names rollcall as its writer but no time, so equal tables give equal bytes.

use super::typed::{self, Typed};
use super::{Error, Header, Layer, Publication, Sink, Written, replace};
use crate::current::Origin;
use crate::model::Date;
use crate::warehouse::RenderedTable;
use crate::warehouse::columns::Kind;
use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows per row group: few enough that a reader does not need the whole table in memory, enough that columns compress well.
const GROUP: usize = 100_000;
/// The day that Parquet's DATE counts from.
const EPOCH: Date = Date::ymd(1970, 1, 1).unwrap();

/// Writes each relation as a file in `warehouse/out/`, with the origin of its records in the last column.
pub(crate) struct ParquetFiles {
    folder: PathBuf,
    origin: Origin,
}

impl ParquetFiles {
    /// Begins.
    pub(crate) fn begin(out: &Path, header: &Header) -> Result<Box<dyn Sink>, Error> {
        Ok(Box::new(ParquetFiles { folder: out.join(Layer::Warehouse.folder()), origin: header.origin }))
    }
}

impl Sink for ParquetFiles {
    fn table(&mut self, layer: Layer, table: &RenderedTable) -> Result<(), Error> {
        match layer {
            Layer::Warehouse => write_groups(table, &self.folder, self.origin, GROUP).map(drop),
            Layer::Kpi => Ok(()),
        }
    }

    fn finish(self: Box<Self>, _: &Publication<'_>) -> Result<Vec<Written>, Error> {
        // It is listed together with the CSV files of the same folder.
        Ok(Vec::new())
    }
}

fn write_groups(rendered: &RenderedTable, folder: &Path, origin: Origin, group: usize) -> Result<PathBuf, Error> {
    let path = folder.join(format!("{}.parquet", rendered.name));
    replace(&path, |file| {
        let schema = parse_message_type(&schema(rendered)).map_err(other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("rollcall ", env!("CARGO_PKG_VERSION")).to_owned());
        let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build())).map_err(other)?;
        for begin in (0..rendered.rows.len()).step_by(group) {
            let mut rows = writer.next_row_group().map_err(other)?;
            let range = begin..rendered.rows.len().min(begin + group);
            for (place, &kind) in rendered.kinds.iter().enumerate() {
                let fields = typed::column(rendered, place, range.clone()).collect::<io::Result<Vec<_>>>()?;
                let mut column = rows.next_column().map_err(other)?.ok_or_else(missing)?;
                write_column(&mut column, kind, &fields)?;
                column.close().map_err(other)?;
            }
            let mut column = rows.next_column().map_err(other)?.ok_or_else(missing)?;
            write_column(&mut column, Kind::Text, &vec![Typed::Text(origin.name()); range.len()])?;
            column.close().map_err(other)?;
            rows.close().map_err(other)?;
        }
        writer.close().map_err(other)?;
        Ok(())
    })?;
    Ok(path)
}

fn other(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

fn missing() -> io::Error {
    io::Error::other("the schema has fewer columns than the table")
}

fn schema(rendered: &RenderedTable) -> String {
    let mut schema = format!("message {} {{\n", rendered.name);
    for (name, &kind) in rendered.columns.iter().zip(&rendered.kinds).chain([(&"origin", &Kind::Text)]) {
        let _ = match kind {
            Kind::Text => writeln!(schema, "optional binary {name} (STRING);"),
            Kind::Int => writeln!(schema, "optional int64 {name};"),
            Kind::Decimal(places) => writeln!(schema, "optional int64 {name} (DECIMAL(18, {places}));"),
            Kind::Real => writeln!(schema, "optional double {name};"),
            Kind::YesNo => writeln!(schema, "optional boolean {name};"),
            Kind::Date => writeln!(schema, "optional int32 {name} (DATE);"),
        };
    }
    schema + "}\n"
}

fn write_column(column: &mut SerializedColumnWriter<'_>, kind: Kind, fields: &[Typed<'_>]) -> io::Result<()> {
    match kind {
        Kind::Text => put::<ByteArrayType>(column, fields, |field| match field {
            Typed::Text(text) => Some(ByteArray::from(text)),
            _ => None,
        }),
        Kind::Int | Kind::Decimal(_) => put::<Int64Type>(column, fields, |field| match field {
            Typed::Int(number) | Typed::Decimal(number, _) => Some(number),
            _ => None,
        }),
        Kind::Real => put::<DoubleType>(column, fields, |field| match field {
            Typed::Real(number) => Some(number),
            _ => None,
        }),
        Kind::YesNo => put::<BoolType>(column, fields, |field| match field {
            Typed::YesNo(truth) => Some(truth),
            _ => None,
        }),
        Kind::Date => put::<Int32Type>(column, fields, |field| match field {
            Typed::Date(date) => i32::try_from(date.since(EPOCH)).ok(),
            _ => None,
        }),
    }
}

/// The values, and for every row whether it has one.
fn put<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    fields: &[Typed<'_>],
    value: impl Fn(Typed<'_>) -> Option<T::T>,
) -> io::Result<()> {
    let levels: Vec<i16> = fields.iter().map(|field| i16::from(*field != Typed::Null)).collect();
    let values: Vec<T::T> = fields.iter().filter_map(|field| value(*field)).collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None).map_err(other)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn long_tables_have_several_row_groups() {
        let folder = std::env::temp_dir().join(format!("rollcall-parquet-{}", std::process::id()));
        let row = |number: usize| vec![if number == 3 { String::new() } else { number.to_string() }];
        let mut rendered = RenderedTable {
            name: "numbers",
            columns: vec!["number"],
            kinds: vec![Kind::Int],
            key: &["number"],
            surrogates: &[],
            rows: (0..5).map(row).collect(),
        };
        let path = write_groups(&rendered, &folder, Origin::Extract, 2).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(groups, [2, 2, 1]);
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows[2..4], ["{number: 2, origin: \"extract\"}", "{number: null, origin: \"extract\"}"]);
        rendered.rows.push(vec!["six".to_owned()]);
        let failed = write_groups(&rendered, &folder, Origin::Extract, GROUP).unwrap_err().to_string();
        assert!(failed.ends_with("numbers.number holds Int, not \"six\""), "{failed}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
