//! What every use case builds on: the caller and the time, finding the thing that a request names, errors, keys, the cache.

pub mod authenticate;
pub(crate) mod cache;
pub mod caller;
pub mod clock;
pub mod context;
pub mod credentials;
pub mod error;
pub(crate) mod find;
pub(crate) mod governed_version;
pub mod jobs;
pub mod keys;
pub mod links;
pub(crate) mod names;
pub mod page;
pub(crate) mod person;
pub(crate) mod project_people;
pub(crate) mod reason;
pub(crate) mod receiving;
pub(crate) mod secret;
pub mod server;
pub(crate) mod signed_checkpoint;
pub(crate) mod standing;
pub(crate) mod tag;
pub(crate) mod turns;
pub(crate) mod version_people;
pub(crate) mod warnings;
