//! A node as a process of its own beside a real server: what it serves, what it never serves, and what it does when things break.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

#[path = "node/altered.rs"]
mod altered;
#[path = "node/clients.rs"]
mod clients;
#[path = "node/crashes.rs"]
mod crashes;
#[path = "node/memory.rs"]
mod memory;
#[path = "node/outages.rs"]
mod outages;
#[path = "node/proxy.rs"]
mod proxy;
#[path = "node/refused.rs"]
mod refused;
#[path = "node/renewing.rs"]
mod renewing;
#[path = "node/revocation.rs"]
mod revocation;
#[path = "node/serving.rs"]
mod serving;
#[path = "node/switching.rs"]
mod switching;
#[path = "node/witness.rs"]
mod witness;
