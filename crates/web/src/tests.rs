//! The whole router on a fresh database, asked as a client would.

mod files;
mod fixture;
mod idempotency;
mod limits;
mod routes;
mod strict;

pub(crate) use fixture::Fixture;
