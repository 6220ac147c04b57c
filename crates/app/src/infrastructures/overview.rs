//! Infrastructures as their pages show them: with their deployments, for those who may see them, and with what the caller may do.

use crate::{
    Error, OpContext,
    base::{find, standing},
    deployments::view::Desk,
    infrastructures, serving,
    views::{self, InfrastructureOverview, InfrastructureSummary, List},
};
use domain::{
    Name,
    access::{Action, Scope},
};
use std::collections::BTreeSet;
use store::{Infrastructure, Reader};

/// How many infrastructures are on a page.
const PAGE: u32 = 100;

/// How many deployments of each are read: those of a larger infrastructure stand on its own page.
const MOST_DEPLOYMENTS: u32 = 500;

/// Infrastructures after a name: those with a deployment out of policy first.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, after: &str) -> Result<List<InfrastructureSummary>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeeInfrastructure)?;
    let mut reader = op.read().await?;
    let mut items = Vec::new();
    for infrastructure in reader.infrastructures(after, PAGE + 1).await? {
        let standing = standing::infrastructure_standing(op, &mut reader, &infrastructure).await?;
        let deployments = match standing::granted(&standing, Action::ReadDeployments) {
            true => Some(deployments(op, &mut reader, &infrastructure).await?),
            false => None,
        };
        let infrastructure = infrastructures::view::infrastructure(op, &mut reader, &infrastructure).await?;
        items.push(InfrastructureSummary { infrastructure, deployments });
    }
    let mut list = List::page(items, PAGE, |item| item.infrastructure.name.to_string());
    list.items.sort_by_key(|item| item.out_of_policy().next().is_none());
    Ok(list)
}

/// One infrastructure with its deployments and nodes, and what the caller may do.
///
/// # Errors
/// There is none of this name.
pub async fn show(op: &OpContext, name: &Name) -> Result<InfrastructureOverview, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let row = find::infrastructure(op, &mut reader, name, Action::SeeInfrastructure).await?;
    let standing = standing::infrastructure_standing(op, &mut reader, &row).await?;
    let may = |action, scope| standing::granted(&standing, action) && op.needs(scope).is_ok();
    let (mut all, mut nodes, mut readable) = (None, Vec::new(), BTreeSet::new());
    if standing::granted(&standing, Action::ReadDeployments) {
        let deployments = deployments(op, &mut reader, &row).await?;
        readable = readable_projects(op, &mut reader, &deployments).await?;
        nodes = serving::nodes::all(op, &mut reader, row.id).await?;
        all = Some(deployments);
    }
    Ok(InfrastructureOverview {
        deployments: all,
        nodes,
        readable,
        may_deploy: may(Action::Deploy, Scope::Deploy),
        may_manage: may(Action::ManageInfrastructure, Scope::Administer),
        infrastructure: infrastructures::view::infrastructure(op, &mut reader, &row).await?,
    })
}

/// The projects of what is in service that the caller may read: only their versions have a page for the caller.
async fn readable_projects(
    op: &OpContext,
    reader: &mut Reader,
    deployments: &[views::Deployment],
) -> Result<BTreeSet<Name>, Error> {
    let names: BTreeSet<_> = deployments.iter().filter_map(|deployment| deployment.model.split('/').next()).collect();
    let mut readable = BTreeSet::new();
    for name in names {
        let Ok(name) = name.parse::<Name>() else { continue };
        let Some(project) = reader.project_by_name(&name).await? else { continue };
        let standing = standing::project_standing(op, reader, &project, []).await?;
        if standing::granted(&standing, Action::ReadProject) {
            readable.insert(name);
        }
    }
    Ok(readable)
}

/// Whether the caller may create an infrastructure.
pub fn may_create(op: &OpContext) -> bool {
    op.needs(Scope::Administer).is_ok() && op.allow(Action::CreateInfrastructure).is_ok()
}

/// The deployments of an infrastructure, those out of policy first.
pub(super) async fn deployments(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
) -> Result<Vec<views::Deployment>, Error> {
    let rows = reader.whole_deployments(infrastructure.id, "", MOST_DEPLOYMENTS).await?;
    let mut desk = Desk::open(op, reader, infrastructure, &rows, &[]).await?;
    let mut deployments = Vec::new();
    for row in &rows {
        deployments.push(desk.view(row, Vec::new()).await?);
    }
    deployments.sort_by_key(|deployment| !deployment.is_out_of_policy());
    Ok(deployments)
}
