//! People and what is theirs, through the use cases and on both databases. Each test ends by verifying the store, so that no row
//! is changed without a word in the record.

mod accounts;
mod projects;
mod world;
