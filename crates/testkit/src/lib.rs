//! A server for tests: a fresh database, people to act as, a clock to move, and model files.
//!
//! Tests talk to the server over HTTP on a real socket. A helper that fails panics and says why: helpers run in tests only.

mod acts;
mod addresses;
mod browser;
mod bulk;
mod client;
mod clock;
mod database;
mod files;
mod receiver;
mod reply;
mod scene;
mod server;
mod wire;

pub use browser::Browser;
pub use client::{Client, Request};
pub use clock::{ManualClock, START};
pub use database::Backend;
pub use files::{TINY, example_models};
pub use receiver::{Answering, Received, Receiver};
pub use reply::Reply;
pub use scene::{BUSINESS, IT, RISK, Scene, Version};
pub use server::{Beside, Options, PASSWORD, TestServer, key_files};
pub use wire::Wire;

/// Defines tests that run on both databases: `both! { async fn name(server: &TestServer) { … } }` becomes `name::sqlite` and
/// `name::postgres`. After each, the store must verify: whatever a test did, the record speaks of every row as it is.
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* async fn $($rest:tt)*) => {
        $crate::both! { with $crate::Options::default(); $(#[$meta])* async fn $($rest)* }
    };
    (with $options:expr; $($(#[$meta:meta])* async fn $name:ident($server:ident: $shared:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($server: $shared) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let server = $crate::TestServer::start_with($crate::Backend::Sqlite, $options).await;
                body(&server).await;
                server.verify().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if $crate::Backend::Postgres.is_left_out() {
                    return;
                }
                let server = $crate::TestServer::start_with($crate::Backend::Postgres, $options).await;
                body(&server).await;
                server.verify().await;
            }
        }
    )*};
}
