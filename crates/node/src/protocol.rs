//! The Open Inference Protocol v2 over HTTP: what a node answers to its clients. `infer` is the hot path; the other modules
//! describe the node and its models. `docs/node.md` has the rules.

mod answer;
mod answer_body;
mod answer_template;
mod body;
mod body_buffer;
mod buffer;
mod describe;
mod find;
mod infer;
mod limits;
mod memory;
mod metrics;
mod news;
mod pace;
pub mod pick;
mod query_log;
mod request;
mod response;
mod route;
mod serve;
mod state;
mod statistics;

pub use limits::HttpLimits;
pub use metrics::Metrics;
pub use news::ServerNews;
pub use query_log::{QueryLog, QueryLogOptions, Sample};
pub use serve::serve;
pub use state::ProtocolOptions;
