//! The commands over the API: a file for each noun.

pub mod audit;
pub mod decide;
pub mod deploy;
pub mod deployment;
pub mod doctor;
pub mod download;
pub mod edit;
pub mod feedback;
pub mod fields;
pub mod folder;
pub mod gate;
pub mod group;
pub mod inbox;
pub mod infra;
pub mod login;
pub mod model;
pub mod predict;
mod progress;
pub mod project;
pub mod review;
pub mod reviewers;
pub mod shell;
pub mod token;
pub mod upload;
pub mod user;
pub mod version;
pub mod watch;
