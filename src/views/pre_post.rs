//! The scores before and after a program: which two results of a student show what changed in between.

use crate::model::codes::Participation as Took;
use crate::model::{Date, Score, Text};
use crate::views::student::{Participation, StudentView, TestResult};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// How many days before the program begins the first score may be.
const BEFORE: i64 = 180;
/// How many days after the program begins the first score may still be, and before its end the second.
const INTO: i64 = 14;
/// How many days after the program ends the second score may be.
const AFTER: i64 = 120;

/// The scores before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct PrePost {
    /// Before.
    pub pre: Score,
    /// After.
    pub post: Score,
}

/// The scores of a finished participation, from one assessment family in the program's subject: the one nearest to the
/// beginning and the one nearest to the end; before the beginning and after the end if there are any. Of several
/// families, the one with the most recent first score, then the most recent second score; if families tie in both,
/// there is no pair.
pub(crate) fn pre_post(view: &StudentView<'_>, participation: &Participation) -> Option<PrePost> {
    let begin = participation.interval.begin;
    let end = participation.interval.end.filter(|_| !participation.interval.is_empty())?;
    let subject = view.target_of(participation)?;
    let counted = |result: &&TestResult| {
        result.participation == Took::Tested && result.scale.subject == Some(subject) && result.scale.family.is_some()
    };
    let scored: Vec<(Text, Date, Score)> = view
        .results
        .iter()
        .filter(counted)
        .filter_map(|result| Some((result.scale.family?, result.date?, result.score?)))
        .collect();
    let mut families: Vec<Text> = scored.iter().map(|(family, ..)| *family).collect();
    families.sort_unstable();
    families.dedup();
    let mut pairs: Vec<((Date, Date), PrePost)> = Vec::new();
    for family in families {
        let of_family = || scored.iter().filter(move |(of, ..)| *of == family).map(|&(_, date, score)| (date, score));
        let window = |from: Date, to: Date| of_family().filter(move |(date, _)| (from..=to).contains(date));
        // The latest before the beginning, or the earliest after it; of one day, the highest score.
        let pre = window(begin.plus(-BEFORE), begin.plus(INTO)).max_by_key(|&(date, score)| {
            (date <= begin, if date <= begin { date.since(begin) } else { begin.since(date) }, score)
        });
        let post = window(end.plus(-INTO), end.plus(AFTER)).max_by_key(|&(date, score)| {
            (date >= end, if date >= end { Reverse(date.since(end)) } else { Reverse(end.since(date)) }, score)
        });
        if let (Some((pre_date, pre)), Some((post_date, post))) = (pre, post) {
            pairs.push(((pre_date, post_date), PrePost { pre, post }));
        }
    }
    let latest = pairs.iter().map(|(dates, _)| *dates).max()?;
    let mut best = pairs.iter().filter(|(dates, _)| *dates == latest).map(|(_, pair)| *pair);
    let pair = best.next()?;
    best.all(|other| other == pair).then_some(pair)
}
