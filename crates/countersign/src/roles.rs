//! What this program runs as, beside a client of the API: a server, a node, a tool of the server's operator, the demo.

pub mod admin;
pub mod demo;
pub mod node;
pub mod serve;
mod telemetry;
