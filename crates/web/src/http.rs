//! What every face builds on: connections, request ids, the log, metrics, rate limits, headers, and strict readers of
//! bodies, queries, addresses and conditions. Nothing here knows a face.

mod attachment;
mod body;
mod body_value;
mod client_address;
mod compress;
mod content_digest;
mod face;
mod failure;
mod form;
mod if_match;
mod json;
mod multipart;
mod observe;
mod one_line;
mod options;
mod path;
mod query;
mod rate_limit;
mod request_id;
mod route;
mod routes;
mod serve;
mod shutdown;
mod state;
mod unexpected_query;

pub(crate) use attachment::file_headers;
pub(crate) use body::{chunks, json as json_body};
pub(crate) use client_address::{Network, is_local, network};
pub(crate) use compress::{gzipped, takes_gzip};
pub(crate) use content_digest::{digest_header, digest_of};
pub(crate) use face::{Asked, Face, router};
pub(crate) use failure::Failure;
pub(crate) use form::{Form, NOT_CARRIED, read as read_form};
pub(crate) use if_match::{IfMatch, IfMatchHeader};
pub(crate) use json::{EmptyBody, StrictJson, read as read_json};
pub(crate) use multipart::{FilePart, FormPart, FormParts};
pub use options::WebOptions;
pub(crate) use path::{FromPath, StrictPath, parameter};
pub(crate) use query::StrictQuery;
pub(crate) use request_id::RequestId;
pub use route::Route;
pub(crate) use routes::Routes;
pub use serve::serve;
pub use shutdown::Shutdown;
pub(crate) use state::Web;
