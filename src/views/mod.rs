//! Entity views: everything about one student, one member of staff, one section or one school, brought together in one
//! arrangement, so that a rule about it is a plain function.
//!
//! A view's file declares what it holds, row by row, with `view!` or `rows!`. From the declaration follow the row
//! that is arranged, the view itself, its builder, and which rows of which tables go into it. What a table's row puts in is
//! its [`crate::model::tables::Projection`], declared in the table's file.

pub mod assessment;
pub mod credential;
pub mod hierarchy;
pub mod match_block;
pub mod parents;
pub mod pre_post;
pub mod references;
pub mod school;
pub mod section;
pub mod staff;
pub mod student;

use crate::dataflow::{Diff, Time, ports};
use crate::model::{AssessmentId, CredentialId, Finding, Interval, OrgId, Record, SectionId, StaffId, StudentId};
use match_block::{MatchBlock, Member};
use parents::{Child, Parent, ParentKey};
use references::{Counted, Use, counted, is_counted};

/// Declares the rows that are arranged for a view: `Variant: Payload`, with the table whose rows put it there, unless
/// another view does. Rows of a key are in the order of this list, then of their values.
macro_rules! rows {
    (
        $(#[$meta:meta])*
        $row:ident by $key:ty { $( $(#[doc = $doc:literal])+ $variant:ident: $payload:ty $(, from $table:ident)? ; )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $row { $( $(#[doc = $doc])+ $variant($payload) ),+ }

        impl $row {
            /// The rows that a record puts into views, each with the key of its view.
            pub fn of(record: &$crate::model::Record, out: &mut impl FnMut($key, $row)) {
                // A view may be made of other views alone.
                let _ = (record, &out);
                $($(
                    if let $crate::model::Record::$table(row) = record {
                        $crate::model::tables::Projection::<$key, $payload>::project(row, &mut |key, payload| {
                            out(key, $row::$variant(payload));
                        });
                    }
                )?)+
            }
        }
    };
}

/// Declares an entity view: its rows as `rows!` does, and for each the field that shows it. A field is `one`, the last
/// such row if there is any, or `many`, all of them in order. A field may have a type made of the row (`as`). `finish`
/// completes the builder once all rows are in; `computed` fields are read off it.
macro_rules! view {
    (
        $(#[doc = $view_doc:literal])+
        $view:ident of $key:ty, rows $row:ident, builder $builder:ident {
            $( $(#[doc = $doc:literal])+
               $kind:ident $field:ident $(as $element:ty)?, $variant:ident: $payload:ty $(, from $table:ident)? ; )+
        }
        $(finish $finish:path;)?
        $(computed { $( $(#[doc = $computed_doc:literal])+ $computed:ident: $computed_type:ty = $compute:expr ; )+ })?
    ) => {
        $crate::views::rows! {
            /// A row of the view.
            $row by $key { $( $(#[doc = $doc])+ $variant: $payload $(, from $table)? ; )+ }
        }

        $(#[doc = $view_doc])+
        #[derive(Debug)]
        pub struct $view<'a> {
            /// Which.
            pub id: $key,
            $( $(#[doc = $doc])+ pub $field: view!(@shown 'a $kind view!(@element $($element,)? $payload)), )+
            $( $( $(#[doc = $computed_doc])+ pub $computed: $computed_type, )+ )?
        }

        /// Sorts the rows of a view by kind; its room is used over and over.
        #[derive(Default)]
        pub struct $builder { $( $field: view!(@held $kind view!(@element $($element,)? $payload)), )+ }

        impl $builder {
            /// The view made of these rows, which are in their order.
            pub fn view<'a>(&'a mut self, id: $key, rows: &[$row]) -> $view<'a> {
                $( view!(@clear $kind self.$field); )+
                for row in rows {
                    match *row { $( $row::$variant(payload) => view!(@put $kind self.$field, payload), )+ }
                }
                $( $finish(self); )?
                $( $( let $computed = $compute(&*self); )+ )?
                $view {
                    id,
                    $( $field: view!(@show $kind self.$field), )+
                    $( $( $computed, )+ )?
                }
            }
        }
    };
    (@element $element:ty, $payload:ty) => { $element };
    (@element $payload:ty) => { $payload };
    (@shown $a:lifetime one $type:ty) => { Option<$type> };
    (@shown $a:lifetime many $type:ty) => { &$a [$type] };
    (@held one $type:ty) => { Option<$type> };
    (@held many $type:ty) => { Vec<$type> };
    (@clear one $self:ident.$field:ident) => { $self.$field = None };
    (@clear many $self:ident.$field:ident) => { $self.$field.clear() };
    (@put one $self:ident.$field:ident, $payload:ident) => { $self.$field = Some($payload.into()) };
    (@put many $self:ident.$field:ident, $payload:ident) => { $self.$field.push($payload.into()) };
    (@show one $self:ident.$field:ident) => { $self.$field };
    (@show many $self:ident.$field:ident) => { &$self.$field };
}
use {rows, view};

/// A row under its key, with time and difference.
type Keyed<K, V> = ((K, V), Time, Diff);

/// Lists the views that records are staged for: the port, its key and its rows.
macro_rules! views {
    ($( $(#[doc = $doc:literal])+ $port:ident: $key:ty => $row:ty ),+ $(,)?) => {
        ports! {
            /// Where the rows of tables go.
            pub struct Staged => StagedReads, StagedStreams {
                /// Findings of rules about single rows.
                findings: ((Finding, Interval), Time, Diff),
                /// References and unrecognized codes.
                counts: Keyed<Counted, Use>,
                $( $(#[doc = $doc])+ $port: Keyed<$key, $row>, )+
            }
        }

        /// Sends a row to each view that reads it, and counts what it refers to. Nothing here remembers anything.
        pub fn stage(record: &Record, time: Time, diff: Diff, out: &mut Staged) {
            let table = record.table();
            record.visit(&mut |column, visited| {
                out.counts.extend(counted(table, column, visited).map(|counted| (counted, time, diff)));
            });
            if is_counted(table) {
                out.counts.push(((Counted::Parent(table, record.symbol()), Use::Row), time, diff));
            }
            $( <$row>::of(record, &mut |key, row| out.$port.push(((key, row), time, diff))); )+
        }
    };
}

// The one list of what rows are staged for.
views! {
    /// Views of schools.
    schools: OrgId => school::SchoolRow,
    /// Organizations with those directly below them.
    hierarchies: OrgId => hierarchy::HierarchyRow,
    /// Views of students.
    students: StudentId => student::StudentRow,
    /// Views of sections.
    sections: SectionId => section::SectionRow,
    /// Views of staff.
    staff: StaffId => staff::StaffRow,
    /// Views of credentials.
    credentials: CredentialId => credential::CredentialRow,
    /// Views of assessments.
    assessments: AssessmentId => assessment::AssessmentRow,
    /// Rows that need something of a parent row.
    children: ParentKey => Child,
    /// What parent rows give to them.
    parents: ParentKey => Parent,
    /// What several records may share and should not.
    match_blocks: MatchBlock => Member,
}
