//! The integration tests: one binary, one module per topic.

mod answer_key;
mod backup;
#[cfg(feature = "brief")]
mod brief;
mod catalogue;
mod chaos;
mod cli;
mod codec;
mod contributing;
mod crash;
mod deliveries;
mod derived_kpis;
mod district;
mod docs;
mod episodes;
mod examples;
mod feed_maker;
mod figures;
mod formats;
mod golden;
mod hostile;
mod kpi_sums;
mod laws;
mod memory;
mod oneroster;
mod oracle;
mod processes;
mod provenance;
mod replay;
mod streams;
mod support;
mod tables;
mod tidy;
mod upgrade;
mod watch;
mod year;
