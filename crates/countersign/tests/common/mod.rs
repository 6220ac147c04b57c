//! What tests of the program as a process need: a server that can be killed, people who talk to it over HTTP or by the command
//! line, a database of its own, and randomness that can be repeated.
#![allow(dead_code, reason = "each test program uses its own part of it")]

pub mod backup;
pub mod cli;
pub mod database;
pub mod http;
pub mod node;
pub mod random;
pub mod scene;
pub mod serve;

/// A variable of the environment, unless it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration but its environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the environment asks for SQLite only.
pub fn sqlite_only() -> bool {
    environment("COUNTERSIGN_TEST_SQLITE_ONLY").is_some_and(|value| value == "1")
}
