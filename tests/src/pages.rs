//! The pages, as a browser without a screen gets them: doors, headers, forms. What needs a screen is in `browser`.

mod compare;
mod door;
mod headers;
mod inbox;
mod models;
mod projects;
mod reviewers;
mod search;
mod sessions;
mod setup;
