//! Where the versions of a model, or of a whole project, are in service. One rule for every page: a reader of the project sees infrastructure,
//! service, weights, ground and standing, as the history of the version tells them anyway. Health and nodes are for viewers of the infrastructure.

use crate::{
    Error, OpContext,
    base::{find, standing},
    deployments::view::Desk,
    views::InService,
};
use domain::{
    InfrastructureId, Name,
    access::{Action, Scope},
};
use std::collections::BTreeMap;
use store::{Reader, WholeDeployment};

/// Where the versions of a model are in service: what is out of policy first, then production, then by name.
///
/// # Errors
/// No such model, or none that the caller may see.
pub async fn of_model(op: &OpContext, project: &Name, model: &Name) -> Result<Vec<InService>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let (_, model) = find::model(op, &mut reader, project, model, Action::ReadProject).await?;
    let deployments = reader.deployments_of_model(model.id).await?;
    in_service(op, &mut reader, deployments).await
}

/// A service on an infrastructure that serves this model (`PROJECT/MODEL`); none where no service does, or there is no such model.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn serving(op: &OpContext, infrastructure: &Name, model: &str) -> Result<Option<Name>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    let names = model.split_once('/').and_then(|(project, model)| Some((project.parse().ok()?, model.parse().ok()?)));
    let Some((project, model)) = names else { return Ok(None) };
    let Some(project) = reader.project_by_name(&project).await? else { return Ok(None) };
    let Some(model) = reader.model_by_name(project.id, &model).await? else { return Ok(None) };
    let deployments = reader.deployments_of_model(model.id).await?;
    let here = deployments.into_iter().filter(|(deployment, ..)| deployment.infrastructure_id == infrastructure.id);
    Ok(here.map(|(deployment, ..)| deployment.service).min())
}

/// These deployments of a project that the caller may read, without those that are stopped.
pub(crate) async fn in_service(
    op: &OpContext,
    reader: &mut Reader,
    deployments: Vec<WholeDeployment>,
) -> Result<Vec<InService>, Error> {
    let mut places: BTreeMap<InfrastructureId, Vec<WholeDeployment>> = BTreeMap::new();
    for deployment in deployments {
        places.entry(deployment.0.infrastructure_id).or_default().push(deployment);
    }
    let mut items = Vec::new();
    for (id, deployments) in places {
        let Some(infrastructure) = reader.infrastructure(id).await? else { continue };
        let standing = standing::infrastructure_standing(op, reader, &infrastructure).await?;
        let sees_health = standing::granted(&standing, Action::ReadDeployments);
        let mut desk = Desk::open(op, reader, &infrastructure, &deployments, &[]).await?;
        for deployment in &deployments {
            let mut deployment = desk.view(deployment, Vec::new()).await?;
            if !sees_health {
                deployment.health.nodes.clear();
            }
            if !deployment.revision.shares.is_empty() {
                items.push(InService { stage: infrastructure.stage.clone(), deployment, sees_health });
            }
        }
    }
    items.sort_by_key(|item| {
        let deployment = &item.deployment;
        (!item.is_out_of_policy(), !item.is_in_production(), deployment.infrastructure.clone(), deployment.service.clone())
    });
    Ok(items)
}
