//! Bad input and bad days, through the real command line against a real server: each has its exit code and a sentence that helps,
//! and nothing is left half done.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

#[path = "bad_days/auditor.rs"]
mod auditor;
#[path = "bad_days/backups.rs"]
mod backups;
#[path = "bad_days/damage.rs"]
mod damage;
#[path = "bad_days/disk.rs"]
mod disk;
#[path = "bad_days/files.rs"]
mod files;
#[path = "bad_days/invitations.rs"]
mod invitations;
#[path = "bad_days/keys.rs"]
mod keys;
#[path = "bad_days/operator.rs"]
mod operator;
#[path = "bad_days/refusals.rs"]
mod refusals;
#[path = "bad_days/restore.rs"]
mod restore;
#[path = "bad_days/servers.rs"]
mod servers;
#[path = "bad_days/stress.rs"]
mod stress;
#[path = "bad_days/tls.rs"]
mod tls;
