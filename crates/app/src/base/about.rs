//! The `about` of events of a project or an infrastructure.

use store::{About, Infrastructure, Project};

/// What the events of a project are about.
pub(crate) fn project(project: &Project) -> About {
    About { project: Some(project.id), ..About::default() }
}

/// What the events of an infrastructure are about.
pub(crate) fn infrastructure(infrastructure: &Infrastructure) -> About {
    About { infrastructure: Some(infrastructure.id), ..About::default() }
}
