//! The node: serves models that the gate let through, and nothing else.
//!
//! The node follows the deployments of its infrastructure ([`server`]), fetches their files by digest ([`files`]), checks permit and
//! bytes itself ([`services`]), follows no plan of a log that lost what the node saw ([`witness`]), gives exactly those bytes to an engine in a process of its own ([`engine`]), and answers the Open
//! Inference Protocol ([`protocol`]). A [`services::Table`] holds what is served: the manager of the services makes the table, the loop
//! in [`run`] puts the table in force, and each request reads the table in force.

pub mod clock;
pub mod engine;
pub mod files;
mod object;
pub mod protocol;
pub mod run;
pub mod server;
pub mod services;
mod spare;
pub mod tensor;
pub mod witness;
