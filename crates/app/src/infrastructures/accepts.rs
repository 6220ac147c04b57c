//! Which approvals an infrastructure accepts, and whether a change of its policy lets more through.

use crate::{Error, OpContext, base::standing};
use domain::{
    Name,
    access::Action,
    infrastructure::{Acceptance, OnLapse, Policy},
};
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

/// The acceptance after a change; what a request leaves out stays.
///
/// # Errors
/// A project that does not exist; too many of them, or an empty list.
pub(super) async fn changed(
    reader: &mut Reader,
    before: &Acceptance,
    projects: Option<Option<Vec<Name>>>,
    independent_approval: Option<bool>,
) -> Result<Acceptance, Error> {
    Ok(Acceptance {
        projects: match projects {
            Some(projects) => named(reader, projects).await?,
            None => before.projects.clone(),
        },
        independent_approval: independent_approval.unwrap_or(before.independent_approval),
    })
}

/// Whether more gets through, or stays in service for longer, than before.
pub(super) fn weakens(
    (from, on_lapse_from, accepts_from): (Policy, OnLapse, &Acceptance),
    (to, on_lapse_to, accepts_to): (Policy, OnLapse, &Acceptance),
) -> bool {
    from.weakens_to(to)
        || (on_lapse_from, on_lapse_to) == (OnLapse::Disable, OnLapse::Report)
        || accepts_from.weakens_to(accepts_to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letting_more_through_is_a_weakening_and_nothing_else_is() {
        use {OnLapse::*, Policy::*};
        let any = Acceptance::default();
        for (before, after, weakened) in [
            ((Prevent, Report), (Warn, Report), true),
            ((Prevent, Report), (Allow, Disable), true),
            ((Warn, Disable), (Prevent, Report), true),
            ((Warn, Disable), (Warn, Report), true),
            ((Warn, Report), (Prevent, Report), false),
            ((Warn, Report), (Warn, Disable), false),
            ((Allow, Report), (Prevent, Disable), false),
        ] {
            assert_eq!(weakens((before.0, before.1, &any), (after.0, after.1, &any)), weakened, "{before:?} to {after:?}");
        }
        let strict = Acceptance { independent_approval: true, ..Acceptance::default() };
        assert!(weakens((Warn, Report, &strict), (Warn, Report, &any)));
    }
}
