//! How jobs are run. Time is tokio's and stands still until a test lets it pass: no test waits for a real second.

#![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

mod failing;
mod fake;
mod real;
mod stopping;
mod stuck;
