//! The projects whose approvals an infrastructure accepts.

use crate::{Error, OpContext, base::standing};
use domain::{Name, access::Action, infrastructure::Acceptance};
use std::collections::BTreeSet;
use store::Reader;

/// How many projects an infrastructure can name.
const MOST_PROJECTS: usize = 200;
/// The field of the request, as a JSON pointer.
const FIELD: &str = "/projects";

/// The projects that a request names, which must be there.
///
/// # Errors
/// A project that does not exist; too many of them, or an empty list.
pub(super) async fn named(reader: &mut Reader, projects: Option<Vec<Name>>) -> Result<Option<BTreeSet<Name>>, Error> {
    let Some(projects) = projects else { return Ok(None) };
    if projects.is_empty() || projects.len() > MOST_PROJECTS {
        let message = format!("name from 1 to {MOST_PROJECTS} projects, or none for approvals of every project");
        return Err(Error::invalid(FIELD, message));
    }
    for (place, project) in projects.iter().enumerate() {
        if reader.project_by_name(project).await?.is_none() {
            return Err(Error::not_found("project", project).at(format!("{FIELD}/{place}")));
        }
    }
    Ok(Some(projects.into_iter().collect()))
}

/// The projects that an infrastructure names, as far as the caller may see them; none where approvals of every project count.
pub(super) async fn shown(
    op: &OpContext,
    reader: &mut Reader,
    accepts: &Acceptance,
    all: bool,
) -> Result<Option<Vec<Name>>, Error> {
    let Some(projects) = &accepts.projects else { return Ok(None) };
    let mut shown = Vec::new();
    for name in projects {
        let project = match all {
            true => None,
            false => reader.project_by_name(name).await?,
        };
        let visible = match project {
            Some(project) => {
                let standing = standing::project_standing(op, reader, &project, []).await?;
                standing::granted(&standing, Action::ReadProject)
            }
            None => all,
        };
        if visible {
            shown.push(name.clone());
        }
    }
    Ok(Some(shown))
}
