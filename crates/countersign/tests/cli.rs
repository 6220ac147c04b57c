//! The program from outside: its help, its exit codes, and what it does with answers that are not what they should be.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

#[path = "cli/program.rs"]
mod program;

#[path = "cli/answers.rs"]
mod answers;
#[path = "cli/decisions.rs"]
mod decisions;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/nodes.rs"]
mod nodes;
#[path = "cli/usage.rs"]
mod usage;
