//! The client of a server: its address, one call and one answer, who acts, and the profiles of earlier logins.

mod address;
mod http;
mod lenient;
pub mod paths;
mod profiles;
mod seen;
mod session;

pub use address::{is_loopback, parse_url};
pub use http::{Answer, Call, Client, unreachable};
pub use lenient::read;
pub use profiles::{Profile, Profiles};
pub use session::{Context, Globals, Paging, Session};
