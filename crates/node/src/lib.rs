//! The node: serves models that the gate let through, and nothing else.
//!
//! The node follows the deployments of its infrastructure, fetches their files by digest, checks permit and bytes itself, gives
//! exactly those bytes to an engine in a process of its own, and answers the Open Inference Protocol. A
//! [`table::Table`] holds what is served: [`keeper`] makes the table, the loop in [`run`] puts the table in force, and each
//! request reads the table in force.

pub mod binary_tensor;
pub mod cache;
pub mod clock;
pub mod engine;
pub mod fetch;
pub mod follow;
pub mod json_tensor;
pub mod keeper;
pub mod permit;
pub mod plan;
pub mod protocol;
pub mod report;
pub mod run;
pub mod server;
pub mod table;
pub mod tensor;
