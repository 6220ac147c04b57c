//! What handlers take: the caller, the body, the query, the path and the conditions of a request, each read strictly. What is
//! wrong with one ends here as a [`Problem`], so that a handler only ever sees what it can work with.

mod body;
mod content_digest;
mod creating;
mod if_match;
mod json;
mod op;
mod path;
mod query;

pub(crate) use body::chunks;
pub(crate) use content_digest::{digest_header, digest_of};
pub(crate) use creating::{Creating, CreatingSecret, IdempotencyHeader};
pub(crate) use if_match::{IfMatch, IfMatchHeader};
pub(crate) use json::{Nothing, StrictJson};
pub(crate) use op::{Op, OpAnonymous};
pub(crate) use path::{FromPath, StrictPath, parameter};
pub(crate) use query::StrictQuery;
