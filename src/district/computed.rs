//! What outputs are computed with: the version, the thresholds, and the rules that are switched off in the settings or because
//! no source delivers their tables. It is logged whenever it changes, so any past day can be recomputed as it was.

use crate::kpi::KPIS;
use crate::model::{Settings, Table, finding};
use crate::plan::Plan;
use crate::qa;
use crate::store::record::Computed;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What a plan computes with if only some tables are delivered.
pub(crate) fn of(plan: &Plan, fed: &BTreeSet<Table>) -> Computed {
    let thresholds = plan.settings.list().into_iter().map(|(_, _, name, value)| (name.to_owned(), value));
    let absent = Table::ALL.iter().filter(|table| !fed.contains(table));
    Computed {
        rollcall: env!("CARGO_PKG_VERSION").to_owned(),
        plan: plan_version().to_owned(),
        thresholds: thresholds.collect(),
        off: plan.off.iter().map(|rule| (*rule).to_owned()).collect(),
        absent_tables: absent.map(|table| table.spec().name.to_owned()).collect(),
    }
}

/// The version of the plan. It changes with the list and the texts of rules and KPIs, also between releases.
fn plan_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let rules = qa::rules().flat_map(|rule| [rule.id, rule.title, rule.doc]);
        let kpis = KPIS.iter().flat_map(|kpi| [kpi.id, kpi.title, kpi.doc]);
        finding::opaque(&rules.chain(kpis).collect::<Vec<_>>().join("\n"))
    });
    &VERSION
}

/// The plan for it, as far as this version knows its thresholds, rules and tables.
pub fn plan(computed: &Computed) -> Plan {
    let mut settings = Settings::default();
    for (name, value) in &computed.thresholds {
        if let Ok(number) = value.parse() {
            // An unknown threshold, or one that now takes other values, keeps its default.
            let _ = settings.set(name, number);
        }
    }
    settings.absent_tables = computed.absent_tables.iter().filter_map(|name| Table::named(name)).collect();
    let off = computed.off.iter().filter_map(|id| qa::find(id)).map(|rule| rule.id).collect();
    Plan { settings, off, ..Plan::default() }
}

/// The differences between two of them, in words.
pub(crate) fn differences(then: &Computed, now: &Computed) -> Vec<String> {
    let mut differences = Vec::new();
    if then.rollcall != now.rollcall {
        differences.push(format!("rollcall {} then, {} now", then.rollcall, now.rollcall));
    }
    if then.rollcall == now.rollcall && then.plan != now.plan {
        differences.push("rules or KPIs have changed".to_owned());
    }
    for (name, value) in &then.thresholds {
        match now.thresholds.iter().find(|(other, _)| other == name) {
            Some((_, other)) if other == value => {}
            Some((_, other)) => differences.push(format!("{name} = {value} then, {other} now")),
            None => differences.push(format!("{name} = {value} then, unknown now")),
        }
    }
    for (what, then, now) in [("off", &then.off, &now.off), ("not delivered", &then.absent_tables, &now.absent_tables)] {
        let only = |of: &[String], other: &[String]| -> Vec<String> {
            of.iter().filter(|name| !other.contains(name)).cloned().collect()
        };
        let (before, after) = (only(then, now), only(now, then));
        if !before.is_empty() {
            differences.push(format!("{what} then and not now: {}", before.join(", ")));
        }
        if !after.is_empty() {
            differences.push(format!("{what} now and not then: {}", after.join(", ")));
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fixed;

    #[test]
    fn a_plan_survives_the_round_trip() {
        let mut changed = Plan::default();
        changed.settings.fte_cap = Fixed(12_000);
        changed.off.insert("ENR-003");
        let fed: BTreeSet<Table> = Table::ALL.iter().copied().filter(|table| *table != Table::Credential).collect();
        let computed = of(&changed, &fed);
        let read = plan(&computed);
        assert_eq!(of(&read, &fed), computed);
        assert_eq!((read.settings.fte_cap.0, read.off.len()), (12_000, 1));
        assert_eq!(read.settings.absent_tables, [Table::Credential]);
        let of_another_plan = Computed { plan: "0123456789abcdef".to_owned(), ..computed.clone() };
        assert_eq!(differences(&of_another_plan, &computed), ["rules or KPIs have changed"]);
        let all = Table::ALL.iter().copied().collect();
        let expected =
            ["fte_cap = 1.2 then, 1.05 now", "off then and not now: ENR-003", "not delivered then and not now: credential"];
        assert_eq!(differences(&computed, &of(&Plan::default(), &all)), expected);
    }
}
