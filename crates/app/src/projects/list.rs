//! Lists the projects that the caller may see.

use crate::{
    Error, OpContext, Page,
    base::standing,
    projects,
    views::{self, List},
};
use domain::access::{Action, Scope};
use std::collections::BTreeSet;

/// The projects that the caller may see, in the order of their names.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, page: Page) -> Result<List<views::Project>, Error> {
    op.needs(Scope::Read)?;
    let limit = page.limit();
    let user = op.user()?;
    let mut reader = op.read().await?;
    // Administrators and auditors see all of them; others those that may concern them, which the rules look at again.
    let all = standing::granted(&op.standing()?, Action::ReadProject);
    let groups: BTreeSet<_> = reader.group_ids(user.id).await?.into_iter().collect();
    let roles = standing::roles(&mut reader, user.id).await?;
    let (mut items, mut after, none) = (Vec::new(), page.after, BTreeSet::new());
    while items.len() <= limit as usize {
        let projects = match all {
            true => reader.projects(&after, limit + 1).await?,
            false => reader.projects_of(user.id, &after, limit + 1).await?,
        };
        let Some(last) = projects.last() else { break };
        after = last.name.to_string();
        for project in &projects {
            let roles = roles.get(&project.id).unwrap_or(&none);
            let standing = standing::in_project(op, user, &groups, roles, project, []);
            if items.len() <= limit as usize && standing::granted(&standing, Action::ReadProject) {
                items.push(project.clone());
            }
        }
    }
    let items = projects::view::projects(&mut reader, &items).await?;
    Ok(List::page(items, limit, |project| project.name.to_string()))
}
