//! Batches can be serialized: reading returns what was written, and truncated bytes are an error. bincode transfers rows
//! between processes and stores batches in the log.

use crate::support::district_rows;
use bincode::config;
use bincode::serde::{decode_from_slice, encode_to_vec};
use rollcall::model::{Batch, Change, Fault, Reason, Rejected, RowName, Table, Texts, Unreadable};

#[test]
fn a_batch_survives_serialization() {
    let mut texts = Texts::default();
    let mut changes: Vec<Change> = district_rows(24, 1).iter().map(|told| told.change(&mut texts)).collect();
    let file = texts.id("student.csv");
    let fault = Fault::Unreadable(Unreadable::Date);
    let reason = Reason::Field { column: 6, position: 7, fault, value: Some(texts.id("soon")) };
    changes.push(Change::Reject(Rejected { table: Table::Student, row: RowName::Place(file, 3), file, line: 3, reason }));
    let batch = Batch { changes, delivered: vec![Table::Student, Table::Clock] };
    let bytes = encode_to_vec(&batch, config::standard()).expect("every value can be written");
    let (read, length): (Batch, usize) = decode_from_slice(&bytes, config::standard()).expect("what was written is read");
    assert_eq!((&read, length), (&batch, bytes.len()));
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        let torn: Result<(Batch, usize), _> = decode_from_slice(&bytes[..cut], config::standard());
        assert!(torn.is_err(), "{cut} of {} bytes are no batch", bytes.len());
    }
}
