//! The pages, as a browser without a screen gets them: doors, headers, forms. `browser` drives one with a screen.

mod acts;
mod administration;
mod browser;
mod compare;
mod demo;
mod deploy;
mod door;
mod edit;
mod headers;
mod inbox;
mod infrastructure;
mod infrastructures;
mod live;
mod members;
mod models;
mod projects;
mod record;
mod register;
mod reviewers;
mod search;
mod sessions;
mod setup;
mod sheet;
pub(crate) mod version;
