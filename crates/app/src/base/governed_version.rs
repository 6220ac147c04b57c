//! A version with its project, its model and its present round.

use domain::{VersionRef, duty::Authors, signoff::SignOff};
use store::{Model, Project, Round, Version, WholeVersion};

/// A version with all that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct GovernedVersion {
    pub name: VersionRef,
    pub project: Project,
    pub model: Model,
    pub version: Version,
    pub round: Round,
}

impl GovernedVersion {
    /// Of the rows of a version and what it belongs to.
    pub fn of((version, model, project, round): WholeVersion) -> Self {
        let name = VersionRef { project: project.name.clone(), model: model.name.clone(), number: version.number };
        Self { name, project, model, version, round }
    }

    pub fn signoff(&self) -> &SignOff {
        &self.round.signoff.0
    }

    /// The authors: the people whom the version names, or ever named.
    pub fn authors(&self) -> Authors {
        authors(&self.version, self.signoff())
    }

    /// What the events about it are about.
    pub fn about(&self) -> store::About {
        store::About {
            project: Some(self.project.id),
            model: Some(self.model.id),
            version: Some(self.version.id),
            infrastructure: None,
        }
    }
}

/// The authors of a version: the people whom the version names, or ever named.
pub(crate) fn authors(version: &Version, signoff: &SignOff) -> Authors {
    let mut named = version.fields.0.named_authors();
    named.extend(signoff.former_authors.iter().cloned());
    Authors::new(version.uploader_id, named)
}
