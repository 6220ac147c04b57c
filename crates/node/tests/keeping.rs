//! What a node serves: permits, switching between revisions, and the cache, each by what can be asked of it from outside.

#![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

#[path = "keeping/cache.rs"]
mod cache;
#[path = "keeping/permits.rs"]
mod permits;
#[path = "keeping/running.rs"]
mod running;
#[path = "keeping/stage.rs"]
mod stage;
#[path = "keeping/switching.rs"]
mod switching;
#[path = "keeping/world.rs"]
mod world;
