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

use domain::{Name, VersionRef};

/// The path of a model's versions.
pub fn model_path(project: &Name, model: &Name, rest: &[&str]) -> Vec<String> {
    let path = ["projects", project.as_str(), "models", model.as_str()];
    path.iter().chain(rest).map(|segment| (*segment).to_owned()).collect()
}

/// The path of a version, or of something below it.
pub fn version_path(version: &VersionRef, rest: &[&str]) -> Vec<String> {
    let number = version.number.to_string();
    model_path(&version.project, &version.model, &[&["versions", number.as_str()], rest].concat())
}
