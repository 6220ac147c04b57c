//! The subject of an event.

use crate::base::governed_version::GovernedVersion;
use store::{About, Infrastructure, Model, Project};

/// What an event is about. A version that an event moves from step to step is borrowed for the change.
pub(crate) enum Subject<'a> {
    /// Accounts, groups, tokens: nothing in particular.
    Instance,
    /// A project.
    Project(&'a Project),
    /// A model of a project.
    Model(&'a Project, &'a Model),
    /// A version.
    Version(&'a mut GovernedVersion),
    /// An infrastructure.
    Infrastructure(&'a Infrastructure),
    /// A model on an infrastructure: several of its versions at once.
    ModelInService { infrastructure: &'a Infrastructure, project: &'a Project, model: &'a Model },
    /// A version on an infrastructure.
    InService { infrastructure: &'a Infrastructure, version: &'a mut GovernedVersion },
    /// Things that are known by their ids alone.
    Ids(About),
}

impl Subject<'_> {
    /// The ids by which the event is found again.
    pub fn about(&self) -> About {
        match self {
            Self::Instance => About::default(),
            Self::Project(project) => About { project: Some(project.id), ..About::default() },
            Self::Model(project, model) => About { project: Some(project.id), model: Some(model.id), ..About::default() },
            Self::Version(version) => version.about(),
            Self::Infrastructure(infrastructure) => About { infrastructure: Some(infrastructure.id), ..About::default() },
            Self::ModelInService { infrastructure, project, model } => {
                let (project, model) = (Some(project.id), Some(model.id));
                About { project, model, infrastructure: Some(infrastructure.id), ..About::default() }
            }
            Self::InService { infrastructure, version } => About { infrastructure: Some(infrastructure.id), ..version.about() },
            Self::Ids(about) => *about,
        }
    }

    /// The version that the event is about.
    pub fn version(&mut self) -> Option<&mut GovernedVersion> {
        match self {
            Self::Version(version) | Self::InService { version, .. } => Some(version),
            _ => None,
        }
    }
}
