//! rollcall
pub mod model;
pub mod generate;
pub mod register;
pub mod dataflow;
pub mod warehouse;
pub mod qa;
pub mod kpi;
pub mod plan;
pub mod engine;
pub mod source;
pub mod sink;
pub mod cli;
#[cfg(test)] mod testing;
pub mod process;
