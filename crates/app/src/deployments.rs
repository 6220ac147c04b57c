//! Deployments: deploying versions, rolling back, stopping, and their standing.

mod acknowledge;
mod deploy;
mod forecast;
mod health;
pub mod in_service;
pub(crate) mod lapse;
pub(crate) mod list;
pub mod out_of_policy;
mod permits;
mod present;
mod revise;
mod rollback;
mod show;
mod stop;
pub(crate) mod view;

pub use acknowledge::acknowledge_lapse;
pub use deploy::deploy;
pub use forecast::forecast;
pub use list::list;
pub use permits::renew_due;
pub use rollback::rollback;
pub use show::show;
pub use stop::stop;
