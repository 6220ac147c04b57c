//! The roles of this program beside the client of the API: a server, a node, a tool for the server's operator, the demo.

mod account;
pub mod admin;
pub mod demo;
pub mod existing;
pub mod node;
pub mod serve;
mod stop_signal;
pub mod telemetry;
pub mod worker;
