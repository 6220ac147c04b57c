//! What the commands print, as reviewed text: each command that came with renewals, retired versions and infrastructures that choose,
//! where it is done and where it is refused.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

#[path = "printed/infrastructures.rs"]
mod infrastructures;
#[path = "printed/requests.rs"]
mod requests;
#[path = "printed/served.rs"]
mod served;
#[path = "printed/transcript.rs"]
mod transcript;
