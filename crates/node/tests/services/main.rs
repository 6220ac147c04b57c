//! What a node serves: permits, switching between revisions, and the cache, each by what can be asked of it from outside.

#![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

mod cache;
mod permits;
mod running;
mod stage;
mod switching;
mod witnessing;
mod world;
